//! What the outside is told when something fails: codes and numbers, never free text.

use serde::{Deserialize, Serialize};

use crate::validation::FieldError;

/// The outermost ring of errors. Pages and the bot turn it into words of the person's language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case", tag = "code")]
pub enum PublicError {
    /// Not there, or not for this person: the two look the same on purpose.
    #[error("not found")]
    NotFound,
    /// The person is not signed in, or no longer.
    #[error("sign in first")]
    SignedOut,
    /// Some fields were refused.
    #[error("invalid input")]
    Invalid {
        /// Which, and why.
        fields: Vec<FieldError>,
    },
    /// Someone else was quicker: what the person saw is no longer so.
    #[error("changed meanwhile")]
    Conflict,
    /// Too many requests.
    #[error("slow down")]
    TooMany {
        /// Seconds until the next try makes sense.
        retry_after: u32,
    },
    /// Discord cannot be reached or refuses.
    #[error("Discord is not available")]
    DiscordUnavailable,
    /// Something broke on our side. The correlation id lets the operator find the log line.
    #[error("internal error {correlation}")]
    Internal {
        /// The id that the log line carries too.
        correlation: String,
    },
}
