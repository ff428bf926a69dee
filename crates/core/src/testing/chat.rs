//! What people do in channels of the fake Discord: write, edit, delete, send files.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use domain::ids::{ChannelId, MessageId};
use futures::StreamExt as _;
use serde_json::{Value, json};

use super::FakeDiscord;
use super::discord::fresh_id;
use crate::ports::{AttachmentSource, DiscordError};

/// How the CDN answers.
#[derive(Debug, Clone)]
pub enum FileAnswer {
    /// With these bytes, and their length announced.
    Bytes(Vec<u8>),
    /// With this many zeros, announced as this length if at all.
    Zeros(u64, Option<u64>),
    /// With these bytes, then the connection ends.
    Cut(Vec<u8>),
    /// Not at all.
    Refused(DiscordError),
}

/// State of the chat beside the messages themselves.
#[derive(Default)]
pub(super) struct Chat {
    files: HashMap<String, VecDeque<FileAnswer>>,
    pages_until_outage: Option<u32>,
    pages: u32,
    withheld: bool,
}

impl Chat {
    pub(super) fn page_asked(&mut self) -> Result<(), DiscordError> {
        self.pages += 1;
        match &mut self.pages_until_outage {
            None => Ok(()),
            Some(0) => {
                self.pages_until_outage = None;
                Err(DiscordError::Unavailable { retry_after_ms: None })
            }
            Some(left) => {
                *left -= 1;
                Ok(())
            }
        }
    }

    pub(super) fn as_seen(&self, message: &Value) -> Value {
        let mut seen = message.clone();
        if self.withheld && seen["author"]["bot"] != json!(true) {
            seen["content"] = json!("");
            for list in ["attachments", "embeds", "components"] {
                seen[list] = json!([]);
            }
        }
        seen
    }

    pub(super) fn open_file(&mut self, url: &str) -> Result<AttachmentSource, DiscordError> {
        let answers = self.files.get_mut(url).ok_or(DiscordError::Gone { code: 0 })?;
        // The last answer stays.
        let answer = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
        let source = |length, parts: Vec<Result<Bytes, DiscordError>>| AttachmentSource {
            length,
            content_type: Some("image/png".into()),
            bytes: futures::stream::iter(parts).boxed(),
        };
        let split = |bytes: &[u8]| -> Vec<Result<Bytes, DiscordError>> {
            bytes.chunks(7_000).map(|part| Ok(Bytes::copy_from_slice(part))).collect()
        };
        match answer.ok_or(DiscordError::Gone { code: 0 })? {
            FileAnswer::Bytes(bytes) => Ok(source(Some(bytes.len() as u64), split(&bytes))),
            FileAnswer::Zeros(length, announced) => {
                let part = Bytes::from(vec![0; 1 << 20]);
                let parts = (0..length >> 20).map(|_| Ok(part.clone())).collect();
                Ok(source(announced, parts))
            }
            FileAnswer::Cut(bytes) => {
                let mut parts = split(&bytes);
                parts.push(Err(DiscordError::Unavailable { retry_after_ms: None }));
                Ok(source(Some(bytes.len() as u64 * 2), parts))
            }
            FileAnswer::Refused(error) => Err(error),
        }
    }
}

impl FakeDiscord {
    /// Someone writes; `extra` is laid over the message. Answers the message as the gateway sends it.
    pub fn say(&self, channel: ChannelId, author: i64, content: &str, extra: &Value) -> Value {
        let now = self.clock.now().0;
        let mut state = self.lock();
        let id = fresh_id(&mut state, now);
        let mut message = json!({
            "id": id.to_string(), "channel_id": channel, "type": 0, "content": content,
            "author": { "id": author.to_string(), "username": format!("user{author}"),
                        "global_name": format!("User {author}"), "bot": false },
            "member": { "nick": null, "roles": [] },
            "timestamp": iso(now), "edited_timestamp": null,
            "mentions": [], "attachments": [], "embeds": [], "components": [], "pinned": false,
        });
        for (key, value) in extra.as_object().into_iter().flatten() {
            message[key] = value.clone();
        }
        state.messages.entry(channel).or_default().push(message.clone());
        message
    }

    /// Someone edits a message. Answers it as the gateway sends it.
    pub fn edit(&self, channel: ChannelId, message: MessageId, content: &str) -> Value {
        let now = self.clock.now().0;
        let mut state = self.lock();
        let all = state.messages.get_mut(&channel).unwrap();
        let found = all.iter_mut().find(|m| m["id"] == json!(message)).unwrap();
        found["content"] = json!(content);
        found["edited_timestamp"] = json!(iso(now));
        found.clone()
    }

    /// Someone deletes a message.
    pub fn erase(&self, channel: ChannelId, message: MessageId) {
        let mut state = self.lock();
        state.messages.get_mut(&channel).unwrap().retain(|m| m["id"] != json!(message));
    }

    /// Something about a message changes that nobody is told of.
    pub fn change(&self, channel: ChannelId, message: MessageId, how: impl FnOnce(&mut Value)) {
        let mut state = self.lock();
        let all = state.messages.get_mut(&channel).unwrap();
        how(all.iter_mut().find(|m| m["id"] == json!(message)).unwrap());
    }

    /// Someone leaves the server.
    pub fn remove_member(&self, id: i64) {
        self.lock().members.retain(|user, _| user.get() != id);
    }

    /// What the CDN answers for an address, one after the other; the last answer stays.
    pub fn put_file(&self, url: &str, answers: impl IntoIterator<Item = FileAnswer>) {
        self.lock().chat.files.insert(url.to_owned(), answers.into_iter().collect());
    }

    /// After `pages` more pages of messages one cannot be read.
    pub fn outage_after_pages(&self, pages: u32) {
        self.lock().chat.pages_until_outage = Some(pages);
    }

    /// How many pages of messages were asked for, in all channels.
    pub fn pages_asked(&self) -> u32 {
        self.lock().chat.pages
    }

    /// Whether the content of messages is withheld, as from a bot without `MESSAGE_CONTENT`.
    pub fn withhold(&self, withheld: bool) {
        self.lock().chat.withheld = withheld;
    }
}

fn iso(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).unwrap().to_string()
}
