//! What became of a message: edits and deletion.

use super::{Scope, hidden, person, template, text, time};
use crate::html::{Attr, El, Writer};
use crate::labels::fill;
use crate::{Entry, TimeStyle};

/// Edits and deletion.
pub(super) fn history(w: &mut Writer, scope: Scope<'_>, entry: &Entry) {
    let context = scope.context;
    let words = &context.labels.message;
    if let Some(deletion) = &entry.deleted {
        let form = if deletion.by.is_some() { &words.deleted_by } else { &words.deleted };
        w.el(El::P, &[Attr::Class("t-mark t-mark--deleted")], |w| {
            template(w, form, |w, place| match (place, deletion.by) {
                ("user", Some(by)) => person(w, scope, by),
                ("time", _) => time(w, context, deletion.at_ms, TimeStyle::ShortDateTime),
                _ => {}
            });
        });
    }
    if let Some(redaction) = &entry.redacted {
        let form = if redaction.whole { &words.redacted } else { &words.redacted_partly };
        w.el(El::P, &[Attr::Class("t-mark t-mark--redacted")], |w| {
            template(w, form, |w, place| match place {
                "user" => person(w, scope, redaction.by),
                "time" => time(w, context, redaction.at_ms, TimeStyle::ShortDateTime),
                _ => {}
            });
        });
    }
    let edited = entry.message.edited_at_ms();
    if entry.earlier.is_empty() {
        if let Some(at) = edited {
            w.el(El::P, &[Attr::Class("t-mark")], |w| {
                w.text(&words.edited);
                w.text(" ");
                time(w, context, at, TimeStyle::ShortDateTime);
            });
        }
        return;
    }
    let count = entry.earlier.len().to_string();
    let summary =
        format!("{} · {}", words.edited, fill(&words.earlier_versions, &[("count", &count)]));
    hidden(w, &summary, |w| {
        w.el(El::Ol, &[Attr::Class("t-versions")], |w| {
            for version in &entry.earlier {
                w.el(El::Li, &[], |w| {
                    time(w, context, version.at_ms, TimeStyle::ShortDateTime);
                    text::markdown(w, scope, &version.content);
                });
            }
        });
    });
}
