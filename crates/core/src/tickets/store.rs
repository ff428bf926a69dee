//! What other features change of a ticket inside their own transactions.

use domain::ids::TicketId;
use domain::licences::Limits;
use domain::tickets::TicketState;
use domain::time::Millis;
use sqlx::AnyConnection;
use storage::StorageError;

use super::TicketEvent;
use super::change::new_event;

/// Closes a ticket whose transcript is being stored in the same transaction, and ends its live part. How long it is
/// kept at most is what the server's plan allows at this moment.
/// Answers the number of the event, to be announced after the commit; `None` if it was closed already.
pub async fn mark_closed(
    conn: &mut AnyConnection,
    ticket: TicketId,
    now: Millis,
    limits: &Limits,
) -> Result<Option<i64>, StorageError> {
    let row = storage::tickets::lock(&mut *conn, ticket)
        .await?
        .ok_or(StorageError::Corrupt("tickets.id"))?;
    if row.life.state == TicketState::Closed {
        return Ok(None);
    }
    let actor = row.life.closed_by;
    let life = row.life.closed().map_err(|_| StorageError::Corrupt("tickets.state"))?;
    storage::tickets::save_life(&mut *conn, ticket, &life, now).await?;
    let until = limits.keep_until(now);
    storage::transcripts::expiry::note(&mut *conn, ticket, until).await?;
    storage::tickets::live::remove(&mut *conn, ticket).await?;
    let event = new_event(row.guild, Some(ticket), None, actor, now, &TicketEvent::Closed)?;
    storage::events::append(conn, &event).await.map(Some)
}
