//! Where a test keeps its backups.

use std::path::{Path, PathBuf};

use storage::backup::{self, Checked, Identities, Recipient, Restored};
use storage::{StorageError, Store};
use tempfile::TempDir;

/// A folder with an identity and the recipient that belongs to it.
pub struct Vault {
    folder: TempDir,
    pub recipient: Recipient,
}

impl Vault {
    pub fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let recipient = backup::make_identity(&folder.path().join("id.txt")).unwrap();
        Self { folder, recipient }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn identities(&self) -> Identities {
        Identities::read(&self.path("id.txt")).unwrap()
    }

    pub async fn make(&self, store: &Store, name: &str) -> PathBuf {
        let path = self.path(name);
        let now = domain::time::Millis(1_700_000_100_000);
        backup::make(store, &path, &self.recipient, now).await.unwrap();
        path
    }

    /// Puts a backup back; nobody else uses the database meanwhile.
    pub async fn restore(
        &self,
        store: &Store,
        path: &Path,
        replace: bool,
    ) -> Result<Restored, StorageError> {
        let alone = store.use_alone().await?;
        let put = backup::restore(store, &alone, path, self.identities(), replace).await;
        alone.end().await;
        put
    }

    pub async fn check(&self, path: &Path) -> Result<Checked, StorageError> {
        let scratch = TempDir::new().unwrap();
        backup::check(path, self.identities(), scratch.path()).await
    }
}
