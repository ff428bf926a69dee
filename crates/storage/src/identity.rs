//! The database remembers which key store it was sealed with: beside another one, or a new and empty one, the program
//! must not start, or it would seal what is new under keys that the old does not open with.

use crate::columns::Columns as _;
use crate::errors::StorageError;
use crate::keys::Keys;
use crate::store::Database;

/// Whether the key store is the database's own. A database that has none yet takes it.
pub(crate) async fn check(database: &Database, keys: &Keys) -> Result<(), StorageError> {
    let known = || known(database);
    if known().await?.is_none() {
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

async fn known(database: &Database) -> Result<Option<String>, StorageError> {
    let row = sqlx::query("SELECT store_id FROM key_store WHERE id = 1")
        .fetch_optional(database.read())
        .await?;
    row.map(|row| row.text("store_id")).transpose()
}
