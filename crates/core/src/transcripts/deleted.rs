//! Messages that people deleted. That there was one stays in the transcript; what it said stays only where the server
//! turned that on before the ticket was opened, so that everybody in it was told, and has it turned on still.

use serde_json::{Map, Value};
use storage::StorageError;
use storage::tickets::TicketRow;

use crate::Wardesk;
use crate::guilds;

/// What is left of a message: who wrote it, when, and of what kind it was.
const LEFT: [&str; 10] = [
    "id",
    "type",
    "channel_id",
    "guild_id",
    "author",
    "member",
    "timestamp",
    "edited_timestamp",
    "webhook_id",
    "application_id",
];

/// Whether what deleted messages of a ticket said is kept.
pub(super) async fn are_kept(w: &Wardesk, ticket: &TicketRow) -> Result<bool, StorageError> {
    Ok(ticket.keeps_deleted && guilds::known(w, ticket.guild).await?.settings.keep_deleted)
}

/// A message without what it said. Doing it again changes nothing.
pub(super) fn husk(message: &Value) -> Value {
    let fields = message.as_object().into_iter().flatten();
    let left = fields.filter(|(key, _)| LEFT.contains(&key.as_str()));
    Value::Object(left.map(|(key, value)| (key.clone(), value.clone())).collect::<Map<_, _>>())
}

/// The same for JSON text. What cannot be read says nothing that could be left.
pub(super) fn husk_text(json: &str) -> String {
    let message = serde_json::from_str(json).unwrap_or(Value::Null);
    husk(&message).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_that_was_said_is_left() {
        let message = json!({
            "id": "1", "type": 0, "timestamp": "t", "edited_timestamp": null, "author": { "id": "7" },
            "content": "said", "attachments": [{ "filename": "said" }], "embeds": [{ "title": "said" }],
            "components": ["said"], "poll": { "question": "said" }, "sticker_items": ["said"],
            "message_snapshots": ["said"], "reactions": ["said"], "mentions": ["said"], "new_of_discord": "said",
        });
        let left = husk(&message);
        assert!(!left.to_string().contains("said"), "{left}");
        assert_eq!((&left["id"], &left["author"]["id"]), (&json!("1"), &json!("7")));
        assert_eq!(husk(&left), left);
        assert_eq!(husk_text("no json"), "{}");
    }
}
