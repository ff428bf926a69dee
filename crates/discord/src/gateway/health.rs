//! How the gateway is, for the status page, `/readyz` and metrics.

use std::time::Duration;

use super::codes::ParkReason;

/// Where the gateway of a shard stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GatewayState {
    /// Another process holds the lease; this one takes over when it ends.
    Waiting,
    /// Connecting with a new session.
    Connecting,
    /// The connection broke; going on where it was.
    Resuming,
    /// Events arrive.
    Connected,
    /// Not connected, and no attempt is made until the operator acts.
    Parked(ParkReason),
    /// Shut down.
    Stopped,
}

impl GatewayState {
    const fn label(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Connecting => "connecting",
            Self::Resuming => "resuming",
            Self::Connected => "connected",
            Self::Parked(_) => "parked",
            Self::Stopped => "stopped",
        }
    }

    const LABELS: [&'static str; 6] =
        ["waiting", "connecting", "resuming", "connected", "parked", "stopped"];
}

/// What is published about the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GatewayHealth {
    /// Where it stands.
    pub state: GatewayState,
    /// Whether messages arrive with their content. `false` when Discord does not let the application
    /// have the privileged intent: tickets work, transcripts say that content was not available.
    pub content_available: bool,
    /// From the last heartbeat to its acknowledgement.
    pub latency: Option<Duration>,
}

impl Default for GatewayHealth {
    fn default() -> Self {
        Self { state: GatewayState::Waiting, content_available: true, latency: None }
    }
}

/// The sender's side: keeps the metrics in step.
#[derive(Clone)]
pub(super) struct Publisher(pub(super) tokio::sync::watch::Sender<GatewayHealth>);

impl Publisher {
    pub(super) fn state(&self, state: GatewayState) {
        let changed =
            self.0.send_if_modified(|health| std::mem::replace(&mut health.state, state) != state);
        if changed {
            tracing::info!(state = state.label(), "gateway");
            for label in GatewayState::LABELS {
                let value = if label == state.label() { 1.0 } else { 0.0 };
                metrics::gauge!("discord_gateway_state", "state" => label).set(value);
            }
        }
    }

    pub(super) fn content_available(&self, available: bool) {
        self.0.send_modify(|health| health.content_available = available);
    }

    pub(super) fn latency(&self, latency: Duration) {
        metrics::gauge!("discord_gateway_heartbeat_seconds").set(latency.as_secs_f64());
        self.0.send_modify(|health| health.latency = Some(latency));
    }
}
