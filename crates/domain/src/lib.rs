//! Ids, state machines, permissions and validation. No I/O; builds for WASM.
//!
//! Everything here is a pure function of its arguments: time and randomness come from the caller.

pub mod access;
pub mod egress;
pub mod guilds;
pub mod ids;
pub mod licences;
pub mod locale;
pub mod panels;
pub mod permissions;
pub mod privacy;
pub mod tickets;
pub mod time;
pub mod transcripts;
pub mod validation;
