//! The database remembers which key store it was sealed with: beside another one, or a new and empty one, the program
//! must not start, or it would seal what is new under keys that the old does not open with.

use sqlx::AssertSqlSafe;

use crate::columns::Columns as _;
use crate::errors::StorageError;
use crate::keys::Keys;
use crate::store::Database;

/// Columns that hold something sealed, in tables whose rows stay for long.
const SEALED: &[(&str, &str)] = &[
    ("tickets", "reason"),
    ("tickets", "answers"),
    ("archive_messages", "body"),
    ("transcript_parts", "body"),
    ("transcript_people", "profile"),
    ("attachments", "details"),
];

/// Fails if the key store is not the database's own, or has no key for what is sealed in the database. Reads only, and
/// from a schema of any version: whoever has the wrong pair finds both as they were.
pub(crate) async fn refuse_other(database: &Database, keys: &Keys) -> Result<(), StorageError> {
    let other = match known(database).await? {
        Some(id) => id != keys.store_id(),
        // Of a version that did not note it. Somebody whose key store is lost for good says so: `wardesk keys adopt`.
        None => !keys.has_keys().await? && holds_sealed(database).await?,
    };
    if other { Err(StorageError::OtherKeyStore) } else { Ok(()) }
}

/// Notes the key store as the database's own where it has none yet, and fails as [`refuse_other`] does. The schema must
/// be up to date.
pub(crate) async fn check(database: &Database, keys: &Keys) -> Result<(), StorageError> {
    refuse_other(database, keys).await?;
    let mut tx = database.begin().await?;
    sqlx::query("INSERT INTO key_store (id, store_id) VALUES (1, $1) ON CONFLICT DO NOTHING")
        .bind(keys.store_id())
        .execute(tx.conn())
        .await?;
    tx.commit().await?;
    // Of two that begin at once with different ones, the second is refused.
    refuse_other(database, keys).await
}

async fn holds_sealed(database: &Database) -> Result<bool, StorageError> {
    for (table, column) in SEALED {
        if !database.has(table, column).await? {
            continue;
        }
        let text = format!("SELECT 1 AS found FROM {table} WHERE {column} IS NOT NULL LIMIT 1");
        let row = sqlx::query(AssertSqlSafe(text)).fetch_optional(database.read()).await?;
        if row.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Makes the key store at hand the database's own.
pub(crate) async fn adopt(database: &Database, keys: &Keys) -> Result<(), StorageError> {
    let mut tx = database.begin().await?;
    sqlx::query(
        "INSERT INTO key_store (id, store_id) VALUES (1, $1)
         ON CONFLICT (id) DO UPDATE SET store_id = excluded.store_id",
    )
    .bind(keys.store_id())
    .execute(tx.conn())
    .await?;
    tx.commit().await
}

/// The key store that the database names, if its schema has a place for that.
pub(crate) async fn known(database: &Database) -> Result<Option<String>, StorageError> {
    if !database.has("key_store", "store_id").await? {
        return Ok(None);
    }
    let row = sqlx::query("SELECT store_id FROM key_store WHERE id = 1")
        .fetch_optional(database.read())
        .await?;
    row.map(|row| row.text("store_id")).transpose()
}
