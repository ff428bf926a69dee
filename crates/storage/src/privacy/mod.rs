//! Requests of people, what is held of them, and the ledger of what was erased.

pub mod clearing;
pub mod disclosures;
pub mod documents;
pub mod downloads;
pub mod erasures;
pub mod holdings;
pub mod ledger;
pub mod people;
pub mod places;
pub mod requests;
pub mod restricted;
pub mod theirs;
