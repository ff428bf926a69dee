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

fn list<'a>(object: &'a Value, key: &str) -> &'a [Value] {
    object.get(key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice)
}

/// Whether one of these components, or one within them, is a button that leads somewhere. Addresses of pictures and
/// files stand deeper in their components.
fn lead_somewhere(components: &[Value], depth: u8) -> bool {
    depth <= DEPTH
        && components.iter().any(|one| {
            let accessory = one.get("accessory").map(std::slice::from_ref).unwrap_or_default();
            let url = one.get("url").and_then(Value::as_str);
            url.is_some_and(|url| url.starts_with("http"))
                || lead_somewhere(list(one, "components"), depth + 1)
                || lead_somewhere(accessory, depth + 1)
        })
}

/// Whether a message or one that it forwards has a link beside its texts.
fn links(message: &Value) -> bool {
    let embeds = message.get("embeds").filter(|_| !list(message, "embeds").is_empty());
    embeds.is_some_and(|embeds| embeds.to_string().contains("\"url\":\"http"))
        || lead_somewhere(list(message, "components"), 0)
}

/// A message as the index knows it.
pub(super) fn document(id: MessageId, message: &Value) -> Document {
    let texts = texts(message);
    let in_texts = texts.iter().any(|text| text.contains("https://") || text.contains("http://"));
    let forwarded = list(message, "message_snapshots").iter().filter_map(|one| one.get("message"));
    let all: Vec<&Value> = std::iter::once(message).chain(forwarded).collect();
    let mut has = Has::NOTHING;
    if all.iter().any(|said| !list(said, "attachments").is_empty()) {
        has = has.and(Has::FILE);
    }
    if in_texts || all.iter().any(|said| links(said)) {
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

    #[test]
    fn files_and_links_of_what_is_forwarded_and_of_layout_count() {
        let has = |message: &Value| document(MessageId::new(1).unwrap(), message).has;
        let button =
            json!({ "type": 2, "style": 5, "label": "Shop", "url": "https://shop.example" });
        let forward = |message: Value| json!({ "message_snapshots": [{ "message": message }] });
        let file = json!({ "attachments": [{ "id": "1", "filename": "a.pdf" }] });
        assert!(has(&forward(file)).holds(Has::FILE));
        let embed = json!({ "embeds": [{ "title": "T", "url": "https://a.example" }] });
        assert!(has(&forward(embed)).holds(Has::LINK));
        for components in [
            json!([{ "type": 1, "components": [button.clone()] }]),
            json!([{ "type": 17, "components": [{ "type": 9, "components": [], "accessory": button }] }]),
        ] {
            assert_eq!(has(&json!({ "components": components.clone() })), Has::LINK);
            assert_eq!(has(&forward(json!({ "components": components }))), Has::LINK);
        }
        // A picture is no link.
        let media = json!({ "url": "https://cdn.example/a.png" });
        let gallery = json!({ "components": [{ "type": 12, "items": [{ "media": media }] }] });
        assert_eq!(has(&gallery), Has::NOTHING);
    }
}
