//! A payment provider like Stripe: the API under `/stripe/v1/`, a checkout page, a customer portal, signed
//! webhooks, and the provider's desk, a page from which a person moves the clock and watches.
//!
//! Faithful to Stripe's documentation where the product could tell the difference. What is simpler on purpose
//! (fixed days for retries, one price per subscription, tax by country only) is listed in `docs/SANDBOX.md`.

pub(crate) mod api;
mod billing;
mod calendar;
mod cards;
pub(crate) mod control;
mod error;
mod id;
mod invoice;
mod model;
mod pages;
mod params;
mod provider;
mod render;
mod seed;
mod subscription;
mod table;
pub(crate) mod webhooks;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::any;

use crate::Shared;

pub use provider::{NotHere, Provider};

/// The version of Stripe's API in which answers and events are written.
pub const API_VERSION: &str = "2026-09-30.endive";
/// The one key that the API takes.
pub const SECRET_KEY: &str = "sk_test_sandbox";
/// The secret with which webhooks are signed, unless an endpoint has its own.
pub const WEBHOOK_SECRET: &str = "whsec_sandbox";

/// Forms of Stripe's API are small.
const LARGEST_BODY: usize = 256 * 1024;

/// The API, the pages, the desk.
pub fn router(shared: Shared) -> Router {
    Router::new()
        .route("/stripe/v1/{*path}", any(api::handle))
        .merge(pages::router())
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(shared)
}
