//! Which servers sit in which seats of a licence.

use domain::ids::{GuildId, LicenceId};
use domain::licences::{Seat, Slot};
use domain::time::Millis;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyExecutor};

use crate::StorageError;
use crate::columns::Columns as _;

pub(super) fn read(row: &AnyRow) -> Result<Seat, StorageError> {
    let corrupt = |_| StorageError::Corrupt("licence_seats.seat");
    Ok(Seat {
        number: u32::try_from(row.int("seat")?).map_err(corrupt)?,
        guild: row.id("guild_id", GuildId::new)?,
        guild_name: row.text("guild_name")?,
        since: Millis(row.int("since")?),
        moved: row.int_opt("moved_at")?.map(Millis),
    })
}

/// Every seat of a licence that was ever taken, by number.
pub async fn slots(
    db: impl AnyExecutor<'_>,
    licence: LicenceId,
) -> Result<Vec<Slot>, StorageError> {
    let rows = sqlx::query(
        "SELECT seat, guild_id, guild_name, since, moved_at, freed_at FROM licence_seats
         WHERE licence_id = $1 ORDER BY seat",
    )
    .bind(licence.to_string())
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| Ok(Slot { seat: read(row)?, freed: row.int_opt("freed_at")?.map(Millis) }))
        .collect()
}

/// Puts a server in a seat, whoever sat there. The licence must be locked in the same transaction.
pub async fn put(
    conn: &mut AnyConnection,
    licence: LicenceId,
    seat: &Seat,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO licence_seats (licence_id, seat, guild_id, guild_name, since, moved_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (licence_id, seat) DO UPDATE
         SET guild_id = excluded.guild_id, guild_name = excluded.guild_name, since = excluded.since,
             moved_at = excluded.moved_at, freed_at = NULL",
    )
    .bind(licence.to_string())
    .bind(i64::from(seat.number))
    .bind(seat.guild.get())
    .bind(seat.guild_name.as_str())
    .bind(seat.since.0)
    .bind(seat.moved.map(|t| t.0))
    .execute(conn)
    .await?;
    Ok(())
}

/// Frees a seat. `false`: it was free.
pub async fn free(
    conn: &mut AnyConnection,
    licence: LicenceId,
    number: u32,
    now: Millis,
) -> Result<bool, StorageError> {
    let done = sqlx::query(
        "UPDATE licence_seats SET freed_at = $3 WHERE licence_id = $1 AND seat = $2 AND freed_at IS NULL",
    )
    .bind(licence.to_string())
    .bind(i64::from(number))
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}
