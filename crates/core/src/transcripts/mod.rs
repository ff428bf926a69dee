//! The archive of ticket channels and the transcripts made from it.
//!
//! While a ticket is open its messages are rows, one for each version, sealed under the key of whoever
//! wrote them. When it closes they are compared with the channel and moved, page by page, into chunks.
//! A reader sees both together, so an open ticket can be read, and so can one that is being closed.

pub mod archive;
pub mod attachments;
mod authorize;
mod caches;
pub mod check;
mod chunk;
mod complete;
pub mod coverage;
mod deleted;
mod error;
pub mod export;
pub mod hold;
pub mod keeping;
mod load;
mod names;
mod normalise;
mod pictures;
mod quotes;
mod reactions;
mod read;
mod reconcile;
pub mod redact;
mod seals;
pub mod search;
pub mod share;
pub mod shared;
mod sniff;
#[cfg(test)]
mod tests;
pub(crate) mod theirs;
mod unread;
pub(crate) mod views;
mod window;

pub use attachments::{FileBytes, StoredFile, attachment};
pub(crate) use authorize::added_on;
pub use authorize::{Standing, TranscriptAccess, authorize};
pub use caches::TranscriptCaches;
pub use complete::{add_late, complete, message_count, tidy};
pub use error::{Refusal, TranscriptError};
pub use read::{Participant, TranscriptHeader, TranscriptPage, page};
pub use reconcile::catch_up;
pub use unread::{first_unread, looked};
pub use window::{Start, Wanted, window};
