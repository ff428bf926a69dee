//! Whether the program runs, and whether it can serve: for balancers and service managers.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use wardesk_core::status::{self, Status};

use super::AppState;

/// `/livez` and `/readyz`.
pub fn routes() -> Router<AppState> {
    Router::new().route("/livez", get(live)).route("/readyz", get(ready))
}

/// The program runs and answers.
async fn live() -> StatusCode {
    StatusCode::NO_CONTENT
}

#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "an answer: each is a field of its JSON")]
struct Readiness {
    ready: bool,
    database: bool,
    /// Whether every data key that was asked for could be opened.
    keys: bool,
    draining: bool,
    #[serde(flatten)]
    bot: Status,
}

/// Requests can be served: the database takes writes and the program is not stopping. How the bot and the keys are
/// gets told as well, but decides nothing: the pages work without.
async fn ready(State(state): State<AppState>) -> Response {
    let draining = state.draining.is_cancelled();
    let database = status::database_writable(&state.wardesk).await;
    let ready = database && !draining;
    let code = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let keys = state.wardesk.store().keys().troubles().borrow().is_none();
    let body = Readiness { ready, database, keys, draining, bot: state.wardesk.status() };
    (code, Json(body)).into_response()
}
