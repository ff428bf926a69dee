//! Reading the world and what was asked of it.

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::reply::{Reply, done};
use crate::Shared;

/// `GET /control/state`: the whole world. Secrets are left out.
pub(crate) async fn world(State(shared): State<Shared>) -> Json<Value> {
    Json(shared.world().to_json())
}

/// Which part of a record to read.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Part {
    /// Only entries with a higher number.
    after: Option<u64>,
    /// At most so many, 1000 without.
    limit: Option<usize>,
    /// Only this HTTP method.
    method: Option<String>,
    /// Only this route template, for example `/channels/{channel_id}/messages`.
    route: Option<String>,
}

/// `GET /control/journal`: every request to REST with its answer, oldest first.
pub(crate) async fn journal(State(shared): State<Shared>, Query(part): Query<Part>) -> Reply {
    let world = shared.world();
    let fits = |wanted: &Option<String>, value: &str| {
        wanted.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(value))
    };
    let list: Vec<Value> = world
        .journal
        .since(part.after.unwrap_or(0))
        .filter(|entry| fits(&part.method, &entry.method) && fits(&part.route, &entry.route))
        .take(part.limit.unwrap_or(1_000))
        .map(|entry| json!(entry))
        .collect();
    Ok(Json(json!({"last": world.journal.last_seq(), "entries": list})))
}

/// `DELETE /control/journal`.
pub(crate) async fn clear_journal(State(shared): State<Shared>) -> Reply {
    shared.world().journal.clear();
    Ok(done())
}

/// `GET /control/violations`: what Discord's description does not allow, oldest first.
pub(crate) async fn violations(State(shared): State<Shared>) -> Json<Value> {
    Json(json!(shared.world().violations()))
}

/// `DELETE /control/violations`.
pub(crate) async fn clear_violations(State(shared): State<Shared>) -> Reply {
    shared.world().clear_violations();
    Ok(done())
}

/// `GET /control/events`: recent gateway events as they happened, oldest first, ready for `/control/replay`.
pub(crate) async fn recent_events(State(shared): State<Shared>) -> Json<Value> {
    let world = shared.world();
    let list: Vec<Value> =
        world.recent_events().map(|event| json!({"t": event.name, "d": event.data})).collect();
    Json(list.into())
}
