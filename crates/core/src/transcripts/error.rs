//! Why something with a transcript did not happen.

use storage::StorageError;

use crate::ports::DiscordError;

/// Why something that a person may do is not done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// A reason is needed, and may not be too long.
    Reason,
    /// There is a legal hold on it.
    Held,
    /// There is no legal hold on it.
    NotHeld,
    /// Somebody else did something like it at the same moment: to be tried again.
    Again,
    /// There are as many as there may be.
    TooMany,
}

/// The one error of transcripts.
#[derive(Debug, thiserror::Error)]
pub enum TranscriptError {
    /// Not there, or not for this person: the two look the same.
    #[error("no such transcript for this person")]
    NotFound,
    /// Files are still being copied; to be tried again. Each file ends in a few attempts.
    #[error("files are still being copied")]
    FilesPending,
    /// Not possible as things stand.
    #[error("refused: {0:?}")]
    Refused(Refusal),
    /// Discord cannot be reached or refuses.
    #[error("Discord: {0}")]
    Discord(#[from] DiscordError),
    /// Database, keys or blobs failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}
