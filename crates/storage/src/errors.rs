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
    /// The blob store failed.
    #[error("blobs: {0}")]
    Blob(#[from] object_store::Error),
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
