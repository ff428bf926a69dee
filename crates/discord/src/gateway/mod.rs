//! The gateway: Discord's events, while this process holds the lease.
//!
//! ```text
//! Discord ── upstream ── tap ──┬── archive   (MESSAGE_*, raw, in batches)
//!                              ├── servers   (servers, channels, roles)
//!                              └── relay ── serenity ── interactions
//! ```

mod archive;
mod codes;
mod connection;
mod frame;
mod health;
mod lease;
mod pace;
mod protocol;
mod relay;
mod servers;
mod slim;
mod tap;
mod typed;
mod upstream;

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use wardesk_core::Wardesk;
use wardesk_core::ports::Random;

pub use codes::ParkReason;
pub use health::{GatewayHealth, GatewayState};

use crate::interactions::Desk;
use crate::rest::Rest;
use health::Publisher;
use lease::Lease;
use pace::Pace;
use relay::Relay;
use tap::Tap;
use typed::Typed;
use upstream::{ShardId, Upstream};

/// Interactions on their way to serenity. Each has three seconds, so more would be of no use.
const INTERACTIONS: usize = 1024;

/// How long the archive and the tasks of servers may take to end.
const LAST_WORK: Duration = Duration::from_secs(10);

/// What the gateway needs.
#[derive(Clone)]
pub struct GatewayConfig {
    /// The bot's token, without `Bot ` in front.
    pub token: SecretString,
    /// Whether the gateway may be reached without TLS: only with the sandbox.
    pub allow_plain: bool,
    /// For jitter.
    pub random: Arc<dyn Random>,
}

/// Runs the gateway while this process holds the lease, and waits for the lease otherwise. Returns
/// after `shutdown`, when the last event is archived.
///
/// `health` is kept up to date; what is wrong is told there, never by an early return.
pub async fn run(
    w: Wardesk,
    rest: Rest,
    config: GatewayConfig,
    health: watch::Sender<GatewayHealth>,
    shutdown: CancellationToken,
) {
    let health = Publisher(health);
    let lease = Lease { w: w.clone(), shard: 0, holder: w.new_uuid().to_string() };
    let pace = Arc::new(Pace::default());
    let mut parked = None;
    while !shutdown.is_cancelled() {
        if parked.is_none() {
            health.state(GatewayState::Waiting);
        }
        tokio::select! {
            () = shutdown.cancelled() => break,
            () = lease.obtain() => {}
        }
        let mut lead = Some(w.lead());
        let stop = shutdown.child_token();
        let comparing = tokio::spawn(servers::compare(w.clone(), stop.clone()));
        if parked.is_none() {
            let mut session = std::pin::pin!(session(&w, &rest, &config, &health, &pace, &stop));
            let ended = tokio::select! {
                ended = &mut session => ended,
                () = lease.keep() => {
                    stop.cancel();
                    // Another may lead already: no effect is begun from here on.
                    lead = None;
                    session.await
                }
            };
            if let Ended::Parked(reason) = ended {
                parked = Some(reason);
            }
        }
        if parked.is_some_and(ParkReason::leaves_rest) {
            // No events, but calls: what was decided before, or is decided on the pages, goes on.
            tokio::select! { () = stop.cancelled() => {}, () = lease.keep() => {} }
        }
        stop.cancel();
        let _ = comparing.await;
        drop(lead);
        lease.release().await;
        if parked.is_some_and(|reason| !reason.leaves_rest()) {
            // Only the operator can help: the state stays published until the program ends.
            shutdown.cancelled().await;
        }
    }
    health.state(GatewayState::Stopped);
}

/// How a time as the holder of the lease ended.
#[derive(Debug, PartialEq, Eq)]
enum Ended {
    /// It was told to.
    Stopped,
    /// Discord refuses for good.
    Parked(ParkReason),
}

/// One time as the holder of the lease: from connecting to `stop` or to a refusal for good.
async fn session(
    w: &Wardesk,
    rest: &Rest,
    config: &GatewayConfig,
    health: &Publisher,
    pace: &Arc<Pace>,
    stop: &CancellationToken,
) -> Ended {
    let mut secret = [0; 32];
    config.random.fill(&mut secret);
    let secret = SecretString::from(hex::encode(secret));
    let bound = Relay::bind(secret.clone(), rest.application()).await;
    let (relay, url) = match bound.and_then(|relay| relay.url().map(|url| (relay, url))) {
        Ok(bound) => bound,
        Err(error) => {
            tracing::error!(%error, "no loopback port for the gateway's relay");
            tokio::select! { () = stop.cancelled() => {}, () = tokio::time::sleep(Duration::from_secs(5)) => {} }
            return Ended::Stopped;
        }
    };
    if let Err(error) = wardesk_core::tickets::load_channels(w).await {
        tracing::error!(%error, "the ticket channels cannot be read");
    }

    let (to_archive, frames) = mpsc::channel(archive::BACKLOG);
    let (to_servers, events) = mpsc::unbounded_channel();
    let (to_serenity, interactions) = mpsc::channel(INTERACTIONS);
    let relay_stop = CancellationToken::new();
    let archiving = tokio::spawn(archive::run(w.clone(), frames));
    let serving = tokio::spawn(servers::run(w.clone(), rest.clone(), events));
    let relaying = tokio::spawn(relay.run(interactions, relay_stop.clone()));
    let typed = Typed::start(url, &secret, Desk::new(w.clone(), rest.clone()));

    let upstream = Upstream {
        rest: rest.clone(),
        token: config.token.clone(),
        shard: ShardId { id: 0, total: 1 },
        allow_plain: config.allow_plain,
        pace: Arc::clone(pace),
        random: Arc::clone(&config.random),
        health: health.clone(),
        tap: Tap { archive: to_archive, servers: to_servers, typed: to_serenity },
    };
    let ended = upstream.run(stop).await;

    // The taps are closed with `upstream`; what came before is still carried out.
    typed.shut_down().await;
    relay_stop.cancel();
    let last = async { tokio::join!(archiving, serving, relaying) };
    if tokio::time::timeout(LAST_WORK, last).await.is_err() {
        tracing::warn!(
            "the last events could not be carried out in time; they are read back at the next start"
        );
    }
    ended
}
