//! Finding messages by their words: pure, without I/O.
//!
//! An [`Index`] holds which word is in which message, and not what the message says. Small ones are made
//! from the messages of one person in one piece of a transcript, encoded and sealed with that person's key
//! by the caller; large ones are merged from small ones in memory, to be asked.
//!
//! An index answers with candidates. What needs the order of words (phrases, and words that consist of
//! several terms, such as an address or anything Chinese) is decided by [`Query::matches`] on the words
//! themselves, which the caller has unsealed to show them anyway.

mod bits;
mod index;
mod query;
mod snippet;
mod terms;
mod varint;

pub use index::{Document, Has, Index, NotAnIndex, Posted};
pub use query::{Filter, Query, QueryError};
pub use snippet::{Piece, snippet};
pub use terms::{MAX_TERM, Term, terms};
