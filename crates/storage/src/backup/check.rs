//! Whether a backup can be restored: by restoring it, into a database that is thrown away.

use std::collections::BTreeMap;
use std::path::Path;

use domain::time::Millis;
use futures::TryStreamExt as _;
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};
use sqlx::AssertSqlSafe;

use super::archive::Reader;
use super::cipher::Identities;
use super::files::{Object, Taking};
use super::frames::{Contents, Sum};
use super::load::Target;
use super::{BackupProblem, load, rows, tables};
use crate::columns::Columns as _;
use crate::errors::StorageError;
use crate::migrations;
use crate::store::Database;

/// A backup that is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What it is of.
    pub contents: Contents,
    /// When it was made.
    pub made_at: Millis,
    /// Its tables.
    pub tables: u64,
    /// Their rows.
    pub rows: u64,
    /// Its files.
    pub files: u64,
    /// Files that were not there when it was made.
    pub missing: u64,
    /// Of all rows, whatever their order: two backups with the same rows have the same.
    pub digest: String,
}

/// Restores a backup into a new SQLite database in `scratch`, an empty folder; compares the number and the digest of the
/// rows of each table with what was put in, the digest of each file, and the files with the rows that name them; then
/// brings the schema up to date. Nothing that is sealed is opened.
pub async fn check(
    path: &Path,
    identities: Identities,
    scratch: &Path,
) -> Result<Checked, StorageError> {
    let mut reader = Reader::open(path, identities);
    let header = load::header(&mut reader, None).await?;
    let keys = header.contents == Contents::Keys;
    let url = format!("sqlite://{}", scratch.join("check.db").display());
    let database = Database::open(&SecretString::from(url)).await?;
    migrations::run_until(&database, keys, header.schema).await?;
    let mut files = Taking::new(None);
    let mut target = Target::Database(&database);
    let loaded = load::load(&mut reader, &mut target, header.contents, &mut files).await?;
    // Whether it is sealed is seen by a restore alone: here there is no key.
    reader.proof().await?;
    let found = sums(&database, header.contents).await?;
    if found != loaded.tables {
        return Err(BackupProblem::Damaged("rows do not come back as they were").into());
    }
    if !keys {
        let lacking = named(&database).await?;
        let lacking = lacking.iter().filter(|object| !files.taken.contains(*object)).count() as u64;
        if lacking > loaded.end.missing + loaded.end.gone {
            return Err(BackupProblem::Damaged("files are missing").into());
        }
    }
    if keys {
        migrations::run_keys(&database).await?;
    } else {
        migrations::run(&database).await?;
    }
    database.close().await;
    let end = loaded.end;
    Ok(Checked {
        contents: header.contents,
        made_at: Millis(header.made_at),
        tables: end.tables,
        rows: end.rows,
        files: end.files,
        missing: end.missing,
        digest: digest(&found),
    })
}

fn digest(tables: &BTreeMap<String, Sum>) -> String {
    let mut all = Sha256::new();
    for (name, sum) in tables {
        all.update(format!("{name} {} {}\n", sum.rows, sum.digest));
    }
    crate::blobs::hex(&all.finalize())
}

async fn sums(
    database: &Database,
    contents: Contents,
) -> Result<BTreeMap<String, Sum>, StorageError> {
    let mut tx = database.snapshot().await?;
    let mut all = BTreeMap::new();
    for table in tables::all(tx.conn(), database.engine(), contents).await? {
        if !tables::is_kept(contents, &table.name) {
            continue;
        }
        let mut sum = rows::Summing::default();
        let text = format!("SELECT {} FROM {}", tables::list(&table), table.name);
        let mut found = sqlx::query(AssertSqlSafe(text)).fetch(tx.conn());
        while let Some(row) = found.try_next().await? {
            sum.add(&rows::encode(&table, &row)?);
        }
        drop(found);
        all.insert(table.name, sum.sum());
    }
    Ok(all)
}

/// The objects that rows name.
pub(super) async fn named(database: &Database) -> Result<Vec<Object>, StorageError> {
    let mut all = Vec::new();
    for (table, guild, blob, _) in tables::OBJECTS {
        let text = format!(
            "SELECT DISTINCT {guild} AS guild, {blob} AS blob FROM {table} WHERE {blob} IS NOT NULL"
        );
        for row in sqlx::query(AssertSqlSafe(text)).fetch_all(database.read()).await? {
            all.push((row.int("guild")?, row.text("blob")?));
        }
    }
    Ok(all)
}
