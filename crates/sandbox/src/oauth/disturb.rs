//! Faults and the journal for the OAuth2 routes that programs call, as REST has them for its own.

use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use serde_json::json;

use super::OAuth;
use crate::faults::FaultKind;
use crate::journal::Entry;
use crate::server::Cut;

/// Middleware: lets the faults that wait for this route strike, and records the request.
pub(super) async fn disturb(State(oauth): State<OAuth>, request: Request, next: Next) -> Response {
    let method = request.method().to_string();
    let path = request.uri().path().to_owned();
    let route =
        path.strip_prefix("/api/v10").or_else(|| path.strip_prefix("/api")).unwrap_or(&path);
    let struck = {
        let mut world = oauth.shared.world();
        let now = world.now();
        world.faults.strike(&method, route, &path, now)
    };
    let faulty = !struck.is_empty();
    let (mut delay, mut cut_after, mut broken) = (Duration::ZERO, false, false);
    let mut early = None;
    for fault in struck {
        match fault {
            FaultKind::Delay { ms } => delay += Duration::from_millis(ms),
            FaultKind::CutAfter => cut_after = true,
            FaultKind::BrokenJson => broken = true,
            other => early = early.or(Some(other)),
        }
    }
    let effect = early.is_none();
    let response = match &early {
        Some(fault) => refusal(fault),
        None => next.run(request).await,
    };
    let lost = cut_after || early == Some(FaultKind::CutBefore);
    {
        let mut world = oauth.shared.world();
        let at = world.now();
        world.journal.note(Entry {
            seq: 0,
            at,
            method,
            route: route.to_owned(),
            path: path.clone(),
            actor: None,
            status: if lost { 0 } else { response.status().as_u16() },
            code: 0,
            result: None,
            nonce: None,
            effect: effect && response.status().is_success(),
            faulty,
        });
    }
    tokio::time::sleep(delay).await;
    if lost {
        let mut response = Response::new(Body::empty());
        response.extensions_mut().insert(Cut);
        return response;
    }
    if broken && effect {
        return ([(header::CONTENT_TYPE, "application/json")], "{\"access_token\": \"")
            .into_response();
    }
    response
}

/// The answer of a fault that keeps the request from doing anything.
fn refusal(fault: &FaultKind) -> Response {
    match fault {
        FaultKind::RateLimit { retry_after, global, without_retry_after, .. } => {
            let words = "You are being rate limited.";
            let mut body = json!({"message": words, "global": global});
            let mut response = if *without_retry_after {
                Json(body).into_response()
            } else {
                body["retry_after"] = json!(retry_after);
                ([(header::RETRY_AFTER, retry_after.ceil().to_string())], Json(body))
                    .into_response()
            };
            *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            response
        }
        FaultKind::Status { status } => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            if status.is_server_error() {
                (status, Html("<html><head><title>error</title></head></html>")).into_response()
            } else {
                (status, Json(json!({"error": "invalid_request"}))).into_response()
            }
        }
        FaultKind::Html => Html("<html>hello</html>").into_response(),
        // The others are not early.
        _ => StatusCode::OK.into_response(),
    }
}
