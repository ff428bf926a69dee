//! The use-cases of Wardesk, by feature, and the ports they need.
//!
//! Two thin adapters stand on this crate: the web pages and the Discord bot. Both call the same
//! functions, and both prove their right to by values such as [`guilds::GuildAccess`].

pub mod accounts;
pub mod audit;
pub mod backup;
pub mod failpoints;
pub mod guilds;
pub mod licences;
pub mod outbox;
pub mod ports;
pub mod privacy;
pub mod retention;
pub mod status;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod tickets;
pub mod transcripts;
mod wardesk;

pub use wardesk::{Jumps, Lead, LiveEvent, Parts, Wardesk};
