//! What staff of a server must know, until it is mended.

use domain::ids::GuildId;
use domain::time::Millis;
use sqlx::{AnyConnection, AnyExecutor};

use crate::StorageError;
use crate::columns::Columns as _;

/// An alert as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertRow {
    /// The alert as JSON, as it was raised last.
    pub alert: String,
    /// When it was raised first.
    pub first_at: Millis,
    /// When it was raised last.
    pub last_at: Millis,
    /// How often.
    pub times: i64,
}

/// Raises an alert, or notes that the same trouble came again.
pub async fn raise(
    conn: &mut AnyConnection,
    guild: GuildId,
    subject: &str,
    alert: &str,
    now: Millis,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO guild_alerts (guild_id, subject, alert, first_at, last_at, times)
         VALUES ($1, $2, $3, $4, $4, 1)
         ON CONFLICT (guild_id, subject) DO UPDATE
         SET alert = excluded.alert, last_at = excluded.last_at, times = guild_alerts.times + 1",
    )
    .bind(guild.get())
    .bind(subject)
    .bind(alert)
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes an alert away: what it was about works again.
pub async fn clear(
    conn: &mut AnyConnection,
    guild: GuildId,
    subject: &str,
) -> Result<(), StorageError> {
    sqlx::query("DELETE FROM guild_alerts WHERE guild_id = $1 AND subject = $2")
        .bind(guild.get())
        .bind(subject)
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes an alert away on every server: what it was about works again.
pub async fn clear_everywhere(conn: &mut AnyConnection, subject: &str) -> Result<(), StorageError> {
    sqlx::query("DELETE FROM guild_alerts WHERE subject = $1").bind(subject).execute(conn).await?;
    Ok(())
}

/// The alerts of a server, newest first, at most `limit`.
pub async fn list(
    db: impl AnyExecutor<'_>,
    guild: GuildId,
    limit: i64,
) -> Result<Vec<AlertRow>, StorageError> {
    let rows = sqlx::query(
        "SELECT alert, first_at, last_at, times FROM guild_alerts
         WHERE guild_id = $1 ORDER BY last_at DESC, subject LIMIT $2",
    )
    .bind(guild.get())
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(AlertRow {
                alert: row.text("alert")?,
                first_at: Millis(row.int("first_at")?),
                last_at: Millis(row.int("last_at")?),
                times: row.int("times")?,
            })
        })
        .collect()
}

/// Whether there is an alert about this.
pub async fn is_raised(
    db: impl AnyExecutor<'_>,
    guild: GuildId,
    subject: &str,
) -> Result<bool, StorageError> {
    let row =
        sqlx::query("SELECT 1 AS found FROM guild_alerts WHERE guild_id = $1 AND subject = $2")
            .bind(guild.get())
            .bind(subject)
            .fetch_optional(db)
            .await?;
    Ok(row.is_some())
}
