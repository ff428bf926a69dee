//! What can be found in a message.

use ::search::{Document, Has};
use domain::ids::{MessageId, UserId};
use serde_json::Value;

/// Objects inside a message whose text is not the message's own.
const OTHERS: [&str; 8] = [
    "author",
    "member",
    "mentions",
    "interaction",
    "interaction_metadata",
    "referenced_message",
    "message_reference",
    "reactions",
];
/// Fields whose text a reader sees.
const TEXTS: [&str; 9] = [
    "content",
    "title",
    "description",
    "name",
    "value",
    "text",
    "label",
    "filename",
    "placeholder",
];
/// Nesting past this is passed over. Discord allows a few levels.
const DEPTH: u8 = 12;
/// Texts of a message, at most: Discord's limits allow a few hundred.
const MOST: usize = 1000;

/// Everything that can be read in a message object, in its order.
pub(super) fn texts(message: &Value) -> Vec<String> {
    let mut texts = Vec::new();
    collect(message, 0, &mut texts);
    texts
}

fn collect(value: &Value, depth: u8, texts: &mut Vec<String>) {
    if depth > DEPTH || texts.len() >= MOST {
        return;
    }
    match value {
        Value::Array(list) => list.iter().for_each(|one| collect(one, depth + 1, texts)),
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    // The author of an embed is a part of its text.
                    _ if OTHERS.contains(&key.as_str()) && !(depth > 0 && key == "author") => {}
                    Value::String(text) if TEXTS.contains(&key.as_str()) && !text.is_empty() => {
                        texts.push(text.clone());
                    }
                    Value::Array(_) | Value::Object(_) => collect(value, depth + 1, texts),
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

fn holds(message: &Value, key: &str) -> bool {
    message.get(key).and_then(Value::as_array).is_some_and(|list| !list.is_empty())
}

/// A message as the index knows it.
pub(super) fn document(id: MessageId, message: &Value) -> Document {
    let texts = texts(message);
    let links = texts.iter().any(|text| text.contains("https://") || text.contains("http://"));
    let mut has = Has::NOTHING;
    if holds(message, "attachments") {
        has = has.and(Has::FILE);
    }
    if links || holds(message, "embeds") && message.to_string().contains("\"url\":\"http") {
        has = has.and(Has::LINK);
    }
    Document {
        id: u64::try_from(id.get()).unwrap_or(0),
        author: author(message).map_or(0, |user| u64::try_from(user.get()).unwrap_or(0)),
        has,
        texts,
    }
}

/// Who wrote a message.
pub(super) fn author(message: &Value) -> Option<UserId> {
    message.get("author")?.get("id")?.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_readers_see_is_found_and_names_of_others_are_not() {
        let message = json!({
            "id": "1", "content": "hello", "author": { "id": "7", "username": "ann" },
            "mentions": [{ "id": "8", "username": "bob", "name": "bob" }],
            "embeds": [{ "title": "T", "author": { "name": "Shop" }, "footer": { "text": "F" },
                         "fields": [{ "name": "N", "value": "V" }], "url": "https://a.example" }],
            "attachments": [{ "filename": "invoice.pdf", "description": "alt", "url": "x" }],
            "poll": { "question": { "text": "Q?" }, "answers": [{ "poll_media": { "text": "A1" } }] },
            "components": [{ "type": 17, "components": [{ "type": 10, "content": "inside" }] }],
            "message_snapshots": [{ "message": { "content": "forwarded" } }],
            "custom_id": "secret",
        });
        let mut found = texts(&message);
        found.sort();
        let mut wanted = [
            "hello",
            "T",
            "Shop",
            "F",
            "N",
            "V",
            "invoice.pdf",
            "alt",
            "Q?",
            "A1",
            "inside",
            "forwarded",
        ];
        wanted.sort_unstable();
        assert_eq!(found, wanted);
        let document = document(MessageId::new(1).unwrap(), &message);
        assert_eq!(document.author, 7);
        assert!(document.has.holds(Has::FILE.and(Has::LINK)));
    }

    #[test]
    fn a_plain_message_has_neither_file_nor_link() {
        let message = json!({ "content": "hi", "attachments": [], "embeds": [] });
        let document = document(MessageId::new(1).unwrap(), &message);
        assert_eq!((document.has, document.author), (Has::NOTHING, 0));
    }
}
