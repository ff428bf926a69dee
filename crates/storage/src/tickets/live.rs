//! What is needed only while a ticket lives.

use domain::ids::{MessageId, TicketId};
use sqlx::{AnyConnection, AnyExecutor};

use crate::StorageError;
use crate::columns::Columns as _;

/// The live part of a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveRow {
    /// The bot's first message, which carries the buttons.
    pub welcome: Option<MessageId>,
    /// The sealed token of the interaction that opened the ticket, bound by [`token_aad`].
    pub token: Option<Vec<u8>>,
}

/// What binds a sealed token to its row.
pub fn token_aad(ticket: TicketId) -> Vec<u8> {
    format!("ticket_live.interaction_token:{ticket}").into_bytes()
}

/// Begins the live part.
pub async fn insert(
    conn: &mut AnyConnection,
    ticket: TicketId,
    token: Option<Vec<u8>>,
) -> Result<(), StorageError> {
    sqlx::query("INSERT INTO ticket_live (ticket_id, interaction_token) VALUES ($1, $2)")
        .bind(ticket.to_string())
        .bind(token)
        .execute(conn)
        .await?;
    Ok(())
}

/// Reads it; `None` once the ticket has ended.
pub async fn get(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
) -> Result<Option<LiveRow>, StorageError> {
    sqlx::query(
        "SELECT welcome_message_id, interaction_token FROM ticket_live WHERE ticket_id = $1",
    )
    .bind(ticket.to_string())
    .fetch_optional(db)
    .await?
    .map(|row| {
        Ok(LiveRow {
            welcome: row.id_opt("welcome_message_id", MessageId::new)?,
            token: row.bytes_opt("interaction_token")?,
        })
    })
    .transpose()
}

/// Notes the welcome message.
pub async fn welcomed(
    conn: &mut AnyConnection,
    ticket: TicketId,
    message: MessageId,
) -> Result<(), StorageError> {
    sqlx::query("UPDATE ticket_live SET welcome_message_id = $2 WHERE ticket_id = $1")
        .bind(ticket.to_string())
        .bind(message.get())
        .execute(conn)
        .await?;
    Ok(())
}

/// Drops the token: it was used, or is too old to be.
pub async fn forget_token(conn: &mut AnyConnection, ticket: TicketId) -> Result<(), StorageError> {
    sqlx::query("UPDATE ticket_live SET interaction_token = NULL WHERE ticket_id = $1")
        .bind(ticket.to_string())
        .execute(conn)
        .await?;
    Ok(())
}

/// Ends the live part.
pub async fn remove(conn: &mut AnyConnection, ticket: TicketId) -> Result<(), StorageError> {
    sqlx::query("DELETE FROM ticket_live WHERE ticket_id = $1")
        .bind(ticket.to_string())
        .execute(conn)
        .await?;
    Ok(())
}
