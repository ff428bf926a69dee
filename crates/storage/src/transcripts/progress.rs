//! How far the making of a transcript is.

use domain::ids::TicketId;
use domain::time::Millis;
use sqlx::{AnyConnection, AnyExecutor};

use crate::StorageError;
use crate::columns::Columns as _;

/// How far the making of a transcript is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// The archive was compared with the channel up to this message; 0 for not yet.
    pub reconciled_to: i64,
    /// Whether it was compared to the end.
    pub reconciled: bool,
    /// Server, roles and channels by name, sealed; see [`context_aad`].
    pub context: Option<Vec<u8>>,
    /// When all of it was stored.
    pub stored_at: Option<Millis>,
}

/// What binds the sealed context to its row.
pub fn context_aad(ticket: TicketId) -> Vec<u8> {
    format!("transcripts.context:{ticket}").into_bytes()
}

/// How far it is; `None` if it was never begun.
pub async fn get(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
) -> Result<Option<Progress>, StorageError> {
    sqlx::query(
        "SELECT reconciled_to, reconciled, context, stored_at FROM transcripts WHERE ticket_id = $1",
    )
    .bind(ticket.to_string())
    .fetch_optional(db)
    .await?
    .map(|row| {
        Ok(Progress {
            reconciled_to: row.int("reconciled_to")?,
            reconciled: row.int("reconciled")? != 0,
            context: row.bytes_opt("context")?,
            stored_at: row.int_opt("stored_at")?.map(Millis),
        })
    })
    .transpose()
}

/// Notes how far the archive was compared with the channel.
pub async fn reconciled(
    conn: &mut AnyConnection,
    ticket: TicketId,
    to: i64,
    to_the_end: bool,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO transcripts (ticket_id, reconciled_to, reconciled) VALUES ($1, $2, $3)
         ON CONFLICT (ticket_id) DO UPDATE
         SET reconciled_to = excluded.reconciled_to, reconciled = excluded.reconciled",
    )
    .bind(ticket.to_string())
    .bind(to)
    .bind(i64::from(to_the_end))
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes that all of it is stored.
pub async fn stored(
    conn: &mut AnyConnection,
    ticket: TicketId,
    context: Option<Vec<u8>>,
    now: Millis,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO transcripts (ticket_id, reconciled_to, reconciled, context, stored_at)
         VALUES ($1, 0, 1, $2, $3)
         ON CONFLICT (ticket_id) DO UPDATE SET context = excluded.context, stored_at = excluded.stored_at",
    )
    .bind(ticket.to_string())
    .bind(context)
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}
