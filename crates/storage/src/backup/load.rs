//! The tables of a backup, put into a database.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use sqlx::{AnyConnection, AssertSqlSafe};

use super::BackupProblem;
use super::archive::Reader;
use super::cipher::Identities;
use super::files::Taking;
use super::frames::{Contents, End, FORM, Frame, Header, Sum, Table};
use super::rows::{self, Value};
use super::seal::SealKey;
use super::tables;
use crate::errors::StorageError;
use crate::keys::Keys;
use crate::migrations;
use crate::store::Database;

/// Values of one statement, at most: older versions of SQLite take 999.
const VALUES: usize = 900;
/// Bytes of the rows of one transaction, about.
const BYTES: usize = 1 << 20;

/// A row, one value for each column of its table.
pub(super) type Row = Vec<Value>;

/// Where rows go.
pub(super) enum Target<'a> {
    /// Into a database whose schema is the backup's, some in each transaction.
    Database(&'a Database),
    /// Into memory, all of them: of a key store.
    Memory(&'a mut Vec<(Table, Vec<Row>)>),
    /// Nowhere: they are compared with their sums.
    Nowhere,
}

impl Target<'_> {
    /// Takes some rows of a table, and leaves none.
    async fn take(&mut self, table: &Table, rows: &mut Vec<Row>) -> Result<(), StorageError> {
        match self {
            Self::Database(database) => {
                let mut tx = database.begin().await?;
                insert(tx.conn(), table, rows, "").await?;
                rows.clear();
                tx.commit().await
            }
            Self::Memory(all) => {
                if all.last().is_none_or(|(last, _)| last.name != table.name) {
                    all.push((table.clone(), Vec::new()));
                }
                if let Some((_, kept)) = all.last_mut() {
                    kept.append(rows);
                }
                Ok(())
            }
            Self::Nowhere => {
                rows.clear();
                Ok(())
            }
        }
    }
}

/// What was read.
pub(super) struct Loaded {
    pub(super) tables: BTreeMap<String, Sum>,
    pub(super) end: End,
}

/// The header, if the backup is one of these contents that this version knows.
pub(super) async fn header(
    reader: &mut Reader,
    contents: Option<Contents>,
) -> Result<Header, StorageError> {
    let Frame::Header(header) = reader.next().await? else {
        return Err(BackupProblem::Damaged("it has no header").into());
    };
    if contents.is_some_and(|contents| contents != header.contents) {
        return Err(BackupProblem::OtherContents(header.contents.words()).into());
    }
    let newest = migrations::newest(header.contents == Contents::Keys);
    if header.form != FORM || header.schema > newest {
        return Err(BackupProblem::Newer.into());
    }
    Ok(header)
}

/// Reads a backup of the content from its beginning to its end, and compares everything in it with the sums and digests
/// that it has. It must have been made, and sealed, beside this key store.
pub(super) async fn verify(
    path: &Path,
    identities: Identities,
    keys: &Keys,
) -> Result<(Header, SealKey), StorageError> {
    let mut reader = Reader::open(path, identities);
    let header = header(&mut reader, Some(Contents::Content)).await?;
    if header.key_store != keys.store_id() {
        return Err(StorageError::OtherKeyStore);
    }
    let seal = SealKey::known(keys, &header.seal).await?;
    load(&mut reader, &mut Target::Nowhere, header.contents, &mut Taking::new(None)).await?;
    seal.check(&reader.proof().await?)?;
    Ok((header, seal))
}

/// Whether a table has the name and the columns of one of these. By name: an engine may have added columns in another
/// order.
fn is_one_of(known: &[Table], table: &Table) -> bool {
    known.iter().any(|one| {
        one.name == table.name
            && one.columns.len() == table.columns.len()
            && table.columns.iter().all(|column| one.columns.contains(column))
    })
}

/// Puts every table into `target`, and the files to where `files` takes them.
pub(super) async fn load(
    reader: &mut Reader,
    target: &mut Target<'_>,
    contents: Contents,
    files: &mut Taking<'_>,
) -> Result<Loaded, StorageError> {
    let known = match target {
        Target::Database(database) => {
            let mut tx = database.begin().await?;
            let known = tables::all(tx.conn(), database.engine(), contents).await?;
            tx.commit().await?;
            Some(known)
        }
        Target::Memory(_) | Target::Nowhere => None,
    };
    let mut loaded = BTreeMap::new();
    let damaged = |text| Err(StorageError::from(BackupProblem::Damaged(text)));
    loop {
        match reader.next().await? {
            Frame::Table(table) => {
                let is_known = match &known {
                    Some(known) => is_one_of(known, &table),
                    None => {
                        migrations::tables(contents == Contents::Keys).any(|one| one == table.name)
                    }
                };
                if !is_known || loaded.contains_key(&table.name) {
                    return damaged("it has a table that its version has not");
                }
                let sum = load_table(reader, target, &table).await?;
                loaded.insert(table.name, sum);
            }
            Frame::File(head) => files.begin(head)?,
            Frame::Piece(piece) => files.piece(&piece).await?,
            Frame::FileEnd(end) => files.end(&end).await?,
            Frame::End(end) => {
                let rows: u64 = loaded.values().map(|sum| sum.rows).sum();
                let taken = files.taken.len() as u64;
                if (end.tables, end.rows, end.files) != (loaded.len() as u64, rows, taken) {
                    return damaged("it holds less than it says");
                }
                return Ok(Loaded { tables: loaded, end });
            }
            Frame::Header(_) | Frame::Row(_) | Frame::TableEnd(_) => {
                return damaged("its parts have no order");
            }
        }
    }
}

async fn load_table(
    reader: &mut Reader,
    target: &mut Target<'_>,
    table: &Table,
) -> Result<Sum, StorageError> {
    let mut sum = rows::Summing::default();
    let (mut waiting, mut bytes) = (Vec::new(), 0);
    loop {
        match reader.next().await? {
            Frame::Row(row) => {
                sum.add(&row);
                bytes += row.len();
                waiting.push(rows::decode(table, &row)?);
                if bytes > BYTES {
                    target.take(table, &mut waiting).await?;
                    bytes = 0;
                }
            }
            Frame::TableEnd(said) => {
                target.take(table, &mut waiting).await?;
                if said != sum.sum() {
                    return Err(BackupProblem::Damaged("rows are missing").into());
                }
                return Ok(said);
            }
            _ => return Err(BackupProblem::Damaged("its parts have no order").into()),
        }
    }
}

/// Inserts rows; `rest` is the end of the statement.
pub(super) async fn insert(
    conn: &mut AnyConnection,
    table: &Table,
    rows: &[Row],
    rest: &str,
) -> Result<(), StorageError> {
    let at_once = (VALUES / table.columns.len().max(1)).max(1);
    for some in rows.chunks(at_once) {
        let mut text = format!("INSERT INTO {} ({}) VALUES ", table.name, tables::list(table));
        let mut number = 0;
        for row in 0..some.len() {
            text.push_str(if row == 0 { "(" } else { ", (" });
            for column in 0..table.columns.len() {
                number += 1;
                // Writing to a string cannot fail.
                let _ = write!(text, "{}${number}", if column == 0 { "" } else { ", " });
            }
            text.push(')');
        }
        text.push_str(rest);
        let mut query = sqlx::query(AssertSqlSafe(text));
        for value in some.iter().flatten() {
            query = match value {
                Value::Int(value) => query.bind(*value),
                Value::Text(value) => query.bind(value.as_deref()),
                Value::Bytes(value) => query.bind(value.as_deref()),
            };
        }
        query.execute(&mut *conn).await?;
    }
    Ok(())
}
