//! Whether the program runs, and whether it can serve: for balancers and service managers.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use moka::future::Cache;
use serde::Serialize;
use wardesk_core::Wardesk;
use wardesk_core::status::Status;

use super::AppState;

/// How long an answer of the database is repeated. Anybody may ask, and each look takes the one place from
/// which is written.
const REPEATED: Duration = Duration::from_secs(1);

/// Whether the database took a write when it was last looked.
#[derive(Clone)]
pub(super) struct Writable(Cache<(), bool>);

impl Default for Writable {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(1).time_to_live(REPEATED).build())
    }
}

impl Writable {
    async fn look(&self, wardesk: &Wardesk) -> bool {
        let look = async {
            let written = wardesk.store().is_writable().await;
            if let Err(error) = &written {
                tracing::error!(%error, "the database takes no writes");
            }
            written.is_ok()
        };
        self.0.get_with((), look).await
    }
}

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
    let database = state.writable.look(&state.wardesk).await;
    let ready = database && !draining;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let keys = state.wardesk.store().keys().troubles().borrow().is_none();
    let body = Readiness { ready, database, keys, draining, bot: state.wardesk.status() };
    (status, Json(body)).into_response()
}
