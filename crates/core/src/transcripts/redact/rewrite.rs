//! What is left of a message.

use domain::ids::MessageId;
use domain::transcripts::patterns::Pattern;
use serde_json::{Map, Value};

use super::What;
use crate::transcripts::normalise::id_of;

/// What a message keeps of which all goes: what it is, when it was sent and by whom.
const KEPT: [&str; 11] = [
    "id",
    "type",
    "channel_id",
    "timestamp",
    "author",
    "member",
    "flags",
    "pinned",
    "message_reference",
    "webhook_id",
    "application_id",
];
/// Fields that hold ids, times and hashes: digits there are no numbers of cards.
const NO_WORDS: [&str; 10] = [
    "timestamp",
    "edited_timestamp",
    "ended_timestamp",
    "roles",
    "mention_roles",
    "avatar",
    "banner",
    "icon",
    "type",
    "nonce",
];
/// The type of a message that says how a poll ended: its embed repeats the question. Source: Discord API
/// documentation, "Message Types".
const POLL_RESULT: u64 = 46;
/// Nesting past this is passed over when a message is read, and goes whole when one is redacted.
const DEPTH: u8 = 32;

/// What a redaction leaves of a version of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Left {
    /// The message object.
    pub body: String,
    /// All that it said went: no earlier version is needed.
    pub whole: bool,
}

/// What is left of a version of message `id`; `None` if the redaction leaves it as it is.
pub(super) fn version(what: &What, id: MessageId, body: &str) -> Option<Left> {
    match what {
        What::Message { message, files } if *message == id => {
            let body = whole(serde_json::from_str(body).unwrap_or_default(), *files).to_string();
            Some(Left { body, whole: true })
        }
        What::Message { message, .. } => {
            let body = without_copies(*message, body)?;
            Some(Left { body, whole: false })
        }
        What::Pattern(pattern) => {
            let mut value: Value = serde_json::from_str(body).ok()?;
            let changed = redact(&mut value, pattern, 0);
            (changed > 0).then(|| Left { body: value.to_string(), whole: false })
        }
    }
}

/// What repeats a message: that it was forwarded, or that its poll ended. `None` if nothing does.
fn without_copies(of: MessageId, body: &str) -> Option<String> {
    if !body.contains("message_reference") {
        return None;
    }
    let mut value: Value = serde_json::from_str(body).ok()?;
    let from = value.get("message_reference").and_then(|from| id_of(from, "message_id"));
    if from != Some(of) {
        return None;
    }
    let ended = value.get("type").and_then(Value::as_u64) == Some(POLL_RESULT);
    let message = value.as_object_mut()?;
    let mut gone = false;
    for (key, repeats) in [("message_snapshots", true), ("embeds", ended)] {
        let list = message.get_mut(key).and_then(Value::as_array_mut).filter(|_| repeats);
        if let Some(list) = list.filter(|list| !list.is_empty()) {
            list.clear();
            gone = true;
        }
    }
    gone.then(|| value.to_string())
}

/// A message of which all goes.
fn whole(message: Value, files: bool) -> Value {
    let Value::Object(message) = message else { return Value::Object(Map::new()) };
    let kept = |key: &str| KEPT.contains(&key) || (key == "attachments" && !files);
    Value::Object(message.into_iter().filter(|(key, _)| kept(key)).collect())
}

/// Redacts every text of an object. Answers how many places there were.
fn redact(value: &mut Value, pattern: &Pattern, depth: u8) -> usize {
    match value {
        Value::String(text) => {
            let places = pattern.find(text).len();
            if let Some(left) = pattern.redact(text) {
                *text = left;
            }
            places
        }
        // Nothing of Discord's is nested so deep.
        Value::Array(_) | Value::Object(_) if depth > DEPTH => {
            *value = Value::Null;
            1
        }
        Value::Array(list) => list.iter_mut().map(|one| redact(one, pattern, depth + 1)).sum(),
        Value::Object(map) => map
            .iter_mut()
            .filter(|(key, value)| has_words(key, value))
            .map(|(_, value)| redact(value, pattern, depth + 1))
            .sum(),
        _ => 0,
    }
}

/// Whether a field may hold words. An id is digits; a component's `custom_id` is what its app likes.
fn has_words(key: &str, value: &Value) -> bool {
    let names_id = key == "id" || key.ends_with("_id") || key.ends_with("_ids");
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_id = key != "custom_id" && names_id && value.as_str().is_none_or(digits);
    !is_id && !NO_WORDS.contains(&key)
}

/// The texts of a message in which the pattern is, for a look before it goes.
pub(super) fn texts_with(body: &str, pattern: &Pattern) -> Vec<String> {
    fn collect(value: &Value, pattern: &Pattern, depth: u8, found: &mut Vec<String>) {
        match value {
            _ if depth > DEPTH => {}
            Value::String(text) if !pattern.find(text).is_empty() => found.push(text.clone()),
            Value::Array(list) => {
                for one in list {
                    collect(one, pattern, depth + 1, found);
                }
            }
            Value::Object(map) => {
                for (_, value) in map.iter().filter(|(key, value)| has_words(key, value)) {
                    collect(value, pattern, depth + 1, found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    if let Ok(value) = serde_json::from_str(body) {
        collect(&value, pattern, 0, &mut found);
    }
    found
}

#[cfg(test)]
mod tests {
    use domain::transcripts::patterns::MARK;
    use serde_json::json;

    use super::*;

    fn id(id: i64) -> MessageId {
        MessageId::new(id).unwrap()
    }

    #[test]
    fn of_a_whole_message_only_who_and_when_is_left() {
        let body = json!({
            "id": "5", "type": 19, "content": "secret", "timestamp": "T", "edited_timestamp": "E",
            "author": { "id": "7" }, "embeds": [{ "title": "secret" }], "poll": { "question": "secret" },
            "attachments": [{ "id": "9", "filename": "secret.png" }], "future": "secret",
            "message_reference": { "message_id": "4" }, "components": [{ "content": "secret" }],
        });
        let what = What::Message { message: id(5), files: true };
        let left = version(&what, id(5), &body.to_string()).unwrap();
        assert!(left.whole && !left.body.contains("secret"), "{}", left.body);
        assert!(left.body.contains("\"7\"") && left.body.contains("message_reference"));
        let what = What::Message { message: id(5), files: false };
        let left = version(&what, id(5), &body.to_string()).unwrap();
        assert!(left.body.contains("secret.png") && !left.body.contains("future"));
        assert_eq!(version(&what, id(6), &body.to_string()), None);
    }

    #[test]
    fn a_forward_of_it_loses_the_copy() {
        let forward = json!({ "id": "6", "message_reference": { "type": 1, "message_id": "5" },
            "message_snapshots": [{ "message": { "content": "secret" } }], "content": "" });
        let what = What::Message { message: id(5), files: true };
        let left = version(&what, id(6), &forward.to_string()).unwrap();
        assert!(!left.whole && !left.body.contains("secret"));
        assert_eq!(version(&what, id(6), &left.body), None, "once is enough");
        let other = What::Message { message: id(4), files: true };
        assert_eq!(version(&other, id(6), &forward.to_string()), None);
        let answer = json!({ "id": "7", "type": 19, "content": "mine", "embeds": [{ "title": "mine" }],
            "message_reference": { "message_id": "5" } });
        assert_eq!(version(&what, id(7), &answer.to_string()), None);
    }

    #[test]
    fn the_end_of_a_poll_loses_its_question() {
        let ended = json!({ "id": "8", "type": 46, "message_reference": { "message_id": "5" },
            "embeds": [{ "fields": [{ "name": "poll_question_text", "value": "secret" }] }] });
        let what = What::Message { message: id(5), files: false };
        let left = version(&what, id(8), &ended.to_string()).unwrap();
        assert!(!left.whole && !left.body.contains("secret"), "{}", left.body);
    }

    #[test]
    fn a_pattern_goes_from_every_text_and_ids_stay() {
        let card = "4111111111111111";
        let body = json!({ "id": card, "channel_id": card, "content": format!("a {card} b"),
            "embeds": [{ "fields": [{ "value": card }] }], "attachments": [{ "filename": card, "id": card }],
            "components": [{ "custom_id": card }], "mention_roles": [card], "poll": { "answers": [{ "poll_media": { "text": card } }] } });
        let what = What::Pattern(Pattern::Cards);
        let left = version(&what, id(1), &body.to_string()).unwrap();
        assert_eq!(left.body.matches(MARK).count(), 5);
        assert_eq!(left.body.matches(card).count(), 4, "ids");
        assert_eq!(version(&what, id(1), &left.body), None);
        assert_eq!(texts_with(&body.to_string(), &Pattern::Cards).len(), 5);
    }
}
