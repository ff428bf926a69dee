//! The real program `wardesk` against the sandbox, on SQLite and, when `WARDESK_TEST_POSTGRES_URL` names
//! one, on PostgreSQL. What is tested here is what no part shows by itself: death and restart, two
//! processes on one database, and the edge as a stranger meets it.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod backups;
mod browser;
#[cfg(feature = "failpoints")]
mod deaths;
mod desk;
#[cfg(feature = "failpoints")]
mod door;
mod edge;
mod egress;
#[cfg(feature = "failpoints")]
mod kills;
mod leases;
mod licences;
mod lives;
mod long;
mod mail;
#[cfg(feature = "failpoints")]
mod parts;
#[cfg(feature = "failpoints")]
mod payment_kills;
mod privacy;
#[cfg(feature = "failpoints")]
mod privacy_kills;
mod program;
mod record;
mod restores;
mod secrets;
mod settings;
mod shared;
#[cfg(feature = "failpoints")]
mod shop;
mod silence;
mod story;
mod sudden;
mod traces;
mod troubles;
mod wait;
mod webhooks;
