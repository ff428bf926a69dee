//! Schema changes: one text for both engines.

use std::borrow::Cow;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr as _};

use crate::errors::StorageError;
use crate::store::{Database, Engine};

macro_rules! texts {
    ($folder:literal: $($version:literal $name:literal),* $(,)?) => {
        &[$(($version, $name, include_str!(concat!("../", $folder, "/", $name, ".sql")))),*]
    };
}

const MAIN: &[(i64, &str, &str)] = texts!("migrations":
    1 "0001_infrastructure",
    2 "0002_accounts",
    3 "0003_guilds",
    4 "0004_tickets",
    5 "0005_transcripts",
    6 "0006_alerts",
    7 "0007_copies",
    8 "0008_search",
    9 "0009_views",
    10 "0010_keeping",
    11 "0011_redaction",
    12 "0012_lists",
    13 "0013_reactions",
    14 "0014_deletions",
    15 "0015_sharing",
    16 "0016_windows",
    17 "0017_licences",
    18 "0018_payments",
    20 "0020_requests",
    19 "0019_clearing",
    21 "0021_people",
    22 "0022_documents",
    23 "0023_key_store",
    24 "0024_waiting_changes",
    26 "0026_rights",
    27 "0027_priority",
    28 "0028_currency",
    29 "0029_sign_outs",
    30 "0030_live_channels",
    31 "0031_ages",
);

const KEYS: &[(i64, &str, &str)] = texts!("migrations_keys": 1 "0001_keys", 2 "0002_tombstones", 3 "0003_ledger", 4 "0004_masters",
    5 "0005_protections");

/// Brings the main schema up to date.
pub(crate) async fn run(database: &Database) -> Result<(), StorageError> {
    apply(database, MAIN).await
}

/// Brings the key store's schema up to date.
pub(crate) async fn run_keys(database: &Database) -> Result<(), StorageError> {
    apply(database, KEYS).await
}

/// The newest migration of the main schema or of the key store's that this program knows.
pub(crate) fn newest(keys: bool) -> i64 {
    texts(keys).iter().map(|(version, ..)| *version).max().unwrap_or(0)
}

/// The tables that the migrations make, in their order: one that refers to another comes after it.
pub(crate) fn tables(keys: bool) -> impl Iterator<Item = &'static str> {
    let mut all = texts(keys).to_vec();
    all.sort_unstable_by_key(|(version, ..)| *version);
    all.into_iter().flat_map(|(_, _, text)| {
        text.split("CREATE TABLE ").skip(1).filter_map(|rest| rest.split([' ', '(']).next())
    })
}

/// Brings a schema to where it was when a backup was made.
pub(crate) async fn run_until(
    database: &Database,
    keys: bool,
    version: i64,
) -> Result<(), StorageError> {
    let until: Vec<_> = texts(keys).iter().filter(|(one, ..)| *one <= version).copied().collect();
    apply(database, &until).await
}

pub(crate) const fn texts(keys: bool) -> &'static [(i64, &'static str, &'static str)] {
    if keys { KEYS } else { MAIN }
}

async fn apply(database: &Database, texts: &[(i64, &str, &str)]) -> Result<(), StorageError> {
    let bytes = match database.engine() {
        Engine::Sqlite => "BLOB",
        Engine::Postgres => "BYTEA",
    };
    let migrations = texts
        .iter()
        .map(|(version, name, text)| {
            let sql = AssertSqlSafe(text.replace("BYTES", bytes)).into_sql_str();
            let name = Cow::Owned((*name).to_owned());
            Migration::new(*version, name, MigrationType::Simple, sql, false)
        })
        .collect();
    let run = Migrator::with_migrations(migrations).run(database.write()).await;
    run.map_err(|error| match error {
        MigrateError::VersionMissing(_) => StorageError::NewerSchema,
        error => error.into(),
    })
}
