//! Webhooks of the payment provider. They come from no page of ours, so no origin is asked for: a signature over the
//! body is what counts.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use wardesk_core::licences::payments::webhook::{self, WebhookError};

use super::observe::Refusal;
use super::rates::{self, Meter};
use super::{AppState, guard};

/// The header with the signature.
const SIGNATURE: &str = "stripe-signature";
/// What everything that is not taken is answered with: why is nobody's business.
const REFUSED: &str = "refused\n";

/// The routes of webhooks.
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/webhooks/stripe", post(stripe))
        .route_layer(from_fn_with_state(Meter::webhooks(), rates::webhooks))
}

async fn stripe(State(state): State<AppState>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let header = parts.headers.get(SIGNATURE).and_then(|value| value.to_str().ok());
    // At most 256 KiB, which is `webhook::BODY_LIMIT` too, byte for byte as it came.
    let Ok(body) = guard::read_body(body).await else { return refused() };
    match webhook::receive(&state.wardesk, header.unwrap_or_default(), &body).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(WebhookError::Refused(_)) => refused(),
        Err(WebhookError::Storage(error)) => {
            tracing::error!(%error, "a webhook could not be kept; the provider sends it again");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

fn refused() -> Response {
    let mut response = (StatusCode::BAD_REQUEST, REFUSED).into_response();
    response.extensions_mut().insert(Refusal("webhook"));
    response
}
