//! The archive is completed and the transcript stored; the ticket is closed then.

use domain::ids::TicketId;

use super::{Context, Done, Failure};
use crate::transcripts::{self, TranscriptError};

/// How long to wait for files that are still being copied.
pub(super) const FILES_MS: u64 = 2_000;

pub(super) async fn run(cx: &Context<'_>, id: TicketId) -> Result<Done, Failure> {
    // Whatever goes wrong is tried again: a channel goes only after its transcript is stored.
    let later = |after_ms, code| Err(Failure::Later { after_ms, code });
    match transcripts::complete(cx.w, id).await {
        Ok(()) | Err(TranscriptError::NotFound) => Ok(Done::Plain),
        Err(TranscriptError::FilesPending) => later(Some(FILES_MS), "files_pending"),
        Err(error) => {
            tracing::warn!(ticket = %id, %error, "a transcript could not be stored yet");
            later(None, "transcript")
        }
    }
}

/// How many messages a transcript holds; `None` if that cannot be found out now.
pub(super) async fn message_count(cx: &Context<'_>, id: TicketId) -> Option<u64> {
    transcripts::message_count(cx.w, id).await.ok()
}
