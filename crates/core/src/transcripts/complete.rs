//! The archive of a closing ticket becomes its transcript, and the ticket is closed.

use domain::ids::TicketId;
use domain::tickets::TicketState;
use storage::transcripts::progress;

use super::{TranscriptError, attachments, chunk, deleted, names, reconcile};
use crate::{LiveEvent, Wardesk, licences};

/// Tickets looked at by one call of [`tidy`].
const TIDIED: i64 = 100;

/// Completes the archive of a closing ticket and stores the transcript; the ticket is closed then. Safe to
/// repeat at any time, also after it was stopped anywhere: every step begins where the last one ended.
///
/// Fails when it is worth another attempt: with [`TranscriptError::Discord`] while the channel cannot be
/// read, with [`TranscriptError::FilesPending`] while a file may still be copied. A file that is refused or
/// too large is labelled so and holds nothing up; one that cannot be reached does so for two minutes.
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

    let limits = licences::limits(w, row.guild).await?;
    let mut tx = w.store().begin().await?;
    progress::stored(tx.conn(), ticket, context, w.now()).await?;
    let seq = crate::tickets::store::mark_closed(tx.conn(), ticket, w.now(), &limits).await?;
    fail::fail_point!(crate::failpoints::TRANSCRIPT_BEFORE_COMMIT);
    tx.commit().await?;
    if let Some(seq) = seq {
        w.announce(LiveEvent { guild: row.guild, seq });
    }
    w.transcript_caches().coverage.forget(ticket);
    metrics::counter!("wardesk_transcripts_stored_total").increment(1);
    Ok(())
}

/// Adds to a stored transcript what was said in the channel since, by whoever still could: read from the
/// channel, and moved from the live archive, where the gateway's events went. Safe to repeat. Call it right
/// before the channel goes.
///
/// Fails like [`complete`] while another attempt is of use.
pub async fn add_late(w: &Wardesk, ticket: TicketId) -> Result<(), TranscriptError> {
    let row =
        storage::tickets::get(w.store().read(), ticket).await?.ok_or(TranscriptError::NotFound)?;
    reconcile::read_on(w, &row).await?;
    attachments::finish(w, ticket).await?;
    chunk::move_all(w, &row).await?;
    deleted::settle_late(w, &row).await?;
    Ok(())
}

/// Moves what the gateway delivered after the end of tickets into their transcripts: messages and deletions. Answers for how many;
/// call it again until that is none.
pub async fn tidy(w: &Wardesk) -> Result<usize, TranscriptError> {
    let left = storage::transcripts::archive::left_behind(w.store().read(), TIDIED).await?;
    for ticket in &left {
        if let Some(row) = storage::tickets::get(w.store().read(), *ticket).await? {
            chunk::move_all(w, &row).await?;
            deleted::settle_late(w, &row).await?;
        }
    }
    Ok(left.len())
}

/// How many messages a ticket's transcript holds.
pub async fn message_count(w: &Wardesk, ticket: TicketId) -> Result<u64, TranscriptError> {
    Ok(chunk::count(w, ticket).await?)
}
