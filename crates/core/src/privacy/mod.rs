//! The rights of people over their data, and the promises of the privacy policies.
//!
//! Source of the promises and their numbers: `docs/PROMISES.md`.

mod caches;
pub mod choose;
pub mod clear;
pub mod contacts;
pub mod disclosures;
pub mod documents;
pub mod download;
pub mod erase;
mod error;
pub mod held;
pub mod held_of_guild;
pub mod imprint;
pub(crate) mod names;
pub mod protections;
pub mod replay;
pub mod requests;
pub mod restrict;

pub use caches::PrivacyCaches;
pub use error::{PrivacyError, Refusal};
