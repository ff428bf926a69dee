//! Discord's REST API, as the use-cases see it. Implemented by `discord::rest`.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use domain::ids::{ChannelId, GuildId, MessageId, RoleId, UserId};
use domain::permissions::{Overwrite, Permissions};
use futures::stream::BoxStream;
use serde_json::Value;

/// Why a call failed, sorted by what the caller can do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DiscordError {
    /// The thing is not there (404, or a code such as 10003 Unknown Channel).
    #[error("unknown thing (code {code})")]
    Gone {
        /// Discord's JSON error code.
        code: u32,
    },
    /// The bot may not (403, codes 50001 and 50013, and 50007 for a refused DM).
    #[error("forbidden (code {code})")]
    Forbidden {
        /// Discord's JSON error code.
        code: u32,
    },
    /// A limit of Discord is reached: 30013 channels of a server, or a full category.
    #[error("no room (code {code})")]
    Full {
        /// Discord's JSON error code; 50035 for a full category.
        code: u32,
    },
    /// Discord refused what was sent: a defect on our side, or a race. Not worth repeating.
    #[error("refused with status {status}, code {code}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Discord's JSON error code.
        code: u32,
    },
    /// The bot's token is not valid. All calls stop until the operator acts.
    #[error("the bot token is not valid")]
    BadToken,
    /// Not now: an outage, a timeout, a limit. `retry_after_ms` if Discord said.
    #[error("not available at the moment")]
    Unavailable {
        /// Milliseconds to wait, if known.
        retry_after_ms: Option<u64>,
    },
}

impl DiscordError {
    /// Whether the same call may succeed later without anyone doing something.
    pub const fn is_temporary(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::BadToken)
    }
}

/// A role of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleFacts {
    /// The role; `@everyone` has the server's id.
    pub id: RoleId,
    /// Its name.
    pub name: String,
    /// `0xRRGGBB`; 0 is none.
    pub colour: u32,
    /// Its place, higher is above.
    pub position: i64,
    /// What it grants.
    pub permissions: Permissions,
    /// Whether it belongs to an integration or a bot.
    pub managed: bool,
}

/// What a channel is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelKind {
    /// Text, and announcements.
    Text,
    /// A category.
    Category,
    /// Anything else, by Discord's number.
    Other(u8),
}

/// A channel of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelFacts {
    /// The channel.
    pub id: ChannelId,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: ChannelKind,
    /// The category it is in.
    pub parent: Option<ChannelId>,
    /// Its place among its neighbours.
    pub position: i64,
    /// Its topic; ticket channels carry their marker here.
    pub topic: Option<String>,
    /// Its permission overwrites.
    pub overwrites: Vec<Overwrite>,
}

/// A server as the bot sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuildFacts {
    /// The server.
    pub id: GuildId,
    /// Its name.
    pub name: String,
    /// The icon's hash.
    pub icon: Option<String>,
    /// Its owner.
    pub owner: UserId,
    /// All roles.
    pub roles: Vec<RoleFacts>,
    /// All channels, threads not included.
    pub channels: Vec<ChannelFacts>,
    /// The bot's own roles there.
    pub bot_roles: Vec<RoleId>,
    /// The bot's own account.
    pub bot: UserId,
}

/// A member of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuildMember {
    /// The account.
    pub user: UserId,
    /// Unique user name.
    pub username: String,
    /// What the server shows: nickname, else display name, else user name.
    pub display_name: String,
    /// Their roles, `@everyone` not included.
    pub roles: Vec<RoleId>,
    /// Avatar hash of the account, if set.
    pub avatar: Option<String>,
    /// Whether it is a bot.
    pub bot: bool,
}

/// A text channel to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewChannel {
    /// Its name; Discord lower-cases it.
    pub name: String,
    /// Its topic, at most 1,024 characters.
    pub topic: String,
    /// Its category.
    pub parent: Option<ChannelId>,
    /// Its overwrites.
    pub overwrites: Vec<Overwrite>,
    /// What Discord's audit log says, at most 512 characters.
    pub reason: String,
}

/// A message to be posted or edited: Discord's own JSON, made by `core` (content, embeds,
/// components, flags, `allowed_mentions`).
#[derive(Debug, Clone, PartialEq)]
pub struct NewMessage {
    /// The body without nonce.
    pub body: Value,
    /// At most 25 characters; sent with `enforce_nonce`, so that a repeated call makes no second message.
    pub nonce: Option<String>,
}

/// The bytes of an attachment as they arrive.
pub struct AttachmentSource {
    /// The length Discord announced, if it did.
    pub length: Option<u64>,
    /// The `Content-Type` header.
    pub content_type: Option<String>,
    /// The bytes. An error ends the stream.
    pub bytes: BoxStream<'static, Result<Bytes, DiscordError>>,
}

/// The bot's REST calls. Every method may fail with any [`DiscordError`]; calls wait for rate limits.
#[async_trait]
pub trait Discord: Send + Sync {
    /// A server with roles, channels and the bot's own roles. Cached for at most 60 s and refreshed
    /// by gateway events.
    async fn guild(&self, guild: GuildId) -> Result<Arc<GuildFacts>, DiscordError>;

    /// Like [`Discord::guild`], past the cache.
    async fn guild_fresh(&self, guild: GuildId) -> Result<Arc<GuildFacts>, DiscordError>;

    /// The bot's own account. Asked once.
    async fn bot(&self) -> Result<UserId, DiscordError>;

    /// A member, known for at most 60 s; `Gone` for someone who is not on the server.
    async fn member(&self, guild: GuildId, user: UserId) -> Result<GuildMember, DiscordError>;

    /// Whether someone is on a server, past the cache.
    async fn is_member(&self, guild: GuildId, user: UserId) -> Result<bool, DiscordError>;

    /// Members whose name starts with `query`, at most `limit` (1 to 100); known for at most 30 s.
    async fn search_members(
        &self,
        guild: GuildId,
        query: &str,
        limit: u8,
    ) -> Result<Vec<GuildMember>, DiscordError>;

    /// Makes a text channel. Not idempotent by itself: look for the topic first.
    async fn create_channel(
        &self,
        guild: GuildId,
        channel: &NewChannel,
    ) -> Result<ChannelId, DiscordError>;

    /// Removes a channel.
    async fn delete_channel(&self, channel: ChannelId, reason: &str) -> Result<(), DiscordError>;

    /// Sets all overwrites of a channel of a server; those that are not named go.
    async fn set_overwrites(
        &self,
        guild: GuildId,
        channel: ChannelId,
        overwrites: &[Overwrite],
        reason: &str,
    ) -> Result<(), DiscordError>;

    /// Sets one overwrite of a channel.
    async fn put_overwrite(
        &self,
        channel: ChannelId,
        overwrite: &Overwrite,
    ) -> Result<(), DiscordError>;

    /// Removes one member's overwrite of a channel.
    async fn delete_overwrite(&self, channel: ChannelId, user: UserId) -> Result<(), DiscordError>;

    /// Posts a message; answers Discord's raw message object.
    async fn create_message(
        &self,
        channel: ChannelId,
        message: &NewMessage,
    ) -> Result<Value, DiscordError>;

    /// Edits a message of the bot.
    async fn edit_message(
        &self,
        channel: ChannelId,
        message: MessageId,
        edit: &NewMessage,
    ) -> Result<Value, DiscordError>;

    /// Removes a message.
    async fn delete_message(
        &self,
        channel: ChannelId,
        message: MessageId,
    ) -> Result<(), DiscordError>;

    /// Up to 100 raw message objects after `after` (`None`: from the channel's beginning), oldest first.
    async fn messages_after(
        &self,
        channel: ChannelId,
        after: Option<MessageId>,
    ) -> Result<Vec<Value>, DiscordError>;

    /// The DM channel with a person.
    async fn dm_channel(&self, user: UserId) -> Result<ChannelId, DiscordError>;

    /// Edits the first answer to an interaction. `token` is valid for 15 minutes.
    async fn edit_interaction_response(
        &self,
        token: &secrecy::SecretString,
        message: &NewMessage,
    ) -> Result<(), DiscordError>;

    /// Opens an attachment on Discord's CDN: allowed hosts only, no redirects, 10 s.
    async fn attachment(&self, url: &str) -> Result<AttachmentSource, DiscordError>;
}
