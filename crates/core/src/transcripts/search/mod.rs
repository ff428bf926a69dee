//! Finding what was said.
//!
//! For each part of a chunk there is an index of its words, sealed under the key of whoever said them. A
//! server's indexes are unsealed and merged in memory when someone asks, and kept there within a bound;
//! what is written later is merged in when the next one asks. Messages that are not in a chunk yet are
//! indexed in memory alone.
//!
//! The index gives candidates. Each is read and unsealed before it is shown, which also decides phrases and
//! leaves out whose words were erased since.

mod documents;
mod hits;
mod shelf;
mod write;

pub use ::search::{Piece, Query, QueryError};
pub use hits::{Hit, Hits, in_guild, in_transcript, own};
pub(super) use shelf::Shelves;
pub use write::index_missing;
pub(super) use write::seal_terms;
