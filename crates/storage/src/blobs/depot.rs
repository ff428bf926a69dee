//! Where objects lie, and how they get there: whole or not at all.
//!
//! What is being written is in staging, under a random name. In a folder that is a file which is renamed when
//! it is whole. In a bucket a small object waits in memory and is put in one piece; a larger one is a
//! multipart upload, of which nothing can be read until it is complete, and is copied to its place then. An
//! upload that is neither completed nor aborted is invisible, and costs money: so its id is noted in staging
//! before the first part goes out, for the sweep.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use bytes::{Bytes, BytesMut};
use domain::time::Millis;
use futures::stream::{StreamExt as _, TryStreamExt as _};
use object_store::aws::AmazonS3;
use object_store::local::LocalFileSystem;
use object_store::multipart::{MultipartStore as _, PartId};
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectMeta, ObjectStore, ObjectStoreExt as _};
use uuid::Uuid;

use super::address::{BlobsAddress, Bucket};
use super::s3::{self, S3Keys};
use crate::errors::StorageError;

/// What is not whole yet.
const STAGING: &str = "staging";
/// The end of the names of the notes about multipart uploads.
const NOTE: &str = ".upload";
/// Bytes of a part. The least that S3 takes for any but the last: Amazon S3 documentation, "Multipart upload
/// limits".
const PART: usize = 5 * 1024 * 1024;
/// What one sweep looks at in a bucket, at most.
const SWEPT: usize = 1000;
/// Bytes of a note, at most.
const NOTE_LIMIT: u64 = 4096;

/// Where objects lie. A cheap handle.
#[derive(Clone)]
pub(super) struct Depot {
    store: Arc<dyn ObjectStore>,
    kind: Kind,
    /// What stands before each name.
    root: Path,
}

#[derive(Clone)]
enum Kind {
    Folder(PathBuf),
    Bucket(Arc<AmazonS3>),
}

/// What to do with an object that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IfThere {
    /// It has the same content, if it has the same length: leave it.
    Keep,
    /// It may be damaged: replace it.
    Replace,
}

impl Depot {
    /// Opens what an address names; a folder is made if it is not there.
    pub(super) fn open(
        address: &BlobsAddress,
        keys: Option<&S3Keys>,
    ) -> Result<Self, StorageError> {
        match address {
            BlobsAddress::Folder(folder) => {
                std::fs::create_dir_all(folder).map_err(StorageError::Files)?;
                // A row may name a blob only once the blob survives a power cut.
                let store = LocalFileSystem::new_with_prefix(folder)?
                    .with_automatic_cleanup(true)
                    .with_fsync(true);
                let kind = Kind::Folder(folder.join(STAGING));
                Ok(Self { store: Arc::new(store), kind, root: Path::default() })
            }
            BlobsAddress::Bucket(bucket) => Self::bucket(bucket, keys),
        }
    }

    fn bucket(bucket: &Bucket, keys: Option<&S3Keys>) -> Result<Self, StorageError> {
        let keys = keys.ok_or(StorageError::MissingS3Keys)?;
        let store = Arc::new(s3::open(bucket, keys)?);
        let kind = Kind::Bucket(Arc::clone(&store));
        Ok(Self { store, kind, root: Path::from(bucket.prefix.as_str()) })
    }

    /// The place of an object.
    pub(super) fn path(&self, name: &str) -> Path {
        self.root.parts().chain(Path::from(name).parts()).collect()
    }

    pub(super) fn store(&self) -> &dyn ObjectStore {
        self.store.as_ref()
    }

    /// Begins an object.
    pub(super) fn upload(&self) -> Upload {
        let name = Uuid::from_bytes(super::random());
        Upload {
            depot: self.clone(),
            staging: self.path(&format!("{STAGING}/{name}")),
            pending: BytesMut::new(),
            length: 0,
            parts: Parts::None,
        }
    }

    /// Writes a small object and removes it.
    pub(super) async fn probe(&self) -> Result<(), StorageError> {
        let name = Uuid::from_bytes(super::random());
        let path = self.path(&format!("{STAGING}/{name}"));
        self.store.put(&path, Bytes::from_static(b"probe").into()).await?;
        self.delete(&path).await
    }

    async fn is_there(&self, path: &Path, length: u64) -> Result<bool, StorageError> {
        match self.store.head(path).await {
            Ok(there) => Ok(there.size == length),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes one object; one that is not there is no error.
    pub(super) async fn delete(&self, path: &Path) -> Result<(), StorageError> {
        match self.store.delete(path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes what was begun before `before` and never became whole. Answers how many.
    pub(super) async fn sweep(&self, before: Millis) -> Result<u64, StorageError> {
        match &self.kind {
            Kind::Folder(staging) => sweep_folder(staging, before).await,
            Kind::Bucket(s3) => self.sweep_bucket(s3, before).await,
        }
    }

    async fn sweep_bucket(&self, s3: &AmazonS3, before: Millis) -> Result<u64, StorageError> {
        let staging = self.path(STAGING);
        let found: Vec<_> = self.store.list(Some(&staging)).take(SWEPT).try_collect().await?;
        let (mut removed, mut failed) = (0, None);
        for object in found {
            if object.last_modified.timestamp_millis() >= before.0 {
                continue;
            }
            match self.remove_staged(s3, &object).await {
                Ok(()) => removed += 1,
                Err(error) => failed = Some(error),
            }
        }
        failed.map_or(Ok(removed), Err)
    }

    async fn remove_staged(&self, s3: &AmazonS3, object: &ObjectMeta) -> Result<(), StorageError> {
        if let Some(upload) = object.location.as_ref().strip_suffix(NOTE) {
            let upload = Path::from(upload);
            match self.store.head(&upload).await {
                // Completed, and not moved: there is no upload any more.
                Ok(_) => self.delete(&upload).await?,
                Err(object_store::Error::NotFound { .. }) if object.size <= NOTE_LIMIT => {
                    let id = self.store.get(&object.location).await?.bytes().await?;
                    let id = String::from_utf8_lossy(&id).into_owned();
                    match s3.abort_multipart(&upload, &id).await {
                        Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                        Err(error) => return Err(error.into()),
                    }
                }
                // No note of ours.
                Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        // The note goes last: a sweep that is stopped is repeated.
        self.delete(&object.location).await
    }
}

async fn sweep_folder(staging: &std::path::Path, before: Millis) -> Result<u64, StorageError> {
    let before = UNIX_EPOCH + Duration::from_millis(u64::try_from(before.0).unwrap_or(0));
    let mut files = match tokio::fs::read_dir(staging).await {
        Ok(files) => files,
        // Nothing was ever uploaded.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(StorageError::Files(error)),
    };
    let mut removed = 0;
    while let Some(file) = files.next_entry().await.map_err(StorageError::Files)? {
        // One that goes meanwhile became whole.
        let Ok(changed) = file.metadata().await.and_then(|m| m.modified()) else { continue };
        if changed < before && tokio::fs::remove_file(file.path()).await.is_ok() {
            removed += 1;
        }
    }
    Ok(removed)
}

/// An object on its way. Holds at most two parts in memory.
pub(super) struct Upload {
    depot: Depot,
    staging: Path,
    pending: BytesMut,
    length: u64,
    parts: Parts,
}

/// What of an object has left memory.
enum Parts {
    None,
    File(Box<dyn MultipartUpload>),
    Bucket { s3: Arc<AmazonS3>, id: String, sent: Vec<PartId> },
}

/// Where the id of a multipart upload is noted.
fn note(staging: &Path) -> Path {
    Path::from(format!("{staging}{NOTE}"))
}

async fn begin(depot: &Depot, staging: &Path) -> Result<Parts, StorageError> {
    let Kind::Bucket(s3) = &depot.kind else {
        return Ok(Parts::File(depot.store.put_multipart(staging).await?));
    };
    let id = s3.create_multipart(staging).await?;
    depot.store.put(&note(staging), id.clone().into()).await?;
    Ok(Parts::Bucket { s3: Arc::clone(s3), id, sent: Vec::new() })
}

impl Upload {
    /// Takes bytes into memory; call [`Upload::pass_on`] soon.
    pub(super) fn write(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        self.pending.extend_from_slice(bytes);
    }

    /// Sends whole parts out.
    pub(super) async fn pass_on(&mut self) -> Result<(), StorageError> {
        // One part stays back: an object of exactly one needs no upload in parts.
        while self.pending.len() > PART {
            let part = self.pending.split_to(PART).freeze();
            self.send(part).await?;
        }
        Ok(())
    }

    async fn send(&mut self, part: Bytes) -> Result<(), StorageError> {
        if matches!(self.parts, Parts::None) {
            self.parts = begin(&self.depot, &self.staging).await?;
        }
        match &mut self.parts {
            Parts::None => {}
            Parts::File(file) => file.put_part(part.into()).await?,
            Parts::Bucket { s3, id, sent } => {
                sent.push(s3.put_part(&self.staging, id, sent.len(), part.into()).await?);
            }
        }
        Ok(())
    }

    /// Puts the object in its place.
    pub(super) async fn finish(
        mut self,
        name: &str,
        if_there: IfThere,
    ) -> Result<(), StorageError> {
        let path = self.depot.path(name);
        let rest = self.pending.split().freeze();
        if !matches!(self.parts, Parts::None) {
            self.send(rest.clone()).await?;
        }
        let kept = if_there == IfThere::Keep && self.depot.is_there(&path, self.length).await?;
        let store = &self.depot.store;
        match &mut self.parts {
            Parts::None if kept => {}
            Parts::None => match &self.depot.kind {
                Kind::Bucket(_) => {
                    store.put(&path, rest.into()).await?;
                }
                // Straight into its place, what a killed process leaves would lie where no sweep looks.
                Kind::Folder(_) => {
                    store.put(&self.staging, rest.into()).await?;
                    store.rename(&self.staging, &path).await?;
                }
            },
            Parts::File(file) if kept => file.abort().await?,
            Parts::File(file) => {
                file.complete().await?;
                store.rename(&self.staging, &path).await?;
            }
            Parts::Bucket { .. } if kept => self.abort().await?,
            Parts::Bucket { s3, id, sent } => {
                s3.complete_multipart(&self.staging, id, std::mem::take(sent)).await?;
                store.rename(&self.staging, &path).await?;
                self.depot.delete(&note(&self.staging)).await?;
            }
        }
        Ok(())
    }

    /// Gives the object up; nothing of it stays.
    pub(super) async fn abort(mut self) -> Result<(), StorageError> {
        match &mut self.parts {
            Parts::None => {}
            Parts::File(file) => file.abort().await?,
            Parts::Bucket { s3, id, .. } => {
                s3.abort_multipart(&self.staging, id).await?;
                self.depot.delete(&note(&self.staging)).await?;
            }
        }
        Ok(())
    }
}
