//! Makes a backup, while the service runs.

use std::path::Path;

use domain::time::Millis;
use futures::TryStreamExt as _;
use sqlx::{AnyConnection, AssertSqlSafe};

use super::archive::Writer;
use super::cipher::Recipient;
use super::files::{self, Object};
use super::frames::{Contents, End, FORM, Frame, Header, Table};
use super::seal::SealKey;
use super::{rows, tables};
use crate::Store;
use crate::columns::Columns as _;
use crate::errors::StorageError;
use crate::keys::KeyStore;
use crate::store::Engine;

/// What was put into a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Made {
    /// Rows of the database.
    pub rows: u64,
    /// Files.
    pub files: u64,
    /// Files that the database names and that are not in the store. What they were is lost already.
    pub missing: u64,
    /// Bytes of the backup.
    pub length: u64,
}

/// Makes a backup of the content: the database in one snapshot, and each file that it names. `now` is when it is made.
pub async fn make(
    store: &Store,
    path: &Path,
    recipient: &Recipient,
    now: Millis,
) -> Result<Made, StorageError> {
    let text = crate::blobs::hex(&crate::keys::random::<16>());
    let seal = SealKey::new(store.keys(), &text).await?;
    let mut making = Making::begin(path, recipient, Some(seal))?;
    let written = put_content(store, now, text, &mut making).await;
    making.finish(written).await
}

/// Makes a backup of the key store. What is in it stays wrapped by the master keys, which are in no backup.
pub async fn make_keys(
    keys: &KeyStore,
    path: &Path,
    recipient: &Recipient,
    now: Millis,
) -> Result<Made, StorageError> {
    let mut making = Making::begin(path, recipient, None)?;
    let written = put_keys(keys, now, &mut making).await;
    making.finish(written).await
}

/// A backup that is being made: its file, and what is in it so far.
struct Making {
    writer: Writer,
    end: End,
}

impl Making {
    fn begin(
        path: &Path,
        recipient: &Recipient,
        seal: Option<SealKey>,
    ) -> Result<Self, StorageError> {
        let end = End { tables: 0, rows: 0, files: 0, missing: 0, gone: 0 };
        Ok(Self { writer: Writer::create(path, recipient, seal)?, end })
    }

    /// Puts every table of these contents into it, as a snapshot shows them.
    async fn tables(
        &mut self,
        conn: &mut AnyConnection,
        engine: Engine,
        contents: Contents,
    ) -> Result<(), StorageError> {
        for table in &tables::all(&mut *conn, engine, contents).await? {
            if tables::is_kept(contents, &table.name) {
                self.table(&mut *conn, table).await?;
            }
        }
        Ok(())
    }

    async fn table(&mut self, conn: &mut AnyConnection, table: &Table) -> Result<(), StorageError> {
        self.writer.put(Frame::Table(table.clone())).await?;
        let mut sum = rows::Summing::default();
        let text = AssertSqlSafe(format!("SELECT {} FROM {}", tables::list(table), table.name));
        let mut found = sqlx::query(text).fetch(conn);
        while let Some(row) = found.try_next().await? {
            let row = rows::encode(table, &row)?;
            sum.add(&row);
            self.writer.put(Frame::Row(row)).await?;
        }
        let sum = sum.sum();
        self.end.tables += 1;
        self.end.rows += sum.rows;
        self.writer.put(Frame::TableEnd(sum)).await
    }

    /// Gives the file its name, if everything was `written`.
    async fn finish(self, written: Result<(), StorageError>) -> Result<Made, StorageError> {
        let Self { writer, end } = self;
        let ended = match &written {
            Ok(()) => writer.put(Frame::End(end.clone())).await,
            Err(_) => Ok(()),
        };
        // Where the file could not be written, this says why; the other errors say only that it stopped.
        let length = writer.finish().await;
        match (written, length) {
            (Err(StorageError::Source) | Ok(()), Err(error)) | (Err(error), _) => Err(error),
            (Ok(()), Ok(length)) => {
                ended?;
                Ok(Made { rows: end.rows, files: end.files, missing: end.missing, length })
            }
        }
    }
}

async fn schema(conn: &mut AnyConnection) -> Result<i64, StorageError> {
    let row = sqlx::query("SELECT MAX(version) AS version FROM _sqlx_migrations").fetch_one(conn);
    row.await?.int("version")
}

async fn put_content(
    store: &Store,
    now: Millis,
    seal: String,
    making: &mut Making,
) -> Result<(), StorageError> {
    let database = store.database();
    let mut snapshot = database.snapshot().await?;
    let header = Header {
        form: FORM,
        contents: Contents::Content,
        made_at: now.0,
        schema: schema(snapshot.conn()).await?,
        key_store: store.keys().store_id().to_owned(),
        masters: Vec::new(),
        seal,
    };
    making.writer.put(Frame::Header(header)).await?;
    making.tables(snapshot.conn(), database.engine(), Contents::Content).await?;
    let objects = objects(snapshot.conn()).await?;
    // Files are read without the snapshot: it keeps the database from tidying up.
    drop(snapshot);
    for object in &objects {
        if files::put(&making.writer, store.blobs(), object).await? {
            making.end.files += 1;
        } else if is_named(store, object).await? {
            making.end.missing += 1;
        } else {
            making.end.gone += 1;
        }
    }
    Ok(())
}

async fn put_keys(keys: &KeyStore, now: Millis, making: &mut Making) -> Result<(), StorageError> {
    let database = keys.database();
    let mut snapshot = database.snapshot().await?;
    let version = schema(snapshot.conn()).await?;
    let names = "SELECT DISTINCT master_id FROM data_keys
                 UNION SELECT master_id FROM key_check ORDER BY master_id";
    let names = sqlx::query(names).fetch_all(snapshot.conn()).await?;
    let header = Header {
        form: FORM,
        contents: Contents::Keys,
        made_at: now.0,
        schema: version,
        key_store: keys.store_id().to_owned(),
        masters: names.iter().map(|row| row.text("master_id")).collect::<Result<_, _>>()?,
        seal: String::new(),
    };
    making.writer.put(Frame::Header(header)).await?;
    making.tables(snapshot.conn(), database.engine(), Contents::Keys).await
}

/// The objects that rows name.
async fn objects(conn: &mut AnyConnection) -> Result<Vec<Object>, StorageError> {
    let mut all = Vec::new();
    for (table, guild, blob, _) in tables::OBJECTS {
        let text = format!(
            "SELECT DISTINCT {guild} AS guild, {blob} AS blob FROM {table} WHERE {blob} IS NOT NULL"
        );
        let mut found = sqlx::query(AssertSqlSafe(text)).fetch(&mut *conn);
        while let Some(row) = found.try_next().await? {
            all.push((row.int("guild")?, row.text("blob")?));
        }
    }
    Ok(all)
}

/// Whether a row still names an object that is not there: else it was removed while the backup was made.
async fn is_named(store: &Store, (guild, blob): &Object) -> Result<bool, StorageError> {
    for (table, guild_column, blob_column, counts) in tables::OBJECTS {
        let text = format!(
            "SELECT 1 AS found FROM {table} WHERE {guild_column} = $1 AND {blob_column} = $2 AND {counts} LIMIT 1"
        );
        let row = sqlx::query(AssertSqlSafe(text)).bind(guild).bind(blob.as_str());
        if row.fetch_optional(store.read()).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}
