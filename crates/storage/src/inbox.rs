//! What was delivered already. Discord may deliver an interaction twice, for example after a RESUME.

use domain::ids::{GuildId, InteractionId, TicketId};
use domain::time::Millis;
use sqlx::{AnyConnection, AnyExecutor};

use crate::StorageError;
use crate::columns::Columns as _;

/// Whether an interaction is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// Never seen before; it is noted now.
    First,
    /// Seen before, with the ticket that came of it.
    Repeated(Option<TicketId>),
}

/// Notes an interaction. Of two at the same time the second waits for the first to commit.
pub async fn receive(
    conn: &mut AnyConnection,
    interaction: InteractionId,
    guild: GuildId,
    now: Millis,
) -> Result<Delivery, StorageError> {
    let added = sqlx::query(
        "INSERT INTO inbox (interaction_id, guild_id, received_at) VALUES ($1, $2, $3)
         ON CONFLICT (interaction_id) DO NOTHING",
    )
    .bind(interaction.get())
    .bind(guild.get())
    .bind(now.0)
    .execute(&mut *conn)
    .await?
    .rows_affected();
    if added == 1 {
        return Ok(Delivery::First);
    }
    Ok(Delivery::Repeated(outcome(conn, interaction).await?.flatten()))
}

/// Notes what came of an interaction.
pub async fn settle(
    conn: &mut AnyConnection,
    interaction: InteractionId,
    ticket: TicketId,
) -> Result<(), StorageError> {
    sqlx::query("UPDATE inbox SET ticket_id = $2 WHERE interaction_id = $1")
        .bind(interaction.get())
        .bind(ticket.to_string())
        .execute(conn)
        .await?;
    Ok(())
}

/// What came of an interaction: `None` if it was never seen.
pub async fn outcome(
    db: impl AnyExecutor<'_>,
    interaction: InteractionId,
) -> Result<Option<Option<TicketId>>, StorageError> {
    sqlx::query("SELECT ticket_id FROM inbox WHERE interaction_id = $1")
        .bind(interaction.get())
        .fetch_optional(db)
        .await?
        .map(|row| row.uuid_opt("ticket_id", TicketId::new))
        .transpose()
}
