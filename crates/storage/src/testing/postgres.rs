//! Databases of their own on a PostgreSQL server, copied from one whose schema is up to date: to bring each of them there
//! would take longer than most tests, and a catalogue of hundreds of schemas would slow all of them down.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use secrecy::SecretString;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _};
use tokio::sync::OnceCell;
use url::Url;
use uuid::Uuid;

use crate::migrations;
use crate::store::Database;

/// Held while a template is made: other test programs use the same server. An arbitrary number.
const MAKING: i64 = 7_203_846_511;

/// A database that goes with this.
pub(super) struct OwnDatabase {
    /// The address of the server's own database.
    server: String,
    name: String,
}

impl OwnDatabase {
    /// A fresh one, migrated, on the server at an address.
    pub async fn new(server: &str) -> Self {
        static TEMPLATE: OnceCell<String> = OnceCell::const_new();
        sqlx::any::install_default_drivers();
        let template = TEMPLATE.get_or_init(|| template(server)).await;
        let name = format!("t_{}", Uuid::now_v7().simple());
        run(server, format!("CREATE DATABASE {name} TEMPLATE {template}")).await.unwrap();
        Self { server: server.to_owned(), name }
    }

    /// A fresh one with nothing in it.
    pub async fn empty(server: &str) -> Self {
        sqlx::any::install_default_drivers();
        let name = format!("t_{}", Uuid::now_v7().simple());
        run(server, format!("CREATE DATABASE {name}")).await.unwrap();
        Self { server: server.to_owned(), name }
    }

    /// Its address.
    pub fn url(&self) -> SecretString {
        on(&self.server, &self.name)
    }
}

impl Drop for OwnDatabase {
    /// Nobody waits for it. What the end of the program leaves goes with the server.
    fn drop(&mut self) {
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let server = self.server.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map(|runtime| runtime.block_on(run(&server, statement)))
        });
    }
}

/// The name of the database that others are copied from. Made under another name, so that half of one is never used.
async fn template(server: &str) -> String {
    let mut schema = DefaultHasher::new();
    migrations::texts(false).hash(&mut schema);
    let name = format!("wardesk_{:016x}", schema.finish());
    let mut lock = AnyConnection::connect(server).await.unwrap();
    sqlx::query("SELECT pg_advisory_lock($1)").bind(MAKING).execute(&mut lock).await.unwrap();
    let there = sqlx::query("SELECT 1 FROM pg_database WHERE datname = $1").bind(&name);
    if there.fetch_optional(&mut lock).await.unwrap().is_none() {
        let making = format!("{name}_making");
        run(server, format!("DROP DATABASE IF EXISTS {making}")).await.unwrap();
        run(server, format!("CREATE DATABASE {making}")).await.unwrap();
        let database = Database::open(&on(server, &making)).await.unwrap();
        migrations::run(&database).await.unwrap();
        database.close().await;
        run(server, format!("ALTER DATABASE {making} RENAME TO {name}")).await.unwrap();
    }
    lock.close().await.unwrap();
    name
}

/// The address of another database on the same server.
fn on(server: &str, database: &str) -> SecretString {
    let mut url = Url::parse(server).unwrap();
    url.set_path(database);
    SecretString::from(String::from(url))
}

async fn run(server: &str, statement: String) -> Result<(), sqlx::Error> {
    let mut connection = AnyConnection::connect(server).await?;
    sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await?;
    connection.close().await
}
