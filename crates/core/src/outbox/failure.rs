//! How an effect ends.

use domain::ids::{ChannelId, MessageId};
use storage::StorageError;

use super::{Alert, Cause};
use crate::guilds::GuildError;
use crate::ports::DiscordError;
use crate::tickets::panels::PublishProblem;

/// An effect that needs no further attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Done {
    /// Nothing to note.
    Plain,
    /// The ticket's channel exists.
    ChannelMade(ChannelId),
    /// Discord refuses the ticket's channel.
    OpenRefused(Cause),
    /// The ticket's channel is its present panel's.
    ChannelMoved,
    /// Discord refuses to change who sees the ticket's channel.
    MoveRefused(Cause),
    /// The welcome message is posted.
    Welcomed(MessageId),
    /// The interaction is answered, or cannot be any more.
    Answered,
    /// The panel is posted.
    PanelPosted {
        /// Where.
        channel: ChannelId,
        /// The message.
        message: MessageId,
        /// Which revision it shows.
        revision: i64,
        /// An older message in another channel.
        replaced: Option<(ChannelId, MessageId)>,
    },
    /// Discord refuses the panel.
    PanelRefused(PublishProblem),
}

/// An effect that was not carried out.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Worth another attempt.
    Later {
        /// Milliseconds to wait at least, if known.
        after_ms: Option<u64>,
        /// Why, as a code.
        code: &'static str,
    },
    /// Not worth another attempt: the effect is given up, and staff are told.
    Never {
        /// Why, as a code.
        code: &'static str,
        /// What staff are told.
        alert: Option<Alert>,
    },
}

impl Failure {
    /// Gives up with an alert.
    pub fn never(error: &DiscordError, alert: Alert) -> Self {
        Self::Never { code: code(error), alert: Some(alert) }
    }
}

/// The code that the database keeps for an error of Discord.
pub(crate) const fn code(error: &DiscordError) -> &'static str {
    match error {
        DiscordError::Gone { .. } => "discord_gone",
        DiscordError::Forbidden { .. } => "discord_forbidden",
        DiscordError::Full { .. } => "discord_full",
        DiscordError::Refused { .. } => "discord_refused",
        DiscordError::BadToken => "discord_bad_token",
        DiscordError::Unavailable { .. } => "discord_unavailable",
    }
}

impl From<DiscordError> for Failure {
    /// What is temporary is tried again; anything else is given up without an alert.
    fn from(error: DiscordError) -> Self {
        let code = code(&error);
        match error {
            DiscordError::Unavailable { retry_after_ms } => {
                Self::Later { after_ms: retry_after_ms, code }
            }
            DiscordError::BadToken => Self::Later { after_ms: Some(30_000), code },
            _ => Self::Never { code, alert: None },
        }
    }
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        if let StorageError::Corrupt(code) = error {
            return Self::Never { code, alert: None };
        }
        tracing::warn!(%error, "an effect cannot reach storage");
        Self::Later { after_ms: None, code: "storage" }
    }
}

impl From<GuildError> for Failure {
    fn from(error: GuildError) -> Self {
        match error {
            GuildError::Storage(error) => error.into(),
            GuildError::Discord(error) => error.into(),
            _ => Self::Later { after_ms: None, code: "guild" },
        }
    }
}
