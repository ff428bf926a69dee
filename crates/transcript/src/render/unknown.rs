//! What this program does not know, labelled, with its content one click away.

use serde_json::Value;

use super::{Scope, drawn};
use crate::Context;
use crate::html::{Attr, El, Writer};
use crate::labels::fill;
use crate::model::Message;

/// Bytes of raw content that are shown, at most.
const MAX_RAW: usize = 64 * 1024;

/// The raw content of something unknown, one click away.
pub(super) fn raw(w: &mut Writer, context: &Context, json: &str) {
    let tree = (json.len() <= MAX_RAW).then(|| serde_json::from_str::<Value>(json).ok()).flatten();
    let pretty = tree.and_then(|tree| serde_json::to_string_pretty(&tree).ok());
    details(w, &context.labels.message.raw, pretty.as_deref().unwrap_or(json));
}

/// Fields of a message that are not known: named, and their content one click away.
pub(super) fn fields(w: &mut Writer, scope: Scope<'_>, message: &Message) {
    if !message.unknown.is_empty() {
        named(w, scope, &message.unknown.iter().collect::<Vec<_>>());
    }
}

/// As [`fields`], of what a message forwards: of all of it together, so that there is one limit for its length.
/// A snapshot of which nothing can be shown has the message's whole content instead.
pub(super) fn forwarded(w: &mut Writer, scope: Scope<'_>, message: &Message) {
    let (mut unknown, mut empty) = (Vec::new(), false);
    for snapshot in drawn(&message.message_snapshots) {
        match &snapshot.message {
            Some(known) if !known.unknown.is_empty() => unknown.extend(&known.unknown),
            Some(known) if !known.is_blank() => {}
            _ => empty = true,
        }
    }
    named(w, scope, &unknown);
    if empty {
        raw(w, scope.context, &message.raw);
    }
}

fn named(w: &mut Writer, scope: Scope<'_>, unknown: &[&(String, Value)]) {
    if unknown.is_empty() {
        return;
    }
    let names: Vec<&str> = unknown.iter().map(|(name, _)| name.as_str()).collect();
    let names = drawn(&names).join(", ");
    let words = &scope.context.labels.message.unknown_parts;
    let content = unknown.iter().fold(String::new(), |mut all, (name, value)| {
        if all.len() < MAX_RAW {
            all.push_str(name);
            all.push_str(": ");
            all.push_str(&serde_json::to_string_pretty(value).unwrap_or_default());
            all.push('\n');
        }
        all
    });
    details(w, &fill(words, &[("names", &names)]), content.trim_end());
}

fn details(w: &mut Writer, summary: &str, content: &str) {
    let mut end = content.len().min(MAX_RAW);
    while !content.is_char_boundary(end) {
        end -= 1;
    }
    w.el(El::Details, &[Attr::Class("t-raw")], |w| {
        w.el_text(El::Summary, &[], summary);
        w.el(El::Pre, &[Attr::Class("t-pre")], |w| {
            w.el(El::Code, &[], |w| {
                w.text(&content[..end]);
                if end < content.len() {
                    w.text("…");
                }
            });
        });
    });
}
