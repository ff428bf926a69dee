//! What became of a message: reactions, edits and deletion.

use super::{Scope, drawn, emoji, hidden, person, rest, template, text, time};
use crate::html::{Attr, El, Writer};
use crate::labels::fill;
use crate::{Entry, TimeStyle};

/// How the reactions changed.
fn reactions(w: &mut Writer, scope: Scope<'_>, entry: &Entry) {
    let context = scope.context;
    let words = &context.labels.message;
    let count = entry.reactions.len().to_string();
    hidden(w, &fill(&words.reactions_changed, &[("count", &count)]), |w| {
        w.el(El::Ol, &[Attr::Class("t-versions")], |w| {
            for change in drawn(&entry.reactions) {
                let form = match (change.by, change.added, &change.emoji) {
                    (Some(_), true, _) => &words.reaction_added,
                    (Some(_), false, _) => &words.reaction_removed,
                    (None, _, Some(_)) => &words.reaction_cleared,
                    (None, _, None) => &words.reactions_cleared,
                };
                w.el(El::Li, &[], |w| {
                    time(w, context, change.at_ms, TimeStyle::ShortDateTime);
                    w.text(" ");
                    template(w, form, |w, place| match (place, change.by, &change.emoji) {
                        ("user", Some(by), _) => person(w, scope, by),
                        ("emoji", _, Some(with)) => emoji(w, context, with),
                        _ => {}
                    });
                });
            }
        });
        rest(w, context, &entry.reactions);
    });
}

/// Edits and deletion.
pub(super) fn history(w: &mut Writer, scope: Scope<'_>, entry: &Entry) {
    let context = scope.context;
    let words = &context.labels.message;
    if !entry.reactions.is_empty() {
        reactions(w, scope, entry);
    }
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
