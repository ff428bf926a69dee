//! Fresh stores for tests: SQLite always, PostgreSQL when `WARDESK_TEST_POSTGRES_URL` names one, and blobs in
//! S3 where they matter.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::missing_panics_doc,
    reason = "only tests use this module"
)]

mod postgres;
mod s3;

use std::path::PathBuf;

use postgres::OwnDatabase;
use s3::S3Server;
use secrecy::SecretString;
use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::keys::MasterKeys;
use crate::migrations;
use crate::store::{Database, Store, StoreConfig};

/// The master key of fresh stores.
pub const MASTER_KEY: [u8; 32] = [7; 32];

/// A store of its own, with what keeps it alive.
pub struct TestStore {
    /// `sqlite` or `postgres`; `s3` for SQLite with its blobs in S3.
    pub engine: &'static str,
    /// The store, migrated.
    pub store: Store,
    /// What it was opened with; open it again to see what a restart sees.
    pub config: StoreConfig,
    /// The folder of its files; removed when this is dropped.
    pub folder: TempDir,
    /// The folder that the blobs are files in, wherever the store takes them to be.
    pub blobs: PathBuf,
    _s3: Option<S3Server>,
    _database: Option<OwnDatabase>,
    _keys: Option<OwnDatabase>,
}

/// One fresh store for each engine at hand.
pub async fn stores() -> Vec<TestStore> {
    let mut all = vec![sqlite().await];
    if let Ok(url) = std::env::var("WARDESK_TEST_POSTGRES_URL") {
        all.push(postgres(&url).await);
    }
    all
}

/// Like [`stores`], where the key store is in PostgreSQL too if the database is.
pub async fn key_stores() -> Vec<TestStore> {
    let mut all = vec![sqlite().await];
    if let Ok(url) = std::env::var("WARDESK_TEST_POSTGRES_URL") {
        let (database, keys) = (OwnDatabase::new(&url).await, OwnDatabase::empty(&url).await);
        let folder = TempDir::new().unwrap();
        let blobs = folder.path().join("blobs");
        let blobs_url = format!("file://{}", blobs.display());
        let (database_url, keys_url) = (database.url(), keys.url());
        let test = finish("postgres", folder, (database_url, keys_url), blobs_url, blobs, None);
        all.push(TestStore { _database: Some(database), _keys: Some(keys), ..test.await });
    }
    all
}

/// Like [`stores`], and one whose blobs are in S3.
pub async fn blob_stores() -> Vec<TestStore> {
    let mut all = stores().await;
    all.push(s3().await);
    all
}

/// A fresh SQLite store whose blobs are in S3.
pub async fn s3() -> TestStore {
    let folder = migrated_folder().await;
    let server = S3Server::start(&folder.path().join("s3")).await;
    let url = sqlite_url(&folder);
    let place = format!("s3://{}/desk/blobs?endpoint={}", s3::BUCKET, server.endpoint);
    let blobs = folder.path().join("s3").join(s3::BUCKET).join("desk/blobs");
    let keys = keys_url(&folder);
    finish("s3", folder, (url, keys), place, blobs, Some(server)).await
}

/// A fresh SQLite store.
pub async fn sqlite() -> TestStore {
    let folder = migrated_folder().await;
    let url = sqlite_url(&folder);
    in_folder("sqlite", folder, url).await
}

/// A folder with an SQLite database whose schema is up to date. It is brought there once for all tests of a program: for
/// each it would take longer than most of them.
async fn migrated_folder() -> TempDir {
    static FILE: OnceCell<Vec<u8>> = OnceCell::const_new();
    let file = FILE.get_or_init(|| async {
        let folder = TempDir::new().unwrap();
        let database = Database::open(&sqlite_url(&folder)).await.unwrap();
        migrations::run(&database).await.unwrap();
        database.close().await;
        std::fs::read(folder.path().join(SQLITE_FILE)).unwrap()
    });
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join(SQLITE_FILE), file.await).unwrap();
    folder
}

const SQLITE_FILE: &str = "wardesk.db";

fn sqlite_url(folder: &TempDir) -> SecretString {
    SecretString::from(format!("sqlite://{}/{SQLITE_FILE}", folder.path().display()))
}

/// A fresh PostgreSQL store: a database of its own on the server at `url`.
pub async fn postgres(url: &str) -> TestStore {
    let database = OwnDatabase::new(url).await;
    let test = in_folder("postgres", TempDir::new().unwrap(), database.url()).await;
    TestStore { _database: Some(database), ..test }
}

async fn in_folder(engine: &'static str, folder: TempDir, database: SecretString) -> TestStore {
    let blobs = folder.path().join("blobs");
    let url = format!("file://{}", blobs.display());
    let keys = keys_url(&folder);
    finish(engine, folder, (database, keys), url, blobs, None).await
}

fn keys_url(folder: &TempDir) -> SecretString {
    SecretString::from(format!("sqlite://{}/keys.db", folder.path().display()))
}

async fn finish(
    engine: &'static str,
    folder: TempDir,
    (database_url, keys_url): (SecretString, SecretString),
    blobs_url: String,
    blobs: PathBuf,
    s3: Option<S3Server>,
) -> TestStore {
    let config = StoreConfig {
        database_url,
        keys_url,
        master_keys: MasterKeys::of(MASTER_KEY),
        blobs_url,
        s3_keys: s3.as_ref().map(|_| s3::keys()),
    };
    let store = Store::open(&config).await.unwrap();
    store.migrate().await.unwrap();
    TestStore { engine, store, config, folder, blobs, _s3: s3, _database: None, _keys: None }
}

impl TestStore {
    /// Opens the same store once more, as another process would.
    pub async fn again(&self) -> Store {
        Store::open(&StoreConfig {
            database_url: self.config.database_url.clone(),
            keys_url: self.config.keys_url.clone(),
            master_keys: self.config.master_keys.clone(),
            blobs_url: self.config.blobs_url.clone(),
            s3_keys: self.config.s3_keys.clone(),
        })
        .await
        .unwrap()
    }
}
