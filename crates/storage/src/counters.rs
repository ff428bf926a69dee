//! Numbers that count up on each server.

use domain::ids::GuildId;
use sqlx::{AnyConnection, AnyExecutor, Row as _};

use crate::StorageError;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counter {
    /// The numbers that people see on tickets.
    Ticket,
    /// The sequence of domain events.
    Event,
    /// The order of outbox rows.
    Outbox,
    /// How often words of transcripts were taken away: what was read before may hold them.
    Erasure,
}

impl Counter {
    const fn purpose(self) -> &'static str {
        match self {
            Self::Ticket => "ticket",
            Self::Event => "event",
            Self::Outbox => "outbox",
            Self::Erasure => "erasure",
        }
    }
}

/// Takes the next number, from 1 on. Locks the counter until the transaction ends, so a rolled back
/// transaction leaves no gap and numbers follow the order of commits.
pub async fn next(
    conn: &mut AnyConnection,
    guild: GuildId,
    counter: Counter,
) -> Result<i64, StorageError> {
    take(conn, guild, counter, 1).await
}

/// The last number that was taken; 0 for none.
pub async fn last(
    db: impl AnyExecutor<'_>,
    guild: GuildId,
    counter: Counter,
) -> Result<i64, StorageError> {
    let row = sqlx::query("SELECT value FROM guild_counters WHERE guild_id = $1 AND purpose = $2")
        .bind(guild.get())
        .bind(counter.purpose())
        .fetch_optional(db)
        .await?;
    row.map_or(Ok(0), |row| Ok(row.try_get("value")?))
}

/// Takes `count` numbers and answers the first.
pub async fn take(
    conn: &mut AnyConnection,
    guild: GuildId,
    counter: Counter,
    count: i64,
) -> Result<i64, StorageError> {
    let row = sqlx::query(
        "INSERT INTO guild_counters (guild_id, purpose, value) VALUES ($1, $2, $3)
         ON CONFLICT (guild_id, purpose) DO UPDATE SET value = guild_counters.value + excluded.value
         RETURNING value",
    )
    .bind(guild.get())
    .bind(counter.purpose())
    .bind(count)
    .fetch_one(conn)
    .await?;
    let last: i64 = row.try_get("value")?;
    Ok(last - count + 1)
}
