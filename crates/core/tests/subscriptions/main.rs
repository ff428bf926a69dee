//! Subscriptions, from the page of the provider to their end, on every engine.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod buying;
mod currency;
mod forged;
mod life;
mod orders;
mod outage;
mod shop;
mod waiting;
