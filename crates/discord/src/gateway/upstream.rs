//! The connection to Discord: connects, resumes, beats, and hands events on.

use std::sync::Arc;
use std::time::Duration;

use domain::egress::Egress;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;
use wardesk_core::Wardesk;
use wardesk_core::ports::{DiscordError, Random};
use wardesk_core::transcripts::coverage;

use super::codes::{After, ParkReason};
use super::connection::{Connection, Ended};
use super::health::{GatewayState, Publisher};
use super::intents::Intents;
use super::pace::Pace;
use super::protocol::Session;
use super::tap::Tap;
use crate::rest::{Granted, Rest};

/// The longest connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The longest the application's settings are waited for before a session begins without them.
const SETTINGS_TIMEOUT: Duration = Duration::from_secs(5);

/// The longest pause between attempts.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// After this many failed attempts to resume, the session is given up.
const RESUME_ATTEMPTS: u32 = 5;

/// A connection that lived for less than this is a setback.
const STEADY: Duration = Duration::from_secs(10);

/// What went wrong in a row.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Setbacks {
    /// Attempts after which no event arrived.
    failures: u32,
    /// Connections that broke soon after they came to life.
    short: u32,
}

impl Setbacks {
    /// Notes how long a connection lived, if it came to life.
    fn note(&mut self, lived: Option<Duration>) {
        match lived {
            None => self.failures += 1,
            Some(lived) => {
                self.failures = 0;
                self.short = if lived < STEADY { self.short + 1 } else { 0 };
            }
        }
    }

    /// How many there were, for the pause before the next attempt. A single short life is chance.
    fn in_a_row(self) -> u32 {
        self.failures.max(self.short.saturating_sub(1))
    }
}

/// Returns when Discord's settings of the application grant an intent that the session lacks; answers what they
/// grant.
async fn until_granted(rest: Rest, every: Duration, intents: Intents) -> Granted {
    loop {
        tokio::time::sleep(every).await;
        match rest.granted().await {
            Ok(granted) if intents.would_gain(granted) => return granted,
            Ok(_) => {}
            Err(error) => tracing::debug!(%error, "the application cannot be asked for"),
        }
    }
}

/// One shard's place among all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ShardId {
    pub(super) id: u32,
    pub(super) total: u32,
}

pub(super) struct Upstream {
    pub(super) w: Wardesk,
    pub(super) rest: Rest,
    pub(super) token: SecretString,
    pub(super) shard: ShardId,
    /// Whether `ws://` is allowed: only with the sandbox.
    pub(super) allow_plain: bool,
    pub(super) pace: Arc<Pace>,
    pub(super) random: Arc<dyn Random>,
    pub(super) health: Publisher,
    /// How often Discord is asked whether its settings grant an intent that is missed.
    pub(super) content_every: Duration,
    /// Who may be contacted.
    pub(super) egress: Egress,
    /// Whether to hear who joins and leaves, where Discord grants it.
    pub(super) members: bool,
    pub(super) tap: Tap,
}

/// What lasts longer than a connection.
pub(super) struct Standing {
    pub(super) session: Option<Session>,
    /// The number of the last event.
    pub(super) seq: Option<u64>,
    pub(super) intents: Intents,
}

impl Upstream {
    /// Stays connected until `stop`, or until only the operator can help.
    pub(super) async fn run(mut self, stop: &CancellationToken) -> super::Ended {
        let intents = Intents::new(self.members);
        let mut standing = Standing { session: None, seq: None, intents };
        let mut setbacks = Setbacks::default();
        while !stop.is_cancelled() {
            let resuming = standing.session.is_some();
            let state = if resuming { GatewayState::Resuming } else { GatewayState::Connecting };
            self.health.state(state);
            let ended = self.connect_once(&mut standing, stop).await;
            coverage::broke(&self.w);
            let after = match ended {
                Ended::Stopped => break,
                Ended::NotConnected { wait } => {
                    setbacks.note(None);
                    let failures = setbacks.failures;
                    // No more often than the pauses are long, which grow to a minute.
                    tracing::warn!(failures, "Discord cannot be reached; it is tried again");
                    if resuming && setbacks.failures >= RESUME_ATTEMPTS {
                        standing.session = None;
                    }
                    let pause = wait.unwrap_or_else(|| self.pause(setbacks.in_a_row()));
                    tokio::select! { () = stop.cancelled() => break, () = tokio::time::sleep(pause) => continue }
                }
                Ended::Closed { after, lived } => {
                    setbacks.note(lived);
                    // A host that takes connections and serves none would be asked for ever.
                    if setbacks.failures >= RESUME_ATTEMPTS {
                        standing.session = None;
                    }
                    after
                }
            };
            match after {
                After::Resume => {}
                After::Identify => {
                    standing.session = None;
                    standing.seq = None;
                }
                After::Park(ParkReason::DisallowedIntents) => {
                    let granted = tokio::select! {
                        () = stop.cancelled() => break,
                        granted = self.granted() => granted,
                    };
                    if !standing.intents.go_without(granted) {
                        return self.park(ParkReason::DisallowedIntents);
                    }
                    let intents = standing.intents;
                    tracing::warn!(
                        content = intents.content(),
                        members = intents.members(),
                        "Discord does not allow a privileged intent; going on without it"
                    );
                    standing.session = None;
                    self.health.content_available(intents.content());
                }
                After::Park(reason) => return self.park(reason),
            }
            // Discord asks for a pause before a new session; a resumed one may start at once, unless
            // connections keep breaking.
            let pause = match (standing.session.is_some(), setbacks.in_a_row()) {
                (true, 0) => Duration::ZERO,
                (true, setbacks) => self.pause(setbacks),
                (false, setbacks) => {
                    Duration::from_secs(1)
                        + self.up_to(Duration::from_secs(4)).max(self.pause(setbacks) / 2)
                }
            };
            tokio::select! { () = stop.cancelled() => break, () = tokio::time::sleep(pause) => {} }
        }
        super::Ended::Stopped
    }

    /// Only the operator can help.
    fn park(&self, reason: ParkReason) -> super::Ended {
        tracing::error!(reason = reason.as_str(), "Discord refuses the gateway for good");
        if reason == ParkReason::BadToken {
            self.rest.refuse_token();
        }
        self.health.state(GatewayState::Parked(reason));
        super::Ended::Parked(reason)
    }

    /// What the application's settings grant; `None` when Discord does not say it soon.
    async fn granted(&self) -> Option<Granted> {
        match tokio::time::timeout(SETTINGS_TIMEOUT, self.rest.granted()).await {
            Ok(Ok(granted)) => Some(granted),
            Ok(Err(error)) => {
                tracing::debug!(%error, "the application cannot be asked for");
                None
            }
            Err(_) => None,
        }
    }

    async fn connect_once(&mut self, standing: &mut Standing, stop: &CancellationToken) -> Ended {
        let address = if let Some(session) = &standing.session {
            session.url.clone()
        } else {
            let asked = async { tokio::join!(self.granted(), self.address_for_new_session()) };
            let (granted, asked) = tokio::select! {
                () = stop.cancelled() => return Ended::Stopped,
                asked = asked => asked,
            };
            standing.intents.choose(granted);
            match asked {
                Ok(address) => address,
                Err(ended) => return ended,
            }
        };
        let Some(url) = self.checked(&address) else {
            tracing::error!("the gateway's address is not one to connect to");
            return Ended::NotConnected { wait: None };
        };
        let connecting = Connection::open(&url);
        let connection = tokio::select! {
            () = stop.cancelled() => return Ended::Stopped,
            opened = tokio::time::timeout(CONNECT_TIMEOUT, connecting) => opened,
        };
        match connection {
            Ok(Ok(connection)) => self.connected(connection, standing, stop).await,
            Ok(Err(())) | Err(_) => Ended::NotConnected { wait: None },
        }
    }

    /// Stays with a connection to its end, or until Discord grants an intent that it lacks: then a new session is
    /// begun that asks for it.
    async fn connected(
        &mut self,
        connection: Connection,
        standing: &mut Standing,
        stop: &CancellationToken,
    ) -> Ended {
        if !standing.intents.lacks() {
            return connection.run(self, standing, stop).await;
        }
        let leave = stop.child_token();
        let granted = until_granted(self.rest.clone(), self.content_every, standing.intents);
        let (granted, ended) = {
            let mut running = std::pin::pin!(connection.run(self, standing, &leave));
            tokio::select! {
                ended = &mut running => return ended,
                granted = granted => {
                    tracing::info!("Discord allows a privileged intent that was missed");
                    leave.cancel();
                    (granted, running.await)
                }
            }
        };
        if ended != Ended::Stopped || stop.is_cancelled() {
            return ended;
        }
        standing.intents.gain(granted);
        Ended::Closed { after: After::Identify, lived: Some(STEADY) }
    }

    /// Asks Discord for the address and waits for the turn to identify.
    async fn address_for_new_session(&self) -> Result<String, Ended> {
        let info = self.rest.gateway_info().await.map_err(|error| match error {
            DiscordError::BadToken => {
                Ended::Closed { after: After::Park(ParkReason::BadToken), lived: None }
            }
            DiscordError::Unavailable { retry_after_ms: Some(ms) } => Ended::NotConnected {
                wait: Some(Duration::from_millis(ms).clamp(Duration::from_secs(1), LONGEST_PAUSE)),
            },
            _ => Ended::NotConnected { wait: None },
        })?;
        if info.shards > self.shard.total {
            tracing::warn!(
                recommended = info.shards,
                configured = self.shard.total,
                "Discord recommends more shards"
            );
        }
        self.pace.turn(self.shard.id, info.start_limit).await.map_err(|wait| {
            tracing::error!(
                seconds = wait.as_secs(),
                "the day's session starts are almost used up; waiting"
            );
            Ended::NotConnected { wait: Some(wait) }
        })?;
        metrics::counter!("discord_gateway_identifies_total").increment(1);
        Ok(info.url)
    }

    /// The address with version and encoding, if it may be connected to.
    fn checked(&self, address: &str) -> Option<String> {
        let mut url = url::Url::parse(address).ok()?;
        let encrypted = url.scheme() == "wss" || (self.allow_plain && url.scheme() == "ws");
        if !encrypted {
            return None;
        }
        // Discord names the host; whether it is one of its own is ours to see.
        if self.egress.check(url.host_str()).is_err() {
            metrics::counter!("egress_refused_total").increment(1);
            return None;
        }
        url.query_pairs_mut().clear().append_pair("v", "10").append_pair("encoding", "json");
        Some(url.into())
    }

    fn pause(&self, failures: u32) -> Duration {
        let whole =
            Duration::from_millis(500).saturating_mul(1 << failures.min(8)).min(LONGEST_PAUSE);
        whole / 2 + self.up_to(whole / 2)
    }

    /// A random part of `most`.
    pub(super) fn up_to(&self, most: Duration) -> Duration {
        let mut bytes = [0; 4];
        self.random.fill(&mut bytes);
        most.mul_f64(f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_that_break_soon_lead_to_pauses() {
        let mut setbacks = Setbacks::default();
        let seconds = |n| Some(Duration::from_secs(n));
        let mut after = |lived| {
            setbacks.note(lived);
            setbacks.in_a_row()
        };
        assert_eq!(after(seconds(600)), 0);
        // A resume that works and breaks at once, again and again.
        let flapping = [1, 0, 3, 9, 0].map(seconds).map(&mut after);
        assert_eq!(flapping, [0, 1, 2, 3, 4]);
        assert_eq!(after(seconds(10)), 0);
        assert_eq!([after(None), after(None), after(None)], [1, 2, 3]);
        assert_eq!(after(seconds(1)), 0);
        assert_eq!(after(None), 1);
    }
}
