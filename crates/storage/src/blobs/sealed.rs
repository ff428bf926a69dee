//! Objects as they are stored, for backups: nothing is opened.

use std::collections::HashSet;

use bytes::Bytes;
use futures::stream::{BoxStream, StreamExt as _, TryStreamExt as _};
use object_store::ObjectStoreExt as _;

use super::Blobs;
use super::depot::{IfThere, Upload};
use crate::errors::StorageError;

/// Where the object with this address of a server is (0: of none).
pub(super) fn name(guild: i64, address: &str) -> String {
    let shelf = address.get(..2).unwrap_or("00");
    format!("objects/{guild}/{shelf}/{address}")
}

impl Blobs {
    /// The stored bytes of an object.
    pub(crate) async fn sealed(
        &self,
        guild: i64,
        address: &str,
    ) -> Result<BoxStream<'static, Result<Bytes, StorageError>>, StorageError> {
        let object = self.depot.store().get(&self.depot.path(&name(guild, address))).await?;
        Ok(object.into_stream().map_err(StorageError::from).boxed())
    }

    /// Begins an object out of stored bytes.
    pub(crate) fn place_sealed(&self) -> Placing {
        Placing(self.depot.upload())
    }

    /// Whether there is any object.
    pub(crate) async fn holds_any(&self) -> Result<bool, StorageError> {
        let all = self.depot.path("objects");
        Ok(self.depot.store().list(Some(&all)).try_next().await?.is_some())
    }

    /// Removes every object but these. Answers how many.
    pub(crate) async fn remove_others(
        &self,
        kept: &HashSet<(i64, String)>,
    ) -> Result<u64, StorageError> {
        let names: HashSet<String> = kept
            .iter()
            .map(|(guild, address)| self.depot.path(&name(*guild, address)).to_string())
            .collect();
        let all = self.depot.path("objects");
        let mut listed = self.depot.store().list(Some(&all));
        let mut removed = 0;
        while let Some(object) = listed.try_next().await? {
            if !names.contains(object.location.as_ref()) {
                self.depot.delete(&object.location).await?;
                removed += 1;
            }
        }
        Ok(removed)
    }
}

/// An object on its way back into the store.
pub(crate) struct Placing(Upload);

impl Placing {
    /// Takes bytes.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<(), StorageError> {
        self.0.write(bytes);
        self.0.pass_on().await
    }

    /// Puts the object in its place; one that is there is replaced, since it may be damaged.
    pub(crate) async fn finish(self, guild: i64, address: &str) -> Result<(), StorageError> {
        self.0.finish(&name(guild, address), IfThere::Replace).await
    }
}
