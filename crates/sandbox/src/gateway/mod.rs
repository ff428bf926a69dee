//! The gateway, version 10: HELLO, IDENTIFY, RESUME, heartbeats, dispatches, close codes.

pub mod close;
mod compress;
mod identify;
pub mod intents;
pub mod session;
mod socket;

use std::collections::HashMap;

use axum::Router;
use axum::routing::get;

use crate::Shared;
use crate::id::Id;

/// Settings and counters of the gateway.
#[derive(Debug)]
pub struct Gateway {
    /// What HELLO asks for, in milliseconds. A client that is silent for one and a half of it is closed
    /// with 4009.
    pub heartbeat_interval_ms: u64,
    /// The least time between two IDENTIFYs of one concurrency slot, in milliseconds.
    pub identify_spacing_ms: i64,
    /// How long a session waits for RESUME, in milliseconds of the sandbox's clock.
    pub session_life_ms: i64,
    /// Accepted IDENTIFYs since the start.
    pub identifies: u64,
    pub(crate) identified_at: HashMap<(Id, u64), i64>,
}

impl Default for Gateway {
    fn default() -> Self {
        Self {
            heartbeat_interval_ms: 41_250,
            identify_spacing_ms: 5_000,
            session_life_ms: 120_000,
            identifies: 0,
            identified_at: HashMap::new(),
        }
    }
}

/// `/gateway`, the websocket.
pub fn router(shared: Shared) -> Router {
    Router::new()
        .route("/gateway", get(socket::upgrade))
        .route("/gateway/", get(socket::upgrade))
        .with_state(shared)
}
