//! The form of a backup within its encryption: frames of a kind (1 byte), a length (4 bytes, big end first) and as many
//! bytes. A header, the tables with their rows, the files with their bytes, an end that says how much there was.

use std::io::{self, Read, Write};

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::BackupProblem;
use crate::errors::StorageError;

/// The form that this version writes.
pub(super) const FORM: u32 = 1;
/// Bytes of a frame, at most.
pub(super) const LONGEST: usize = 256 * 1024 * 1024;

/// What a backup is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contents {
    /// The database and the blobs.
    Content,
    /// The key store.
    Keys,
}

impl Contents {
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Content => "the content, and not the key store",
            Self::Keys => "the key store, and not the content",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Header {
    pub(super) form: u32,
    pub(super) contents: Contents,
    /// Milliseconds. Everything that was committed before is in it.
    pub(super) made_at: i64,
    /// The number of the newest migration.
    pub(super) schema: i64,
    /// The key store that belongs to it, or that it is of.
    pub(super) key_store: String,
    /// Names of the master keys that its rows are wrapped by; of a key store alone.
    #[serde(default)]
    pub(super) masters: Vec<String>,
    /// A random text, from which the service's own data key makes the key of the seal; of a content alone.
    #[serde(default)]
    pub(super) seal: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Int,
    Text,
    Bytes,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
}

/// How many rows, and the digests of all of them, joined so that their order does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sum {
    pub(super) rows: u64,
    pub(super) digest: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileHead {
    pub(super) guild: i64,
    pub(super) address: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileEnd {
    pub(super) length: u64,
    /// SHA-256 of the sealed bytes.
    pub(super) digest: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct End {
    pub(super) tables: u64,
    pub(super) rows: u64,
    pub(super) files: u64,
    /// Files that a row names and that were not there.
    pub(super) missing: u64,
    /// Files that were removed with their rows while the backup was made.
    pub(super) gone: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Frame {
    Header(Header),
    Table(Table),
    Row(Bytes),
    TableEnd(Sum),
    File(FileHead),
    Piece(Bytes),
    FileEnd(FileEnd),
    End(End),
}

impl Frame {
    fn parts(&self) -> Result<(u8, Bytes), StorageError> {
        Ok(match self {
            Self::Header(header) => (b'H', json(header)?),
            Self::Table(table) => (b'T', json(table)?),
            Self::Row(row) => (b'R', row.clone()),
            Self::TableEnd(sum) => (b't', json(sum)?),
            Self::File(file) => (b'F', json(file)?),
            Self::Piece(piece) => (b'P', piece.clone()),
            Self::FileEnd(end) => (b'f', json(end)?),
            Self::End(end) => (b'E', json(end)?),
        })
    }

    pub(super) fn write(&self, to: &mut impl Write) -> Result<(), StorageError> {
        let (kind, bytes) = self.parts()?;
        let length = u32::try_from(bytes.len()).ok().filter(|_| bytes.len() <= LONGEST);
        let length = length.ok_or_else(|| BackupProblem::Value("a row".to_owned()))?;
        let mut write = |bytes: &[u8]| to.write_all(bytes).map_err(StorageError::Files);
        write(&[kind])?;
        write(&length.to_be_bytes())?;
        write(&bytes)
    }

    pub(super) fn read(from: &mut impl Read) -> Result<Self, StorageError> {
        let mut head = [0; 5];
        fill(from, &mut head)?;
        let [kind, length @ ..] = head;
        let length = u32::from_be_bytes(length) as usize;
        if length > LONGEST {
            return Err(BackupProblem::Damaged("a frame is too long").into());
        }
        // Not made at once: a length may lie.
        let mut bytes = Vec::new();
        let read = from.by_ref().take(length as u64).read_to_end(&mut bytes);
        if read.map_err(|error| broken(&error))? != length {
            return Err(BackupProblem::Damaged("it is cut short").into());
        }
        Ok(match kind {
            b'H' => Self::Header(of(&bytes)?),
            b'T' => Self::Table(of(&bytes)?),
            b'R' => Self::Row(bytes.into()),
            b't' => Self::TableEnd(of(&bytes)?),
            b'F' => Self::File(of(&bytes)?),
            b'P' => Self::Piece(bytes.into()),
            b'f' => Self::FileEnd(of(&bytes)?),
            b'E' => Self::End(of(&bytes)?),
            _ => return Err(BackupProblem::Damaged("an unknown frame").into()),
        })
    }
}

fn json(value: &impl Serialize) -> Result<Bytes, StorageError> {
    let bytes = serde_json::to_vec(value).map_err(|_| BackupProblem::Damaged("a frame"))?;
    Ok(bytes.into())
}

fn of<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StorageError> {
    serde_json::from_slice(bytes).map_err(|_| BackupProblem::Damaged("a frame").into())
}

fn fill(from: &mut impl Read, bytes: &mut [u8]) -> Result<(), StorageError> {
    from.read_exact(bytes).map_err(|error| broken(&error))
}

/// What cannot be read on is damage: of the encryption, of the compression, or an end too early.
fn broken(error: &io::Error) -> StorageError {
    BackupProblem::Damaged(match error.kind() {
        io::ErrorKind::UnexpectedEof => "it is cut short",
        _ => "its bytes are not those that were written",
    })
    .into()
}
