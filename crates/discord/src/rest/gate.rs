//! The gate that every REST call of the process goes through.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::egress::Egress;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::Instant;
use wardesk_core::ports::{DiscordError, Random};

use super::RestHealth;
use super::answer::{self, Limited, Scope};
use super::breaker::Breaker;
use super::buckets::{Buckets, Limits};
use super::forbidden::Forbidden;
use super::global::Global;
use super::metrics;
use super::route::{Kind, Route};
use crate::http::{self, Guarded, SendFailure};

/// The longest a call waits for limits before it is given back to its caller.
const PATIENCE: Duration = Duration::from_secs(20);

/// The same for a change, which is the outbox's: it is told when to come again. Whoever waits holds one of its
/// places, and one person's full inbox must not hold them all.
const PATIENCE_OF_CHANGES: Duration = Duration::from_secs(2);

/// How often a call is sent before its failure is the caller's to handle.
const ATTEMPTS: u32 = 4;

/// The first pause after a failure of Discord's; doubles each time.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// Waits after a limit end up to this much later, so that not all start at once.
const JITTER_MS: u64 = 50;

/// The largest JSON answer that is read.
const MAX_ANSWER: usize = 32 * 1024 * 1024;

/// What a call carries.
#[derive(Default, Clone)]
pub(crate) struct Cargo<'a> {
    pub(crate) query: &'a [(&'a str, String)],
    pub(crate) body: Option<&'a Value>,
    /// For Discord's audit log.
    pub(crate) reason: Option<&'a str>,
}

pub(crate) struct Gate {
    client: Guarded,
    base: String,
    token: SecretString,
    random: Arc<dyn Random>,
    global: Global,
    buckets: Buckets,
    breaker: Breaker,
    pub(crate) forbidden: Forbidden,
    bad_token: AtomicBool,
    health: watch::Sender<RestHealth>,
}

enum Outcome {
    Done(Value),
    /// Not this time; again after the pause, if there is one.
    Again(Duration, DiscordError),
    Failed(DiscordError),
}

impl Gate {
    pub(crate) fn new(
        base: &str,
        token: SecretString,
        random: Arc<dyn Random>,
        egress: Egress,
    ) -> Result<Self, reqwest::Error> {
        Ok(Self {
            client: Guarded::new(egress)?,
            base: base.trim_end_matches('/').to_owned(),
            token,
            random,
            global: Global::default(),
            buckets: Buckets::default(),
            breaker: Breaker::of_bot(),
            forbidden: Forbidden::default(),
            bad_token: AtomicBool::new(false),
            health: watch::Sender::new(RestHealth::Good),
        })
    }

    pub(crate) fn health(&self) -> watch::Receiver<RestHealth> {
        self.health.subscribe()
    }

    /// Stops every call of the bot: Discord does not take the token. Lasts until a restart.
    pub(crate) fn refuse_token(&self) {
        if !self.bad_token.swap(true, Ordering::SeqCst) {
            tracing::error!("Discord refuses the bot token; all REST calls stop");
            self.health.send_replace(RestHealth::BadToken);
        }
    }

    /// Sends a call when the limits allow it, and again where that can help.
    pub(crate) async fn call(
        &self,
        route: &Route,
        cargo: Cargo<'_>,
    ) -> Result<Value, DiscordError> {
        let deadline = Instant::now() + PATIENCE;
        let mut pause = FIRST_PAUSE;
        let mut last = DiscordError::Unavailable { retry_after_ms: None };
        for attempt in 1..=ATTEMPTS {
            match self.attempt(route, &cargo, deadline).await {
                Outcome::Done(value) => return Ok(value),
                Outcome::Failed(error) => return Err(error),
                Outcome::Again(wait, error) => {
                    last = error;
                    if attempt == ATTEMPTS || Instant::now() + wait.max(pause) > deadline {
                        break;
                    }
                    // A limit is waited for in its own place; a failure of Discord's here.
                    if !wait.is_zero() {
                        tokio::time::sleep(wait.max(pause) + self.jitter(pause)).await;
                        pause *= 2;
                    }
                }
            }
        }
        Err(last)
    }

    fn check(&self, route: &Route, now: Instant) -> Result<(), DiscordError> {
        if route.kind == Kind::Bot && self.bad_token.load(Ordering::SeqCst) {
            return Err(DiscordError::BadToken);
        }
        if let Some(open) = self.breaker.open_for(now) {
            self.health.send_if_modified(|h| {
                std::mem::replace(h, RestHealth::Stopped) != RestHealth::Stopped
            });
            return Err(unavailable(open));
        }
        self.health.send_if_modified(|h| {
            *h == RestHealth::Stopped && std::mem::replace(h, RestHealth::Good) != RestHealth::Good
        });
        match self.forbidden.code(route, now) {
            Some(code) => Err(DiscordError::Forbidden { code }),
            None => Ok(()),
        }
    }

    async fn attempt(&self, route: &Route, cargo: &Cargo<'_>, deadline: Instant) -> Outcome {
        if let Err(error) = self.check(route, Instant::now()) {
            return Outcome::Failed(error);
        }
        let deadline = if route.kind == Kind::Bot && route.method != Method::GET {
            deadline.min(Instant::now() + PATIENCE_OF_CHANGES)
        } else {
            deadline
        };
        let place = match self.buckets.of(route).enter(deadline).await {
            Ok(place) => place,
            Err(wait) => return Outcome::Failed(unavailable(wait)),
        };
        if route.kind == Kind::Bot {
            let now = Instant::now();
            let blocked = self.global.blocked_for(now).is_some();
            match self.global.reserve(now, deadline.saturating_duration_since(now)) {
                Ok(at) if at > now => {
                    let jitter = Duration::from_millis(if blocked { JITTER_MS } else { 0 });
                    tokio::time::sleep_until(at + self.jitter(jitter)).await;
                }
                Ok(_) => {}
                Err(wait) => return Outcome::Failed(unavailable(wait)),
            }
        }
        // The token or the count of invalid requests may have changed while this call waited.
        if let Err(error) = self.check(route, Instant::now()) {
            return Outcome::Failed(error);
        }
        let started = Instant::now();
        let sent = match self.request(route, cargo).build() {
            Ok(request) => self.client.execute(request).await,
            Err(error) => Err(error.into()),
        };
        let response = match sent {
            Ok(response) => response,
            Err(error) => {
                metrics::failed(route, started);
                let before = matches!(&error, SendFailure::Http(error) if error.is_connect());
                let kept = before || route.repeatable;
                let unavailable = DiscordError::Unavailable { retry_after_ms: None };
                return if kept {
                    Outcome::Again(FIRST_PAUSE, unavailable)
                } else {
                    Outcome::Failed(unavailable)
                };
            }
        };
        let status = response.status();
        let headers = response.headers().clone();
        let now = Instant::now();
        if let Some(limits) = Limits::read(&headers) {
            self.buckets.name(route, &limits.bucket);
            place.bucket().learn(&limits, now);
        }
        let body = http::read_body(response, MAX_ANSWER).await;
        metrics::answered(route, status, started);
        self.judge(route, status, &headers, body, &place)
    }

    fn judge(
        &self,
        route: &Route,
        status: StatusCode,
        headers: &HeaderMap,
        body: Option<Vec<u8>>,
        place: &super::buckets::Place,
    ) -> Outcome {
        let now = Instant::now();
        let cut_off = body.is_none();
        let body = body.unwrap_or_default();
        if status.is_success() {
            self.forbidden.let_in(route);
            if body.is_empty() && !cut_off {
                return Outcome::Done(Value::Null);
            }
            return match serde_json::from_slice(&body) {
                Ok(value) => Outcome::Done(value),
                // Done at Discord's end, but what it was is not known.
                Err(_) => Outcome::Failed(DiscordError::Unavailable { retry_after_ms: None }),
            };
        }
        if status == StatusCode::TOO_MANY_REQUESTS {
            let limited = Limited::read(headers, &body);
            metrics::limited(route, limited.scope.label());
            let until = now + limited.retry_after + self.jitter(Duration::from_millis(JITTER_MS));
            match limited.scope {
                Scope::Global => self.global.block(until),
                Scope::User | Scope::Shared => place.bucket().block(until),
            }
            // An interaction does not wait in the global place, so it waits here.
            let wait = if limited.scope == Scope::Global && route.kind == Kind::Interaction {
                limited.retry_after
            } else {
                Duration::ZERO
            };
            if limited.scope != Scope::Shared {
                self.count_invalid();
            }
            return Outcome::Again(wait, unavailable(limited.retry_after));
        }
        let error = answer::error(status, &body, route.kind);
        match &error {
            DiscordError::BadToken => {
                self.count_invalid();
                self.refuse_token();
            }
            DiscordError::Forbidden { code } => {
                self.count_invalid();
                self.forbidden.remember(route, *code, now);
            }
            DiscordError::Gone { .. } if status == StatusCode::UNAUTHORIZED => self.count_invalid(),
            DiscordError::Unavailable { .. } if route.repeatable => {
                return Outcome::Again(FIRST_PAUSE, error);
            }
            _ => {}
        }
        Outcome::Failed(error)
    }

    fn count_invalid(&self) {
        metrics::invalid(self.breaker.count(Instant::now()));
    }

    fn request(&self, route: &Route, cargo: &Cargo<'_>) -> reqwest::RequestBuilder {
        let url = format!("{}/{}", self.base, route.path);
        let mut request = self.client.request(route.method.clone(), url);
        if route.kind == Kind::Bot {
            let value = HeaderValue::try_from(format!("Bot {}", self.token.expose_secret()));
            if let Ok(mut value) = value {
                value.set_sensitive(true);
                request = request.header(AUTHORIZATION, value);
            }
        }
        if !cargo.query.is_empty() {
            request = request.query(cargo.query);
        }
        if let Some(reason) = cargo.reason {
            request = request.header("X-Audit-Log-Reason", encode_reason(reason));
        }
        match cargo.body {
            Some(body) => request.header(CONTENT_TYPE, "application/json").body(body.to_string()),
            // Discord's edge wants a length for an empty body.
            None if route.method == Method::PUT || route.method == Method::POST => request.body(""),
            None => request,
        }
    }

    /// Up to `most`, at random.
    fn jitter(&self, most: Duration) -> Duration {
        let mut bytes = [0; 4];
        self.random.fill(&mut bytes);
        most.mul_f64(f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX))
    }
}

fn unavailable(wait: Duration) -> DiscordError {
    DiscordError::Unavailable { retry_after_ms: u64::try_from(wait.as_millis()).ok() }
}

/// Percent-encodes for the header, whole characters within Discord's 512.
fn encode_reason(reason: &str) -> String {
    let mut out = String::new();
    for character in reason.chars().take(512) {
        let mut buffer = [0; 4];
        for byte in character.encode_utf8(&mut buffer).bytes() {
            if byte.is_ascii_alphanumeric() || b"-_.~ ".contains(&byte) {
                out.push(char::from(byte));
            } else {
                // Writing to a string cannot fail.
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out.trim().to_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_reason_fits_a_header() {
        assert_eq!(super::encode_reason("Grüße\r\nX: y"), "Gr%C3%BC%C3%9Fe%0D%0AX%3A y");
    }
}
