//! What a request must be before it reaches a handler: from this site if it changes something, of
//! bounded size, and arriving at a reasonable pace.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use super::AppState;
use super::observe::Refusal;

/// Bytes of a form at most. The largest is a panel with every field at its limit.
const BODY_LIMIT: usize = 256 * 1024;
/// How long a body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(15);

/// Lets a request through, or refuses it. Each refusal is logged once, by its reason.
pub async fn check(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe {
        return next.run(request).await;
    }
    if !is_own(request.headers(), state.wardesk.public_url()) {
        return refuse(StatusCode::FORBIDDEN, "foreign_origin");
    }
    let (parts, body) = request.into_parts();
    match read_body(body).await {
        Ok(bytes) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Err((status, reason)) => refuse(status, reason),
    }
}

/// Whether a request that changes something comes from a page of this site. Browsers say so in
/// `Sec-Fetch-Site`; where that is missing, `Origin` decides; where both are, nothing is changed.
fn is_own(headers: &HeaderMap, public_url: &str) -> bool {
    let text = |name: &str| headers.get(name).map(|v| v.to_str().unwrap_or("invalid"));
    match text("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => text(header::ORIGIN.as_str()) == Some(public_url),
    }
}

/// Reads a body within its bounds of size and time.
pub(super) async fn read_body(body: Body) -> Result<Bytes, (StatusCode, &'static str)> {
    let reading = Limited::new(body, BODY_LIMIT).collect();
    match tokio::time::timeout(BODY_TIME, reading).await {
        Err(_) => Err((StatusCode::REQUEST_TIMEOUT, "slow_body")),
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            Err((StatusCode::PAYLOAD_TOO_LARGE, "large_body"))
        }
        Ok(Err(_)) => Err((StatusCode::BAD_REQUEST, "broken_body")),
    }
}

fn refuse(status: StatusCode, reason: &'static str) -> Response {
    let mut response = status.into_response();
    response.extensions_mut().insert(Refusal(reason));
    if status == StatusCode::PAYLOAD_TOO_LARGE || status == StatusCode::REQUEST_TIMEOUT {
        // The rest of the body is not read, so the connection cannot be used again.
        response
            .headers_mut()
            .insert(header::CONNECTION, header::HeaderValue::from_static("close"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(list: &[(&'static str, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in list {
            headers.insert(*name, value.parse().unwrap());
        }
        is_own(&headers, "https://desk.example")
    }

    #[test]
    fn only_pages_of_this_site_may_change_things() {
        assert!(own(&[("sec-fetch-site", "same-origin")]));
        assert!(own(&[("origin", "https://desk.example")]));
        for refused in [
            &[][..],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "none")],
            &[("sec-fetch-site", "cross-site"), ("origin", "https://desk.example")],
            &[("origin", "null")],
            &[("origin", "https://desk.example.evil")],
            &[("origin", "http://desk.example")],
        ] {
            assert!(!own(refused), "{refused:?}");
        }
    }
}
