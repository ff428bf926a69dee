//! Fresh stores for tests: SQLite always, PostgreSQL when `WARDESK_TEST_POSTGRES_URL` names one.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::missing_panics_doc,
    reason = "only tests use this module"
)]

use secrecy::{ExposeSecret as _, SecretBox, SecretString};
use sqlx::{AnyPool, AssertSqlSafe};
use tempfile::TempDir;
use uuid::Uuid;

use crate::store::{Store, StoreConfig};

/// A store of its own, with what keeps it alive.
pub struct TestStore {
    /// `sqlite` or `postgres`.
    pub engine: &'static str,
    /// The store, migrated.
    pub store: Store,
    /// What it was opened with; open it again to see what a restart sees.
    pub config: StoreConfig,
    /// The folder of its files; removed when this is dropped.
    pub folder: TempDir,
}

/// One fresh store for each engine at hand.
pub async fn stores() -> Vec<TestStore> {
    let mut all = vec![sqlite().await];
    if let Ok(url) = std::env::var("WARDESK_TEST_POSTGRES_URL") {
        all.push(postgres(&url).await);
    }
    all
}

/// A fresh SQLite store.
pub async fn sqlite() -> TestStore {
    let folder = TempDir::new().unwrap();
    let path = folder.path().display();
    let url = SecretString::from(format!("sqlite://{path}/wardesk.db"));
    finish("sqlite", folder, url).await
}

/// A fresh PostgreSQL store: a schema of its own in the database at `url`.
pub async fn postgres(url: &str) -> TestStore {
    sqlx::any::install_default_drivers();
    let schema = format!("t_{}", Uuid::now_v7().simple());
    let pool = AnyPool::connect(url).await.unwrap();
    let create = AssertSqlSafe(format!("CREATE SCHEMA {schema}"));
    sqlx::query(create).execute(&pool).await.unwrap();
    pool.close().await;
    let join = if url.contains('?') { '&' } else { '?' };
    let url = SecretString::from(format!("{url}{join}options[search_path]={schema}"));
    finish("postgres", TempDir::new().unwrap(), url).await
}

async fn finish(engine: &'static str, folder: TempDir, database_url: SecretString) -> TestStore {
    let path = folder.path().display();
    let config = StoreConfig {
        database_url,
        keys_url: SecretString::from(format!("sqlite://{path}/keys.db")),
        master_key: SecretBox::new(Box::new([7; 32])),
        blobs_url: format!("file://{path}/blobs"),
    };
    let store = Store::open(&config).await.unwrap();
    store.migrate().await.unwrap();
    TestStore { engine, store, config, folder }
}

impl TestStore {
    /// Opens the same store once more, as another process would.
    pub async fn again(&self) -> Store {
        let key = *self.config.master_key.expose_secret();
        Store::open(&StoreConfig {
            database_url: self.config.database_url.clone(),
            keys_url: self.config.keys_url.clone(),
            master_key: SecretBox::new(Box::new(key)),
            blobs_url: self.config.blobs_url.clone(),
        })
        .await
        .unwrap()
    }
}
