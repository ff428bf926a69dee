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

/// Whether the key store is the database's own. A database that has none yet takes it, unless the key store has no key
/// for what is sealed in the database.
pub(crate) async fn check(database: &Database, keys: &Keys) -> Result<(), StorageError> {
    let known = || known(database);
    if known().await?.is_none() {
        // Of a version that did not note it. Somebody whose key store is lost for good says so: `wardesk keys adopt`.
        if !keys.has_keys().await? && holds_sealed(database).await? {
            return Err(StorageError::OtherKeyStore);
        }
        let mut tx = database.begin().await?;
        sqlx::query("INSERT INTO key_store (id, store_id) VALUES (1, $1) ON CONFLICT DO NOTHING")
            .bind(keys.store_id())
            .execute(tx.conn())
            .await?;
        tx.commit().await?;
    }
    match known().await? {
        Some(id) if id == keys.store_id() => Ok(()),
        _ => Err(StorageError::OtherKeyStore),
    }
}

async fn holds_sealed(database: &Database) -> Result<bool, StorageError> {
    for (table, column) in SEALED {
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

/// The key store that the database names. Its schema must have the table.
pub(crate) async fn known(database: &Database) -> Result<Option<String>, StorageError> {
    let row = sqlx::query("SELECT store_id FROM key_store WHERE id = 1")
        .fetch_optional(database.read())
        .await?;
    row.map(|row| row.text("store_id")).transpose()
}
