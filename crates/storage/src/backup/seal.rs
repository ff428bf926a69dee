//! The seal of a backup. Anyone with the recipient can encrypt a backup; only the key store's owner can seal one. This
//! stops forged backups, whose rows could give away other people's data or do other harm.

use std::io::{self, Read, Write};

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::BackupProblem;
use crate::errors::{SealError, StorageError};
use crate::keys::{KeyScope, Keys, mac};

/// What the service's own data key makes of a random text for backups.
const PURPOSE: &str = "backup";

/// Seals one backup.
pub(super) struct SealKey(Zeroizing<[u8; 32]>);

impl SealKey {
    /// The key that belongs to a random text, for a backup that is being made.
    pub(super) async fn new(keys: &Keys, text: &str) -> Result<Self, StorageError> {
        let key = keys.mark(&KeyScope::SERVICE, PURPOSE, text.as_bytes()).await?;
        Ok(Self(Zeroizing::new(key)))
    }

    /// The same for one that is there. A key store without the service's own data key has sealed none.
    pub(super) async fn known(keys: &Keys, text: &str) -> Result<Self, StorageError> {
        match keys.known_mark(&KeyScope::SERVICE, PURPOSE, text.as_bytes()).await {
            Ok(key) => Ok(Self(Zeroizing::new(key))),
            Err(StorageError::Sealed(SealError::Destroyed)) => Err(BackupProblem::Forged.into()),
            Err(error) => Err(error),
        }
    }

    /// What is written behind a backup with this digest.
    pub(super) fn proof_of(&self, digest: &[u8; 32]) -> [u8; 32] {
        mac(&self.0, &[digest])
    }

    /// Fails unless a backup was sealed with this key.
    pub(super) fn check(&self, proof: &Proof) -> Result<(), StorageError> {
        match proof.written {
            Some(written) if written == self.proof_of(&proof.digest) => Ok(()),
            _ => Err(BackupProblem::Forged.into()),
        }
    }
}

/// What a backup has behind its end, beside what it has to fit.
pub(super) struct Proof {
    digest: [u8; 32],
    written: Option<[u8; 32]>,
}

impl Proof {
    /// Reads it.
    pub(super) fn read(mut from: impl Read, digest: [u8; 32]) -> Result<Self, StorageError> {
        let mut written = [0; 32];
        let written = match from.read_exact(&mut written) {
            Ok(()) => Some(written),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => None,
            Err(_) => return Err(BackupProblem::Damaged("it is cut short").into()),
        };
        Ok(Self { digest, written })
    }
}

/// Bytes on their way, of which a digest is made.
pub(super) struct Hashed<T> {
    through: T,
    digest: Sha256,
}

impl<T> Hashed<T> {
    pub(super) fn new(through: T) -> Self {
        Self { through, digest: Sha256::new() }
    }

    /// What they went through, and the digest of those that did.
    pub(super) fn end(self) -> (T, [u8; 32]) {
        (self.through, self.digest.finalize().into())
    }
}

impl<T: Write> Write for Hashed<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.through.write(bytes)?;
        self.digest.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.through.flush()
    }
}

impl<T: Read> Read for Hashed<T> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.through.read(bytes)?;
        self.digest.update(&bytes[..read]);
        Ok(read)
    }
}
