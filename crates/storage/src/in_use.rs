//! Who uses a database: every process says so for as long as it runs, and what needs a database for itself alone is
//! refused meanwhile.
//!
//! It is a lock of the system and no row: it ends with the process that has it, however that ends, and no clock has to
//! be right. With PostgreSQL it is an advisory lock of a connection of its own. With SQLite, whose own locks come and go
//! with each transaction, it lies on an empty file beside the database.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, fchown};
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use sqlx::{AnyConnection, Connection as _, Row as _};
use tokio::time::{Instant, sleep, timeout};

use crate::Store;
use crate::backup::BackupProblem;
use crate::columns::Columns as _;
use crate::errors::StorageError;
use crate::keys::KeyStore;
use crate::store::{Database, Engine};

/// What follows the name of SQLite's file in the name of the one that is locked.
const LOCK: &str = ".lock";
/// How long somebody is waited for who is just ending.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often it is looked meanwhile.
const LOOK: Duration = Duration::from_millis(50);
/// How often it is looked whether a connection is still there.
const BEAT: Duration = Duration::from_secs(3);
/// How long the database may take to answer.
const ANSWER: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, Copy)]
enum How {
    Together,
    Alone,
}

/// A lock on one database.
#[derive(Debug)]
enum Hold {
    /// On a database that no other process can open: it is in memory.
    Private,
    /// On the file beside SQLite's; it is let go with the file.
    #[expect(dead_code, reason = "held, and never read")]
    File(File),
    /// An advisory lock of PostgreSQL; it is let go with the connection.
    Connection(Box<AnyConnection>),
    /// Of a connection that broke.
    Lost,
}

impl Hold {
    /// Takes the lock, if nobody else's keeps it from that.
    async fn try_take(database: &Database, how: How) -> Result<Option<Self>, StorageError> {
        match database.engine() {
            Engine::Sqlite => {
                let text = "SELECT file FROM pragma_database_list WHERE name = 'main'";
                let row = sqlx::query(text).fetch_one(database.read()).await?;
                let file = row.text_opt("file")?.filter(|file| !file.is_empty());
                let Some(file) = file else { return Ok(Some(Self::Private)) };
                let locked = lock_beside(Path::new(&file), how).map_err(StorageError::Files)?;
                Ok(locked.map(Self::File))
            }
            Engine::Postgres => {
                let mut conn = database.write().acquire().await?.detach();
                // A machine that is gone without a word lets go as well, in about half a minute.
                for text in [
                    "SET tcp_keepalives_idle = 10",
                    "SET tcp_keepalives_interval = 5",
                    "SET tcp_keepalives_count = 3",
                ] {
                    sqlx::query(text).execute(&mut conn).await?;
                }
                // The number says which schema it is: several installations may have one each in a database.
                let text = match how {
                    How::Together => {
                        "SELECT pg_try_advisory_lock_shared(
                             hashtextextended('wardesk ' || current_schema(), 0)) AS taken"
                    }
                    How::Alone => {
                        "SELECT pg_try_advisory_lock(
                             hashtextextended('wardesk ' || current_schema(), 0)) AS taken"
                    }
                };
                let row = sqlx::query(text).fetch_one(&mut conn).await?;
                if row.try_get("taken")? {
                    return Ok(Some(Self::Connection(Box::new(conn))));
                }
                conn.close().await?;
                Ok(None)
            }
        }
    }

    /// The same; somebody who is just ending is waited for.
    async fn take(database: &Database, how: How) -> Result<Option<Self>, StorageError> {
        let end = Instant::now() + PATIENCE;
        loop {
            let hold = Self::try_take(database, how).await?;
            if hold.is_some() || Instant::now() >= end {
                return Ok(hold);
            }
            sleep(LOOK).await;
        }
    }

    /// Whether it is still there.
    async fn is_held(&mut self) -> bool {
        match self {
            Self::Private | Self::File(_) => true,
            Self::Connection(conn) => matches!(timeout(ANSWER, conn.ping()).await, Ok(Ok(()))),
            Self::Lost => false,
        }
    }

    async fn end(self) {
        if let Self::Connection(conn) = self {
            // One that cannot say goodbye is gone as well.
            let _ = timeout(ANSWER, conn.close()).await;
        }
    }
}

/// Locks the file beside the one of a database; `None`: somebody else's lock forbids it.
fn lock_beside(database: &Path, how: How) -> io::Result<Option<File>> {
    let mut name = database.as_os_str().to_owned();
    name.push(LOCK);
    let file = open_or_make(&PathBuf::from(name), database)?;
    let locked = match how {
        How::Together => file.try_lock_shared(),
        How::Alone => file.try_lock(),
    };
    match locked {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Opens the file that is locked. Whoever may open the database may open it, also when somebody else made it: an
/// operator as root, say.
fn open_or_make(path: &Path, database: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o644);
    match options.open(path) {
        Ok(file) => {
            let (theirs, ours) = (std::fs::metadata(database)?, file.metadata()?);
            if (theirs.uid(), theirs.gid()) != (ours.uid(), ours.gid()) {
                // Who may not give it away made it for themselves.
                let _ = fchown(&file, Some(theirs.uid()), Some(theirs.gid()));
            }
            Ok(file)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => File::open(path),
        Err(error) => Err(error),
    }
}

/// Says that this process uses databases, as others may: nobody has them alone while it is there.
#[derive(Debug)]
#[must_use = "the databases count as used only as long as this is kept"]
pub struct InUse(Vec<(Database, Hold)>);

impl InUse {
    async fn of(databases: &[&Database]) -> Result<Self, StorageError> {
        let mut holds = Vec::with_capacity(databases.len());
        for &database in databases {
            let hold = Hold::take(database, How::Together).await?;
            holds.push((database.clone(), hold.ok_or(BackupProblem::Taken)?));
        }
        Ok(Self(holds))
    }

    /// Returns when somebody has a database alone by now: the connection that held it broke, and a restore was quicker
    /// than this process. Whoever hears of it has to end. A hold that is lost is taken again before that where it can be.
    pub async fn lost(&mut self) {
        loop {
            sleep(BEAT).await;
            for (database, hold) in &mut self.0 {
                if hold.is_held().await {
                    continue;
                }
                *hold = Hold::Lost;
                match timeout(ANSWER, Hold::try_take(database, How::Together)).await {
                    Ok(Ok(Some(again))) => *hold = again,
                    Ok(Ok(None)) => return,
                    // The database cannot be reached, for nobody's restore either.
                    Ok(Err(_)) | Err(_) => {}
                }
            }
        }
    }

    /// Lets go. What is dropped is let go as well, a moment later.
    pub async fn end(self) {
        for (_, hold) in self.0 {
            hold.end().await;
        }
    }
}

/// The proof that no other process uses a database, nor will while this is there.
#[derive(Debug)]
#[must_use = "the databases are this process's alone only as long as this is kept"]
pub struct Alone(Vec<Hold>);

impl Alone {
    async fn add(&mut self, database: &Database) -> Result<(), StorageError> {
        let hold = Hold::take(database, How::Alone).await?;
        self.0.push(hold.ok_or(BackupProblem::InUse)?);
        Ok(())
    }

    /// On the database at this address. One that cannot be reached, or is not there, is in nobody's use.
    pub async fn at(url: &SecretString) -> Result<Self, StorageError> {
        let address = url.expose_secret();
        // Asking makes no database.
        let address = if address.starts_with("sqlite:") && !address.contains("mode=") {
            let join = if address.contains('?') { '&' } else { '?' };
            SecretString::from(format!("{address}{join}mode=rw"))
        } else {
            url.clone()
        };
        let mut alone = Self(Vec::new());
        let Ok(database) = Database::open(&address).await else { return Ok(alone) };
        let added = alone.add(&database).await;
        database.close().await;
        added.map(|()| alone)
    }

    /// Lets go. What is dropped is let go as well, a moment later.
    pub async fn end(self) {
        for hold in self.0 {
            hold.end().await;
        }
    }
}

impl Store {
    /// Says that this process uses the database and the key store. Refused while somebody has one of them alone.
    pub async fn use_with_others(&self) -> Result<InUse, StorageError> {
        InUse::of(&[self.database(), self.key_store().database()]).await
    }

    /// Takes the database and the key store for this process alone. Refused while any other uses one of them.
    pub async fn use_alone(&self) -> Result<Alone, StorageError> {
        let mut alone = Alone(Vec::new());
        alone.add(self.database()).await?;
        alone.add(self.key_store().database()).await?;
        Ok(alone)
    }
}

impl KeyStore {
    /// Says that this process uses the key store. Refused while somebody has it alone.
    pub async fn use_with_others(&self) -> Result<InUse, StorageError> {
        InUse::of(&[self.database()]).await
    }

    /// Takes the key store for this process alone as well, beside the database that it has already.
    pub async fn use_alone(&self, mut content: Alone) -> Result<Alone, StorageError> {
        content.add(self.database()).await?;
        Ok(content)
    }
}
