//! What the world is made of. Fields follow Discord's objects; times are milliseconds UTC.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use serde_json::Value;

use crate::id::Id;
use crate::permissions::{Permissions, Rule};

/// A person, or the user behind a bot.
#[derive(Debug, Clone)]
pub struct User {
    /// Snowflake.
    pub id: Id,
    /// Unique handle, lower case.
    pub username: String,
    /// Display name.
    pub global_name: Option<String>,
    /// Avatar hash; the CDN draws a picture for any hash.
    pub avatar: Option<String>,
    /// Whether this is a bot's user.
    pub bot: bool,
    /// Address given with the OAuth scope `email`.
    pub email: Option<String>,
    /// Discord locale, for example `en-US`.
    pub locale: String,
    /// Whether strangers who share a server may send direct messages.
    pub dms_open: bool,
}

/// A registered application with its bot.
#[derive(Debug, Clone)]
pub struct Application {
    /// Snowflake, also the OAuth client id.
    pub id: Id,
    /// Shown name.
    pub name: String,
    /// Who registered it.
    pub owner: Id,
    /// The bot's user.
    pub bot: Id,
    /// The token that the bot presents.
    pub token: String,
    /// Whether the token was reset and is refused.
    pub token_revoked: bool,
    /// OAuth client secret.
    pub client_secret: String,
    /// OAuth redirect addresses, compared exactly.
    pub redirect_uris: Vec<String>,
    /// Privileged intents switched on in the developer portal.
    pub privileged: Privileged,
    /// Global commands.
    pub commands: BTreeMap<Id, Value>,
    /// Commands of single servers.
    pub guild_commands: BTreeMap<Id, BTreeMap<Id, Value>>,
    /// IDENTIFYs left today, out of 1000.
    pub identifies_left: u32,
    /// IDENTIFYs that may run at once.
    pub max_concurrency: u32,
    /// Recommended number of shards.
    pub shards: u32,
}

/// The privileged gateway intents of an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Privileged {
    /// `GUILD_MEMBERS`.
    pub members: bool,
    /// `GUILD_PRESENCES`.
    pub presences: bool,
    /// `MESSAGE_CONTENT`.
    pub message_content: bool,
}

/// A server.
#[derive(Debug, Clone)]
pub struct Guild {
    /// Snowflake, also the id of its `@everyone` role.
    pub id: Id,
    /// Shown name.
    pub name: String,
    /// Icon hash.
    pub icon: Option<String>,
    /// Description of community servers.
    pub description: Option<String>,
    /// The owner, who may do everything.
    pub owner_id: Id,
    /// Roles, `@everyone` included.
    pub roles: BTreeMap<Id, Role>,
    /// Members.
    pub members: BTreeMap<Id, Member>,
    /// Bans with their reason.
    pub bans: BTreeMap<Id, Option<String>>,
    /// Channels and threads.
    pub channels: BTreeSet<Id>,
    /// Custom emojis: id to name.
    pub emojis: BTreeMap<Id, Emoji>,
    /// Whether an outage is being played.
    pub unavailable: bool,
    /// Where join messages go.
    pub system_channel_id: Option<Id>,
    /// Language, for example `en-US`.
    pub preferred_locale: String,
    /// Verification level, 0 to 4.
    pub verification_level: u8,
    /// Raid settings as Discord shows them.
    pub incidents: Option<Value>,
}

/// A custom emoji.
#[derive(Debug, Clone)]
pub struct Emoji {
    /// Snowflake.
    pub id: Id,
    /// Name without colons.
    pub name: String,
    /// Whether it moves.
    pub animated: bool,
}

/// A role.
#[derive(Debug, Clone)]
pub struct Role {
    /// Snowflake.
    pub id: Id,
    /// Shown name.
    pub name: String,
    /// Server-wide permission bits.
    pub permissions: Permissions,
    /// Place in the hierarchy, 0 is the lowest.
    pub position: i64,
    /// 0xRRGGBB, 0 for none.
    pub color: u32,
    /// Shown apart in the member list.
    pub hoist: bool,
    /// Belongs to an integration: cannot be given or deleted by hand.
    pub managed: bool,
    /// May be mentioned by everyone.
    pub mentionable: bool,
    /// Icon as an emoji.
    pub unicode_emoji: Option<String>,
    /// The bot that it belongs to.
    pub bot_id: Option<Id>,
}

/// A member of a server.
#[derive(Debug, Clone)]
pub struct Member {
    /// The person.
    pub user_id: Id,
    /// Nickname.
    pub nick: Option<String>,
    /// Roles, `@everyone` left out.
    pub roles: BTreeSet<Id>,
    /// When they joined.
    pub joined_at: i64,
    /// End of a timeout.
    pub timeout_until: Option<i64>,
    /// Has not passed membership screening.
    pub pending: bool,
    /// Muted in voice.
    pub mute: bool,
    /// Deafened in voice.
    pub deaf: bool,
}

/// A permission overwrite of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overwrite {
    /// Role or member.
    pub id: Id,
    /// 0 for a role, 1 for a member.
    pub kind: u8,
    /// Allowed and denied bits.
    pub rule: Rule,
}

/// Discord's channel types, as far as the sandbox knows them.
pub mod channel_type {
    /// Text channel of a server.
    pub const TEXT: u8 = 0;
    /// Direct message.
    pub const DM: u8 = 1;
    /// Voice channel.
    pub const VOICE: u8 = 2;
    /// Category.
    pub const CATEGORY: u8 = 4;
    /// Announcement channel.
    pub const NEWS: u8 = 5;
    /// Thread of an announcement channel.
    pub const NEWS_THREAD: u8 = 10;
    /// Public thread.
    pub const PUBLIC_THREAD: u8 = 11;
    /// Private thread.
    pub const PRIVATE_THREAD: u8 = 12;
    /// Stage.
    pub const STAGE: u8 = 13;
    /// Forum.
    pub const FORUM: u8 = 15;
}

/// A channel, thread or direct message, with its messages.
#[derive(Debug, Clone)]
pub struct Channel {
    /// Snowflake.
    pub id: Id,
    /// One of [`channel_type`].
    pub kind: u8,
    /// The server; `None` for direct messages.
    pub guild_id: Option<Id>,
    /// Category, or the channel of a thread.
    pub parent_id: Option<Id>,
    /// Name; empty for direct messages.
    pub name: String,
    /// Topic.
    pub topic: Option<String>,
    /// Sorting position.
    pub position: i64,
    /// Overwrites by role or member.
    pub overwrites: BTreeMap<Id, Overwrite>,
    /// Age-restricted.
    pub nsfw: bool,
    /// Slow mode, in seconds; kept and shown, not enforced.
    pub rate_limit_per_user: u32,
    /// The newest message, even if it was deleted since.
    pub last_message_id: Option<Id>,
    /// When something was last pinned.
    pub last_pin_timestamp: Option<i64>,
    /// The two sides of a direct message.
    pub recipients: Vec<Id>,
    /// What threads have besides.
    pub thread: Option<Thread>,
    /// Messages by id.
    pub messages: BTreeMap<Id, Message>,
    /// Pinned messages, newest pin first, with the time of pinning.
    pub pins: Vec<(Id, i64)>,
}

impl Channel {
    /// Whether this is a thread.
    pub fn is_thread(&self) -> bool {
        self.thread.is_some()
    }

    /// Whether messages can be sent here.
    pub fn is_text(&self) -> bool {
        !matches!(self.kind, channel_type::CATEGORY | channel_type::FORUM)
    }
}

/// The thread part of a channel.
#[derive(Debug, Clone)]
pub struct Thread {
    /// Who started it.
    pub owner_id: Id,
    /// Closed to view, opened again by a message.
    pub archived: bool,
    /// When the archived state last changed.
    pub archive_timestamp: i64,
    /// Minutes of quiet after which it archives.
    pub auto_archive_duration: u32,
    /// Only moderators may open it again.
    pub locked: bool,
    /// In private threads, whether members may add others.
    pub invitable: bool,
    /// When it was made.
    pub created_at: i64,
    /// Who is in it, with the time of joining.
    pub members: BTreeMap<Id, i64>,
    /// Messages ever sent, without the starter.
    pub total_message_sent: u64,
}

/// Who a message is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Author {
    /// A person or bot.
    User(Id),
    /// A webhook, under a name of its own.
    Webhook {
        /// The webhook.
        id: Id,
        /// Shown name.
        name: String,
        /// Avatar hash.
        avatar: Option<String>,
    },
}

impl Author {
    /// The id shown as the author's.
    pub fn id(&self) -> Id {
        match self {
            Self::User(id) | Self::Webhook { id, .. } => *id,
        }
    }
}

/// Discord's message flags that the sandbox acts on.
pub mod message_flags {
    /// Embeds are hidden.
    pub const SUPPRESS_EMBEDS: u64 = 1 << 2;
    /// A thread hangs on the message.
    pub const HAS_THREAD: u64 = 1 << 5;
    /// Only one person sees it.
    pub const EPHEMERAL: u64 = 1 << 6;
    /// A deferred answer that has not come.
    pub const LOADING: u64 = 1 << 7;
    /// Sends no notification.
    pub const SUPPRESS_NOTIFICATIONS: u64 = 1 << 12;
    /// Made of version 2 components.
    pub const IS_COMPONENTS_V2: u64 = 1 << 15;
}

/// A message.
#[derive(Debug, Clone)]
pub struct Message {
    /// Snowflake.
    pub id: Id,
    /// Where it is.
    pub channel_id: Id,
    /// The server of the channel.
    pub guild_id: Option<Id>,
    /// Who sent it.
    pub author: Author,
    /// Discord's message type: 0 default, 19 reply, 20 slash command, 6 pin, 7 join, …
    pub kind: u8,
    /// Text.
    pub content: String,
    /// When it was last edited.
    pub edited_at: Option<i64>,
    /// Read aloud.
    pub tts: bool,
    /// Whether `@everyone` or `@here` in it rang.
    pub mention_everyone: bool,
    /// People who were mentioned and notified.
    pub mentions: Vec<Id>,
    /// Roles that were mentioned.
    pub mention_roles: Vec<Id>,
    /// Files, in order.
    pub attachments: Vec<Attachment>,
    /// Embeds as Discord returns them; `attachment://` addresses are resolved when shown.
    pub embeds: Vec<Value>,
    /// Components with their numbers.
    pub components: Vec<Value>,
    /// Reactions in order of appearance.
    pub reactions: Vec<Reaction>,
    /// Whether it is pinned.
    pub pinned: bool,
    /// [`message_flags`].
    pub flags: u64,
    /// The nonce that its sender gave.
    pub nonce: Option<Value>,
    /// The message it answers or forwards.
    pub reference: Option<Reference>,
    /// Forwarded contents.
    pub snapshots: Vec<Value>,
    /// The interaction that it answers: `interaction_metadata`.
    pub interaction_metadata: Option<Value>,
    /// The application that sent it through a webhook or interaction.
    pub application_id: Option<Id>,
    /// A poll.
    pub poll: Option<Value>,
    /// Stickers: id, name, format.
    pub sticker_items: Vec<Value>,
    /// For an ephemeral message, the only person who sees it.
    pub ephemeral_for: Option<Id>,
    /// Fields of a placed message, shown over those above.
    pub placed: Option<Value>,
}

/// What a message points at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference {
    /// 0 for a reply, 1 for a forward.
    pub kind: u8,
    /// The message.
    pub message_id: Id,
    /// Its channel.
    pub channel_id: Id,
    /// Its server.
    pub guild_id: Option<Id>,
}

/// A reaction with those who gave it.
#[derive(Debug, Clone)]
pub struct Reaction {
    /// Name, or the unicode emoji itself.
    pub name: String,
    /// Custom emoji id.
    pub emoji_id: Option<Id>,
    /// Who reacted, in order.
    pub users: Vec<Id>,
}

/// A file that was uploaded with a message.
#[derive(Debug, Clone)]
pub struct Attachment {
    /// Snowflake.
    pub id: Id,
    /// Channel under which the CDN serves it.
    pub channel_id: Id,
    /// Name, cleaned as Discord cleans it.
    pub filename: String,
    /// Title when the name was cleaned.
    pub title: Option<String>,
    /// Alternative text.
    pub description: Option<String>,
    /// MIME type from the upload or the name.
    pub content_type: Option<String>,
    /// The bytes.
    pub data: Bytes,
    /// Pixels, for pictures that the sandbox can measure (PNG, GIF, JPEG).
    pub dimensions: Option<(u32, u32)>,
    /// Sent with an ephemeral message.
    pub ephemeral: bool,
}

/// A file on its way in.
#[derive(Debug, Clone)]
pub struct Upload {
    /// Index in `files[n]`, referred to by `attachments[].id`.
    pub index: u64,
    /// Name given by the sender.
    pub filename: String,
    /// MIME type given by the sender.
    pub content_type: Option<String>,
    /// The bytes.
    pub data: Bytes,
}

/// An incoming webhook of a channel.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Snowflake.
    pub id: Id,
    /// Server.
    pub guild_id: Id,
    /// Channel that it posts to.
    pub channel_id: Id,
    /// Shown name.
    pub name: String,
    /// Avatar hash.
    pub avatar: Option<String>,
    /// Secret in its address.
    pub token: String,
    /// Who made it.
    pub creator: Id,
    /// The application whose bot made it.
    pub application_id: Option<Id>,
}

/// An OAuth2 access token that the sandbox issued.
#[derive(Debug, Clone)]
pub struct BearerGrant {
    /// Who consented.
    pub user_id: Id,
    /// The client.
    pub application_id: Id,
    /// Granted scopes.
    pub scopes: Vec<String>,
    /// End of validity.
    pub expires_at: i64,
}
