//! What is logged and counted of a request: never a path with ids, an address or a body.

use std::any::Any;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tokio::time::Instant;
use tracing::Instrument as _;
use wardesk_core::ports::{Clock as _, Random as _, SystemClock, SystemRandom};

/// The number of a request, in its log lines and in its answer.
#[derive(Debug, Clone)]
pub struct Correlation(pub String);

/// Goes with an answer that refuses: why, in one word.
#[derive(Debug, Clone, Copy)]
pub struct Refusal(pub &'static str);

/// Counts something refused and writes it down, once.
pub fn refused(reason: &'static str, status: Option<StatusCode>) {
    metrics::counter!("http_refused_total", "reason" => reason).increment(1);
    tracing::warn!(reason, status = status.map(|s| s.as_u16()), "a request was refused");
}

/// Gives the request a correlation id, which its log lines and its answer carry, and counts it.
pub async fn request(mut request: Request, next: Next) -> Response {
    let id = SystemRandom.uuid(SystemClock.now()).simple().to_string();
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "other".to_owned(), |path| path.as_str().to_owned());
    let span = tracing::info_span!("request", correlation = %id, %method, route);
    request.extensions_mut().insert(Correlation(id.clone()));
    let began = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let status = response.status();
    let seconds = began.elapsed().as_secs_f64();
    metrics::histogram!("http_request_seconds", "route" => route.clone()).record(seconds);
    metrics::counter!(
        "http_requests_total", "route" => route, "status" => status.as_u16().to_string()
    )
    .increment(1);
    span.in_scope(|| {
        if status.is_server_error() {
            tracing::error!(status = status.as_u16(), "a request failed");
        } else if let Some(Refusal(reason)) = response.extensions().get() {
            refused(reason, Some(status));
        } else if status.is_client_error() {
            tracing::info!(status = status.as_u16(), "a request was not granted");
        } else {
            tracing::debug!(status = status.as_u16(), seconds, "a request was answered");
        }
    });
    if let Ok(value) = HeaderValue::try_from(id) {
        response.headers_mut().insert("x-correlation-id", value);
    }
    response
}

/// The answer after a panic. What the panic said stays here: it may quote what a person wrote.
pub fn panicked(_panic: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a handler panicked");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
