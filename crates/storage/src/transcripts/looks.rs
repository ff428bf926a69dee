//! How far the opener of a ticket has read its transcript.

use domain::ids::{MessageId, TicketId};
use sqlx::{AnyConnection, AnyExecutor};

use crate::StorageError;
use crate::columns::Columns as _;

/// The last message that the opener was shown; `None` if they never looked.
pub async fn get(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
) -> Result<Option<MessageId>, StorageError> {
    sqlx::query("SELECT message_id FROM transcript_looks WHERE ticket_id = $1")
        .bind(ticket.to_string())
        .fetch_optional(db)
        .await?
        .map(|row| row.id("message_id", MessageId::new))
        .transpose()
}

/// Notes that the opener was shown this message. It never goes back.
pub async fn advance(
    conn: &mut AnyConnection,
    ticket: TicketId,
    to: MessageId,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO transcript_looks (ticket_id, message_id) VALUES ($1, $2)
         ON CONFLICT (ticket_id) DO UPDATE SET message_id = excluded.message_id
         WHERE transcript_looks.message_id < excluded.message_id",
    )
    .bind(ticket.to_string())
    .bind(to.get())
    .execute(conn)
    .await?;
    Ok(())
}
