//! Why something with people's data did not happen.

use domain::time::Millis;
use storage::StorageError;

use crate::guilds::GuildError;

/// A rule says no; the person is told which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There are no words, or too many.
    Words,
    /// As many requests of this person are open as may be.
    TooMany,
    /// Somebody else signed in than the one whom the request concerns.
    SomebodyElse,
    /// It needs somebody who was verified by signing in.
    Unverified,
    /// Nobody said whose account is too young.
    NoAccount,
    /// It asks for an erasure on one server, and what could be begun is one of everything.
    OneServer,
    /// It was decided already.
    Decided,
    /// An end that is not later, too far away, or was put off before.
    Extension,
    /// No server is meant, or nobody answers for it.
    NoOwner,
    /// The owner of the server had their time, or none is left for them.
    OwnerTime,
    /// Given words are missing, too long, or a time lies where it cannot.
    Entry,
    /// What cannot be undone was not confirmed expressly.
    Acknowledge,
    /// It cannot be before this time.
    NotBefore {
        /// When it can be.
        at: Millis,
    },
}

/// The one error of requests and rights.
#[derive(Debug, thiserror::Error)]
pub enum PrivacyError {
    /// Not there, or not for this person: the two look the same.
    #[error("no such thing for this person")]
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

impl From<Refusal> for PrivacyError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<GuildError> for PrivacyError {
    fn from(error: GuildError) -> Self {
        match error {
            GuildError::NotFound => Self::NotFound,
            GuildError::Storage(error) => Self::Storage(error),
            other => Self::Guild(other),
        }
    }
}
