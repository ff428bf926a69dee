//! Which call, on what, and by whose limits.

use domain::ids::{ApplicationId, ChannelId, GuildId, InteractionId, MessageId, UserId};
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};

/// Whose limits and credentials a call goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// With the bot's token, inside the global limit.
    Bot,
    /// With an interaction's token in the path, outside the global limit and without the bot's token.
    /// Source: Discord API documentation, "Rate Limits", "Global Rate Limit".
    Interaction,
}

/// One call's address.
#[derive(Clone)]
pub(crate) struct Route {
    pub(crate) method: Method,
    /// The path with names in place of ids: the label of metrics and the name of the limit.
    pub(crate) template: &'static str,
    /// The path below the base, without a slash in front.
    pub(crate) path: String,
    /// The server, channel or interaction that has its own bucket; 0 for none.
    pub(crate) major: i64,
    pub(crate) kind: Kind,
    /// Whether doing it twice equals doing it once, so that it may be repeated after a failure.
    pub(crate) repeatable: bool,
}

// An interaction's path holds its token.
impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.template)
    }
}

impl Route {
    fn bot(method: Method, template: &'static str, major: i64, path: String) -> Self {
        let repeatable = method != Method::POST;
        Self { method, template, path, major, kind: Kind::Bot, repeatable }
    }

    fn guild_of(method: Method, template: &'static str, guild: GuildId, rest: &str) -> Self {
        Self::bot(method, template, guild.get(), format!("guilds/{guild}{rest}"))
    }

    fn channel_of(method: Method, template: &'static str, channel: ChannelId, rest: &str) -> Self {
        Self::bot(method, template, channel.get(), format!("channels/{channel}{rest}"))
    }

    pub(crate) fn gateway_bot() -> Self {
        Self::bot(Method::GET, "gateway/bot", 0, "gateway/bot".into())
    }

    pub(crate) fn me() -> Self {
        Self::bot(Method::GET, "users/@me", 0, "users/@me".into())
    }

    pub(crate) fn own_application() -> Self {
        Self::bot(Method::GET, "applications/@me", 0, "applications/@me".into())
    }

    pub(crate) fn guild(guild: GuildId) -> Self {
        Self::guild_of(Method::GET, "guilds/{guild}", guild, "")
    }

    pub(crate) fn guild_channels(guild: GuildId) -> Self {
        Self::guild_of(Method::GET, "guilds/{guild}/channels", guild, "/channels")
    }

    pub(crate) fn create_channel(guild: GuildId) -> Self {
        Self::guild_of(Method::POST, "guilds/{guild}/channels", guild, "/channels")
    }

    pub(crate) fn member(guild: GuildId, user: UserId) -> Self {
        Self::guild_of(
            Method::GET,
            "guilds/{guild}/members/{user}",
            guild,
            &format!("/members/{user}"),
        )
    }

    pub(crate) fn search_members(guild: GuildId) -> Self {
        Self::guild_of(Method::GET, "guilds/{guild}/members/search", guild, "/members/search")
    }

    /// Everything of a channel but its name and topic, which have a limit of their own.
    pub(crate) fn edit_channel(channel: ChannelId) -> Self {
        Self::channel_of(Method::PATCH, "channels/{channel}", channel, "")
    }

    pub(crate) fn delete_channel(channel: ChannelId) -> Self {
        Self::channel_of(Method::DELETE, "channels/{channel}", channel, "")
    }

    pub(crate) fn overwrite(method: Method, channel: ChannelId, target: i64) -> Self {
        let rest = format!("/permissions/{target}");
        Self::channel_of(method, "channels/{channel}/permissions/{target}", channel, &rest)
    }

    pub(crate) fn messages(channel: ChannelId) -> Self {
        Self::channel_of(Method::GET, "channels/{channel}/messages", channel, "/messages")
    }

    /// `repeatable` when the body carries an enforced nonce.
    pub(crate) fn create_message(channel: ChannelId, repeatable: bool) -> Self {
        let route =
            Self::channel_of(Method::POST, "channels/{channel}/messages", channel, "/messages");
        Self { repeatable, ..route }
    }

    pub(crate) fn message(method: Method, channel: ChannelId, message: MessageId) -> Self {
        let rest = format!("/messages/{message}");
        Self::channel_of(method, "channels/{channel}/messages/{message}", channel, &rest)
    }

    /// Asking for the DM channel of a person twice answers the same channel.
    pub(crate) fn dm_channel() -> Self {
        let route = Self::bot(Method::POST, "users/@me/channels", 0, "users/@me/channels".into());
        Self { repeatable: true, ..route }
    }

    pub(crate) fn commands(method: Method, application: ApplicationId) -> Self {
        let path = format!("applications/{application}/commands");
        Self::bot(method, "applications/{application}/commands", 0, path)
    }

    pub(crate) fn interaction_callback(interaction: InteractionId, token: &SecretString) -> Self {
        Self {
            method: Method::POST,
            template: "interactions/{interaction}/{token}/callback",
            path: format!("interactions/{interaction}/{}/callback", token.expose_secret()),
            major: interaction.get(),
            kind: Kind::Interaction,
            // A second one is refused with 40060, which tells that the first arrived.
            repeatable: true,
        }
    }

    /// `major` tells the interaction apart; Discord's bucket is the token.
    pub(crate) fn interaction_response(
        application: ApplicationId,
        token: &SecretString,
        major: i64,
    ) -> Self {
        Self {
            method: Method::PATCH,
            template: "webhooks/{application}/{token}/messages/@original",
            path: format!("webhooks/{application}/{}/messages/@original", token.expose_secret()),
            major,
            kind: Kind::Interaction,
            repeatable: true,
        }
    }
}
