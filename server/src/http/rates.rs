//! How often sign-ins may be begun and finished: by one network, and in all.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use moka::sync::Cache;
use tokio::time::Instant;

use super::client::Client;
use super::observe::Refusal;

/// Of one network. A sign-in takes two steps, so 15 people behind one address may sign in at once, and 15 more
/// each minute.
const OWN: Rate = Rate { at_once: 30, every: Duration::from_secs(2) };
/// Of everybody: each begun sign-in is a row in the database, each finished one two calls to Discord.
const ALL: Rate = Rate { at_once: 200, every: Duration::from_millis(50) };
/// Networks that are remembered. More than that at once meet the limit of everybody.
const NETWORKS: u64 = 20_000;

/// So many at once, and one more each time that `every` has passed.
#[derive(Debug, Clone, Copy)]
struct Rate {
    at_once: u32,
    every: Duration,
}

impl Rate {
    /// How long it takes until nothing of a burst is left to be remembered.
    fn memory(self) -> Duration {
        self.every * self.at_once
    }
}

/// When everything that was taken so far will have been given back.
#[derive(Debug, Clone, Copy, Default)]
struct Bucket(Option<Instant>);

impl Bucket {
    /// Takes one; `Err` with the time until there is one.
    fn take(&mut self, rate: Rate, now: Instant) -> Result<(), Duration> {
        let whole = self.0.map_or(now, |whole| whole.max(now));
        let owed = whole.duration_since(now);
        let most = rate.every * (rate.at_once - 1);
        if owed > most {
            return Err(owed.saturating_sub(most));
        }
        self.0 = Some(whole + rate.every);
        Ok(())
    }
}

/// Why there is none left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spent {
    /// This network has taken its share.
    Own(Duration),
    /// Everybody together has.
    All(Duration),
}

/// What was taken of late. A cheap handle; its memory is bounded.
#[derive(Debug, Clone)]
pub(super) struct SignIns {
    all: Arc<Mutex<Bucket>>,
    own: Cache<IpAddr, Arc<Mutex<Bucket>>>,
}

impl Default for SignIns {
    fn default() -> Self {
        let own = Cache::builder().max_capacity(NETWORKS).time_to_idle(OWN.memory()).build();
        Self { all: Arc::default(), own }
    }
}

impl SignIns {
    /// Takes a step of a sign-in. Those of whom no network is known share the limit of everybody alone.
    fn take(&self, client: Option<IpAddr>, now: Instant) -> Result<(), Spent> {
        let take = |bucket: &Mutex<Bucket>, rate| {
            bucket.lock().unwrap_or_else(PoisonError::into_inner).take(rate, now)
        };
        if let Some(network) = client {
            take(&self.own.get_with(network, Arc::default), OWN).map_err(Spent::Own)?;
        }
        take(&self.all, ALL).map_err(Spent::All)
    }
}

/// Lets a step of a sign-in through, or says when to come back.
pub(super) async fn sign_ins(
    State(sign_ins): State<SignIns>,
    request: Request,
    next: Next,
) -> Response {
    let client = request.extensions().get::<Client>().and_then(|client| client.0);
    let (wait, reason) = match sign_ins.take(client, Instant::now()) {
        Ok(()) => return next.run(request).await,
        Err(Spent::Own(wait)) => (wait, "own_sign_ins"),
        Err(Spent::All(wait)) => (wait, "sign_ins"),
    };
    let mut response = StatusCode::TOO_MANY_REQUESTS.into_response();
    response.extensions_mut().insert(Refusal(reason));
    // Whole seconds, rounded up: who comes back then is let through.
    let seconds = HeaderValue::from(wait.as_secs() + 1);
    response.headers_mut().insert(header::RETRY_AFTER, seconds);
    response
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn network(number: u32) -> IpAddr {
        std::net::Ipv4Addr::from_bits(number).into()
    }

    #[test]
    fn a_network_has_its_share_and_others_have_theirs() {
        let (sign_ins, now) = (SignIns::default(), Instant::now());
        for _ in 0..OWN.at_once {
            sign_ins.take(Some(network(1)), now).unwrap();
        }
        let Err(Spent::Own(wait)) = sign_ins.take(Some(network(1)), now) else {
            panic!("let through")
        };
        assert_eq!(wait, OWN.every);
        sign_ins.take(Some(network(2)), now).unwrap();
        assert!(sign_ins.take(Some(network(1)), now + wait - Duration::from_millis(1)).is_err());
        sign_ins.take(Some(network(1)), now + wait).unwrap();
        assert!(sign_ins.take(Some(network(1)), now + wait).is_err(), "one was given back");
    }

    #[test]
    fn all_together_have_a_limit_whoever_they_say_they_are() {
        let (sign_ins, now) = (SignIns::default(), Instant::now());
        for number in 0..ALL.at_once {
            sign_ins.take((number % 2 == 0).then(|| network(number)), now).unwrap();
        }
        assert!(matches!(sign_ins.take(Some(network(9_999)), now), Err(Spent::All(_))));
        assert!(matches!(sign_ins.take(None, now), Err(Spent::All(_))));
        sign_ins.take(None, now + ALL.every).unwrap();
    }

    #[test]
    fn memory_is_bounded() {
        let sign_ins = SignIns::default();
        let now = Instant::now();
        for number in 0..100_000 {
            let _ = sign_ins.take(Some(network(number)), now);
        }
        sign_ins.own.run_pending_tasks();
        assert!(sign_ins.own.entry_count() <= NETWORKS);
    }
}
