//! For whom a backup is encrypted, and who opens it.

use std::fs::OpenOptions;
use std::io::{BufReader, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use age::secrecy::ExposeSecret as _;
use age::x25519;

use super::BackupProblem;
use crate::errors::StorageError;

/// The public key that backups are encrypted for: `age1…`.
#[derive(Clone)]
pub struct Recipient(pub(super) x25519::Recipient);

impl FromStr for Recipient {
    type Err = BackupProblem;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self).map_err(|_| BackupProblem::Recipient)
    }
}

impl std::fmt::Display for Recipient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::fmt::Debug for Recipient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Recipient({})", self.0)
    }
}

/// The private keys that open backups.
#[derive(Clone)]
pub struct Identities(pub(super) Arc<Vec<Box<dyn age::Identity + Send + Sync>>>);

impl Identities {
    /// Out of a file as `age-keygen` and [`make_identity`] write it.
    pub fn read(file: &Path) -> Result<Self, StorageError> {
        let file = std::fs::File::open(file).map_err(StorageError::Files)?;
        let read = age::IdentityFile::from_buffer(BufReader::new(file));
        let identities = read.ok().and_then(|file| file.into_identities().ok());
        match identities {
            Some(all) if !all.is_empty() => Ok(Self(Arc::new(all))),
            _ => Err(BackupProblem::Identity.into()),
        }
    }
}

impl std::fmt::Debug for Identities {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identities({})", self.0.len())
    }
}

/// Makes an identity and writes it into a file that is not there yet and that only its owner may read. Answers the
/// recipient that belongs to it.
pub fn make_identity(file: &Path) -> Result<Recipient, StorageError> {
    let identity = x25519::Identity::generate();
    let recipient = identity.to_public();
    let mut options = OpenOptions::new();
    let mut out =
        options.write(true).create_new(true).mode(0o600).open(file).map_err(|error| match error
            .kind()
        {
            std::io::ErrorKind::AlreadyExists => {
                BackupProblem::Exists(file.display().to_string()).into()
            }
            _ => StorageError::Files(error),
        })?;
    let (public, text) = (format!("# public key: {recipient}\n"), identity.to_string());
    for part in [public.as_bytes(), text.expose_secret().as_bytes(), b"\n"] {
        out.write_all(part).map_err(StorageError::Files)?;
    }
    out.sync_all().map_err(StorageError::Files)?;
    Ok(Recipient(recipient))
}
