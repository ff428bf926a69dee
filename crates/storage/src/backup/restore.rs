//! Puts a backup back.

use std::path::Path;

use domain::time::Millis;
use sqlx::AssertSqlSafe;

use super::BackupProblem;
use super::archive::Reader;
use super::cipher::Identities;
use super::files::Taking;
use super::frames::Contents;
use super::{load, tables};
use crate::errors::{SealError, StorageError};
use crate::keys::{KeyStore, MasterKeys};
use crate::store::Database;
use crate::{Store, identity, migrations};

/// What was put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restored {
    /// When the backup was made.
    pub made_at: Millis,
    /// Rows of the database.
    pub rows: u64,
    /// Files.
    pub files: u64,
    /// Files that were not there when the backup was made.
    pub missing: u64,
    /// Files in the store that the backup does not know, and that were removed.
    pub removed: u64,
}

/// Puts the content of a backup into the database and the blobs of `store`, which is one that was opened and not
/// migrated. Nothing may be in it, or everything that is goes with `replace`. Until [`Store::end_restore`] is
/// called no program starts on the database; whatever stops this, it is to be done again from the beginning.
pub async fn restore(
    store: &Store,
    path: &Path,
    identities: Identities,
    replace: bool,
    now: Millis,
) -> Result<Restored, StorageError> {
    let database = store.database();
    let mut reader = Reader::open(path, identities);
    let header = load::header(&mut reader, Some(Contents::Content)).await?;
    if header.key_store != store.keys().store_id() {
        return Err(StorageError::OtherKeyStore);
    }
    refuse_in_use(database, now).await?;
    if !replace && store.keys().restore_begun().await?.is_none() {
        refuse_filled(database, Contents::Content).await?;
    }
    let made_at = Millis(header.made_at);
    store.keys().begin_restore(made_at).await?;
    empty(database, Contents::Content).await?;
    migrations::run_until(database, false, header.schema).await?;
    let mut files = Taking::new(Some(store.blobs()));
    let loaded = load::load(&mut reader, database, Contents::Content, &mut files).await?;
    migrations::run(database).await?;
    identity::check(database, store.keys()).await?;
    let removed = store.blobs().remove_others(&files.taken).await?;
    distrust_effects(database).await?;
    let end = loaded.end;
    Ok(Restored { made_at, rows: end.rows, files: end.files, missing: end.missing, removed })
}

/// Puts a key store back, into one in which nothing is sealed yet, or in place of what is in it with `replace`. The
/// master keys that its rows are wrapped by must be at hand.
pub async fn restore_keys(
    keys: &KeyStore,
    masters: &MasterKeys,
    path: &Path,
    identities: Identities,
    replace: bool,
) -> Result<Restored, StorageError> {
    let database = keys.database();
    let mut reader = Reader::open(path, identities);
    let header = load::header(&mut reader, Some(Contents::Keys)).await?;
    for master in header.masters.iter().filter(|name| !name.is_empty()) {
        if !masters.names().contains(master) {
            return Err(SealError::WrongMasterKey.into());
        }
    }
    if !replace {
        refuse_filled(database, Contents::Keys).await?;
    }
    empty(database, Contents::Keys).await?;
    migrations::run_until(database, true, header.schema).await?;
    let mut files = Taking::new(None);
    let loaded = load::load(&mut reader, database, Contents::Keys, &mut files).await?;
    migrations::run_keys(database).await?;
    let made_at = Millis(header.made_at);
    Ok(Restored { made_at, rows: loaded.end.rows, files: 0, missing: 0, removed: 0 })
}

impl Store {
    /// Says that the restore is complete, with everything that follows from it.
    pub async fn end_restore(&self) -> Result<(), StorageError> {
        self.keys().end_restore().await
    }
}

/// Fails while a running program holds the gateway.
async fn refuse_in_use(database: &Database, now: Millis) -> Result<(), StorageError> {
    let mut tx = database.begin().await?;
    let all = tables::all(tx.conn(), database.engine(), Contents::Content).await?;
    if !all.iter().any(|table| table.name == "leases") {
        return Ok(());
    }
    let held =
        sqlx::query("SELECT 1 AS found FROM leases WHERE purpose = 'gateway' AND until > $1")
            .bind(now.0)
            .fetch_optional(tx.conn())
            .await?;
    if held.is_some() { Err(BackupProblem::InUse.into()) } else { Ok(()) }
}

/// Fails when there is a row in a table that a backup holds. What a program writes at its start does not count.
async fn refuse_filled(database: &Database, contents: Contents) -> Result<(), StorageError> {
    let mut tx = database.begin().await?;
    for table in tables::all(tx.conn(), database.engine(), contents).await? {
        let name = table.name.as_str();
        if !tables::is_kept(contents, name) || ["key_store", "key_check"].contains(&name) {
            continue;
        }
        let text = AssertSqlSafe(format!("SELECT 1 AS found FROM {name} LIMIT 1"));
        if sqlx::query(text).fetch_optional(tx.conn()).await?.is_some() {
            return Err(BackupProblem::NotEmpty.into());
        }
    }
    Ok(())
}

/// Drops every table, the last one first: it may refer to the others.
async fn empty(database: &Database, contents: Contents) -> Result<(), StorageError> {
    let mut tx = database.begin().await?;
    for table in tables::all(tx.conn(), database.engine(), contents).await?.iter().rev() {
        let text = AssertSqlSafe(format!("DROP TABLE {}", table.name));
        sqlx::query(text).execute(tx.conn()).await?;
    }
    sqlx::query("DROP TABLE IF EXISTS _sqlx_migrations").execute(tx.conn()).await?;
    tx.commit().await
}

/// What was to be done on Discord when the backup was made has most probably been done since: it counts as tried
/// before, and whoever tries again looks first.
async fn distrust_effects(database: &Database) -> Result<(), StorageError> {
    let mut tx = database.begin().await?;
    sqlx::query(
        "UPDATE outbox SET lease_holder = NULL, lease_until = NULL,
                attempts = CASE WHEN attempts < 1 THEN 1 ELSE attempts END
         WHERE state = 'pending'",
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await
}
