//! Forwarded messages, as far as Discord keeps them.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::components::Components;
use super::{
    Attachment, Embed, MAX_UNKNOWN, MentionedUser, MessageKind, SUPPRESS_EMBEDS, Sticker,
    says_nothing,
};
use crate::lax;

/// What Discord keeps of a forwarded message: no author.
#[derive(Debug, Clone, Default)]
pub struct SnapshotMessage {
    /// Its kind.
    pub kind: MessageKind,
    /// Markdown.
    pub content: String,
    /// When it was sent (ISO 8601).
    pub timestamp: String,
    /// When it was last edited (ISO 8601); empty for never.
    pub edited_timestamp: String,
    /// Discord's message flags, as bits.
    pub flags: Option<u64>,
    /// People that the text names.
    pub mentions: Vec<MentionedUser>,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// Embeds.
    pub embeds: Vec<Embed>,
    /// Buttons, selects and layout.
    pub components: Components,
    /// Stickers.
    pub sticker_items: Vec<Sticker>,
    /// Fields that this program does not know or expects in no snapshot, by name, with their JSON; none that are empty.
    pub unknown: Vec<(String, Value)>,
}

impl SnapshotMessage {
    /// Whether its author or a moderator hid its embeds.
    pub fn suppresses_embeds(&self) -> bool {
        self.flags.is_some_and(|flags| flags & SUPPRESS_EMBEDS != 0)
    }

    /// Whether there is nothing that a reader could see.
    pub fn is_blank(&self) -> bool {
        self.content.is_empty()
            && self.attachments.is_empty()
            && self.embeds.is_empty()
            && self.components.0.is_empty()
            && self.sticker_items.is_empty()
    }
}

impl<'de> Deserialize<'de> for SnapshotMessage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields)
    }
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = SnapshotMessage;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a forwarded message")
    }

    // As messages are read: see `Message::read_field`.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SnapshotMessage, A::Error> {
        let mut message = SnapshotMessage::default();
        while let Some(lax::Key(key)) = map.next_key()? {
            match &*key {
                // They say nothing to a reader by themselves.
                "id" | "channel_id" | "guild_id" | "nonce" | "mention_everyone"
                | "mention_roles" | "resolved" => drop(map.next_value::<IgnoredAny>()?),
                "type" => message.kind = map.next_value()?,
                "content" => message.content = map.next_value::<lax::Text>()?.0,
                "timestamp" => message.timestamp = map.next_value::<lax::Text>()?.0,
                "edited_timestamp" => message.edited_timestamp = map.next_value::<lax::Text>()?.0,
                "flags" => message.flags = map.next_value::<lax::Count>()?.0,
                "mentions" => message.mentions = map.next_value::<lax::List<_>>()?.0,
                "attachments" => message.attachments = map.next_value::<lax::List<_>>()?.0,
                "embeds" => message.embeds = map.next_value::<lax::List<_>>()?.0,
                "components" => message.components = map.next_value()?,
                "sticker_items" => message.sticker_items = map.next_value::<lax::List<_>>()?.0,
                // Deprecated by Discord; the same stickers with more about each.
                "stickers" => {
                    let lax::List(full) = map.next_value()?;
                    if message.sticker_items.is_empty() {
                        message.sticker_items = full;
                    }
                }
                _ if message.unknown.len() >= MAX_UNKNOWN => {
                    map.next_value::<IgnoredAny>()?;
                }
                other => {
                    let value: Value = map.next_value()?;
                    if !says_nothing(&value) {
                        message.unknown.push((other.to_owned(), value));
                    }
                }
            }
        }
        Ok(message)
    }
}
