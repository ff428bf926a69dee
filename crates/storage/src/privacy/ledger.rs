//! The ledger of erasures beside the content: the same as in the key store ([`crate::keys`]), so that neither a
//! restore of the one nor of the other loses who was erased.

use domain::time::Millis;
use sqlx::{AnyConnection, AnyExecutor};

use crate::StorageError;
use crate::columns::Columns as _;
use crate::keys::ledger::{DiscordMark, LIST, NOTE};

/// Notes that someone was erased then; the latest time counts.
pub async fn note(
    conn: &mut AnyConnection,
    mark: DiscordMark,
    at: Millis,
) -> Result<(), StorageError> {
    sqlx::query(NOTE).bind(mark.bytes().to_vec()).bind(at.0).execute(conn).await?;
    Ok(())
}

/// Everyone in the ledger beside the content.
pub async fn all(db: impl AnyExecutor<'_>) -> Result<Vec<(DiscordMark, Millis)>, StorageError> {
    let rows = sqlx::query(LIST).fetch_all(db).await?;
    rows.iter()
        .map(|row| {
            let mark = DiscordMark::read(row.bytes_opt("discord_mark")?)?;
            Ok((mark, Millis(row.int("erased_at")?)))
        })
        .collect()
}
