//! Backups: what is in the database and the blobs, or what is in the key store, in one file.
//!
//! A backup is made in one snapshot while the service runs, is the same for both engines, compressed, and encrypted for
//! a public key (age, age-encryption.org), so that the machine that makes it cannot read it. What is sealed stays
//! sealed in it: the keys have a backup of their own, kept for 7 days. `docs/BACKUP.md` is for operators,
//! `docs/decisions/0021-backup.md` says why it is so.

mod archive;
mod check;
mod cipher;
mod files;
mod folder;
mod frames;
mod load;
mod make;
mod restore;
mod rows;
mod seal;
mod tables;

pub use check::{Checked, check};
pub use cipher::{Identities, Recipient, make_identity};
pub use folder::{Folder, MadeAt};
pub use frames::Contents;
pub use make::{Made, make, make_keys};
pub use restore::{Restored, restore, restore_keys};

/// Why a backup cannot be made or used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BackupProblem {
    /// No `age1…`.
    #[error("that is no recipient: it begins with age1")]
    Recipient,
    /// No file of identities.
    #[error("that is no file with an age identity")]
    Identity,
    /// Encrypted for somebody else, or no backup at all.
    #[error("the file is no backup, or was encrypted for another identity")]
    NotReadable,
    /// Cut short or altered.
    #[error("the backup is damaged: {0}")]
    Damaged(&'static str),
    /// Sealed by no key of the key store at hand.
    #[error(
        "the backup was not made beside this key store, or was changed since: whoever knows the recipient can make such a file"
    )]
    Forged,
    /// The file is there already.
    #[error("the file {0} is there already")]
    Exists(String),
    /// Of a version of the program that this one does not know.
    #[error("the backup was made by a newer version of Wardesk: restore it with that one")]
    Newer,
    /// The key store instead of the content, or the reverse.
    #[error("the backup holds {0}")]
    OtherContents(&'static str),
    /// There is something in the database.
    #[error("the database is not empty; --replace removes what is in it")]
    NotEmpty,
    /// A key store that is not the one there, and that one is in use.
    #[error(
        "the backup is of another key store than the one that is there and not empty: move that one away first"
    )]
    OtherStore,
    /// Another process uses it.
    #[error(
        "a process of Wardesk uses this database or its key store: stop it first, also one without the bot, one on another machine and a command"
    )]
    InUse,
    /// Another process has it alone.
    #[error(
        "a restore of this database or of its key store is under way, or another one is taken: wait until that ended"
    )]
    Taken,
    /// There are files in the store of blobs.
    #[error(
        "there are files in the store that WARDESK_BLOBS_URL names; --replace removes those that the backup does not have"
    )]
    FilesThere,
    /// A value that a backup cannot hold.
    #[error("a value in {0} cannot be put into a backup")]
    Value(String),
}
