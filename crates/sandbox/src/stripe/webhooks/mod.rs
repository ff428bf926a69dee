//! Webhooks: endpoints, and what was and is to be sent to them.

pub(crate) mod send;
mod sign;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
/// How long after the first attempt others follow, in milliseconds of the sandbox's clock.
const GIVE_UP_AFTER: i64 = 72 * HOUR;
/// Waits between attempts; the last one repeats.
const BACK_OFF: [i64; 7] =
    [5 * SECOND, MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 12 * HOUR];
/// Deliveries that are kept; the oldest that are done are forgotten first.
const KEPT: usize = 50_000;

/// Where events go.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    pub(crate) id: String,
    pub(crate) url: String,
    /// The newest first. The time (milliseconds) says until when an older one signs as well.
    secrets: Vec<(String, Option<i64>)>,
}

impl Endpoint {
    /// Takes a new secret; the old ones sign as well until `until` (milliseconds), or no more.
    pub(crate) fn replace_secret(&mut self, secret: &str, until: Option<i64>) {
        match until {
            None => self.secrets.clear(),
            Some(until) => {
                self.secrets.retain(|(known, _)| known != secret);
                for (_, end) in &mut self.secrets {
                    *end = Some(end.map_or(until, |end| end.min(until)));
                }
            }
        }
        self.secrets.insert(0, (secret.to_owned(), None));
    }

    /// The secrets that sign at `now` (milliseconds).
    pub(crate) fn secrets(&self, now: i64) -> impl Iterator<Item = &str> {
        let good = move |until: &Option<i64>| until.is_none_or(|until| until > now);
        self.secrets.iter().filter(move |(_, until)| good(until)).map(|(text, _)| text.as_str())
    }
}

/// How a delivery is made wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Forgery {
    /// Signed with a secret that nobody has.
    WrongSecret,
    /// Signed right, and changed afterwards.
    AlteredBody,
    /// Signed right, ten minutes ago.
    OldTimestamp,
    /// Signed right, for ten minutes from now.
    FutureTimestamp,
    /// No signature.
    Unsigned,
    /// A signature of another scheme only.
    OtherScheme,
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// Kept back until it is released.
    Held,
    /// To be sent, or sent again.
    Waiting,
    /// Answered with 2xx.
    Delivered,
    /// Given up.
    Failed,
    /// Thrown away by a test.
    Dropped,
}

/// One time that it was sent. `status` is the answer's; `error` says why there was none.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Attempt {
    /// Milliseconds UTC of the sandbox's clock.
    at: i64,
    status: Option<u16>,
    error: Option<String>,
    signature: Option<String>,
}

/// An event on its way to an endpoint.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Delivery {
    pub(crate) id: u64,
    pub(crate) event: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) endpoint: String,
    pub(crate) state: State,
    pub(crate) forgery: Option<Forgery>,
    /// Milliseconds UTC; 0 for at once.
    next_attempt: i64,
    pub(crate) attempts: Vec<Attempt>,
    #[serde(skip)]
    body: Arc<str>,
}

/// What is to be sent now.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) delivery: u64,
    pub(crate) url: String,
    pub(crate) signature: Option<String>,
    pub(crate) body: String,
}

/// Endpoints and deliveries.
#[derive(Debug)]
pub(crate) struct Webhooks {
    endpoints: Vec<Endpoint>,
    deliveries: VecDeque<Delivery>,
    /// Those that wait, in the order in which they are sent.
    queue: BTreeMap<u64, u64>,
    last: u64,
    turn: u64,
    /// Whether new deliveries are held back.
    pub(crate) holding: bool,
    changed: watch::Sender<u64>,
}

impl Default for Webhooks {
    fn default() -> Self {
        Self {
            endpoints: Vec::new(),
            deliveries: VecDeque::new(),
            queue: BTreeMap::new(),
            last: 0,
            turn: 0,
            holding: false,
            changed: watch::channel(0).0,
        }
    }
}

impl Webhooks {
    pub(crate) fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    pub(crate) fn endpoint_at(&mut self, url: &str) -> Option<&mut Endpoint> {
        self.endpoints.iter_mut().find(|endpoint| endpoint.url == url)
    }

    pub(crate) fn endpoint(&mut self, id: &str) -> Option<&mut Endpoint> {
        self.endpoints.iter_mut().find(|endpoint| endpoint.id == id)
    }

    pub(crate) fn add(&mut self, id: &str, url: &str, secret: &str) {
        let secrets = vec![(secret.to_owned(), None)];
        self.endpoints.push(Endpoint { id: id.to_owned(), url: url.to_owned(), secrets });
    }

    /// Takes an endpoint away; whether it was there. What waits for it is dropped.
    pub(crate) fn remove(&mut self, id: &str) -> bool {
        let before = self.endpoints.len();
        self.endpoints.retain(|endpoint| endpoint.id != id);
        let theirs: Vec<u64> =
            self.unfinished().filter(|it| it.endpoint == id).map(|it| it.id).collect();
        for delivery in theirs {
            self.drop_delivery(delivery);
        }
        self.endpoints.len() < before
    }

    /// Changes whenever something is queued, sent or decided.
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    pub(crate) fn touch(&self) {
        self.changed.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// All that are kept, oldest first.
    pub(crate) fn deliveries(&self) -> impl DoubleEndedIterator<Item = &Delivery> {
        self.deliveries.iter()
    }

    fn unfinished(&self) -> impl Iterator<Item = &Delivery> {
        self.deliveries.iter().filter(|it| matches!(it.state, State::Held | State::Waiting))
    }

    /// How many endpoints have not taken an event yet.
    pub(crate) fn pending_for(&self, event: &str) -> usize {
        self.unfinished().filter(|it| it.event == event && it.forgery.is_none()).count()
    }

    /// How many wait to be sent; those that are held do not count.
    pub(crate) fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// Queues an event for every endpoint.
    pub(crate) fn queue(&mut self, event: &str, kind: &str, body: &str) {
        let body: Arc<str> = body.into();
        let state = if self.holding { State::Held } else { State::Waiting };
        let endpoints: Vec<String> = self.endpoints.iter().map(|it| it.id.clone()).collect();
        for endpoint in endpoints {
            self.push(event, kind, &endpoint, &body, state, None);
        }
    }

    /// Queues an event's body once more for every endpoint, as it is or made wrong.
    pub(crate) fn again(&mut self, event: &str, kind: &str, body: &str, forgery: Option<Forgery>) {
        let body: Arc<str> = body.into();
        let endpoints: Vec<String> = self.endpoints.iter().map(|it| it.id.clone()).collect();
        for endpoint in endpoints {
            self.push(event, kind, &endpoint, &body, State::Waiting, forgery);
        }
    }

    fn push(
        &mut self,
        event: &str,
        kind: &str,
        endpoint: &str,
        body: &Arc<str>,
        state: State,
        forgery: Option<Forgery>,
    ) {
        self.last += 1;
        self.deliveries.push_back(Delivery {
            id: self.last,
            event: event.to_owned(),
            kind: kind.to_owned(),
            endpoint: endpoint.to_owned(),
            state,
            forgery,
            next_attempt: 0,
            attempts: Vec::new(),
            body: Arc::clone(body),
        });
        if state == State::Waiting {
            self.enqueue(self.last);
        }
        let done = |it: &Delivery| !matches!(it.state, State::Held | State::Waiting);
        while self.deliveries.len() > KEPT && self.deliveries.front().is_some_and(done) {
            self.deliveries.pop_front();
        }
        self.touch();
    }

    fn enqueue(&mut self, delivery: u64) {
        self.turn += 1;
        self.queue.insert(self.turn, delivery);
    }

    fn find(&mut self, delivery: u64) -> Option<&mut Delivery> {
        // They are kept in the order of their numbers.
        let place = self.deliveries.binary_search_by_key(&delivery, |it| it.id).ok()?;
        self.deliveries.get_mut(place)
    }

    /// Sends what is held, in this order; others stay held.
    pub(crate) fn release(&mut self, deliveries: &[u64]) -> usize {
        let mut released = 0;
        for id in deliveries {
            let Some(it) = self.find(*id).filter(|it| it.state == State::Held) else { continue };
            it.state = State::Waiting;
            self.enqueue(*id);
            released += 1;
        }
        self.touch();
        released
    }

    /// Throws one away that is not done; whether there was one.
    pub(crate) fn drop_delivery(&mut self, delivery: u64) -> bool {
        let Some(it) = self.find(delivery) else { return false };
        if !matches!(it.state, State::Held | State::Waiting) {
            return false;
        }
        it.state = State::Dropped;
        self.queue.retain(|_, queued| *queued != delivery);
        self.touch();
        true
    }

    /// Makes everything that waits due at once; how many there are.
    pub(crate) fn retry_now(&mut self) -> usize {
        for it in self.deliveries.iter_mut().filter(|it| it.state == State::Waiting) {
            it.next_attempt = 0;
        }
        self.touch();
        self.queue.len()
    }

    /// The next one to send at `now` (milliseconds).
    pub(crate) fn next_job(&mut self, now: i64) -> Option<Job> {
        let waiting: Vec<u64> = self.queue.values().copied().collect();
        let id = waiting
            .into_iter()
            .find(|id| self.find(*id).is_some_and(|it| it.next_attempt <= now))?;
        let it = self.find(id)?.clone();
        let endpoint = self.endpoints.iter().find(|endpoint| endpoint.id == it.endpoint)?;
        let (signature, body) = sign::prepare(endpoint, &it.body, it.forgery, now);
        Some(Job { delivery: id, url: endpoint.url.clone(), signature, body })
    }

    /// Records what an attempt came to: the answer's status, or why there was none.
    pub(crate) fn attempted(&mut self, job: &Job, answer: Result<u16, String>, now: i64) {
        let Some(it) = self.find(job.delivery) else { return };
        let good = matches!(answer, Ok(200..=299));
        let (status, error) = match answer {
            Ok(status) => (Some(status), None),
            Err(error) => (None, Some(error)),
        };
        it.attempts.push(Attempt { at: now, status, error, signature: job.signature.clone() });
        if it.state == State::Waiting {
            let first = it.attempts.first().map_or(now, |attempt| attempt.at);
            let wait = BACK_OFF[(it.attempts.len() - 1).min(BACK_OFF.len() - 1)];
            if good {
                it.state = State::Delivered;
            } else if it.forgery.is_some() || now + wait > first + GIVE_UP_AFTER {
                it.state = State::Failed;
            } else {
                it.next_attempt = now + wait;
            }
            if it.state != State::Waiting {
                self.queue.retain(|_, queued| *queued != job.delivery);
            }
        }
        self.touch();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn webhooks() -> Webhooks {
        let mut webhooks = Webhooks::default();
        webhooks.add("we_1", "http://127.0.0.1:1/", "whsec_a");
        webhooks
    }

    #[test]
    fn attempts_go_on_for_three_days_and_no_longer() {
        let mut webhooks = webhooks();
        webhooks.queue("evt_1", "invoice.paid", "{}");
        let mut now = 1_000_000;
        let first = now;
        let mut attempts = 0;
        while webhooks.waiting() > 0 {
            if let Some(job) = webhooks.next_job(now) {
                webhooks.attempted(&job, Ok(500), now);
                attempts += 1;
            }
            now += SECOND;
        }
        let last = webhooks.deliveries().next().unwrap();
        assert_eq!(last.state, State::Failed);
        assert!((10..14).contains(&attempts), "{attempts}");
        let end = last.attempts.last().unwrap().at;
        assert!(end - first <= GIVE_UP_AFTER && end - first > 48 * HOUR);
    }

    #[test]
    fn what_is_held_goes_in_the_order_asked_for() {
        let mut webhooks = webhooks();
        webhooks.holding = true;
        for event in ["evt_1", "evt_2", "evt_3"] {
            webhooks.queue(event, "x", "{}");
        }
        assert!(webhooks.next_job(0).is_none());
        assert_eq!(webhooks.release(&[3, 1, 9]), 2);
        let mut sent = Vec::new();
        while let Some(job) = webhooks.next_job(0) {
            sent.push(job.delivery);
            webhooks.attempted(&job, Ok(204), 0);
        }
        assert_eq!(sent, [3, 1]);
        assert!(webhooks.drop_delivery(2) && !webhooks.drop_delivery(3));
    }

    #[test]
    fn a_rotated_secret_signs_beside_the_old_one_for_a_while() {
        let mut endpoint = Endpoint {
            id: "we_1".to_owned(),
            url: String::new(),
            secrets: vec![("a".to_owned(), None)],
        };
        endpoint.replace_secret("b", Some(100));
        assert_eq!(endpoint.secrets(99).collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(endpoint.secrets(100).collect::<Vec<_>>(), ["b"]);
        endpoint.replace_secret("c", None);
        assert_eq!(endpoint.secrets(0).collect::<Vec<_>>(), ["c"]);
    }
}
