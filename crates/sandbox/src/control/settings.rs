//! How strict the sandbox is: rate limits and the gateway's times.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::reply::{Refusal, Reply};
use crate::Shared;
use crate::limits::Mode;
use crate::world::World;

/// How strict the rate limits are.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Limits {
    /// As Discord.
    Real,
    /// None; headers are still sent.
    Off,
}

/// Body of `PATCH /control/settings`; what is left out stays.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    limits: Option<Limits>,
    /// Requests per second over all routes.
    global_per_second: Option<u32>,
    /// Invalid requests (401, 403, 429) in ten minutes after which everything is refused.
    invalid_limit: Option<usize>,
    /// What HELLO asks for.
    heartbeat_interval_ms: Option<u64>,
    /// The least time between two IDENTIFYs.
    identify_spacing_ms: Option<i64>,
    /// How long a session waits for RESUME.
    session_life_ms: Option<i64>,
}

/// `GET /control/settings`.
pub(crate) async fn read(State(shared): State<Shared>) -> Json<Value> {
    Json(settings_json(&shared.world()))
}

/// `PATCH /control/settings`.
pub(crate) async fn change(State(shared): State<Shared>, Json(change): Json<Change>) -> Reply {
    if change.heartbeat_interval_ms.is_some_and(|ms| ms < 50) {
        return Err(Refusal::misuse("heartbeat_interval_ms: at least 50."));
    }
    let mut world = shared.world();
    let limits = &mut world.limits;
    limits.mode = match change.limits {
        Some(Limits::Real) => Mode::Real,
        Some(Limits::Off) => Mode::Off,
        None => limits.mode,
    };
    limits.global_per_second = change.global_per_second.unwrap_or(limits.global_per_second);
    limits.invalid_limit = change.invalid_limit.unwrap_or(limits.invalid_limit);
    let gateway = &mut world.gateway;
    gateway.heartbeat_interval_ms =
        change.heartbeat_interval_ms.unwrap_or(gateway.heartbeat_interval_ms);
    gateway.identify_spacing_ms = change.identify_spacing_ms.unwrap_or(gateway.identify_spacing_ms);
    gateway.session_life_ms = change.session_life_ms.unwrap_or(gateway.session_life_ms);
    Ok(Json(settings_json(&world)))
}

fn settings_json(world: &World) -> Value {
    let limits = match world.limits.mode {
        Mode::Real => Limits::Real,
        Mode::Off => Limits::Off,
    };
    json!({
        "limits": limits,
        "global_per_second": world.limits.global_per_second,
        "invalid_limit": world.limits.invalid_limit,
        "heartbeat_interval_ms": world.gateway.heartbeat_interval_ms,
        "identify_spacing_ms": world.gateway.identify_spacing_ms,
        "session_life_ms": world.gateway.session_life_ms,
    })
}
