//! Messages of any shape: what nobody can send here, or what Discord does not send yet.

use serde_json::{Value, json};

use super::World;
use super::fields;
use super::model::{Author, Upload};
use crate::error::{self, ApiError};
use crate::id::Id;

/// Fields that stay the world's own, so that the message can be found again.
const OWN: [&str; 4] = ["id", "channel_id", "guild_id", "timestamp"];

impl World {
    /// Places a message with these fields, unchecked, and tells of it as of any other. `author` is a user object; one that
    /// is no user of the world speaks as a webhook. Fields of `attachments` are laid over the files in their order.
    pub fn place_message(
        &mut self,
        author: &Value,
        channel_id: Id,
        mut placed: Value,
        uploads: Vec<Upload>,
    ) -> Result<Id, ApiError> {
        self.channel(channel_id).ok_or(error::UNKNOWN_CHANNEL)?;
        let author_id = fields::id(author, "id").ok_or(error::UNKNOWN_USER)?;
        let known = self.user(author_id).is_some();
        let name = author.get("username").and_then(Value::as_str).unwrap_or_default();
        let speaker = if known {
            Author::User(author_id)
        } else {
            Author::Webhook { id: author_id, name: name.to_owned(), avatar: None }
        };
        let mut draft = self.read_draft(channel_id, &json!({}), uploads, None)?;
        draft.content = placed.get("content").and_then(Value::as_str).map(ToOwned::to_owned);
        let mut message = self.compose(speaker, channel_id, draft);
        message.kind =
            fields::uint(&placed, "type").and_then(|n| u8::try_from(n).ok()).unwrap_or(0);
        if let Some(fields) = placed.as_object_mut() {
            if known {
                fields.remove("author");
            }
            fields.retain(|key, _| !OWN.contains(&key.as_str()));
        }
        message.placed = Some(placed);
        let id = message.id;
        self.post(&message);
        Ok(id)
    }
}

/// Lays the fields of a placed message over its JSON.
pub(super) fn lay_over(message: &mut Value, placed: &Value) {
    for (key, value) in placed.as_object().into_iter().flatten() {
        let Some(files) = value.as_array().filter(|_| key == "attachments") else {
            message[key] = value.clone();
            continue;
        };
        for (index, fields) in files.iter().enumerate() {
            let Some(file) = message["attachments"].get_mut(index) else { continue };
            for (key, value) in fields.as_object().into_iter().flatten() {
                if !matches!(key.as_str(), "id" | "url" | "proxy_url") {
                    file[key] = value.clone();
                }
            }
        }
    }
}
