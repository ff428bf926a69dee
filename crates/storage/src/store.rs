//! The database behind one address, whichever engine it names.

use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use sqlx::any::AnyPoolOptions;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Any, AnyConnection, AnyPool, Executor as _, Transaction};

use crate::blobs::{Blobs, S3Keys};
use crate::columns::Columns as _;
use crate::errors::StorageError;
use crate::identity;
use crate::in_use::Alone;
use crate::keys::{KeyStore, Keys, MasterKeys};
use crate::migrations;

/// Connections that read at once.
const READERS: u32 = 8;
/// How long a use-case waits for a connection before it fails.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(15);

/// Where everything is kept.
pub struct StoreConfig {
    /// `sqlite://path` or `postgres://…`.
    pub database_url: SecretString,
    /// The key store: a database of its own, `sqlite://path` or `postgres://…`.
    pub keys_url: SecretString,
    /// Wrap the data keys. Kept outside both databases.
    pub master_keys: MasterKeys,
    /// `file:///absolute/folder`, or `s3://bucket/prefix?endpoint=…&region=…`.
    pub blobs_url: String,
    /// The keys of the S3 store; `None` for a folder.
    pub s3_keys: Option<S3Keys>,
}

/// Which engine an address names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// The columns of a table with their types, in the engine's own words; none: there is no such table.
    pub(crate) async fn columns(
        self,
        conn: &mut AnyConnection,
        table: &str,
    ) -> Result<Vec<(String, String)>, StorageError> {
        let text = match self {
            Self::Sqlite => "SELECT name, type AS kind FROM pragma_table_info($1) ORDER BY cid",
            Self::Postgres => {
                "SELECT CAST(column_name AS TEXT) AS name, CAST(data_type AS TEXT) AS kind
                 FROM information_schema.columns
                 WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position"
            }
        };
        let rows = sqlx::query(text).bind(table).fetch_all(conn).await?;
        rows.iter().map(|row| Ok((row.text("name")?, row.text("kind")?))).collect()
    }
}

/// One database: a writer and readers.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    engine: Engine,
    write: AnyPool,
    read: AnyPool,
}

impl Database {
    pub(crate) async fn open(url: &SecretString) -> Result<Self, StorageError> {
        sqlx::any::install_default_drivers();
        let url = url.expose_secret();
        if let Some(rest) = url.strip_prefix("sqlite:") {
            let creating = if rest.contains("mode=") {
                url.to_owned()
            } else {
                format!("{url}{}mode=rwc", if rest.contains('?') { '&' } else { '?' })
            };
            // SQLite has one writer at a time. One connection for it makes writers wait here, in
            // order, instead of failing with SQLITE_BUSY there.
            let write = sqlite_pool(&creating, 1).await?;
            let read = sqlite_pool(&creating, READERS).await?;
            return Ok(Self { engine: Engine::Sqlite, write, read });
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            if !is_local_or_verified(&PgConnectOptions::from_str(url)?) {
                return Err(StorageError::InsecureDatabase);
            }
            // Two pools: a transaction that reads beside itself would wait for a connection that others like it hold.
            let pool = || {
                let options = AnyPoolOptions::new().max_connections(READERS);
                options.acquire_timeout(ACQUIRE_TIMEOUT).connect(url)
            };
            return Ok(Self {
                engine: Engine::Postgres,
                write: pool().await?,
                read: pool().await?,
            });
        }
        Err(StorageError::UnknownAddress)
    }

    pub(crate) const fn engine(&self) -> Engine {
        self.engine
    }

    pub(crate) const fn read(&self) -> &AnyPool {
        &self.read
    }

    pub(crate) const fn write(&self) -> &AnyPool {
        &self.write
    }

    /// Whether a table has a column, as the schema is now.
    pub(crate) async fn has(&self, table: &str, column: &str) -> Result<bool, StorageError> {
        let mut conn = self.read.acquire().await?;
        let columns = self.engine.columns(&mut conn, table).await?;
        Ok(columns.iter().any(|(name, _)| name == column))
    }

    pub(crate) async fn checkpoint(&self) -> Result<bool, StorageError> {
        if self.engine == Engine::Postgres {
            return Ok(true);
        }
        let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&self.write).await?;
        let busy: i64 = sqlx::Row::try_get(&row, 0)?;
        Ok(busy == 0)
    }

    pub(crate) async fn begin(&self) -> Result<Tx, StorageError> {
        Ok(Tx(match self.engine {
            // A deferred transaction that turns from reading to writing fails at once with
            // SQLITE_BUSY, whatever the timeout; an immediate one waits its turn.
            Engine::Sqlite => self.write.begin_with("BEGIN IMMEDIATE").await?,
            Engine::Postgres => self.write.begin().await?,
        }))
    }

    /// Begins a transaction that reads, and sees nothing of what is committed after its first statement.
    pub(crate) async fn snapshot(&self) -> Result<Tx, StorageError> {
        Ok(Tx(match self.engine {
            Engine::Sqlite => self.read.begin_with("BEGIN").await?,
            Engine::Postgres => {
                self.read.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?
            }
        }))
    }

    pub(crate) async fn close(&self) {
        if self.engine == Engine::Sqlite {
            // Leaves no old page behind in the write-ahead log. A reader may hold it back; the next
            // start tries again.
            let _ = self.write.execute("PRAGMA wal_checkpoint(TRUNCATE)").await;
        }
        self.write.close().await;
        self.read.close().await;
    }
}

async fn sqlite_pool(url: &str, connections: u32) -> Result<AnyPool, StorageError> {
    let options = AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // A file does not hang up: asking first would only cost a turn of the connection's thread.
        .test_before_acquire(false)
        .after_connect(|conn, _| {
            Box::pin(async move {
                // FULL: a commit survives a power cut. secure_delete: what is deleted is overwritten.
                conn.execute("PRAGMA busy_timeout = 5000").await?;
                conn.execute("PRAGMA journal_mode = WAL").await?;
                conn.execute("PRAGMA synchronous = FULL").await?;
                conn.execute("PRAGMA foreign_keys = ON").await?;
                conn.execute("PRAGMA secure_delete = ON").await?;
                Ok(())
            })
        });
    Ok(options.connect(url).await?)
}

/// Whether an address can be one of a database, as far as can be seen without asking it; what is wrong with it else. The
/// address may hold a password, the answer never does.
pub fn check_address(url: &str) -> Result<(), &'static str> {
    const NO_ADDRESS: &str =
        "is no address of a database; in a password, %40 stands for @, %2F for / and %23 for #";
    if url.starts_with("sqlite:") {
        return SqliteConnectOptions::from_str(url).map(|_| ()).map_err(|_| NO_ADDRESS);
    }
    let options = PgConnectOptions::from_str(url).map_err(|_| NO_ADDRESS)?;
    let safe = is_local_or_verified(&options);
    safe.then_some(()).ok_or("names a database on another machine: that takes ?sslmode=verify-full")
}

/// The host of a PostgreSQL, as it would be asked; `None` for a socket, a file, and what is no address.
pub fn database_host(url: &str) -> Option<String> {
    let is_postgres = url.starts_with("postgres://") || url.starts_with("postgresql://");
    let options = is_postgres.then(|| PgConnectOptions::from_str(url).ok()).flatten()?;
    let host = options.get_host();
    let is_socket = options.get_socket().is_some() || host.starts_with('/');
    (!is_socket).then(|| host.to_owned())
}

/// A database on this machine (socket or loopback) needs no TLS; another needs a verified one. Asked of what the driver
/// makes of the address, which has several ways to name a host.
fn is_local_or_verified(options: &PgConnectOptions) -> bool {
    let host = options.get_host();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    matches!(options.get_ssl_mode(), PgSslMode::VerifyFull)
        || options.get_socket().is_some()
        || host.starts_with('/')
        || host == "localhost"
        || address.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

struct Inner {
    database: Database,
    keys: Keys,
    blobs: Blobs,
}

/// A cheap handle to database, keys and blobs.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

impl Store {
    /// Connects to everything, checks that the master key fits, and brings the key store's schema up to date where it
    /// does; the main one waits for [`Store::migrate`].
    pub async fn open(config: &StoreConfig) -> Result<Self, StorageError> {
        let keys_database = Database::open(&config.keys_url).await?;
        let keys = Keys::open(keys_database, &config.master_keys).await?;
        let database = Database::open(&config.database_url).await?;
        let blobs = Blobs::open(&config.blobs_url, config.s3_keys.as_ref(), keys.clone())?;
        Ok(Self(Arc::new(Inner { database, keys, blobs })))
    }

    /// Checks that the database is whole and the key store its own. Changes nothing, whatever the version of the schema.
    pub async fn check(&self) -> Result<(), StorageError> {
        if self.0.keys.restore_begun().await?.is_some() {
            return Err(StorageError::RestoreInterrupted);
        }
        identity::refuse_other(&self.0.database, &self.0.keys).await
    }

    /// Brings the schema up to date, after [`Store::check`]. Safe to call from several processes at once.
    pub async fn migrate(&self) -> Result<(), StorageError> {
        self.check().await?;
        migrations::run(&self.0.database).await?;
        identity::check(&self.0.database, &self.0.keys).await
    }

    /// Takes the key store at hand for the database's own from now on. What the one before sealed can be read again
    /// when that is back, and no sooner.
    pub async fn adopt_key_store(&self, _alone: &Alone) -> Result<(), StorageError> {
        migrations::run(&self.0.database).await?;
        identity::adopt(&self.0.database, &self.0.keys).await
    }

    /// The database itself, for backups.
    pub(crate) fn database(&self) -> &Database {
        &self.0.database
    }

    /// Connections for reading.
    pub fn read(&self) -> &AnyPool {
        self.0.database.read()
    }

    /// Starts a transaction that may write.
    pub async fn begin(&self) -> Result<Tx, StorageError> {
        self.0.database.begin().await
    }

    /// Makes what was overwritten or deleted go from the database's files too: on SQLite the write-ahead log is
    /// emptied into the database. `false` while somebody reads what was before; to be tried again. PostgreSQL
    /// does this in its own time (vacuum, and the recycling of its log).
    pub async fn forget_overwritten(&self) -> Result<bool, StorageError> {
        self.0.database.checkpoint().await
    }

    /// The data keys.
    pub fn keys(&self) -> &Keys {
        &self.0.keys
    }

    /// The key store, for those who look after it.
    pub fn key_store(&self) -> KeyStore {
        KeyStore::of(self.0.keys.clone())
    }

    /// The large objects.
    pub fn blobs(&self) -> &Blobs {
        &self.0.blobs
    }

    /// Whether the database takes writes. Changes nothing.
    pub async fn is_writable(&self) -> Result<(), StorageError> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM leases WHERE bot_id = -1").execute(tx.conn()).await?;
        tx.commit().await
    }

    /// Closes all connections after what is under way.
    pub async fn close(&self) {
        self.0.database.close().await;
        self.0.keys.close().await;
    }

    /// `sqlite` or `postgres`.
    pub fn engine_name(&self) -> &'static str {
        match self.0.database.engine() {
            Engine::Sqlite => "sqlite",
            Engine::Postgres => "postgres",
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("engine", &self.engine_name()).finish_non_exhaustive()
    }
}

/// A transaction. Rolls back unless committed.
#[derive(Debug)]
pub struct Tx(Transaction<'static, Any>);

impl Tx {
    /// The connection that the transaction runs on.
    pub fn conn(&mut self) -> &mut AnyConnection {
        &mut self.0
    }

    /// Makes it last.
    pub async fn commit(self) -> Result<(), StorageError> {
        Ok(self.0.commit().await?)
    }
}

#[cfg(test)]
mod tests {
    use super::check_address;

    #[test]
    fn only_verified_remotes_are_taken() {
        for good in [
            "postgres:///wardesk?host=/run/postgresql",
            "postgres://u:p@localhost/wardesk",
            "postgres://u:p@127.0.0.1:5432/wardesk",
            "postgres://u@[::1]/w",
            "postgres://db.example/w?sslmode=verify-full",
        ] {
            assert_eq!(check_address(good), Ok(()), "{good}");
        }
        for bad in [
            "postgres://db.example/w",
            "postgres://localhost@db.example/w",
            "postgres://localhost/w?host=db.example",
            "postgres://db.example/w?sslmode=require",
            "postgres://10.0.0.1/w",
            "postgres://localhost/w?hostaddr=203.0.113.9",
            "postgres://db.example/w?sslmode=verify-full&sslmode=disable",
        ] {
            assert!(check_address(bad).is_err(), "{bad}");
        }
    }
}
