//! Why something with a transcript did not happen.

use storage::StorageError;

use crate::ports::DiscordError;

/// The one error of transcripts.
#[derive(Debug, thiserror::Error)]
pub enum TranscriptError {
    /// Not there, or not for this person: the two look the same.
    #[error("no such transcript for this person")]
    NotFound,
    /// Files are still being copied; to be tried again. Each file ends in a few attempts.
    #[error("files are still being copied")]
    FilesPending,
    /// Discord cannot be reached or refuses.
    #[error("Discord: {0}")]
    Discord(#[from] DiscordError),
    /// Database, keys or blobs failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}
