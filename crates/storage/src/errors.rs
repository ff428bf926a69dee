//! What can go wrong below the use-cases.

/// Why something sealed could not be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The data key is gone: what it sealed was erased on purpose.
    #[error("the data key was destroyed")]
    Destroyed,
    /// The bytes were altered, cut short, or belong to another place.
    #[error("sealed bytes do not open")]
    Broken,
    /// The master key is not the one that wrapped the keys.
    #[error("the master key does not fit the key store")]
    WrongMasterKey,
}

/// Errors of database, keys and blobs.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The database refused or cannot be reached.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// The schema is of a newer version of the program.
    #[error("this database belongs to a newer version of Wardesk: start that one")]
    NewerSchema,
    /// A migration failed.
    #[error("migration: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A remote PostgreSQL without a verified certificate. Use `sslmode=verify-full`.
    #[error("a remote database needs sslmode=verify-full")]
    InsecureDatabase,
    /// The address of a database or of the blobs is not one we know.
    #[error("unknown storage address")]
    UnknownAddress,
    /// Blobs in S3, and no keys for it.
    #[error("the S3 store of the blobs needs its keys")]
    MissingS3Keys,
    /// Something sealed did not open.
    #[error("sealed: {0}")]
    Sealed(#[from] SealError),
    /// Data keys are wrapped by a master key that is not at hand.
    #[error(
        "{rows} data keys are wrapped by the master key {id}, which the key file does not hold; docs/KEYS.md says what to do"
    )]
    MissingMasterKey {
        /// The master key's name.
        id: String,
        /// How many data keys.
        rows: i64,
    },
    /// The key store is not the one whose keys sealed what is in the database.
    #[error(
        "the key store is not the one that this database was sealed with: put its own back; docs/KEYS.md says how, and what to do when it is lost"
    )]
    OtherKeyStore,
    /// The database is half restored.
    #[error("a restore of this database was begun and did not end: run `wardesk restore` again")]
    RestoreInterrupted,
    /// The blob store failed.
    #[error("blobs: {0}")]
    Blob(#[from] object_store::Error),
    /// A backup cannot be made or used.
    #[error("{0}")]
    Backup(#[from] crate::backup::BackupProblem),
    /// The folder of blobs cannot be read.
    #[error("files: {0}")]
    Files(std::io::Error),
    /// More bytes than allowed.
    #[error("larger than {limit} bytes")]
    TooLarge {
        /// The most that is taken, in bytes.
        limit: u64,
    },
    /// The source of a blob ended early or failed.
    #[error("the source failed")]
    Source,
    /// A stored value does not have its form; the column is named.
    #[error("corrupt value in {0}")]
    Corrupt(&'static str),
}

impl StorageError {
    /// Whether the database itself failed: what was asked of it may work later.
    pub const fn is_database(&self) -> bool {
        matches!(self, Self::Database(_))
    }

    /// Whether the blob store is there and says no: its address or its keys are wrong.
    pub const fn is_refused_by_blobs(&self) -> bool {
        use object_store::Error::{NotFound, PermissionDenied, Unauthenticated};
        matches!(
            self,
            Self::Blob(NotFound { .. } | PermissionDenied { .. } | Unauthenticated { .. })
        )
    }

    /// Whether a stored object is gone, altered or cut short: reading it again gives the same.
    pub const fn is_damage(&self) -> bool {
        matches!(
            self,
            Self::Sealed(SealError::Broken)
                | Self::Blob(object_store::Error::NotFound { .. })
                | Self::Corrupt(_)
        )
    }
}
