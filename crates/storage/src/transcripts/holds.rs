//! Legal holds: transcripts that stay while a matter is under way.

use domain::ids::{GuildId, TicketId, UserId};
use domain::time::Millis;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyExecutor};

use crate::StorageError;
use crate::columns::Columns as _;

/// A hold that is not lifted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldRow {
    /// Its number, from 1 on for each ticket.
    pub hold: i64,
    /// By whom.
    pub placed_by: UserId,
    /// When.
    pub placed_at: Millis,
    /// Why, sealed; see [`reason_aad`].
    pub reason: Vec<u8>,
}

/// What binds a sealed reason to its row.
pub fn reason_aad(ticket: TicketId, hold: i64) -> Vec<u8> {
    format!("legal_holds.reason:{ticket}:{hold}").into_bytes()
}

/// What binds the sealed reason of a hold's end to its row.
pub fn lift_reason_aad(ticket: TicketId, hold: i64) -> Vec<u8> {
    format!("legal_holds.lift_reason:{ticket}:{hold}").into_bytes()
}

fn read(row: &AnyRow) -> Result<HoldRow, StorageError> {
    Ok(HoldRow {
        hold: row.int("hold")?,
        placed_by: row.id("placed_by", UserId::new)?,
        placed_at: Millis(row.int("placed_at")?),
        reason: row.bytes_opt("reason")?.ok_or(StorageError::Corrupt("legal_holds.reason"))?,
    })
}

/// The hold on a ticket, if there is one.
pub async fn active(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
) -> Result<Option<HoldRow>, StorageError> {
    sqlx::query(
        "SELECT hold, placed_by, placed_at, reason FROM legal_holds
         WHERE ticket_id = $1 AND lifted_at IS NULL",
    )
    .bind(ticket.to_string())
    .fetch_optional(db)
    .await?
    .as_ref()
    .map(read)
    .transpose()
}

/// The holds on tickets of a server, the oldest first, at most `most`; with each the ticket and its number.
pub async fn of_guild(
    db: impl AnyExecutor<'_>,
    guild: GuildId,
    most: i64,
) -> Result<Vec<(TicketId, i64, HoldRow)>, StorageError> {
    let rows = sqlx::query(
        "SELECT h.ticket_id, t.number, h.hold, h.placed_by, h.placed_at, h.reason
         FROM legal_holds h JOIN tickets t ON t.id = h.ticket_id
         WHERE t.guild_id = $1 AND h.lifted_at IS NULL ORDER BY h.placed_at, h.ticket_id LIMIT $2",
    )
    .bind(guild.get())
    .bind(most)
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| Ok((row.uuid("ticket_id", TicketId::new)?, row.int("number")?, read(row)?)))
        .collect()
}

/// The number that the next hold on a ticket gets.
pub async fn next_number(db: impl AnyExecutor<'_>, ticket: TicketId) -> Result<i64, StorageError> {
    let row = sqlx::query(
        "SELECT COALESCE(MAX(hold) + 1, 1) AS next FROM legal_holds WHERE ticket_id = $1",
    )
    .bind(ticket.to_string())
    .fetch_one(db)
    .await?;
    row.int("next")
}

/// Places a hold. The ticket must be locked in the same transaction; `false`: there is one already.
pub async fn place(
    conn: &mut AnyConnection,
    ticket: TicketId,
    row: HoldRow,
) -> Result<bool, StorageError> {
    let placed = sqlx::query(
        "INSERT INTO legal_holds (ticket_id, hold, placed_by, placed_at, reason)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
    )
    .bind(ticket.to_string())
    .bind(row.hold)
    .bind(row.placed_by.get())
    .bind(row.placed_at.0)
    .bind(row.reason)
    .execute(conn)
    .await?;
    Ok(placed.rows_affected() == 1)
}

/// Lifts hold `hold`; `reason` is sealed. `false`: it is lifted already.
pub async fn lift(
    conn: &mut AnyConnection,
    ticket: TicketId,
    hold: i64,
    by: UserId,
    reason: Vec<u8>,
    now: Millis,
) -> Result<bool, StorageError> {
    let lifted = sqlx::query(
        "UPDATE legal_holds SET lifted_by = $3, lifted_at = $4, lift_reason = $5
         WHERE ticket_id = $1 AND hold = $2 AND lifted_at IS NULL",
    )
    .bind(ticket.to_string())
    .bind(hold)
    .bind(by.get())
    .bind(now.0)
    .bind(reason)
    .execute(conn)
    .await?;
    Ok(lifted.rows_affected() == 1)
}
