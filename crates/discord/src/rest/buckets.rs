//! Discord's limits per bucket, learnt from the headers of its answers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::Method;
use reqwest::header::HeaderMap;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::route::Route;

/// How many buckets are remembered before idle ones are forgotten.
const SWEEP_AT: usize = 10_000;

/// How many calls may wait for one bucket.
const MAX_WAITING: u32 = 256;

/// What the headers of an answer say about its bucket.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Limits {
    /// Discord's name of the bucket, shared by routes that share the limit.
    pub(crate) bucket: String,
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    pub(crate) reset_after: Duration,
}

impl Limits {
    pub(crate) fn read(headers: &HeaderMap) -> Option<Self> {
        let text = |name: &str| headers.get(name)?.to_str().ok();
        Some(Self {
            bucket: text("x-ratelimit-bucket")?.to_owned(),
            limit: text("x-ratelimit-limit")?.parse().ok()?,
            remaining: text("x-ratelimit-remaining")?.parse().ok()?,
            reset_after: seconds(text("x-ratelimit-reset-after")?)?,
        })
    }
}

/// Reads seconds with fraction, as Discord writes them; nothing negative or longer than a day.
pub(crate) fn seconds(text: &str) -> Option<Duration> {
    let value: f64 = text.trim().parse().ok()?;
    Duration::try_from_secs_f64(value).ok().map(|d| d.min(Duration::from_hours(24)))
}

#[derive(Default)]
struct State {
    /// Unknown until the first answer: one call at a time till then.
    limit: Option<u32>,
    remaining: u32,
    reset_at: Option<Instant>,
    in_flight: u32,
    waiting: u32,
}

/// One limit that some calls share.
#[derive(Default)]
pub(crate) struct Bucket {
    state: Mutex<State>,
    changed: Notify,
}

/// What a call may do now.
enum Turn {
    Go,
    At(Instant),
    AfterAnother,
}

impl Bucket {
    /// Waits for a place; `Err` with the wait when it would end after `deadline` or too many wait.
    pub(crate) async fn enter(self: Arc<Self>, deadline: Instant) -> Result<Place, Duration> {
        self.wait(deadline).await?;
        Ok(Place { bucket: self })
    }

    /// Returns once a place is taken.
    async fn wait(&self, deadline: Instant) -> Result<(), Duration> {
        {
            let mut state = self.lock();
            if state.waiting >= MAX_WAITING {
                return Err(state
                    .reset_at
                    .map_or(Duration::from_secs(1), |at| at - Instant::now()));
            }
            state.waiting += 1;
        }
        let _waiting = Waiting(self);
        loop {
            let changed = self.changed.notified();
            let now = Instant::now();
            match self.turn(now) {
                Turn::Go => return Ok(()),
                Turn::At(at) if at > deadline => return Err(at - now),
                Turn::At(at) => {
                    tokio::select! { () = tokio::time::sleep_until(at) => (), () = changed => () }
                }
                Turn::AfterAnother => {
                    if tokio::time::timeout_at(deadline, changed).await.is_err() {
                        return Err(Duration::from_secs(1));
                    }
                }
            }
        }
    }

    fn turn(&self, now: Instant) -> Turn {
        let mut state = self.lock();
        if state.reset_at.is_some_and(|at| at <= now) {
            state.reset_at = None;
            if let Some(limit) = state.limit {
                state.remaining = limit.saturating_sub(state.in_flight);
            }
        }
        match (state.limit, state.reset_at) {
            (None, Some(at)) => return Turn::At(at),
            (None, None) if state.in_flight > 0 => return Turn::AfterAnother,
            (None, None) => {}
            (Some(_), Some(at)) if state.remaining == 0 => return Turn::At(at),
            // Used up, and the answer that tells when it resets is still on its way.
            (Some(_), None) if state.remaining == 0 && state.in_flight > 0 => {
                return Turn::AfterAnother;
            }
            (Some(_), _) => state.remaining = state.remaining.saturating_sub(1),
        }
        state.in_flight += 1;
        Turn::Go
    }

    /// Takes over what an answer said. Calls still on their way were not counted in it.
    pub(crate) fn learn(&self, limits: &Limits, now: Instant) {
        let mut state = self.lock();
        let remaining = limits.remaining.saturating_sub(state.in_flight.saturating_sub(1));
        let same_window = state.limit.is_some() && state.reset_at.is_some_and(|at| at > now);
        state.remaining = if same_window { state.remaining.min(remaining) } else { remaining };
        let reset_at = now + limits.reset_after;
        state.reset_at =
            Some(state.reset_at.filter(|_| same_window).map_or(reset_at, |at| at.max(reset_at)));
        state.limit = Some(limits.limit.max(1));
    }

    /// Discord refused a call of this bucket until `until`.
    pub(crate) fn block(&self, until: Instant) {
        let mut state = self.lock();
        state.remaining = 0;
        state.reset_at = Some(state.reset_at.map_or(until, |at| at.max(until)));
    }

    fn is_idle(&self, now: Instant) -> bool {
        let state = self.lock();
        state.in_flight == 0 && state.waiting == 0 && state.reset_at.is_none_or(|at| at <= now)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Waiting<'a>(&'a Bucket);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.lock().waiting -= 1;
    }
}

/// A call's place in its bucket, given back when dropped.
pub(crate) struct Place {
    bucket: Arc<Bucket>,
}

impl Place {
    pub(crate) fn bucket(&self) -> &Bucket {
        &self.bucket
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.bucket.lock().in_flight -= 1;
        self.bucket.changed.notify_waiters();
    }
}

type RouteKey = (Method, &'static str);

#[derive(Default)]
struct Table {
    /// What Discord calls the bucket of a route.
    names: HashMap<RouteKey, String>,
    /// Until the name is known, a route is its own bucket.
    unnamed: HashMap<(Method, &'static str, i64), Arc<Bucket>>,
    named: HashMap<(String, i64), Arc<Bucket>>,
}

/// All buckets.
#[derive(Default)]
pub(crate) struct Buckets(Mutex<Table>);

impl Buckets {
    pub(crate) fn of(&self, route: &Route) -> Arc<Bucket> {
        let mut table = self.lock();
        table.sweep();
        let name = table.names.get(&(route.method.clone(), route.template)).cloned();
        if let Some(name) = name {
            Arc::clone(table.named.entry((name, route.major)).or_default())
        } else {
            let key = (route.method.clone(), route.template, route.major);
            Arc::clone(table.unnamed.entry(key).or_default())
        }
    }

    /// An answer named the bucket of its route. What the first call learnt moves along with it.
    pub(crate) fn name(&self, route: &Route, name: &str) {
        let mut table = self.lock();
        let key = (route.method.clone(), route.template);
        if table.names.get(&key).is_some_and(|known| known == name) {
            return;
        }
        table.names.insert(key, name.to_owned());
        let own = (route.method.clone(), route.template, route.major);
        if let Some(bucket) = table.unnamed.remove(&own) {
            table.named.entry((name.to_owned(), route.major)).or_insert(bucket);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn sweep(&mut self) {
        if self.named.len() + self.unnamed.len() < SWEEP_AT {
            return;
        }
        let now = Instant::now();
        let used = |bucket: &Arc<Bucket>| Arc::strong_count(bucket) > 1 || !bucket.is_idle(now);
        self.named.retain(|_, bucket| used(bucket));
        self.unnamed.retain(|_, bucket| used(bucket));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(limit: u32, remaining: u32, reset_ms: u64) -> Limits {
        let reset_after = Duration::from_millis(reset_ms);
        Limits { bucket: "b".into(), limit, remaining, reset_after }
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(20)
    }

    #[tokio::test(start_paused = true)]
    async fn an_unknown_bucket_takes_one_call_at_a_time() {
        let bucket = Arc::new(Bucket::default());
        let first = Arc::clone(&bucket).enter(soon()).await.unwrap();
        let second = tokio::spawn(Arc::clone(&bucket).enter(soon()));
        tokio::task::yield_now().await;
        assert!(!second.is_finished());
        drop(first);
        assert!(second.await.unwrap().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_calls_than_remain_and_then_the_reset() {
        let bucket = Arc::new(Bucket::default());
        let first = Arc::clone(&bucket).enter(soon()).await.unwrap();
        let start = Instant::now();
        first.bucket().learn(&limits(5, 2, 1500), start);
        drop(first);
        for _ in 0..2 {
            drop(Arc::clone(&bucket).enter(soon()).await.unwrap());
            assert_eq!(Instant::now(), start);
        }
        drop(Arc::clone(&bucket).enter(soon()).await.unwrap());
        assert_eq!(Instant::now() - start, Duration::from_millis(1500));
    }

    #[tokio::test(start_paused = true)]
    async fn answers_out_of_order_give_nothing_back() {
        let bucket = Arc::new(Bucket::default());
        let place = Arc::clone(&bucket).enter(soon()).await.unwrap();
        let now = Instant::now();
        place.bucket().learn(&limits(5, 4, 1000), now);
        drop(place);
        let a = Arc::clone(&bucket).enter(soon()).await.unwrap();
        let b = Arc::clone(&bucket).enter(soon()).await.unwrap();
        b.bucket().learn(&limits(5, 2, 1000), now);
        drop(b);
        a.bucket().learn(&limits(5, 3, 1000), now);
        drop(a);
        assert!(bucket.lock().remaining <= 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_past_the_deadline_is_refused_at_once() {
        let bucket = Arc::new(Bucket::default());
        let now = Instant::now();
        bucket.block(now + Duration::from_mins(1));
        assert_eq!(bucket.enter(soon()).await.err(), Some(Duration::from_mins(1)));
        assert_eq!(Instant::now(), now);
    }
}
