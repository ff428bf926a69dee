//! The typed events of tickets and panels: what timeline, live updates and statistics read.

use domain::ids::{ChannelId, MessageId, UserId};
use serde::{Deserialize, Serialize};

use crate::outbox::Cause;

/// One thing that happened. Ids and numbers only; words that people wrote are kept sealed elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum TicketEvent {
    /// The ticket was accepted.
    Opened {
        /// Its number on the server.
        number: i64,
    },
    /// Its channel was made.
    ChannelMade {
        /// The channel.
        channel: ChannelId,
    },
    /// Discord refused its channel.
    OpenFailed {
        /// Why.
        cause: Cause,
    },
    /// Someone took it.
    Claimed,
    /// It was given back.
    Unclaimed {
        /// Who had it.
        holder: UserId,
    },
    /// Someone was let in.
    MemberAdded {
        /// Who.
        user: UserId,
    },
    /// Someone was shown out.
    MemberRemoved {
        /// Who.
        user: UserId,
    },
    /// It is being closed.
    Closing {
        /// Whether its channel was deleted by hand.
        by_hand: bool,
    },
    /// Its transcript is stored.
    Closed,
    /// A panel was posted or edited in Discord.
    PanelPublished {
        /// Where.
        channel: ChannelId,
        /// The message.
        message: MessageId,
    },
    /// A panel could not be posted.
    PanelFailed,
}

impl TicketEvent {
    /// The event's name in the database.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "opened",
            Self::ChannelMade { .. } => "channel_made",
            Self::OpenFailed { .. } => "open_failed",
            Self::Claimed => "claimed",
            Self::Unclaimed { .. } => "unclaimed",
            Self::MemberAdded { .. } => "member_added",
            Self::MemberRemoved { .. } => "member_removed",
            Self::Closing { .. } => "closing",
            Self::Closed => "closed",
            Self::PanelPublished { .. } => "panel_published",
            Self::PanelFailed => "panel_failed",
        }
    }
}
