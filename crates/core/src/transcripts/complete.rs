//! The archive of a closing ticket becomes its transcript, and the ticket is closed.

use domain::ids::TicketId;
use domain::tickets::TicketState;
use storage::transcripts::progress;

use super::{TranscriptError, attachments, chunk, names, reconcile};
use crate::{LiveEvent, Wardesk};

/// Completes the archive of a closing ticket and stores the transcript; the ticket is closed then. Safe to
/// repeat at any time, also after it was stopped anywhere: every step begins where the last one ended.
///
/// Fails when it is worth another attempt: with [`TranscriptError::Discord`] while the channel cannot be
/// read, with [`TranscriptError::FilesPending`] while a file may still be copied. A file that is refused or
/// too large is labelled so and holds nothing up.
pub async fn complete(w: &Wardesk, ticket: TicketId) -> Result<(), TranscriptError> {
    let row =
        storage::tickets::get(w.store().read(), ticket).await?.ok_or(TranscriptError::NotFound)?;
    if row.life.state != TicketState::Closing {
        return Ok(());
    }
    reconcile::reconcile(w, &row).await?;
    attachments::finish(w, ticket).await?;
    let context = names::seal_context(w, &row).await?;
    chunk::move_all(w, &row).await?;

    let mut tx = w.store().begin().await?;
    progress::stored(tx.conn(), ticket, context, w.now()).await?;
    let seq = crate::tickets::store::mark_closed(tx.conn(), ticket, w.now()).await?;
    fail::fail_point!(crate::failpoints::TRANSCRIPT_BEFORE_COMMIT);
    tx.commit().await?;
    if let Some(seq) = seq {
        w.announce(LiveEvent { guild: row.guild, seq });
    }
    metrics::counter!("wardesk_transcripts_stored_total").increment(1);
    Ok(())
}

/// How many messages a ticket's transcript holds.
pub async fn message_count(w: &Wardesk, ticket: TicketId) -> Result<u64, TranscriptError> {
    Ok(chunk::count(w, ticket).await?)
}
