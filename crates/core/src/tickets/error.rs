//! Why something with a ticket or a panel did not happen.

use domain::tickets::{Refusal, TransitionError};
use domain::validation::FieldError;
use storage::StorageError;

use crate::ports::DiscordError;

/// The one error of tickets and panels.
#[derive(Debug, thiserror::Error)]
pub enum TicketError {
    /// A rule says no; the person is told which.
    #[error("refused: {0}")]
    Refused(#[from] Refusal),
    /// Not there, or not for this person.
    #[error("not found")]
    NotFound,
    /// The person lacks the capability on this server.
    #[error("denied")]
    Denied,
    /// Some fields were refused.
    #[error("invalid input")]
    Invalid(Vec<FieldError>),
    /// Someone else changed it meanwhile.
    #[error("changed meanwhile")]
    Conflict,
    /// Discord was needed and could not be asked.
    #[error("Discord: {0}")]
    Discord(#[from] DiscordError),
    /// The database or the key store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<TransitionError> for TicketError {
    fn from(error: TransitionError) -> Self {
        Self::Refused(match error {
            TransitionError::WrongState(_) => Refusal::NotOpen,
            TransitionError::ClaimedByOther(holder) => Refusal::ClaimedByOther { holder },
            TransitionError::Unchanged => Refusal::Unchanged,
        })
    }
}
