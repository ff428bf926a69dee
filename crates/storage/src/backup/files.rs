//! Objects on their way into a backup and out of it, sealed as they are.

use std::collections::HashSet;

use futures::TryStreamExt as _;
use sha2::{Digest as _, Sha256};

use super::BackupProblem;
use super::archive::Writer;
use super::frames::{FileEnd, FileHead, Frame};
use crate::blobs::{Blobs, Placing};
use crate::errors::StorageError;

/// An object's server (0: none) and address.
pub(super) type Object = (i64, String);

/// Puts one object into the backup. `false`: it is not there.
pub(super) async fn put(
    writer: &Writer,
    blobs: &Blobs,
    object: &Object,
) -> Result<bool, StorageError> {
    let mut bytes = match blobs.sealed(object.0, &object.1).await {
        Ok(bytes) => bytes,
        Err(StorageError::Blob(object_store::Error::NotFound { .. })) => return Ok(false),
        Err(error) => return Err(error),
    };
    let head = FileHead { guild: object.0, address: object.1.clone() };
    writer.put(Frame::File(head)).await?;
    let (mut length, mut digest) = (0, Sha256::new());
    while let Some(piece) = bytes.try_next().await? {
        length += piece.len() as u64;
        digest.update(&piece);
        writer.put(Frame::Piece(piece)).await?;
    }
    let digest = crate::blobs::hex(&digest.finalize());
    writer.put(Frame::FileEnd(FileEnd { length, digest })).await?;
    Ok(true)
}

/// Files as they come out of a backup: their digests are compared, and they are put into a store where there is one.
pub(super) struct Taking<'a> {
    blobs: Option<&'a Blobs>,
    open: Option<(Object, Option<Placing>, u64, Sha256)>,
    pub(super) taken: HashSet<Object>,
}

impl<'a> Taking<'a> {
    pub(super) fn new(blobs: Option<&'a Blobs>) -> Self {
        Self { blobs, open: None, taken: HashSet::new() }
    }

    pub(super) fn begin(&mut self, head: FileHead) -> Result<(), StorageError> {
        let address = &head.address;
        let good = address.len() == 64
            && address.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if self.open.is_some() || !good || head.guild < 0 {
            return Err(BackupProblem::Damaged("a file").into());
        }
        let placing = self.blobs.map(Blobs::place_sealed);
        self.open = Some(((head.guild, head.address), placing, 0, Sha256::new()));
        Ok(())
    }

    pub(super) async fn piece(&mut self, bytes: &[u8]) -> Result<(), StorageError> {
        let Some((_, placing, length, digest)) = &mut self.open else {
            return Err(BackupProblem::Damaged("a file").into());
        };
        *length += bytes.len() as u64;
        digest.update(bytes);
        if let Some(placing) = placing {
            placing.write(bytes).await?;
        }
        Ok(())
    }

    pub(super) async fn end(&mut self, end: &FileEnd) -> Result<(), StorageError> {
        let Some((object, placing, length, digest)) = self.open.take() else {
            return Err(BackupProblem::Damaged("a file").into());
        };
        if length != end.length || crate::blobs::hex(&digest.finalize()) != end.digest {
            return Err(BackupProblem::Damaged("a file is not what was put in").into());
        }
        if let Some(placing) = placing {
            placing.finish(object.0, &object.1).await?;
        }
        self.taken.insert(object);
        Ok(())
    }
}
