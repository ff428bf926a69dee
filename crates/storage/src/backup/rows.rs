//! One row: for each column a tag, and then what it holds. The same for every engine.

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::BackupProblem;
use super::frames::{Kind, Sum, Table};
use crate::errors::StorageError;

/// What a column holds in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Int(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

const NULL: u8 = 0;
const INT: u8 = 1;
const LONG: u8 = 2;

/// A row of the database as its frame.
pub(super) fn encode(table: &Table, row: &AnyRow) -> Result<Bytes, StorageError> {
    let mut out = Vec::with_capacity(table.columns.len() * 16);
    let long = |bytes: &[u8], out: &mut Vec<u8>| {
        let length = u32::try_from(bytes.len());
        let length = length.map_err(|_| BackupProblem::Value(table.name.clone()))?;
        out.push(LONG);
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(bytes);
        Ok::<(), StorageError>(())
    };
    for (index, column) in table.columns.iter().enumerate() {
        match column.kind {
            Kind::Int => match row.try_get::<Option<i64>, _>(index)? {
                Some(value) => {
                    out.push(INT);
                    out.extend_from_slice(&value.to_be_bytes());
                }
                None => out.push(NULL),
            },
            Kind::Text => match row.try_get::<Option<String>, _>(index)? {
                Some(value) => long(value.as_bytes(), &mut out)?,
                None => out.push(NULL),
            },
            Kind::Bytes => match row.try_get::<Option<Vec<u8>>, _>(index)? {
                Some(value) => long(&value, &mut out)?,
                None => out.push(NULL),
            },
        }
    }
    Ok(out.into())
}

/// The values of a frame.
pub(super) fn decode(table: &Table, row: &[u8]) -> Result<Vec<Value>, StorageError> {
    let mut rest = row;
    let mut take = |count: usize| {
        let (bytes, after) =
            rest.split_at_checked(count).ok_or(BackupProblem::Damaged("a row is cut short"))?;
        rest = after;
        Ok::<&[u8], StorageError>(bytes)
    };
    let mut values = Vec::with_capacity(table.columns.len());
    for column in &table.columns {
        let tag = take(1)?[0];
        let bytes = match tag {
            NULL => None,
            INT => Some(take(8)?),
            LONG => {
                let length: [u8; 4] = take(4)?.try_into().unwrap_or_default();
                Some(take(u32::from_be_bytes(length) as usize)?)
            }
            _ => return Err(BackupProblem::Damaged("a row").into()),
        };
        if bytes.is_some() && (tag == INT) != (column.kind == Kind::Int) {
            return Err(BackupProblem::Damaged("a row").into());
        }
        values.push(match column.kind {
            Kind::Int => {
                Value::Int(bytes.map(|b| i64::from_be_bytes(b.try_into().unwrap_or_default())))
            }
            Kind::Text => {
                let text = bytes.map(|bytes| String::from_utf8(bytes.to_vec())).transpose();
                Value::Text(text.map_err(|_| BackupProblem::Damaged("a row"))?)
            }
            Kind::Bytes => Value::Bytes(bytes.map(<[u8]>::to_vec)),
        });
    }
    if !rest.is_empty() {
        return Err(BackupProblem::Damaged("a row is too long").into());
    }
    Ok(values)
}

/// Counts rows and joins their digests.
#[derive(Debug, Default)]
pub(super) struct Summing {
    rows: u64,
    digest: [u8; 32],
}

impl Summing {
    pub(super) fn add(&mut self, row: &[u8]) {
        self.rows += 1;
        for (byte, more) in self.digest.iter_mut().zip(Sha256::digest(row)) {
            *byte ^= more;
        }
    }

    pub(super) fn sum(&self) -> Sum {
        Sum { rows: self.rows, digest: crate::blobs::hex(&self.digest) }
    }
}
