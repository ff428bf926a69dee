//! Why something with a licence did not happen.

use domain::licences::SeatProblem;
use domain::time::Millis;
use storage::StorageError;

use crate::guilds::GuildError;

/// A rule says no; the person is told which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such plan.
    UnknownPlan,
    /// A number of seats that no licence has.
    Seats,
    /// The end does not lie in the future, or not after the one there is.
    End,
    /// The payment provider says when it ends.
    Paid,
    /// It was revoked, or is over.
    Over,
    /// It is so already.
    Unchanged,
    /// The server has a seat of this licence already.
    Seated,
    /// The server has none of its seats.
    NotSeated,
    /// Every seat is taken.
    Full,
    /// The seat was moved less than 24 hours before.
    Cooling {
        /// When it may be moved again.
        until: Millis,
    },
    /// It was not said expressly that licences end for good.
    NotAcknowledged,
}

/// The one error of licences.
#[derive(Debug, thiserror::Error)]
pub enum LicenceError {
    /// Not there, or not for this person: the two look the same.
    #[error("no such licence for this person")]
    NotFound,
    /// Not possible as things stand.
    #[error("refused: {0:?}")]
    Refused(Refusal),
    /// Something about the server.
    #[error(transparent)]
    Guild(GuildError),
    /// Database or key store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<Refusal> for LicenceError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<SeatProblem> for LicenceError {
    fn from(problem: SeatProblem) -> Self {
        Self::Refused(match problem {
            SeatProblem::Seated => Refusal::Seated,
            SeatProblem::Full => Refusal::Full,
            SeatProblem::Cooling { until } => Refusal::Cooling { until },
        })
    }
}

impl From<GuildError> for LicenceError {
    fn from(error: GuildError) -> Self {
        match error {
            GuildError::NotFound => Self::NotFound,
            GuildError::Storage(error) => Self::Storage(error),
            other => Self::Guild(other),
        }
    }
}
