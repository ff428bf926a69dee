//! The typed events of tickets and panels: what timeline, live updates and statistics read.

use domain::ids::{ChannelId, MessageId, PanelId, UserId};
use domain::tickets::Priority;
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
    /// Staff said how urgent it is.
    PriorityChanged {
        /// How urgent it was.
        from: Priority,
        /// How urgent it is.
        to: Priority,
    },
    /// It was moved to another panel.
    Moved {
        /// Whose it was.
        from: PanelId,
        /// Whose it is.
        to: PanelId,
    },
    /// Discord refused a move: it is back where it was.
    MovedBack {
        /// The panel that it was to be moved to.
        from: PanelId,
        /// Whose it is again.
        to: PanelId,
        /// Why.
        cause: Cause,
    },
    /// Someone who takes part, and is named as the one who acted, left the server.
    MemberLeft {
        /// Whether Discord did not tell it when it happened: they were not there when somebody looked.
        noticed: bool,
    },
    /// Someone who takes part, and is named as the one who acted, came back to the server.
    MemberReturned {
        /// Whether Discord did not tell it when it happened: they were there when somebody looked.
        noticed: bool,
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
    /// The name of [`TicketEvent::MemberLeft`] in the database.
    pub(crate) const LEFT: &'static str = "member_left";
    /// The name of [`TicketEvent::MemberReturned`] in the database.
    pub(crate) const RETURNED: &'static str = "member_returned";

    /// The name of [`TicketEvent::Moved`] in the database.
    pub(crate) const MOVED: &'static str = "moved";
    /// The name of [`TicketEvent::MovedBack`] in the database.
    pub(crate) const MOVED_BACK: &'static str = "moved_back";

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
            Self::PriorityChanged { .. } => "priority_changed",
            Self::Moved { .. } => Self::MOVED,
            Self::MovedBack { .. } => Self::MOVED_BACK,
            Self::MemberLeft { .. } => Self::LEFT,
            Self::MemberReturned { .. } => Self::RETURNED,
            Self::Closing { .. } => "closing",
            Self::Closed => "closed",
            Self::PanelPublished { .. } => "panel_published",
            Self::PanelFailed => "panel_failed",
        }
    }
}
