//! The control API of the payment provider, under `/control/stripe`.

mod actions;
mod deliveries;
pub(crate) mod wait;

use axum::Router;
use axum::routing::{get, patch, post, put};

use crate::Shared;

/// Every route under `/control/stripe`.
pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/stripe", get(actions::state))
        .route("/stripe/webhooks", get(deliveries::endpoints).post(deliveries::add_endpoint))
        .route(
            "/stripe/webhooks/{endpoint}",
            patch(deliveries::rotate).delete(deliveries::remove_endpoint),
        )
        .route("/stripe/deliveries", get(deliveries::list).post(deliveries::act))
        .route("/stripe/events", post(deliveries::emit))
        .route("/stripe/checkout/{session}", post(actions::pay))
        .route("/stripe/refunds", post(actions::refund))
        .route("/stripe/disputes", post(actions::dispute))
        .route("/stripe/disputes/{dispute}", post(actions::close_dispute))
        .route("/stripe/outage", put(actions::outage).delete(actions::end_outage))
}
