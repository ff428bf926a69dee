//! The sandbox's clock.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::json;

use super::reply::{Refusal, Reply};
use crate::Shared;
use crate::id::timestamp;

/// Body of `POST /control/clock`.
#[derive(Debug, Deserialize)]
pub(crate) struct Advance {
    /// Milliseconds, forward only.
    advance_ms: i64,
}

/// `GET /control/clock`: milliseconds UTC, and the same as text.
pub(crate) async fn read(State(shared): State<Shared>) -> Reply {
    let now = shared.world().now();
    Ok(Json(json!({"now_ms": now, "now": timestamp(now)})))
}

/// `POST /control/clock`: moves the clock; what is due by then happens at once.
pub(crate) async fn advance(State(shared): State<Shared>, Json(body): Json<Advance>) -> Reply {
    if !(0..=10_000_000_000_000).contains(&body.advance_ms) {
        return Err(Refusal::misuse(
            "advance_ms: 0 to 10,000,000,000,000. Time does not run backwards.",
        ));
    }
    let mut world = shared.world();
    world.advance(body.advance_ms);
    let now = world.now();
    Ok(Json(json!({"now_ms": now, "now": timestamp(now)})))
}
