//! Discord's message objects, read leniently from the archive's raw JSON.
//!
//! Field names are Discord's. Nothing here fails: unknown fields of messages are kept as they are and those of other
//! objects skipped, fields of a wrong shape read as
//! their default, and a text that is no JSON object at all becomes a message that only carries its raw text.

mod components;
mod embed;
mod kind;
mod parts;
mod snapshot;
mod tree;

pub use components::{
    ButtonStyle, ChoiceKind, Component, Components, GalleryItem, Media, SelectKind, SelectOption,
};
pub use embed::{Embed, EmbedAuthor, EmbedField, EmbedFooter, EmbedMedia, EmbedProvider};
pub use kind::MessageKind;
pub use parts::{
    Activity, Application, Attachment, Author, BurstCount, Call, Emoji, Interaction, Member,
    MentionedUser, Poll, PollAnswer, PollAnswerCount, PollMedia, PollResults, Product, Purchase,
    Reaction, Reference, RoleSubscription, Snapshot, Sticker, Theme, Thread,
};
pub use snapshot::SnapshotMessage;

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::{Snowflake, lax};

/// A message, as Discord's API describes it. What few messages have is boxed: every message has to be made, moved and
/// given back at its size.
#[derive(Debug, Clone, Default)]
pub struct Message {
    /// Its id, which is also its time and its permalink.
    pub id: Snowflake,
    /// What kind of message: said by a person, or reported by the system.
    pub kind: MessageKind,
    /// Who wrote it.
    pub author: Option<Author>,
    /// The author's membership, as the gateway sends it.
    pub member: Option<Member>,
    /// Discord markdown. Empty as well when the bot lacks the `MESSAGE_CONTENT` intent.
    pub content: String,
    /// When it was sent (ISO 8601).
    pub timestamp: String,
    /// When it was last edited (ISO 8601); empty for never.
    pub edited_timestamp: String,
    /// Discord's message flags, as bits.
    pub flags: Option<u64>,
    /// Whether it is pinned.
    pub pinned: bool,
    /// Whether it was read aloud.
    pub tts: bool,
    /// The webhook that sent it, or the app whose answer it is, or zero.
    pub webhook_id: Snowflake,
    /// The app whose answer it is, or zero.
    pub application_id: Snowflake,
    /// People that the text names.
    pub mentions: Vec<MentionedUser>,
    /// Channels of other servers that the text names.
    pub mention_channels: Vec<Thread>,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// Embeds.
    pub embeds: Vec<Embed>,
    /// Buttons, selects and layout.
    pub components: Components,
    /// Reactions.
    pub reactions: Vec<Reaction>,
    /// Stickers.
    pub sticker_items: Vec<Sticker>,
    /// A poll.
    pub poll: Option<Box<Poll>>,
    /// What it answers, forwards or follows.
    pub message_reference: Option<Reference>,
    /// Discord's copy of the message it answers.
    pub referenced_message: Option<Box<Message>>,
    /// The forwarded message.
    pub message_snapshots: Vec<Snapshot>,
    /// The command or component it came from (deprecated by Discord, still the one with the command's name).
    pub interaction: Option<Box<Interaction>>,
    /// The command or component it came from.
    pub interaction_metadata: Option<Box<Interaction>>,
    /// The thread that grew out of it.
    pub thread: Option<Box<Thread>>,
    /// A call's participants and end.
    pub call: Option<Box<Call>>,
    /// A purchased role subscription.
    pub role_subscription_data: Option<Box<RoleSubscription>>,
    /// What was bought.
    pub purchase_notification: Option<Purchase>,
    /// An invitation to an activity.
    pub activity: Option<Activity>,
    /// The app of the activity, or the one that was subscribed to.
    pub application: Option<Application>,
    /// A look of the client that was shared.
    pub shared_client_theme: Option<Theme>,
    /// Fields that this program does not know, by name, with their JSON; none that are empty.
    pub unknown: Vec<(String, Value)>,
    /// The JSON it was read from.
    pub raw: Box<str>,
}

/// Unknown fields that are kept for each message.
const MAX_UNKNOWN: usize = 16;

impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut message = Self::default();
        Fields { message: &mut message, answered: false }.deserialize(deserializer)?;
        Ok(message)
    }
}

/// Reads a message's fields into their place: messages are large, and moving them costs as much as reading some fields.
struct Fields<'m> {
    message: &'m mut Message,
    /// Whether it is the one that another message answers. What that one answers is nobody's concern there.
    answered: bool,
}

impl<'de> DeserializeSeed<'de> for Fields<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a message object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(lax::Key(key)) = map.next_key()? {
            if self.answered && key == "referenced_message" {
                map.next_value::<IgnoredAny>()?;
            } else {
                self.message.read_field(&key, &mut map)?;
            }
        }
        Ok(())
    }
}

/// Reads the message that another one answers.
struct Answered;

impl<'de> Visitor<'de> for Answered {
    type Value = Box<Message>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a message object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Box<Message>, A::Error> {
        let mut message = Box::<Message>::default();
        Fields { message: &mut message, answered: true }.visit_map(map)?;
        Ok(message)
    }
}

impl Message {
    /// Reads the value of one field. By hand rather than derived, so that a field that is not known is noticed, and a
    /// repeated one takes its last value.
    fn read_field<'de, A: MapAccess<'de>>(
        &mut self,
        key: &str,
        map: &mut A,
    ) -> Result<(), A::Error> {
        match key {
            // They say nothing to a reader by themselves.
            "channel_id" | "guild_id" | "nonce" | "position" | "mention_everyone"
            | "mention_roles" | "resolved" | "lobby_member" | "channel_type"
            | "mentions_everyone" | "hit" => drop(map.next_value::<IgnoredAny>()?),
            "id" => self.id = map.next_value()?,
            "type" => self.kind = map.next_value()?,
            "author" => self.author = map.next_value::<lax::Object<_>>()?.0,
            "member" => self.member = map.next_value::<lax::Object<_>>()?.0,
            "content" => self.content = map.next_value::<lax::Text>()?.0,
            "timestamp" => self.timestamp = map.next_value::<lax::Text>()?.0,
            "edited_timestamp" => self.edited_timestamp = map.next_value::<lax::Text>()?.0,
            "flags" => self.flags = map.next_value::<lax::Count>()?.0,
            "pinned" => self.pinned = map.next_value::<lax::Flag>()?.0,
            "tts" => self.tts = map.next_value::<lax::Flag>()?.0,
            "webhook_id" => self.webhook_id = map.next_value()?,
            "application_id" => self.application_id = map.next_value()?,
            "mentions" => self.mentions = map.next_value::<lax::List<_>>()?.0,
            "mention_channels" => self.mention_channels = map.next_value::<lax::List<_>>()?.0,
            "attachments" => self.attachments = map.next_value::<lax::List<_>>()?.0,
            "embeds" => self.embeds = map.next_value::<lax::List<_>>()?.0,
            "components" => self.components = map.next_value()?,
            "reactions" => self.reactions = map.next_value::<lax::List<_>>()?.0,
            "sticker_items" => self.sticker_items = map.next_value::<lax::List<_>>()?.0,
            // Deprecated by Discord; the same stickers with more about each.
            "stickers" => {
                let lax::List(full) = map.next_value()?;
                if self.sticker_items.is_empty() {
                    self.sticker_items = full;
                }
            }
            "poll" => self.poll = map.next_value::<lax::Object<_>>()?.0,
            "message_reference" => self.message_reference = map.next_value::<lax::Object<_>>()?.0,
            "referenced_message" => {
                self.referenced_message = map.next_value_seed(lax::ObjectOf(Answered))?;
            }
            "message_snapshots" => self.message_snapshots = map.next_value::<lax::List<_>>()?.0,
            "interaction" => self.interaction = map.next_value::<lax::Object<_>>()?.0,
            "interaction_metadata" => {
                self.interaction_metadata = map.next_value::<lax::Object<_>>()?.0;
            }
            "thread" => self.thread = map.next_value::<lax::Object<_>>()?.0,
            "call" => self.call = map.next_value::<lax::Object<_>>()?.0,
            "role_subscription_data" => {
                self.role_subscription_data = map.next_value::<lax::Object<_>>()?.0;
            }
            "purchase_notification" => {
                self.purchase_notification = map.next_value::<lax::Object<_>>()?.0;
            }
            "activity" => self.activity = map.next_value::<lax::Object<_>>()?.0,
            "application" => self.application = map.next_value::<lax::Object<_>>()?.0,
            "shared_client_theme" => {
                self.shared_client_theme = map.next_value::<lax::Object<_>>()?.0;
            }
            _ if self.unknown.len() >= MAX_UNKNOWN => drop(map.next_value::<IgnoredAny>()?),
            other => {
                let value: Value = map.next_value()?;
                if !says_nothing(&value) {
                    self.unknown.push((other.to_owned(), value));
                }
            }
        }
        Ok(())
    }

    /// What can be read of an object of which a part cannot, for example one nested too deeply: the other fields.
    fn salvage(raw: &str) -> Option<Self> {
        let fields: BTreeMap<String, Box<RawValue>> = serde_json::from_str(raw).ok()?;
        let mut readable = serde_json::Map::new();
        let mut unknown = Vec::new();
        for (key, value) in fields {
            match serde_json::from_str::<Value>(value.get()) {
                Ok(tree) => drop(readable.insert(key, tree)),
                Err(_) if unknown.len() < MAX_UNKNOWN => {
                    unknown.push((key, Value::from(value.get())));
                }
                Err(_) => {}
            }
        }
        let mut message = Self::deserialize(Value::Object(readable)).ok()?;
        message.unknown.extend(unknown);
        Some(message)
    }
}

/// Whether a value is as good as absent.
fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(all) => all.is_empty(),
        Value::Object(all) => all.is_empty(),
    }
}

/// Message flags. Source: Discord API reference, "Message Flags".
const CROSSPOSTED: u64 = 1 << 0;
const IS_CROSSPOST: u64 = 1 << 1;
const SOURCE_MESSAGE_DELETED: u64 = 1 << 3;
const URGENT: u64 = 1 << 4;
const FAILED_TO_MENTION_SOME_ROLES_IN_THREAD: u64 = 1 << 8;
const SUPPRESS_NOTIFICATIONS: u64 = 1 << 12;
const SUPPRESS_EMBEDS: u64 = 1 << 2;
const LOADING: u64 = 1 << 7;
const EPHEMERAL: u64 = 1 << 6;

impl Message {
    /// Reads a raw message object. Never fails, see the module's text.
    pub fn parse(raw: &str) -> Self {
        let mut message = Self::default();
        message.read(raw);
        message
    }

    /// As [`Self::parse`], into the place where the message will stay: messages are large, and many are read.
    pub(crate) fn read(&mut self, raw: &str) {
        let mut reader = serde_json::Deserializer::from_str(raw);
        let fields = Fields { message: self, answered: false };
        if fields.deserialize(&mut reader).and_then(|()| reader.end()).is_err() {
            *self = Self::salvage(raw)
                .unwrap_or(Self { kind: MessageKind::Unknown(u64::MAX), ..Self::default() });
        }
        self.raw = raw.into();
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

    /// Whether a webhook wrote it, under a name of its own. An app's answers come by one as well, which has the app's id.
    pub fn is_by_webhook(&self) -> bool {
        self.webhook_id.is_known() && self.webhook_id != self.application_id
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

    /// Whether it was published to the channels that follow.
    pub fn is_published(&self) -> bool {
        self.flag(CROSSPOSTED)
    }

    /// Whether it came from a channel that is followed, and whether it was deleted there.
    pub fn followed(&self) -> Option<bool> {
        self.flag(IS_CROSSPOST).then(|| self.flag(SOURCE_MESSAGE_DELETED))
    }

    /// Whether it is one of Discord's urgent messages.
    pub fn is_urgent(&self) -> bool {
        self.flag(URGENT)
    }

    /// Whether roles that it names could not be added to the thread.
    pub fn left_roles_out(&self) -> bool {
        self.flag(FAILED_TO_MENTION_SOME_ROLES_IN_THREAD)
    }

    /// Whether it was sent without notifications.
    pub fn is_silent(&self) -> bool {
        self.flag(SUPPRESS_NOTIFICATIONS)
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
            && self.activity.is_none()
            && self.shared_client_theme.is_none()
    }
}
