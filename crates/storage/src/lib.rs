//! Database, keys and blobs.
//!
//! Every statement is written once and runs on SQLite and on PostgreSQL (`docs/decisions/0001`).
//! Repositories are modules of functions, by feature; they take a connection of a [`Tx`] to write
//! and the pool of [`Store::read`] to read.

pub mod accounts;
pub mod alerts;
pub mod audit;
pub mod backup;
pub mod blobs;
mod columns;
pub mod counters;
mod errors;
pub mod events;
pub mod guilds;
mod identity;
pub mod in_use;
pub mod inbox;
pub mod keys;
pub mod leases;
pub mod licences;
mod migrations;
pub mod outbox;
pub mod panels;
pub mod payments;
pub mod privacy;
pub mod retention;
mod seal;
mod store;
#[cfg(feature = "testing")]
pub mod testing;
pub mod tickets;
pub mod transcripts;

pub use blobs::{AddressProblem, BlobRef, Blobs, BlobsAddress, S3Keys};
pub use errors::{SealError, StorageError};
pub use keys::ledger::DiscordMark;
pub use keys::tombstones::Tombstone;
pub use keys::{KeyScope, Keys, MasterKeys, Subject};
pub use seal::Sealed;
pub use store::{Store, StoreConfig, Tx, check_address, database_host};
