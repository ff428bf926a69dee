//! Objects whose rows are gone and whose bytes are to go.

use domain::ids::GuildId;
use domain::time::Millis;
use sqlx::{AnyConnection, AnyExecutor};

use crate::StorageError;
use crate::columns::Columns as _;

/// Asks for the removal of an object. Goes into the transaction that deletes a row with it.
pub async fn ask(
    conn: &mut AnyConnection,
    guild: GuildId,
    blob: &str,
    now: Millis,
) -> Result<(), StorageError> {
    ask_of(conn, guild.get(), blob, now).await
}

/// As [`ask`]; server 0 is the service itself.
pub(crate) async fn ask_of(
    conn: &mut AnyConnection,
    guild: i64,
    blob: &str,
    now: Millis,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO blob_removals (guild_id, blob, asked_at) VALUES ($1, $2, $3)
         ON CONFLICT (guild_id, blob) DO NOTHING",
    )
    .bind(guild)
    .bind(blob)
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// A server as a number; 0 is the service itself.
fn number(guild: Option<GuildId>) -> i64 {
    guild.map_or(0, GuildId::get)
}

/// Removals that were asked for, after that one, at most `limit`. No server: of what the service itself keeps.
pub async fn asked(
    db: impl AnyExecutor<'_>,
    after: Option<&(Option<GuildId>, String)>,
    limit: i64,
) -> Result<Vec<(Option<GuildId>, String)>, StorageError> {
    let (guild, blob) = after.map_or((0, ""), |(guild, blob)| (number(*guild), blob.as_str()));
    let rows = sqlx::query(
        "SELECT guild_id, blob FROM blob_removals
         WHERE guild_id > $1 OR (guild_id = $1 AND blob > $2) ORDER BY guild_id, blob LIMIT $3",
    )
    .bind(guild)
    .bind(blob)
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| Ok((GuildId::new(row.int("guild_id")?).ok(), row.text("blob")?)))
        .collect()
}

/// Whether a file of the server has these bytes: the same picture may have been sent twice. Of what the service
/// itself keeps, whether a download has them.
pub async fn is_used(
    db: impl AnyExecutor<'_>,
    guild: Option<GuildId>,
    blob: &str,
) -> Result<bool, StorageError> {
    let text = if guild.is_some() {
        "SELECT 1 AS found FROM attachments WHERE guild_id = $1 AND blob = $2 LIMIT 1"
    } else {
        "SELECT 1 AS found FROM person_downloads WHERE $1 = 0 AND blob = $2 LIMIT 1"
    };
    let row = sqlx::query(text).bind(number(guild)).bind(blob).fetch_optional(db).await?;
    Ok(row.is_some())
}

/// Notes that the bytes are gone. A file that began to use them meanwhile is damaged, and is copied anew.
pub async fn done(
    conn: &mut AnyConnection,
    guild: Option<GuildId>,
    blob: &str,
    now: Millis,
) -> Result<(), StorageError> {
    sqlx::query(
        "UPDATE attachments SET state = 'damaged', attempts = 0, due_at = $3
         WHERE guild_id = $1 AND blob = $2 AND state = 'stored'",
    )
    .bind(number(guild))
    .bind(blob)
    .bind(now.0)
    .execute(&mut *conn)
    .await?;
    forget(conn, guild, blob).await
}

/// Takes a removal back: the bytes are in use.
pub async fn forget(
    conn: &mut AnyConnection,
    guild: Option<GuildId>,
    blob: &str,
) -> Result<(), StorageError> {
    sqlx::query("DELETE FROM blob_removals WHERE guild_id = $1 AND blob = $2")
        .bind(number(guild))
        .bind(blob)
        .execute(conn)
        .await?;
    Ok(())
}
