//! Making requests go wrong.

use axum::Json;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::reply::{Refusal, Reply, done};
use crate::Shared;
use crate::error;
use crate::faults::{Fault, FaultKind};

/// `GET /control/faults`: those that wait.
pub(crate) async fn list(State(shared): State<Shared>) -> Json<Value> {
    Json(json!(shared.world().faults.list()))
}

/// How long a fault lasts, from now.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Lifetime {
    /// Milliseconds of the sandbox's clock.
    for_ms: Option<i64>,
}

/// `POST /control/faults`: `{"kind", …, "method", "route", "path", "count", "after"}`; `?for_ms=` ends it.
pub(crate) async fn inject(
    State(shared): State<Shared>,
    Query(lifetime): Query<Lifetime>,
    Json(mut fault): Json<Fault>,
) -> Reply {
    match &fault.kind {
        FaultKind::Status { status } if !(400..600).contains(status) => {
            return Err(Refusal::misuse("status: 400 to 599."));
        }
        FaultKind::RateLimit { retry_after, .. } if !(0.0..=3_600.0).contains(retry_after) => {
            return Err(Refusal::misuse("retry_after: 0 to 3600 seconds."));
        }
        FaultKind::Delay { ms } if *ms > 600_000 => {
            return Err(Refusal::misuse("ms: at most 600000."));
        }
        _ => {}
    }
    let mut world = shared.world();
    if let Some(millis) = lifetime.for_ms {
        fault.until = Some(world.now().saturating_add(millis));
    }
    let id = world.faults.add(fault);
    Ok(Json(json!({"id": id})))
}

/// `DELETE /control/faults`: takes all away, those of the gateway included.
pub(crate) async fn clear(State(shared): State<Shared>) -> Reply {
    shared.world().faults.clear();
    Ok(done())
}

/// `DELETE /control/faults/{fault}`.
pub(crate) async fn remove(State(shared): State<Shared>, Path(id): Path<u64>) -> Reply {
    if shared.world().faults.remove(id) { Ok(done()) } else { Err(error::NOT_FOUND.into()) }
}
