//! How reactions changed, each change sealed under the key of whoever reacted.

use domain::ids::{MessageId, TicketId, UserId};
use domain::time::Millis;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyExecutor};

use super::{read_subject, subject_column};
use crate::StorageError;
use crate::columns::Columns as _;

/// A change of the reactions to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReactionRow {
    /// The message.
    pub message: MessageId,
    /// Its place among the changes of the message, from 0.
    pub number: i64,
    /// Who reacted; `None` where reactions of several people were removed at once.
    pub subject: Option<UserId>,
    /// When the gateway told of it.
    pub at: Millis,
    /// What changed, sealed; see [`body_aad`].
    pub body: Vec<u8>,
}

/// What binds a sealed change to its row.
pub fn body_aad(ticket: TicketId, message: MessageId, number: i64) -> Vec<u8> {
    format!("transcript_reactions.body:{ticket}:{message}:{number}").into_bytes()
}

pub(crate) fn read(row: &AnyRow) -> Result<ReactionRow, StorageError> {
    Ok(ReactionRow {
        message: row.id("message_id", MessageId::new)?,
        number: row.int("number")?,
        subject: read_subject(row.int("subject_id")?),
        at: Millis(row.int("at")?),
        body: row.bytes_opt("body")?.ok_or(StorageError::Corrupt("transcript_reactions.body"))?,
    })
}

/// Adds a change. One that is there already stays as it is.
pub async fn insert(
    conn: &mut AnyConnection,
    ticket: TicketId,
    row: ReactionRow,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO transcript_reactions (ticket_id, message_id, number, subject_id, at, body)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (ticket_id, message_id, number) DO NOTHING",
    )
    .bind(ticket.to_string())
    .bind(row.message.get())
    .bind(row.number)
    .bind(subject_column(row.subject))
    .bind(row.at.0)
    .bind(row.body)
    .execute(conn)
    .await?;
    Ok(())
}

/// The changes of the messages from `first` to `last`, both included, in order, at most `limit`.
pub async fn between(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
    first: MessageId,
    last: MessageId,
    limit: i64,
) -> Result<Vec<ReactionRow>, StorageError> {
    let rows = sqlx::query(
        "SELECT message_id, number, subject_id, at, body FROM transcript_reactions
         WHERE ticket_id = $1 AND message_id >= $2 AND message_id <= $3
         ORDER BY message_id, number LIMIT $4",
    )
    .bind(ticket.to_string())
    .bind(first.get())
    .bind(last.get())
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter().map(read).collect()
}

/// Deletes the changes of a message.
pub async fn delete(
    conn: &mut AnyConnection,
    ticket: TicketId,
    message: MessageId,
) -> Result<(), StorageError> {
    sqlx::query("DELETE FROM transcript_reactions WHERE ticket_id = $1 AND message_id = $2")
        .bind(ticket.to_string())
        .bind(message.get())
        .execute(conn)
        .await?;
    Ok(())
}
