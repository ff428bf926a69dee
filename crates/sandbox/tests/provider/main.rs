//! The payment provider, over HTTP: what Stripe documents is what it does.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod api;
mod checkout;
mod clock;
mod currency;
mod pages;
mod support;
mod trouble;
mod updates;
mod webhooks;
