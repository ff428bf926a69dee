//! The life of a ticket.
//!
//! `Opening → Open → Closing → Closed`, and `Opening → Failed` when Discord refuses the channel.
//! A transition consumes the state it leaves.

mod priority;

pub use priority::Priority;

use serde::{Deserialize, Serialize};

use crate::ids::{ChannelId, UserId};
use crate::time::Millis;

/// Characters of a reason for closing.
pub const REASON_LIMIT: u32 = 1000;

/// Where a ticket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketState {
    /// Accepted; its channel is being made.
    Opening,
    /// Its channel exists.
    Open,
    /// Being closed; the archive is being completed.
    Closing,
    /// Its transcript is stored; the channel is gone or going.
    Closed,
    /// Discord refused its channel. Nothing of it is left on the server.
    Failed,
}

impl TicketState {
    /// The word the database keeps.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::Open => "open",
            Self::Closing => "closing",
            Self::Closed => "closed",
            Self::Failed => "failed",
        }
    }

    /// Reads the database's word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Opening, Self::Open, Self::Closing, Self::Closed, Self::Failed]
            .into_iter()
            .find(|s| s.as_str() == word)
    }

    /// Whether the member still has this ticket: only one such is allowed per member and panel.
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Opening | Self::Open | Self::Closing)
    }
}

/// Why a transition was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TransitionError {
    /// The ticket is not in a state from which this is possible.
    #[error("not possible while the ticket is {0:?}")]
    WrongState(TicketState),
    /// Someone else has claimed it.
    #[error("claimed by another")]
    ClaimedByOther(UserId),
    /// It is claimed by the same person already, or was not claimed.
    #[error("nothing to do")]
    Unchanged,
}

/// The part of a ticket that transitions read and change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lifecycle {
    /// Where it stands.
    pub state: TicketState,
    /// Its channel, once there is one.
    pub channel: Option<ChannelId>,
    /// Who works on it.
    pub claimed_by: Option<UserId>,
    /// When closing began.
    pub closing_since: Option<Millis>,
    /// Who closed it.
    pub closed_by: Option<UserId>,
    /// How urgent it is.
    #[serde(default)]
    pub priority: Priority,
}

impl Lifecycle {
    /// A ticket that was just accepted.
    pub const fn opening() -> Self {
        Self {
            state: TicketState::Opening,
            channel: None,
            claimed_by: None,
            closing_since: None,
            closed_by: None,
            priority: Priority::Normal,
        }
    }

    /// The channel was made.
    pub fn opened(self, channel: ChannelId) -> Result<Self, TransitionError> {
        match self.state {
            TicketState::Opening => {
                Ok(Self { state: TicketState::Open, channel: Some(channel), ..self })
            }
            other => Err(TransitionError::WrongState(other)),
        }
    }

    /// Discord refused the channel.
    pub fn failed(self) -> Result<Self, TransitionError> {
        match self.state {
            TicketState::Opening => Ok(Self { state: TicketState::Failed, ..self }),
            other => Err(TransitionError::WrongState(other)),
        }
    }

    /// `by` takes the ticket.
    pub fn claim(self, by: UserId) -> Result<Self, TransitionError> {
        match (self.state, self.claimed_by) {
            (TicketState::Open, None) => Ok(Self { claimed_by: Some(by), ..self }),
            (TicketState::Open, Some(holder)) if holder == by => Err(TransitionError::Unchanged),
            (TicketState::Open, Some(holder)) => Err(TransitionError::ClaimedByOther(holder)),
            (other, _) => Err(TransitionError::WrongState(other)),
        }
    }

    /// `by` gives the ticket back. Someone who manages the server (`manager`) may do it for others.
    pub fn unclaim(self, by: UserId, manager: bool) -> Result<Self, TransitionError> {
        match (self.state, self.claimed_by) {
            (TicketState::Open, None) => Err(TransitionError::Unchanged),
            (TicketState::Open, Some(holder)) if holder == by || manager => {
                Ok(Self { claimed_by: None, ..self })
            }
            (TicketState::Open, Some(holder)) => Err(TransitionError::ClaimedByOther(holder)),
            (other, _) => Err(TransitionError::WrongState(other)),
        }
    }

    /// Staff say how urgent the ticket is.
    pub fn prioritise(self, priority: Priority) -> Result<Self, TransitionError> {
        match self.state {
            TicketState::Open if self.priority == priority => Err(TransitionError::Unchanged),
            TicketState::Open => Ok(Self { priority, ..self }),
            other => Err(TransitionError::WrongState(other)),
        }
    }

    /// The ticket goes to another panel. Whoever has claimed it keeps it only as staff of that one too
    /// (`keeps_claim`).
    pub fn moved(self, keeps_claim: bool) -> Result<Self, TransitionError> {
        match self.state {
            TicketState::Open => {
                Ok(Self { claimed_by: self.claimed_by.filter(|_| keeps_claim), ..self })
            }
            other => Err(TransitionError::WrongState(other)),
        }
    }

    /// Discord refused the move: the ticket is where it was, and while it is open it belongs again to `holder`, who
    /// lost it by the move. Who took it since was of the other panel.
    #[must_use]
    pub fn moved_back(self, holder: Option<UserId>) -> Self {
        match self.state {
            TicketState::Open => Self { claimed_by: holder.or(self.claimed_by), ..self },
            _ => self,
        }
    }

    /// `by` closes the ticket; `None` when its channel was deleted by hand.
    pub fn close(self, by: Option<UserId>, now: Millis) -> Result<Self, TransitionError> {
        match self.state {
            TicketState::Open => Ok(Self {
                state: TicketState::Closing,
                closing_since: Some(now),
                closed_by: by,
                ..self
            }),
            other => Err(TransitionError::WrongState(other)),
        }
    }

    /// The transcript is stored.
    pub fn closed(self) -> Result<Self, TransitionError> {
        match self.state {
            TicketState::Closing => Ok(Self { state: TicketState::Closed, ..self }),
            other => Err(TransitionError::WrongState(other)),
        }
    }
}

/// Why a person may not open a ticket, or do something with one. The bot answers each in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case", tag = "refusal")]
pub enum Refusal {
    /// There is one already; its channel, once there is one.
    #[error("already has an open ticket")]
    AlreadyOpen {
        /// Where it is.
        channel: Option<ChannelId>,
    },
    /// The panel no longer exists.
    #[error("panel is gone")]
    PanelGone,
    /// The server has more panels than its plan allows, and this is one of the newest.
    #[error("panel is switched off")]
    PanelOff,
    /// This channel is no ticket.
    #[error("not a ticket")]
    NotATicket,
    /// Only staff may do this.
    #[error("staff only")]
    StaffOnly,
    /// Only the opener and staff may do this.
    #[error("not a participant")]
    NotParticipant,
    /// Another staff member has claimed it.
    #[error("claimed by another")]
    ClaimedByOther {
        /// Who.
        holder: UserId,
    },
    /// It is so already.
    #[error("nothing to do")]
    Unchanged,
    /// The ticket is not open any more, or not yet.
    #[error("not open")]
    NotOpen,
    /// The opener and staff can't be removed.
    #[error("cannot be removed")]
    CannotRemove,
    /// The category holds 50 channels, or the server 500.
    #[error("no room for a channel")]
    NoRoom,
    /// The bot lacks a permission.
    #[error("bot lacks a permission")]
    BotLacksPermission,
    /// An answer is missing or too long.
    #[error("invalid answer")]
    InvalidAnswer,
    /// The opener has an open ticket of the panel that this one was to be moved to; its channel, once there is
    /// one.
    #[error("the opener has one there")]
    OpenerHasOne {
        /// Where it is.
        channel: Option<ChannelId>,
    },
    /// The bot may not change who sees the ticket's channel.
    #[error("bot may not move it")]
    CannotMove,
    /// Its last move is not carried out yet.
    #[error("still being moved")]
    StillMoving,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(id: i64) -> UserId {
        UserId::new(id).unwrap()
    }

    fn open() -> Lifecycle {
        Lifecycle::opening().opened(ChannelId::new(5).unwrap()).unwrap()
    }

    #[test]
    fn a_whole_life() {
        let life = open().claim(user(1)).unwrap().close(Some(user(2)), Millis(7)).unwrap();
        let life = life.closed().unwrap();
        assert_eq!(life.state, TicketState::Closed);
        assert_eq!(life.claimed_by, Some(user(1)));
        assert_eq!(life.closed_by, Some(user(2)));
    }

    #[test]
    fn two_cannot_claim() {
        let life = open().claim(user(1)).unwrap();
        assert_eq!(life.clone().claim(user(2)), Err(TransitionError::ClaimedByOther(user(1))));
        assert_eq!(life.clone().claim(user(1)), Err(TransitionError::Unchanged));
        assert_eq!(
            life.clone().unclaim(user(2), false),
            Err(TransitionError::ClaimedByOther(user(1)))
        );
        assert_eq!(life.unclaim(user(2), true).unwrap().claimed_by, None);
    }

    #[test]
    fn staff_say_how_urgent_an_open_ticket_is() {
        let life = open().prioritise(Priority::Urgent).unwrap();
        assert_eq!(life.priority, Priority::Urgent);
        assert_eq!(life.clone().prioritise(Priority::Urgent), Err(TransitionError::Unchanged));
        let life = life.claim(user(1)).unwrap().close(None, Millis(1)).unwrap();
        assert_eq!(life.priority, Priority::Urgent, "it keeps it to the end");
        let wrong = TransitionError::WrongState(TicketState::Closing);
        assert_eq!(life.prioritise(Priority::Low), Err(wrong));
        let wrong = TransitionError::WrongState(TicketState::Opening);
        assert_eq!(Lifecycle::opening().prioritise(Priority::High), Err(wrong));
    }

    #[test]
    fn a_move_releases_the_ticket_unless_its_holder_works_there() {
        let claimed = open().claim(user(1)).unwrap();
        assert_eq!(claimed.clone().moved(true).unwrap().claimed_by, Some(user(1)));
        let released = claimed.clone().moved(false).unwrap();
        assert_eq!(released.claimed_by, None);
        assert_eq!(open().moved(true).unwrap().claimed_by, None);
        let closing = claimed.close(None, Millis(1)).unwrap();
        let wrong = TransitionError::WrongState(TicketState::Closing);
        assert_eq!(closing.clone().moved(true), Err(wrong));

        assert_eq!(released.clone().moved_back(Some(user(1))).claimed_by, Some(user(1)));
        let taken = released.clone().claim(user(2)).unwrap();
        assert_eq!(taken.clone().moved_back(Some(user(1))).claimed_by, Some(user(1)));
        assert_eq!(taken.moved_back(None).claimed_by, Some(user(2)), "nobody lost it");
        let closing = released.close(None, Millis(1)).unwrap();
        assert_eq!(closing.moved_back(Some(user(1))).claimed_by, None, "it is over");
    }

    #[test]
    fn nothing_leads_out_of_the_end() {
        let closed = open().close(None, Millis(1)).unwrap().closed().unwrap();
        for end in [closed, Lifecycle::opening().failed().unwrap()] {
            let state = end.state;
            let wrong = TransitionError::WrongState(state);
            assert_eq!(end.clone().claim(user(1)), Err(wrong));
            assert_eq!(end.clone().close(None, Millis(2)), Err(wrong));
            assert_eq!(end.clone().prioritise(Priority::High), Err(wrong));
            assert_eq!(end.clone().moved(true), Err(wrong));
            assert_eq!(end.clone().closed(), Err(wrong));
            assert_eq!(end.opened(ChannelId::new(1).unwrap()), Err(wrong));
        }
    }
}
