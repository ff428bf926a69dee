//! How often sign-ins may be begun and finished, share links opened, and webhooks delivered: by one network, and in
//! all; and how often one person who is signed in may change something.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use moka::sync::Cache;
use tokio::time::Instant;

use super::client::Client;
use super::marks::{Mark, Marks};
use super::observe::Refusal;
use super::session::Viewer;
use super::shared::Place;

/// Of sign-ins. One takes two steps, so 15 people behind one address may sign in at once, and 15 more each minute.
/// Each begun sign-in is a row in the database, each finished one two calls to Discord.
const SIGN_INS: Limits = Limits {
    own: Rate { at_once: 30, every: Duration::from_secs(2) },
    all: Rate { at_once: 200, every: Duration::from_millis(50) },
    own_reason: "own_sign_ins",
    all_reason: "sign_ins",
};
/// Of pages that share links lead to.
const SHARED_PAGES: Limits = Limits {
    own: Rate { at_once: 60, every: Duration::from_secs(1) },
    all: Rate { at_once: 400, every: Duration::from_millis(25) },
    own_reason: "own_shared",
    all_reason: "shared",
};
/// Of files on them. A page may show a few hundred.
const SHARED_FILES: Limits = Limits {
    own: Rate { at_once: 1500, every: Duration::from_millis(20) },
    all: Rate { at_once: 5000, every: Duration::from_millis(2) },
    own_reason: "own_shared_files",
    all_reason: "shared_files",
};
/// Of webhooks. A provider that was away delivers what it has gathered at once; each delivery is a row.
const WEBHOOKS: Limits = Limits {
    own: Rate { at_once: 2000, every: Duration::from_millis(5) },
    all: Rate { at_once: 4000, every: Duration::from_millis(2) },
    own_reason: "own_webhooks",
    all_reason: "webhooks",
};
/// Of requests about personal data, which anybody may make. Each is a few rows; nobody makes many. What all may make is
/// much more, so that who has many networks does not shut the others out.
const REQUESTS: Limits = Limits {
    own: Rate { at_once: 6, every: Duration::from_mins(2) },
    all: Rate { at_once: 600, every: Duration::from_millis(100) },
    own_reason: "own_requests",
    all_reason: "requests",
};
/// Of what people who are signed in change, each by themselves: some of it has to be read anew by everybody on a server.
const WRITES: Limits = Limits {
    own: Rate { at_once: 120, every: Duration::from_millis(500) },
    all: Rate { at_once: 10_000, every: Duration::from_millis(1) },
    own_reason: "own_writes",
    all_reason: "writes",
};
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

/// The limits of one kind of request: of one network, and of everybody.
#[derive(Debug, Clone, Copy)]
struct Limits {
    own: Rate,
    all: Rate,
    /// What a refusal is written down as when this network has taken its share.
    own_reason: &'static str,
    /// The same when everybody has.
    all_reason: &'static str,
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
pub(super) struct Meter {
    limits: Limits,
    all: Arc<Mutex<Bucket>>,
    own: Cache<Mark, Arc<Mutex<Bucket>>>,
    marks: Marks,
}

impl Meter {
    fn new(limits: Limits) -> Self {
        let own = Cache::builder().max_capacity(NETWORKS).time_to_idle(limits.own.memory()).build();
        Self { limits, all: Arc::default(), own, marks: Marks::default() }
    }

    /// Of sign-ins.
    pub(super) fn sign_ins() -> Self {
        Self::new(SIGN_INS)
    }

    /// Of requests about personal data.
    pub(super) fn requests() -> Self {
        Self::new(REQUESTS)
    }

    /// Of webhooks.
    pub(super) fn webhooks() -> Self {
        Self::new(WEBHOOKS)
    }

    /// Of what signed-in people change.
    pub(super) fn writes() -> Self {
        Self::new(WRITES)
    }

    /// Takes one. Those of whom no network is known share the limit of everybody alone.
    fn take(&self, client: Option<IpAddr>, now: Instant) -> Result<(), Spent> {
        self.take_by(client.map(|network| self.marks.of(network, now)), now)
    }

    fn take_by(&self, mark: Option<Mark>, now: Instant) -> Result<(), Spent> {
        let take = |bucket: &Mutex<Bucket>, rate| {
            bucket.lock().unwrap_or_else(PoisonError::into_inner).take(rate, now)
        };
        if let Some(mark) = mark {
            let own = self.own.get_with(mark, Arc::default);
            take(&own, self.limits.own).map_err(Spent::Own)?;
        }
        take(&self.all, self.limits.all).map_err(Spent::All)
    }

    /// Lets a request through, or says when to come back.
    async fn through(&self, request: Request, next: Next) -> Response {
        let client = request.extensions().get::<Client>().and_then(|client| client.0);
        match self.take(client, Instant::now()) {
            Ok(()) => next.run(request).await,
            Err(spent) => self.refuse(spent),
        }
    }

    fn refuse(&self, spent: Spent) -> Response {
        let (wait, reason) = match spent {
            Spent::Own(wait) => (wait, self.limits.own_reason),
            Spent::All(wait) => (wait, self.limits.all_reason),
        };
        let mut response = StatusCode::TOO_MANY_REQUESTS.into_response();
        response.extensions_mut().insert(Refusal(reason));
        // Whole seconds, rounded up: who comes back then is let through.
        let seconds = HeaderValue::from(wait.as_secs() + 1);
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
        response
    }
}

/// Lets a step of a sign-in through, or says when to come back.
pub(super) async fn sign_ins(State(meter): State<Meter>, request: Request, next: Next) -> Response {
    meter.through(request, next).await
}

/// Lets a webhook through, or says when to come back.
pub(super) async fn webhooks(State(meter): State<Meter>, request: Request, next: Next) -> Response {
    meter.through(request, next).await
}

/// Lets a request about personal data be made, or says when to come back; everything else it lets through.
pub(super) async fn requests(State(meter): State<Meter>, request: Request, next: Next) -> Response {
    let asks = request.method() == Method::POST && request.uri().path() == "/privacy/request";
    if asks { meter.through(request, next).await } else { next.run(request).await }
}

/// Lets somebody who is signed in change something, or says when to come back; everything else it lets through.
pub(super) async fn writes(State(meter): State<Meter>, request: Request, next: Next) -> Response {
    let viewer = request.extensions().get::<Viewer>().and_then(|viewer| viewer.0.as_ref());
    let Some(user) = viewer.filter(|_| request.method() == Method::POST).map(|one| one.user) else {
        return next.run(request).await;
    };
    let now = Instant::now();
    match meter.take_by(Some(meter.marks.of_person(user, now)), now) {
        Ok(()) => next.run(request).await,
        Err(spent) => meter.refuse(spent),
    }
}

/// What was opened by share links of late.
#[derive(Debug, Clone)]
pub(super) struct SharedMeters {
    pages: Meter,
    files: Meter,
}

impl Default for SharedMeters {
    fn default() -> Self {
        Self { pages: Meter::new(SHARED_PAGES), files: Meter::new(SHARED_FILES) }
    }
}

/// Lets a request for a shared transcript or a file of it through, or says when to come back; others it lets
/// through.
pub(super) async fn shared(
    State(meters): State<SharedMeters>,
    request: Request,
    next: Next,
) -> Response {
    match super::shared::place(request.uri().path()) {
        None => next.run(request).await,
        Some(Place::Page) => meters.pages.through(request, next).await,
        Some(Place::Beside) => meters.files.through(request, next).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(number: u32) -> IpAddr {
        std::net::Ipv4Addr::from_bits(number).into()
    }

    #[test]
    fn a_network_has_its_share_and_others_have_theirs() {
        let (sign_ins, now) = (Meter::sign_ins(), Instant::now());
        for _ in 0..SIGN_INS.own.at_once {
            sign_ins.take(Some(network(1)), now).unwrap();
        }
        let Err(Spent::Own(wait)) = sign_ins.take(Some(network(1)), now) else {
            panic!("let through")
        };
        assert_eq!(wait, SIGN_INS.own.every);
        sign_ins.take(Some(network(2)), now).unwrap();
        assert!(sign_ins.take(Some(network(1)), now + wait - Duration::from_millis(1)).is_err());
        sign_ins.take(Some(network(1)), now + wait).unwrap();
        assert!(sign_ins.take(Some(network(1)), now + wait).is_err(), "one was given back");
    }

    #[test]
    fn all_together_have_a_limit_whoever_they_say_they_are() {
        let (sign_ins, now) = (Meter::sign_ins(), Instant::now());
        for number in 0..SIGN_INS.all.at_once {
            sign_ins.take((number % 2 == 0).then(|| network(number)), now).unwrap();
        }
        assert!(matches!(sign_ins.take(Some(network(9_999)), now), Err(Spent::All(_))));
        assert!(matches!(sign_ins.take(None, now), Err(Spent::All(_))));
        sign_ins.take(None, now + SIGN_INS.all.every).unwrap();
    }

    #[test]
    fn each_person_has_a_share_of_what_is_changed() {
        let (writes, now) = (Meter::writes(), Instant::now());
        let mark = |id| writes.marks.of_person(domain::ids::UserId::new(id).unwrap(), now);
        for _ in 0..WRITES.own.at_once {
            writes.take_by(Some(mark(7)), now).unwrap();
        }
        assert!(matches!(writes.take_by(Some(mark(7)), now), Err(Spent::Own(_))));
        writes.take_by(Some(mark(8)), now).unwrap();
        writes.take_by(Some(mark(7)), now + WRITES.own.every).unwrap();
    }

    #[test]
    fn memory_is_bounded() {
        let sign_ins = Meter::sign_ins();
        let now = Instant::now();
        for number in 0..100_000 {
            let _ = sign_ins.take(Some(network(number)), now);
        }
        sign_ins.own.run_pending_tasks();
        assert!(sign_ins.own.entry_count() <= NETWORKS);
    }
}
