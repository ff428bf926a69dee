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
mod gap;
mod health;
mod intents;
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

use domain::egress::Egress;
use secrecy::SecretString;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use wardesk_core::Wardesk;
use wardesk_core::ports::Random;

pub use codes::ParkReason;
pub use health::{GatewayHealth, GatewayState};

use crate::interactions::Desk;
use crate::rest::Rest;
use gap::Gap;
use health::Publisher;
use lease::Lease;
use pace::Pace;
use relay::Relay;
use servers::Servers;
use tap::Tap;
use typed::Typed;
use upstream::{ShardId, Upstream};

/// Interactions on their way to serenity. Each has three seconds, so more would be of no use.
const INTERACTIONS: usize = 1024;

/// Events of servers on their way to the use-cases; when there are more, reading from Discord pauses. READY
/// alone brings one for each server.
const SERVER_EVENTS: usize = 4096;

/// How often Discord is asked whether its settings of the application grant an intent that is missed.
pub const CONTENT_EVERY: Duration = Duration::from_mins(5);

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
    /// How often Discord is asked, while it withholds what people write or who joins and leaves, whether it still
    /// does; see [`CONTENT_EVERY`].
    pub content_every: Duration,
    /// Who may be contacted.
    pub egress: Egress,
    /// Whether to hear who joins and leaves, where Discord's settings of the application grant it, and to look for
    /// the people of open tickets after a new session.
    pub members: bool,
}

/// Runs the gateway while this process holds the lease, and waits for the lease otherwise. Returns
/// after `shutdown`, when the last event is archived.
///
/// `health` is kept up to date; what is wrong with Discord is told there. It returns early only when a part
/// of this program broke: going on without that part would lose what it is there for.
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
    let gap = Gap::default();
    let mut parked = None;
    while !shutdown.is_cancelled() {
        if parked.is_none() {
            health.state(GatewayState::Waiting);
        }
        let mut asked = tokio::select! {
            () = shutdown.cancelled() => break,
            asked = lease.obtain() => asked,
        };
        let mut lead = Some(w.lead());
        let stop = shutdown.child_token();
        let mut comparing = JoinSet::new();
        comparing.spawn(servers::compare(w.clone(), gap.clone(), stop.clone()));
        let mut broken = None;
        if parked.is_none() {
            let mut session =
                std::pin::pin!(session(&w, &rest, &config, &health, &pace, &gap, &stop));
            let ended = tokio::select! {
                ended = &mut session => ended,
                () = lost(&mut comparing, &stop) => Ended::Broken(COMPARING),
                () = lease.keep(&mut asked) => {
                    stop.cancel();
                    // Another may lead already: no effect is begun from here on.
                    lead = None;
                    session.await
                }
            };
            match ended {
                Ended::Stopped => {}
                Ended::Parked(reason) => parked = Some(reason),
                Ended::Broken(part) => broken = Some(part),
            }
        }
        if parked.is_some_and(ParkReason::leaves_rest) {
            // No events, but calls: what was decided before, or is decided on the pages, goes on.
            tokio::select! {
                () = stop.cancelled() => {}
                () = lease.keep(&mut asked) => {}
                () = lost(&mut comparing, &stop) => broken = Some(COMPARING),
            }
        }
        stop.cancel();
        drop(lead);
        if let Some(part) = broken {
            tracing::error!(part, "a part of the gateway ended unexpectedly");
            lease.release().await;
            break;
        }
        while comparing.join_next().await.is_some() {}
        lease.release().await;
        if parked.is_some_and(|reason| !reason.leaves_rest()) {
            // Only the operator can help: the state stays published until the program ends.
            shutdown.cancelled().await;
        }
    }
    health.state(GatewayState::Stopped);
}

/// What compares tickets with Discord now and then.
const COMPARING: &str = "comparing with Discord";

/// Returns when a task ends or panics before `stop`.
async fn lost(task: &mut JoinSet<()>, stop: &CancellationToken) {
    task.join_next().await;
    if stop.is_cancelled() {
        std::future::pending::<()>().await;
    }
}

/// How a time as the holder of the lease ended.
#[derive(Debug, PartialEq, Eq)]
enum Ended {
    /// It was told to.
    Stopped,
    /// Discord refuses for good.
    Parked(ParkReason),
    /// This part of the program ended before it was told to.
    Broken(&'static str),
}

/// One time as the holder of the lease: from connecting to `stop` or to a refusal for good.
async fn session(
    w: &Wardesk,
    rest: &Rest,
    config: &GatewayConfig,
    health: &Publisher,
    pace: &Arc<Pace>,
    gap: &Gap,
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
    let (to_servers, events) = mpsc::channel(SERVER_EVENTS);
    let (to_serenity, interactions) = mpsc::channel(INTERACTIONS);
    let relay_stop = CancellationToken::new();
    let mut archiving = tokio::spawn(archive::run(w.clone(), frames));
    let servers = Servers {
        w: w.clone(),
        rest: rest.clone(),
        members: config.members,
        gap: gap.clone(),
        stop: stop.clone(),
    };
    let mut serving = tokio::spawn(servers.run(events));
    let mut relaying = tokio::spawn(relay.run(interactions, relay_stop.clone()));
    let mut typed = Typed::start(url, &secret, Desk::new(w.clone(), rest.clone()));

    let upstream = Upstream {
        w: w.clone(),
        rest: rest.clone(),
        token: config.token.clone(),
        shard: ShardId { id: 0, total: 1 },
        allow_plain: config.allow_plain,
        pace: Arc::clone(pace),
        random: Arc::clone(&config.random),
        health: health.clone(),
        content_every: config.content_every,
        egress: config.egress.clone(),
        members: config.members,
        tap: Tap { archive: to_archive, servers: to_servers, typed: to_serenity },
    };
    let ended = tokio::select! {
        ended = upstream.run(stop) => ended,
        _ = &mut archiving => Ended::Broken("the archive"),
        _ = &mut serving => Ended::Broken("the events of servers"),
        _ = &mut relaying => Ended::Broken("the relay"),
        () = typed.ended() => Ended::Broken("interactions"),
    };
    if let Ended::Broken(_) = ended {
        relay_stop.cancel();
        return ended;
    }

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
