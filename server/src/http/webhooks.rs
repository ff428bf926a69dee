//! Webhooks of the payment provider and of the operator's mail service. They come from no page of ours, so no origin is
//! asked for: a signature over the body is what counts.

use axum::extract::{Request, State};
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::json;
use wardesk_core::licences::payments::webhook::{self, WebhookError};
use wardesk_core::privacy::requests::mail::{self, MailError};

use super::observe::Refusal;
use super::rates::{self, Meter};
use super::{AppState, guard};

/// The header with the signature.
const SIGNATURE: &str = "stripe-signature";
/// The header with the signature of a mail.
const MAIL_SIGNATURE: &str = "wardesk-signature";
/// What everything that is not taken is answered with: why is nobody's business.
const REFUSED: &str = "refused\n";

/// The routes of webhooks.
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/webhooks/stripe", post(stripe))
        .route("/webhooks/mail", post(mail))
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

/// Takes a mail as a request about personal data, and answers with its address, to be replied with. Nothing is there
/// where no secret is set.
async fn mail(State(state): State<AppState>, request: Request) -> Response {
    if state.mail_secrets.is_empty() {
        return StatusCode::NOT_FOUND.into_response();
    }
    let (parts, body) = request.into_parts();
    let header = parts.headers.get(MAIL_SIGNATURE).and_then(|value| value.to_str().ok());
    let Ok(body) = guard::read_body(body).await else { return refused() };
    let header = header.unwrap_or_default();
    match mail::receive(&state.wardesk, &state.mail_secrets, header, &body).await {
        Ok(path) => {
            let address = format!("{}{path}", state.wardesk.public_url());
            let mut response = Json(json!({ "address": address })).into_response();
            response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Err(MailError::Refused) => refused(),
        Err(MailError::Storage(error)) => {
            tracing::error!(%error, "a mail could not be kept; it is to be sent again");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

fn refused() -> Response {
    let mut response = (StatusCode::BAD_REQUEST, REFUSED).into_response();
    response.extensions_mut().insert(Refusal("webhook"));
    response
}
