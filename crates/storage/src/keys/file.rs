//! The file of the master keys, and how it is changed: whole or not at all, and by one at a time.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::masters::{MasterKeyProblem, MasterKeys};
use super::random;

/// Why the file was not changed.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// What is in it.
    #[error("the key file {0}")]
    Problem(#[from] MasterKeyProblem),
    /// The file system.
    #[error("the key file cannot be changed: {0}")]
    Io(#[from] io::Error),
    /// Another process changes it.
    #[error("the key file is being changed by another process")]
    Busy,
}

/// The file, held so that nobody else changes it.
#[derive(Debug)]
pub struct KeyFile {
    path: PathBuf,
    folder: File,
}

impl KeyFile {
    /// Takes hold of it. The folder is locked, since the file itself is replaced.
    pub fn hold(path: &Path) -> Result<Self, KeyFileError> {
        // Behind a link is the file that is meant.
        let path = std::fs::canonicalize(path)?;
        let folder = File::open(path.parent().unwrap_or(Path::new("/")))?;
        match folder.try_lock() {
            Ok(()) => Ok(Self { path, folder }),
            Err(std::fs::TryLockError::WouldBlock) => Err(KeyFileError::Busy),
            Err(std::fs::TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// What is in it.
    pub fn read(&self) -> Result<MasterKeys, KeyFileError> {
        Ok(MasterKeys::read(&self.path)?)
    }

    /// Puts a new key in front of the first one, and leaves out the others. Where there are several and the first
    /// alone is not enough (`is_first_enough`, as [`super::KeyStore::others_can_go`] says), a change is under way and
    /// nothing is added. Answers what is in it then.
    pub fn add(&self, is_first_enough: bool) -> Result<MasterKeys, KeyFileError> {
        let keys = self.read()?;
        if keys.count() > 1 && !is_first_enough {
            return Ok(keys);
        }
        let keys = keys.first_alone().with_first(Zeroizing::new(random()));
        self.write(&keys)?;
        Ok(keys)
    }

    /// Leaves the first key alone in it.
    pub fn retire(&self) -> Result<(), KeyFileError> {
        let keys = self.read()?;
        if keys.count() > 1 {
            self.write(&keys.first_alone())?;
        }
        Ok(())
    }

    fn write(&self, keys: &MasterKeys) -> Result<(), KeyFileError> {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(".new");
        let new = self.path.with_file_name(name);
        // What a killed process left. It may be open to more people than this one is to be.
        match std::fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
        if let (Ok(old), Ok(made)) = (std::fs::metadata(&self.path), file.metadata()) {
            use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
            // Changed by root for the service's own account.
            if (old.uid(), old.gid()) != (made.uid(), made.gid()) {
                fchown(&file, Some(old.uid()), Some(old.gid()))?;
            }
            // A group that reads the old one reads this one; everyone else never does.
            let mode = (old.mode() & 0o640) | 0o600;
            file.set_permissions(std::fs::Permissions::from_mode(mode))?;
        }
        file.write_all(keys.to_text().as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&new, &self.path)?;
        self.folder.sync_all()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_key_is_added_in_front_and_the_old_one_goes_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        std::fs::write(&path, MasterKeys::of([7; 32]).to_text().as_bytes()).unwrap();
        // Of an attempt that was killed, and readable by everyone.
        std::fs::write(folder.path().join("master.key.new"), "half").unwrap();
        let mode_of = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        let set_mode = |mode| {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        set_mode(0o644);
        let file = KeyFile::hold(&path).unwrap();
        assert!(matches!(KeyFile::hold(&path), Err(KeyFileError::Busy)));
        let two = file.add(true).unwrap();
        assert_eq!(two.count(), 2);
        assert_eq!(two.keys()[1].as_slice(), [7; 32]);
        assert_eq!(mode_of(), 0o640, "its group reads it as before, and nobody else");
        assert_eq!(
            file.add(false).unwrap().keys(),
            two.keys(),
            "a change that is under way goes on"
        );
        // One that stopped when nothing needed the old key any more is no change that is under way.
        let next = file.add(true).unwrap();
        assert_eq!((next.count(), &next.keys()[1]), (2, &two.keys()[0]));
        assert_ne!(next.keys()[0], two.keys()[0]);
        let two = next;
        set_mode(0o400);
        file.retire().unwrap();
        assert_eq!(mode_of(), 0o600);
        let one = file.read().unwrap();
        assert_eq!(one.keys(), &two.keys()[..1]);
        file.retire().unwrap();
        assert_eq!(file.read().unwrap().keys(), one.keys());
        assert!(!folder.path().join("master.key.new").exists());
    }
}
