//! A Discord, a clock and randomness that tests own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "only tests use this module"
)]

mod chat;
mod desk;
mod discord;
mod identity;
mod payments;

pub use chat::FileAnswer;
pub use desk::{Desk, OPERATOR, TestClock, TestRandom, desks, file_desks, generous_plans};
pub use discord::{Call, FakeDiscord};
pub use identity::FakeIdentity;
pub use payments::{FakePayments, MONTH_MS, ToldEvent, WEBHOOK_SECRET};
