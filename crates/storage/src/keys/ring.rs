//! The master keys as a running process uses them.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::{Mutex, watch};
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::derive;
use super::masters::{MasterKeyProblem, MasterKeys};
use crate::errors::SealError;
use crate::seal::{self, Sealed};

/// The key file is read again at most this often.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What is derived from one master key.
pub(crate) struct Master {
    /// Names it without saying anything of it: 16 hexadecimal digits.
    pub(crate) id: String,
    /// Wraps data keys.
    wrap: Zeroizing<[u8; 32]>,
}

/// The name of a master key.
pub(super) fn name(key: &[u8; 32]) -> String {
    crate::blobs::hex(&derive(key, b"wardesk master id v1")[..8])
}

impl Master {
    fn of(key: &[u8; 32]) -> Self {
        Self { id: name(key), wrap: derive(key, b"wardesk wrap v1") }
    }

    /// Wraps a data key.
    pub(crate) fn wrap(&self, aad: &[u8], plain: &[u8]) -> Result<Sealed, SealError> {
        seal::seal(&self.wrap, [0; 16], super::random(), aad, plain)
    }

    /// Unwraps one.
    pub(crate) fn unwrap(
        &self,
        aad: &[u8],
        wrapped: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        seal::open(&self.wrap, aad, wrapped)
    }
}

/// What keeps a running process from opening data keys. Names no file and no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyTrouble {
    /// A data key names a master key that is not known, and the file, which may have it by now, is of no use.
    #[error("the file of the master keys {0}, and a data key needs one that was not in it before")]
    File(MasterKeyProblem),
    /// A data key names a master key that neither the file nor the variable has.
    #[error("a data key is wrapped by the master key {0}, which is not at hand")]
    Missing(String),
}

/// The master keys, read again from their file when a row names one that is not among them.
pub(crate) struct Ring {
    file: Option<PathBuf>,
    masters: RwLock<Arc<[Arc<Master>]>>,
    /// When the file was read again last, and what came of it.
    looked: Mutex<(Option<Instant>, Result<(), MasterKeyProblem>)>,
    looks: AtomicU64,
    /// What was wrong when a master key was needed last that was not known.
    trouble: watch::Sender<Option<KeyTrouble>>,
}

impl Ring {
    pub(crate) fn new(keys: &MasterKeys) -> Self {
        Self {
            file: keys.file().map(PathBuf::from),
            masters: RwLock::new(keys.keys().iter().map(|key| Arc::new(Master::of(key))).collect()),
            looked: Mutex::new((None, Ok(()))),
            looks: AtomicU64::new(0),
            trouble: watch::Sender::new(None),
        }
    }

    /// What keeps this process from opening data keys, as it changes.
    pub(crate) fn troubles(&self) -> watch::Receiver<Option<KeyTrouble>> {
        self.trouble.subscribe()
    }

    fn tell(&self, trouble: Option<KeyTrouble>) {
        self.trouble.send_if_modified(|known| {
            let is_new = *known != trouble;
            *known = trouble;
            is_new
        });
    }

    /// Those that this process knows, the first one first. Never empty.
    pub(crate) fn known(&self) -> Arc<[Arc<Master>]> {
        Arc::clone(&self.masters.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The keys of the file go first. One that is no more in it stays: somebody may have read a row of it just before
    /// that was wrapped anew.
    fn take(&self, keys: &MasterKeys) {
        let read = keys.keys().iter().map(|key| Arc::new(Master::of(key)));
        let mut all: Vec<Arc<Master>> = read.collect();
        let mut masters = self.masters.write().unwrap_or_else(PoisonError::into_inner);
        for master in masters.iter() {
            if !all.iter().any(|one| one.id == master.id) {
                all.push(Arc::clone(master));
            }
        }
        *masters = all.into();
    }

    /// Whether a key is known by now; the file is read again if it is not. Takes up to a second then.
    pub(crate) async fn knows(&self, id: &str) -> bool {
        let knows = || self.known().iter().any(|master| master.id == id);
        if knows() {
            return true;
        }
        let read = self.look().await;
        let trouble = match read {
            _ if knows() => None,
            Err(problem) => Some(KeyTrouble::File(problem)),
            Ok(()) => Some(KeyTrouble::Missing(id.to_owned())),
        };
        self.tell(trouble);
        knows()
    }

    /// Reads the file again, if the keys are from one. Takes up to a second: it is not read more often.
    pub(super) async fn look(&self) -> Result<(), MasterKeyProblem> {
        let Some(file) = &self.file else { return Ok(()) };
        let looks = self.looks.load(Ordering::SeqCst);
        let mut looked = self.looked.lock().await;
        // Whoever waited here for somebody else's look has its answer already.
        if self.looks.load(Ordering::SeqCst) == looks {
            if let Some(last) = &looked.0 {
                tokio::time::sleep_until(*last + LOOK_EVERY).await;
            }
            let path = file.clone();
            let read = tokio::task::spawn_blocking(move || MasterKeys::read(&path)).await;
            let read = read.unwrap_or(Err(MasterKeyProblem::Unreadable));
            *looked = (Some(Instant::now()), read.map(|keys| self.take(&keys)));
            self.looks.fetch_add(1, Ordering::SeqCst);
        }
        looked.1.clone()
    }

    /// A key by its name; the file is read again if it is not known.
    pub(crate) async fn find(&self, id: &str) -> Result<Arc<Master>, SealError> {
        if !self.knows(id).await {
            return Err(SealError::WrongMasterKey);
        }
        let found = self.known().iter().find(|master| master.id == id).cloned();
        found.ok_or(SealError::WrongMasterKey)
    }

    /// Unwraps a row that names the key `id`; an empty one is of a version that named none.
    pub(crate) async fn unwrap(
        &self,
        id: &str,
        aad: &[u8],
        wrapped: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        if !id.is_empty() {
            return self.find(id).await?.unwrap(aad, wrapped);
        }
        let masters = self.known();
        masters.iter().find_map(|master| master.unwrap(aad, wrapped).ok()).ok_or(SealError::Broken)
    }
}
