//! Discord's message objects, read leniently from the archive's raw JSON.
//!
//! Field names are Discord's. Nothing here fails: unknown fields are skipped, fields of a wrong shape read as
//! their default, and a text that is no JSON object at all becomes a message that only carries its raw text.

mod components;
mod embed;
mod kind;
mod parts;

pub use components::{
    ButtonStyle, Component, Components, GalleryItem, Media, SelectKind, SelectOption,
};
pub use embed::{Embed, EmbedAuthor, EmbedField, EmbedFooter, EmbedMedia, EmbedProvider};
pub use kind::MessageKind;
pub use parts::{
    Attachment, Author, Call, Emoji, Interaction, Member, MentionedUser, Poll, PollAnswer,
    PollAnswerCount, PollMedia, PollResults, Reaction, Reference, RoleSubscription, Snapshot,
    SnapshotMessage, Sticker, Thread,
};

use serde::Deserialize;

use crate::{Snowflake, lax};

/// A message, as Discord's API describes it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Message {
    /// Its id, which is also its time and its permalink.
    pub id: Snowflake,
    /// What kind of message: said by a person, or reported by the system.
    #[serde(rename = "type")]
    pub kind: MessageKind,
    /// Who wrote it.
    #[serde(deserialize_with = "lax::object")]
    pub author: Option<Author>,
    /// The author's membership, as the gateway sends it.
    #[serde(deserialize_with = "lax::object")]
    pub member: Option<Member>,
    /// Discord markdown. Empty as well when the bot lacks the `MESSAGE_CONTENT` intent.
    #[serde(deserialize_with = "lax::text")]
    pub content: String,
    /// When it was sent (ISO 8601).
    #[serde(deserialize_with = "lax::text")]
    pub timestamp: String,
    /// When it was last edited (ISO 8601); empty for never.
    #[serde(deserialize_with = "lax::text")]
    pub edited_timestamp: String,
    /// Discord's message flags, as bits.
    #[serde(deserialize_with = "lax::count")]
    pub flags: Option<u64>,
    /// Whether it is pinned.
    #[serde(deserialize_with = "lax::flag")]
    pub pinned: bool,
    /// The webhook that sent it, or zero.
    pub webhook_id: Snowflake,
    /// People that the text names.
    #[serde(deserialize_with = "lax::list")]
    pub mentions: Vec<MentionedUser>,
    /// Files.
    #[serde(deserialize_with = "lax::list")]
    pub attachments: Vec<Attachment>,
    /// Embeds.
    #[serde(deserialize_with = "lax::list")]
    pub embeds: Vec<Embed>,
    /// Buttons, selects and layout.
    pub components: Components,
    /// Reactions.
    #[serde(deserialize_with = "lax::list")]
    pub reactions: Vec<Reaction>,
    /// Stickers.
    #[serde(deserialize_with = "lax::list")]
    pub sticker_items: Vec<Sticker>,
    /// A poll.
    #[serde(deserialize_with = "lax::object")]
    pub poll: Option<Poll>,
    /// What it answers, forwards or follows.
    #[serde(deserialize_with = "lax::object")]
    pub message_reference: Option<Reference>,
    /// Discord's copy of the message it answers.
    #[serde(deserialize_with = "lax::boxed")]
    pub referenced_message: Option<Box<Message>>,
    /// The forwarded message.
    #[serde(deserialize_with = "lax::list")]
    pub message_snapshots: Vec<Snapshot>,
    /// The command or component it came from (deprecated by Discord, still the one with the command's name).
    #[serde(deserialize_with = "lax::object")]
    pub interaction: Option<Interaction>,
    /// The command or component it came from.
    #[serde(deserialize_with = "lax::object")]
    pub interaction_metadata: Option<Interaction>,
    /// The thread that grew out of it.
    #[serde(deserialize_with = "lax::object")]
    pub thread: Option<Thread>,
    /// A call's participants and end.
    #[serde(deserialize_with = "lax::object")]
    pub call: Option<Call>,
    /// A purchased role subscription.
    #[serde(deserialize_with = "lax::object")]
    pub role_subscription_data: Option<RoleSubscription>,
    /// The JSON it was read from.
    #[serde(skip)]
    pub raw: Box<str>,
}

/// Message flag: suppress embeds.
const SUPPRESS_EMBEDS: u64 = 1 << 2;
/// Message flag: the answer to an interaction is being computed.
const LOADING: u64 = 1 << 7;
/// Message flag: only its receiver could see it.
const EPHEMERAL: u64 = 1 << 6;

impl Message {
    /// Reads a raw message object. Never fails, see the module's text.
    pub fn parse(raw: &str) -> Self {
        let mut message: Self = serde_json::from_str(raw)
            // A repeated key fails the direct way; a tree keeps the last one.
            .or_else(|_| {
                serde_json::from_str::<serde_json::Value>(raw).and_then(serde_json::from_value)
            })
            .unwrap_or(Self { kind: MessageKind::Unknown(u64::MAX), ..Self::default() });
        message.raw = raw.into();
        message
    }

    /// Reads a raw message object that was already parsed.
    pub fn from_value(value: &serde_json::Value) -> Self {
        Self::parse(&value.to_string())
    }

    /// When it was sent, in milliseconds since 1970 UTC.
    pub fn sent_at_ms(&self) -> i64 {
        crate::dates::parse_iso_ms(&self.timestamp).unwrap_or_else(|| self.id.created_at_ms())
    }

    /// When it was last edited, in milliseconds since 1970 UTC.
    pub fn edited_at_ms(&self) -> Option<i64> {
        crate::dates::parse_iso_ms(&self.edited_timestamp)
    }

    /// Whether its author or a moderator hid its embeds.
    pub fn suppresses_embeds(&self) -> bool {
        self.flag(SUPPRESS_EMBEDS)
    }

    /// Whether it is an answer that was still being computed.
    pub fn is_loading(&self) -> bool {
        self.flag(LOADING)
    }

    /// Whether only its receiver could see it.
    pub fn is_ephemeral(&self) -> bool {
        self.flag(EPHEMERAL)
    }

    fn flag(&self, bit: u64) -> bool {
        self.flags.is_some_and(|flags| flags & bit != 0)
    }

    /// Whether there is nothing that a reader could see.
    pub fn is_blank(&self) -> bool {
        self.content.is_empty()
            && self.attachments.is_empty()
            && self.embeds.is_empty()
            && self.components.0.is_empty()
            && self.sticker_items.is_empty()
            && self.poll.is_none()
            && self.message_snapshots.is_empty()
            && self.thread.is_none()
    }
}
