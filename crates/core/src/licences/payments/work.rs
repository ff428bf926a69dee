//! What reads again what the provider told of, what falls due, and each night everything.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::time::Millis;
use storage::StorageError;
use storage::leases::{self, Purpose};
use storage::payments::events::{self, DueEvent};
use storage::payments::subscriptions as rows;
use tokio_util::sync::CancellationToken;

use super::reconcile::{self, Reconciled, reconcile};
use super::sweep::Sweep;
pub use super::sweep::sweep;
use super::{PaymentsError, provider, waiting};
use crate::Wardesk;
#[cfg(feature = "failpoints")]
use crate::failpoints::payments as at;
use crate::ports::PaymentError;

/// How long to sleep at most: another process on the same database wakes nobody here.
const POLL: Duration = Duration::from_secs(5);
/// Seconds that one process does this before another may; renewed long before.
const LEASE_SECONDS: i64 = 60;
/// Events, or subscriptions, that are taken at once.
const BATCH: i64 = 200;
/// Seconds until a provider that does not answer is asked again.
const PAUSE_SECONDS: i64 = 30;
/// The longest wait of one event or subscription that the provider refuses to show.
const MAX_WAIT_SECONDS: i64 = 6 * 3600;
/// The longest wait of what the provider fails at, which another time may not fail.
const MAX_FAILURE_SECONDS: i64 = 300;
/// How many fail one after the other until that is taken for an outage of the provider as a whole.
const IN_A_ROW: u32 = 3;
/// The hour of the night, UTC, after which everything is read again.
const NIGHT_SECONDS: i64 = 3 * 3600;
const DAY_SECONDS: i64 = 86_400;
/// How long after a refusal it is tried again to end what nobody wants.
const END_AGAIN_SECONDS: i64 = 600;
/// How long an early end of a sweep waits for the next attempt.
const SWEEP_AGAIN_SECONDS: i64 = 600;

/// Does all of it, by one process of those on the database, until `shutdown`; ends at once where payments are off.
pub async fn run(w: Wardesk, shutdown: CancellationToken) {
    let mut worker = Worker::new(&w);
    let mut jumps = w.jumps();
    while w.payments().is_some() && !shutdown.is_cancelled() {
        fail::fail_point!(crate::failpoints::parts::PAYMENTS, |_| ());
        tokio::select! {
            () = shutdown.cancelled() => break,
            // Stopped anywhere, it goes on from the last commit.
            turned = worker.turn(&w) => if let Err(error) = turned {
                tracing::warn!(%error, "payments could not be reconciled now");
            }
        }
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = w.payments_woken() => {}
            () = jumps.next() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
    if let Err(error) = worker.release(&w).await {
        tracing::warn!(%error, "the work on payments could not be given back");
    }
}

/// What one process remembers of this work.
#[derive(Debug)]
pub struct Worker {
    holder: String,
    held_until: Millis,
    /// Before this time the provider is left in peace.
    resume_at: Millis,
    next_sweep: Millis,
    /// The sweep that is under way.
    sweep: Option<Sweep>,
    /// Before this time nothing is ended that the provider refused to end.
    end_again: Millis,
}

impl Worker {
    /// One that begins with a sweep.
    pub fn new(w: &Wardesk) -> Self {
        let begin = Millis(i64::MIN);
        let holder = w.new_uuid().to_string();
        Self {
            holder,
            held_until: begin,
            resume_at: begin,
            next_sweep: begin,
            sweep: None,
            end_again: begin,
        }
    }

    /// Does what is due now, unless another process does. An error is that of a provider that does not answer, or of
    /// storage; the rest waits then.
    pub async fn turn(&mut self, w: &Wardesk) -> Result<(), PaymentsError> {
        if !self.hold(w).await? || w.now() < self.resume_at {
            return Ok(());
        }
        let done = self.all(w).await;
        if done.is_err() {
            self.resume_at = w.now().plus_seconds(PAUSE_SECONDS);
        }
        done
    }

    async fn all(&mut self, w: &Wardesk) -> Result<(), PaymentsError> {
        loop {
            told(w).await?;
            due(w).await?;
            let now = w.now();
            if now >= self.end_again {
                self.end_again = now.plus_seconds(END_AGAIN_SECONDS);
                if end_unwanted(w).await? {
                    self.end_again = now;
                }
            }
            // A sweep takes long: what is told meanwhile does not wait for its end, nor does the lease.
            if now < self.next_sweep || !self.hold(w).await? {
                return Ok(());
            }
            self.next_sweep = now.plus_seconds(SWEEP_AGAIN_SECONDS);
            self.next_sweep = self.go_on(w).await?;
        }
    }

    /// Does a part of the sweep, the first or the next one. Answers when it is to be gone on with.
    async fn go_on(&mut self, w: &Wardesk) -> Result<Millis, PaymentsError> {
        let now = w.now();
        self.sweep.take_if(|sweep| !sweep.is_fresh(now));
        let sweep = self.sweep.get_or_insert_with(|| Sweep::new(now));
        if sweep.part(w).await? {
            return Ok(now);
        }
        tracing::info!(looked = sweep.looked, "read all subscriptions");
        let next = next_night(sweep.begun);
        self.sweep = None;
        Ok(next)
    }

    /// Takes the lease, or makes it longer when half of it is over.
    async fn hold(&mut self, w: &Wardesk) -> Result<bool, StorageError> {
        let now = w.now();
        let left = self.held_until.since(now);
        if left > LEASE_SECONDS * 500 && left <= LEASE_SECONDS * 1000 {
            return Ok(true);
        }
        let until = now.plus_seconds(LEASE_SECONDS);
        let mut tx = w.store().begin().await?;
        let (bot, what) = (w.application(), Purpose::Payments);
        let mine =
            leases::acquire(tx.conn(), bot, what, 0, &self.holder, now, until, until).await?;
        tx.commit().await?;
        self.held_until = if mine { until } else { Millis(i64::MIN) };
        Ok(mine)
    }

    async fn release(&self, w: &Wardesk) -> Result<(), StorageError> {
        let mut tx = w.store().begin().await?;
        leases::release(tx.conn(), w.application(), Purpose::Payments, 0, &self.holder).await?;
        tx.commit().await
    }
}

/// The end of the present night, or of the next.
fn next_night(now: Millis) -> Millis {
    let seconds = now.0.div_euclid(1000) - NIGHT_SECONDS;
    let next = seconds.div_euclid(DAY_SECONDS) + 1;
    Millis(0).plus_seconds(next * DAY_SECONDS + NIGHT_SECONDS)
}

/// Whether one object is what went wrong, rather than the provider as a whole.
const fn is_of_one(error: &PaymentsError) -> bool {
    matches!(
        error,
        PaymentsError::Provider(PaymentError::Refused { .. } | PaymentError::Unreadable)
            | PaymentsError::Storage(StorageError::Corrupt(_))
    )
}

/// What failed one after the other. A few are put off, as each may be what is wrong; several are an outage, and in one
/// the rest is left for later.
#[derive(Debug, Default)]
pub(super) struct Failures(u32);

impl Failures {
    const fn none(&mut self) {
        self.0 = 0;
    }

    /// Notes one. Answers how many seconds it is put off at most, or the error if that would change nothing.
    fn note(&mut self, error: PaymentsError) -> Result<i64, PaymentsError> {
        if is_of_one(&error) {
            return Ok(MAX_WAIT_SECONDS);
        }
        if !matches!(error, PaymentsError::Provider(PaymentError::Unavailable)) {
            return Err(error);
        }
        self.0 = self.0.saturating_add(1);
        Ok(MAX_FAILURE_SECONDS)
    }

    /// The error if these are an outage.
    fn few(&self) -> Result<(), PaymentsError> {
        if self.0 < IN_A_ROW { Ok(()) } else { Err(PaymentError::Unavailable.into()) }
    }

    /// The error if the last one failed: nobody knows whether the provider is there.
    pub fn over(&self) -> Result<(), PaymentsError> {
        if self.0 == 0 { Ok(()) } else { Err(PaymentError::Unavailable.into()) }
    }
}

/// Thirty seconds, doubled with each attempt.
fn wait(attempts: i64) -> i64 {
    let doublings = u32::try_from(attempts.clamp(0, 10)).unwrap_or(10);
    (30_i64 << doublings).min(MAX_WAIT_SECONDS)
}

/// Reads again what webhooks told of: each customer once, however many events there are.
async fn told(w: &Wardesk) -> Result<(), PaymentsError> {
    let mut failures = Failures::default();
    loop {
        let batch = events::due(w.store().read(), w.now(), BATCH).await?;
        if batch.is_empty() {
            return failures.over();
        }
        let mut objects: BTreeMap<Option<String>, Vec<DueEvent>> = BTreeMap::new();
        for event in batch {
            objects.entry(event.object.clone()).or_default().push(event);
        }
        let mut read = BTreeSet::new();
        for (object, events) in objects {
            let came = one(w, object.as_deref(), &mut read).await;
            if came.is_ok() {
                failures.none();
            }
            match came {
                Ok(Reconciled::Superseded) => later(w, &events, |_| 1).await?,
                Ok(_) => done(w, &events).await?,
                Err(error) => {
                    tracing::warn!(%error, "what a webhook told of cannot be read");
                    let longest = failures.note(error)?;
                    later(w, &events, |attempts| wait(attempts).min(longest)).await?;
                    failures.few()?;
                }
            }
        }
    }
}

/// Reads again what belongs to the customer of an object. `read` holds those that were read since the events of this
/// batch had come.
async fn one(
    w: &Wardesk,
    object: Option<&str>,
    read: &mut BTreeSet<String>,
) -> Result<Reconciled, PaymentsError> {
    let Some(object) = object else { return Ok(Reconciled::Nothing) };
    let Some(customer) = provider(w)?.customer_of(object).await? else {
        return Ok(Reconciled::Nothing);
    };
    if read.contains(&customer) {
        return Ok(Reconciled::Nothing);
    }
    let came = reconcile::customer(w, &customer).await?;
    if came != Reconciled::Superseded {
        read.insert(customer);
    }
    Ok(came)
}

async fn done(w: &Wardesk, of: &[DueEvent]) -> Result<(), StorageError> {
    let ids: Vec<String> = of.iter().map(|event| event.id.clone()).collect();
    fail::fail_point!(at::BEFORE_DONE);
    let mut tx = w.store().begin().await?;
    events::done(tx.conn(), &ids, w.now()).await?;
    tx.commit().await?;
    fail::fail_point!(at::AFTER_DONE);
    Ok(())
}

async fn later(
    w: &Wardesk,
    of: &[DueEvent],
    seconds: impl Fn(i64) -> i64,
) -> Result<(), StorageError> {
    let mut tx = w.store().begin().await?;
    for event in of {
        let due = w.now().plus_seconds(seconds(event.attempts));
        events::later(tx.conn(), &event.id, due).await?;
    }
    tx.commit().await
}

/// Reads one subscription; one that cannot be read is put off.
pub(super) async fn look(
    w: &Wardesk,
    id: &str,
    failures: &mut Failures,
) -> Result<(), PaymentsError> {
    match reconcile(w, id).await {
        Ok(_) => {
            failures.none();
            Ok(())
        }
        Err(error) => {
            tracing::warn!(%error, "a subscription cannot be read");
            let longest = failures.note(error)?;
            let mut tx = w.store().begin().await?;
            rows::look_later(tx.conn(), id, w.now().plus_seconds(longest)).await?;
            tx.commit().await?;
            failures.few()
        }
    }
}

/// Reads subscriptions whose time has come: the end of a grace, of a period, of what was cancelled.
async fn due(w: &Wardesk) -> Result<(), PaymentsError> {
    let (mut seen, mut failures) = (BTreeSet::new(), Failures::default());
    loop {
        let batch = rows::to_look_at(w.store().read(), w.now(), BATCH).await?;
        let new: Vec<String> = batch.into_iter().filter(|id| seen.insert(id.clone())).collect();
        if new.is_empty() {
            return failures.over();
        }
        for id in new {
            look(w, &id, &mut failures).await?;
        }
    }
}

/// Ends subscriptions whose licences can never count again: nobody is to pay for those. `false`: one was refused.
async fn end_unwanted(w: &Wardesk) -> Result<bool, PaymentsError> {
    let (mut all, mut failures) = (true, Failures::default());
    for id in rows::unwanted(w.store().read(), BATCH).await? {
        // A change waits for a day at most: one that cannot be taken back holds the end up no longer.
        let ended = match waiting::take_back(w, &id).await {
            Ok(()) => provider(w)?.cancel(&id).await.map_err(PaymentsError::from),
            Err(error) => Err(error),
        };
        match ended {
            Ok(()) => failures.none(),
            Err(error) => {
                tracing::error!(%error, "a subscription that nobody wants could not be ended");
                failures.note(error)?;
                failures.few()?;
                all = false;
                continue;
            }
        }
        fail::fail_point!(at::AFTER_CANCEL);
        let mut tx = w.store().begin().await?;
        rows::ended(tx.conn(), &id).await?;
        tx.commit().await?;
        fail::fail_point!(at::AFTER_ENDED);
        look(w, &id, &mut failures).await?;
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_night_has_one_sweep() {
        let hour = 3_600_000;
        let midnight = 1_800_057_600_000 / 86_400_000 * 86_400_000;
        for (now, next) in [(0, 3), (2, 3), (3, 27), (4, 27), (23, 27)] {
            let next_at = next_night(Millis(midnight + now * hour));
            assert_eq!(next_at, Millis(midnight + next * hour), "{now}");
        }
    }

    #[test]
    fn waits_grow_and_are_bounded() {
        assert_eq!((wait(0), wait(1), wait(3)), (30, 60, 240));
        assert_eq!(wait(1000), MAX_WAIT_SECONDS);
    }
}
