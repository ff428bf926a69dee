//! Puts a backup back.

use std::path::Path;

use domain::time::Millis;
use sqlx::AssertSqlSafe;

use super::BackupProblem;
use super::archive::Reader;
use super::cipher::Identities;
use super::files::Taking;
use super::frames::{Contents, Table};
use super::load::{Row, Target};
use super::{check, load, rows, tables};
use crate::errors::{SealError, StorageError};
use crate::in_use::Alone;
use crate::keys::{KeyStore, Keys, MasterKeys};
use crate::privacy::ledger;
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
/// migrated. Nothing may be in them, or everything that is goes with `replace`. The backup is read to its end before
/// anything is changed. Until [`Store::end_restore`] is called no program starts on the database; whatever stops this,
/// it is to be done again from the beginning. `_alone` is to be kept until then.
pub async fn restore(
    store: &Store,
    _alone: &Alone,
    path: &Path,
    identities: Identities,
    replace: bool,
) -> Result<Restored, StorageError> {
    let database = store.database();
    if !replace {
        if is_filled(database, Contents::Content).await? {
            return Err(BackupProblem::NotEmpty.into());
        }
        // They may be another installation's: of one that a restore is tried beside, say.
        if store.blobs().holds_any().await? {
            return Err(BackupProblem::FilesThere.into());
        }
    }
    let (header, seal) = load::verify(path, identities.clone(), store.keys()).await?;
    let mut reader = Reader::open(path, identities);
    if load::header(&mut reader, Some(Contents::Content)).await? != header {
        return Err(BackupProblem::Damaged("it was changed while it was read").into());
    }
    keep_erased(database, store.keys()).await?;
    let made_at = Millis(header.made_at);
    store.keys().begin_restore(made_at).await?;
    empty(database).await?;
    migrations::run_until(database, false, header.schema).await?;
    let mut files = Taking::new(Some(store.blobs()));
    let mut target = Target::Database(database);
    let loaded = load::load(&mut reader, &mut target, Contents::Content, &mut files).await?;
    // Of a file that was changed since it was read first there is something in the database now; no program starts on it.
    seal.check(&reader.proof().await?)?;
    migrations::run(database).await?;
    identity::check(database, store.keys()).await?;
    // A file that was missing when the backup was made may be there again.
    let mut wanted = files.taken;
    wanted.extend(check::named(database).await?);
    let removed = store.blobs().remove_others(&wanted).await?;
    distrust_effects(database).await?;
    let end = loaded.end;
    Ok(Restored { made_at, rows: end.rows, files: end.files, missing: end.missing, removed })
}

/// What a restore of a key store takes nothing from: the table, which of its rows, and what becomes of one that the
/// backup has too. The service's own data key is what the marks of the others are made with.
const OUTLIVES: &[(&str, &str, &str)] = &[
    ("tombstones", "1 = 1", " ON CONFLICT (mark) DO NOTHING"),
    (
        "erased_people",
        "1 = 1",
        " ON CONFLICT (discord_mark) DO UPDATE SET erased_at = excluded.erased_at
          WHERE erased_people.erased_at < excluded.erased_at",
    ),
    (
        "protections",
        "1 = 1",
        " ON CONFLICT (mark) DO UPDATE SET guild_id = excluded.guild_id, subject_id = excluded.subject_id,
              body = excluded.body, noted_at = excluded.noted_at
          WHERE protections.noted_at < excluded.noted_at",
    ),
    (
        "data_keys",
        "guild_id = 0 AND subject_id = 0",
        " ON CONFLICT (guild_id, subject_id) DO NOTHING",
    ),
];

/// Puts a key store back, into one in which nothing is sealed yet, or in place of what is in it with `replace` if it is
/// the same one. The master keys that its rows are wrapped by must be at hand. All of it or nothing: the backup is read
/// to its end first, and put back in one transaction. Who was erased and what is over for good since the backup stays
/// so, and a restore of the content that was begun has to be ended first.
pub async fn restore_keys(
    keys: &KeyStore,
    _alone: &Alone,
    masters: &MasterKeys,
    path: &Path,
    identities: Identities,
    replace: bool,
) -> Result<Restored, StorageError> {
    let database = keys.database();
    if keys.keys().restore_begun().await?.is_some() {
        return Err(StorageError::RestoreInterrupted);
    }
    let mut reader = Reader::open(path, identities);
    let header = load::header(&mut reader, Some(Contents::Keys)).await?;
    for master in header.masters.iter().filter(|name| !name.is_empty()) {
        if !masters.names().contains(master) {
            return Err(SealError::WrongMasterKey.into());
        }
    }
    if is_filled(database, Contents::Keys).await? {
        if header.key_store != keys.store_id() {
            return Err(BackupProblem::OtherStore.into());
        }
        if !replace {
            return Err(BackupProblem::NotEmpty.into());
        }
    }
    let mut all = Vec::new();
    let mut target = Target::Memory(&mut all);
    let mut files = Taking::new(None);
    let loaded = load::load(&mut reader, &mut target, Contents::Keys, &mut files).await?;
    replace_keys(database, &all).await?;
    let made_at = Millis(header.made_at);
    Ok(Restored { made_at, rows: loaded.end.rows, files: 0, missing: 0, removed: 0 })
}

/// Puts rows in place of those of a key store whose schema is up to date. A column that an older backup lacks gets its
/// default: a migration that does more than to add those has to be followed here.
async fn replace_keys(database: &Database, all: &[(Table, Vec<Row>)]) -> Result<(), StorageError> {
    let mut tx = database.begin().await?;
    let mut known = tables::all(tx.conn(), database.engine(), Contents::Keys).await?;
    known.retain(|table| tables::is_kept(Contents::Keys, &table.name));
    for (table, _) in all {
        let is_known = known.iter().any(|one| {
            one.name == table.name && table.columns.iter().all(|c| one.columns.contains(c))
        });
        if !is_known {
            return Err(BackupProblem::Damaged("it has a table that its version has not").into());
        }
    }
    let mut kept = Vec::new();
    for (name, which, rest) in OUTLIVES {
        if let Some(table) = known.iter().find(|table| table.name == *name) {
            let text = format!("SELECT {} FROM {name} WHERE {which}", tables::list(table));
            let found = sqlx::query(AssertSqlSafe(text)).fetch_all(tx.conn()).await?;
            for row in &found {
                let row = rows::decode(table, &rows::encode(table, row)?)?;
                kept.push((table, row, *rest));
            }
        }
    }
    for table in known.iter().rev() {
        let text = AssertSqlSafe(format!("DELETE FROM {}", table.name));
        sqlx::query(text).execute(tx.conn()).await?;
    }
    for (table, rows) in all {
        load::insert(tx.conn(), table, rows, "").await?;
    }
    for (table, row, rest) in kept {
        load::insert(tx.conn(), table, &[row], rest).await?;
    }
    tx.commit().await
}

/// Brings who was erased into the key store, as the database knows it: what is put in its place may know less.
async fn keep_erased(database: &Database, keys: &Keys) -> Result<(), StorageError> {
    // Marks that were made with another key store name nobody here.
    let known = identity::known(database).await?;
    if !database.has("erased_people", "discord_mark").await?
        || known.is_some_and(|id| id != keys.store_id())
    {
        return Ok(());
    }
    keys.merge_erased(&ledger::all(database.read()).await?).await
}

impl Store {
    /// Says that the restore is complete, with everything that follows from it.
    pub async fn end_restore(&self) -> Result<(), StorageError> {
        self.keys().end_restore().await
    }
}

/// Whether there is a row in a table that a backup holds. What a program writes at its start does not count.
async fn is_filled(database: &Database, contents: Contents) -> Result<bool, StorageError> {
    let mut tx = database.begin().await?;
    for table in tables::all(tx.conn(), database.engine(), contents).await? {
        let name = table.name.as_str();
        if !tables::is_kept(contents, name) || ["key_store", "key_check"].contains(&name) {
            continue;
        }
        let text = AssertSqlSafe(format!("SELECT 1 AS found FROM {name} LIMIT 1"));
        if sqlx::query(text).fetch_optional(tx.conn()).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Drops every table of the content, the last one first: it may refer to the others.
async fn empty(database: &Database) -> Result<(), StorageError> {
    let mut tx = database.begin().await?;
    for table in tables::all(tx.conn(), database.engine(), Contents::Content).await?.iter().rev() {
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
