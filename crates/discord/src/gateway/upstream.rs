//! The connection to Discord: connects, resumes, beats, and hands events on.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tokio_util::sync::CancellationToken;
use wardesk_core::ports::{DiscordError, Random};

use super::codes::{After, ParkReason};
use super::connection::{Connection, Ended};
use super::health::{GatewayState, Publisher};
use super::pace::Pace;
use super::protocol::Session;
use super::tap::Tap;
use crate::rest::Rest;

/// Servers, roles and channels come and go.
const GUILDS: u32 = 1 << 0;
/// Messages of servers.
const GUILD_MESSAGES: u32 = 1 << 9;
/// What the messages say. Privileged.
const MESSAGE_CONTENT: u32 = 1 << 15;

/// The longest connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The longest pause between attempts.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// After this many failed attempts to resume, the session is given up.
const RESUME_ATTEMPTS: u32 = 5;

/// One shard's place among all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ShardId {
    pub(super) id: u32,
    pub(super) total: u32,
}

pub(super) struct Upstream {
    pub(super) rest: Rest,
    pub(super) token: SecretString,
    pub(super) shard: ShardId,
    /// Whether `ws://` is allowed: only with the sandbox.
    pub(super) allow_plain: bool,
    pub(super) pace: Arc<Pace>,
    pub(super) random: Arc<dyn Random>,
    pub(super) health: Publisher,
    pub(super) tap: Tap,
}

/// What lasts longer than a connection.
pub(super) struct Standing {
    pub(super) session: Option<Session>,
    /// The number of the last event.
    pub(super) seq: Option<u64>,
    pub(super) intents: u32,
}

impl Upstream {
    /// Stays connected until `stop`, or until only the operator can help.
    pub(super) async fn run(mut self, stop: &CancellationToken) -> super::Ended {
        let all = GUILDS | GUILD_MESSAGES | MESSAGE_CONTENT;
        let mut standing = Standing { session: None, seq: None, intents: all };
        let mut failures = 0;
        while !stop.is_cancelled() {
            let resuming = standing.session.is_some();
            let state = if resuming { GatewayState::Resuming } else { GatewayState::Connecting };
            self.health.state(state);
            let ended = tokio::select! {
                biased;
                () = stop.cancelled(), if failures > 0 => break,
                ended = self.connect_once(&mut standing, stop) => ended,
            };
            let after = match ended {
                Ended::Stopped => break,
                Ended::NotConnected { wait } => {
                    failures += 1;
                    if resuming && failures >= RESUME_ATTEMPTS {
                        standing.session = None;
                    }
                    let pause = wait.unwrap_or_else(|| self.pause(failures));
                    tokio::select! { () = stop.cancelled() => break, () = tokio::time::sleep(pause) => continue }
                }
                Ended::Closed { after, was_live } => {
                    failures = if was_live { 0 } else { failures + 1 };
                    // A host that takes connections and serves none would be asked for ever.
                    if failures >= RESUME_ATTEMPTS {
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
                After::Park(ParkReason::DisallowedIntents)
                    if standing.intents & MESSAGE_CONTENT != 0 =>
                {
                    tracing::error!(
                        "Discord does not allow the message content intent; going on without it"
                    );
                    standing.intents &= !MESSAGE_CONTENT;
                    standing.session = None;
                    self.health.content_available(false);
                }
                After::Park(reason) => {
                    tracing::error!(
                        reason = reason.as_str(),
                        "Discord refuses the gateway for good"
                    );
                    if reason == ParkReason::BadToken {
                        self.rest.refuse_token();
                    }
                    self.health.state(GatewayState::Parked(reason));
                    return super::Ended::Parked(reason);
                }
            }
            // Discord asks for a pause before a new session; a resumed one may start at once, unless
            // the connection never came to life.
            let pause = match (standing.session.is_some(), failures) {
                (true, 0) => Duration::ZERO,
                (true, _) => self.pause(failures),
                (false, _) => {
                    Duration::from_secs(1)
                        + self.up_to(Duration::from_secs(4)).max(self.pause(failures) / 2)
                }
            };
            tokio::select! { () = stop.cancelled() => break, () = tokio::time::sleep(pause) => {} }
        }
        super::Ended::Stopped
    }

    async fn connect_once(&mut self, standing: &mut Standing, stop: &CancellationToken) -> Ended {
        let address = match &standing.session {
            Some(session) => session.url.clone(),
            None => match self.address_for_new_session().await {
                Ok(address) => address,
                Err(ended) => return ended,
            },
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
            Ok(Ok(connection)) => connection.run(self, standing, stop).await,
            Ok(Err(())) | Err(_) => Ended::NotConnected { wait: None },
        }
    }

    /// Asks Discord for the address and waits for the turn to identify.
    async fn address_for_new_session(&self) -> Result<String, Ended> {
        let info = self.rest.gateway_info().await.map_err(|error| match error {
            DiscordError::BadToken => {
                Ended::Closed { after: After::Park(ParkReason::BadToken), was_live: false }
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
        if !encrypted || url.host_str().is_none() {
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
