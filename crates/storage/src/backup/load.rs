//! The tables of a backup, put into a database.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sqlx::AssertSqlSafe;

use super::BackupProblem;
use super::archive::Reader;
use super::files::Taking;
use super::frames::{Contents, End, FORM, Frame, Header, Sum, Table};
use super::rows::{self, Value};
use super::tables;
use crate::errors::StorageError;
use crate::migrations;
use crate::store::Database;

/// Values of one statement, at most: older versions of SQLite take 999.
const VALUES: usize = 900;
/// Bytes of the rows of one transaction, about.
const BYTES: usize = 1 << 20;

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

/// Puts every table into `database`, whose schema is the backup's, and the files to where `files` takes them.
pub(super) async fn load(
    reader: &mut Reader,
    database: &Database,
    contents: Contents,
    files: &mut Taking<'_>,
) -> Result<Loaded, StorageError> {
    let mut tx = database.begin().await?;
    let known = tables::all(tx.conn(), database.engine(), contents).await?;
    tx.commit().await?;
    let mut loaded = BTreeMap::new();
    let damaged = |text| Err(StorageError::from(BackupProblem::Damaged(text)));
    loop {
        match reader.next().await? {
            Frame::Table(table) => {
                // By name: an engine may have added columns in another order.
                let is_known = known.iter().any(|one| {
                    one.name == table.name
                        && one.columns.len() == table.columns.len()
                        && table.columns.iter().all(|column| one.columns.contains(column))
                });
                if !is_known || loaded.contains_key(&table.name) {
                    return damaged("it has a table that its version has not");
                }
                let sum = load_table(reader, database, &table).await?;
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
    database: &Database,
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
                    insert(database, table, &mut waiting).await?;
                    bytes = 0;
                }
            }
            Frame::TableEnd(said) => {
                insert(database, table, &mut waiting).await?;
                if said != sum.sum() {
                    return Err(BackupProblem::Damaged("rows are missing").into());
                }
                return Ok(said);
            }
            _ => return Err(BackupProblem::Damaged("its parts have no order").into()),
        }
    }
}

/// Inserts rows in one transaction.
async fn insert(
    database: &Database,
    table: &Table,
    rows: &mut Vec<Vec<Value>>,
) -> Result<(), StorageError> {
    let mut tx = database.begin().await?;
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
        let mut query = sqlx::query(AssertSqlSafe(text));
        for value in some.iter().flatten() {
            query = match value {
                Value::Int(value) => query.bind(*value),
                Value::Text(value) => query.bind(value.as_deref()),
                Value::Bytes(value) => query.bind(value.as_deref()),
            };
        }
        query.execute(tx.conn()).await?;
    }
    rows.clear();
    tx.commit().await
}
