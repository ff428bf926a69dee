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
use super::state::keys;
use super::{PaymentsError, provider, waiting};
use crate::Wardesk;
#[cfg(feature = "failpoints")]
use crate::failpoints::payments as at;
use crate::ports::{PaymentError, SubscriptionStatus};

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
    /// Before this time nothing is ended that the provider refused to end.
    end_again: Millis,
}

impl Worker {
    /// One that begins with a sweep.
    pub fn new(w: &Wardesk) -> Self {
        let begin = Millis(i64::MIN);
        let holder = w.new_uuid().to_string();
        Self { holder, held_until: begin, resume_at: begin, next_sweep: begin, end_again: begin }
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
        told(w).await?;
        due(w).await?;
        let now = w.now();
        if now >= self.end_again && !end_unwanted(w).await? {
            self.end_again = now.plus_seconds(END_AGAIN_SECONDS);
        }
        if now >= self.next_sweep {
            self.next_sweep = now.plus_seconds(SWEEP_AGAIN_SECONDS);
            sweep(w).await?;
            self.next_sweep = next_night(now);
        }
        Ok(())
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

/// Thirty seconds, doubled with each attempt.
fn wait(attempts: i64) -> i64 {
    let doublings = u32::try_from(attempts.clamp(0, 10)).unwrap_or(10);
    (30_i64 << doublings).min(MAX_WAIT_SECONDS)
}

/// Reads again what webhooks told of: each customer once, however many events there are.
async fn told(w: &Wardesk) -> Result<(), PaymentsError> {
    loop {
        let batch = events::due(w.store().read(), w.now(), BATCH).await?;
        if batch.is_empty() {
            return Ok(());
        }
        let mut objects: BTreeMap<Option<String>, Vec<DueEvent>> = BTreeMap::new();
        for event in batch {
            objects.entry(event.object.clone()).or_default().push(event);
        }
        let mut read = BTreeSet::new();
        for (object, events) in objects {
            match one(w, object.as_deref(), &mut read).await {
                Ok(Reconciled::Superseded) => later(w, &events, |_| 1).await?,
                Ok(_) => done(w, &events).await?,
                Err(error) if is_of_one(&error) => {
                    tracing::warn!(%error, "what a webhook told of cannot be read");
                    later(w, &events, wait).await?;
                }
                Err(error) => return Err(error),
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
async fn look(w: &Wardesk, id: &str) -> Result<(), PaymentsError> {
    match reconcile(w, id).await {
        Ok(_) => Ok(()),
        Err(error) if is_of_one(&error) => {
            tracing::warn!(%error, "a subscription cannot be read");
            let mut tx = w.store().begin().await?;
            rows::look_later(tx.conn(), id, w.now().plus_seconds(MAX_WAIT_SECONDS)).await?;
            tx.commit().await?;
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// Reads subscriptions whose time has come: the end of a grace, of a period, of what was cancelled.
async fn due(w: &Wardesk) -> Result<(), PaymentsError> {
    let mut seen = BTreeSet::new();
    loop {
        let batch = rows::to_look_at(w.store().read(), w.now(), BATCH).await?;
        let new: Vec<String> = batch.into_iter().filter(|id| seen.insert(id.clone())).collect();
        if new.is_empty() {
            return Ok(());
        }
        for id in new {
            look(w, &id).await?;
        }
    }
}

/// Ends subscriptions whose licences can never count again: nobody is to pay for those. `false`: one was refused.
async fn end_unwanted(w: &Wardesk) -> Result<bool, PaymentsError> {
    let mut all = true;
    for id in rows::unwanted(w.store().read(), BATCH).await? {
        // A change waits for a day at most: one that cannot be taken back holds the end up no longer.
        let ended = match waiting::take_back(w, &id).await {
            Ok(()) => provider(w)?.cancel(&id).await.map_err(PaymentsError::from),
            Err(error) => Err(error),
        };
        match ended {
            Ok(()) => {}
            Err(error) if is_of_one(&error) => {
                tracing::error!(%error, "a subscription that nobody wants could not be ended");
                all = false;
                continue;
            }
            Err(error) => return Err(error),
        }
        fail::fail_point!(at::AFTER_CANCEL);
        let mut tx = w.store().begin().await?;
        rows::ended(tx.conn(), &id).await?;
        tx.commit().await?;
        fail::fail_point!(at::AFTER_ENDED);
        look(w, &id).await?;
    }
    Ok(all)
}

/// Reads everything again. Answers how many subscriptions were looked at.
pub async fn sweep(w: &Wardesk) -> Result<u64, PaymentsError> {
    let payments = provider(w)?;
    let mut after: Option<String> = None;
    let mut looked = 0;
    if payments.live() {
        // What was tried out before buys nothing.
        for row in rows::pretended(w.store().read()).await? {
            look(w, &row.id).await?;
        }
    }
    loop {
        let page = payments.subscriptions(None, after.as_deref()).await?;
        for subscription in page.items {
            // Others may sell things with the same account.
            if !subscription.metadata.contains_key(keys::LICENCE) {
                continue;
            }
            // What is over stays so.
            if subscription.status == SubscriptionStatus::Canceled {
                let had = rows::get(w.store().read(), &subscription.id).await?;
                if had.is_some_and(|had| had.status == "canceled") {
                    continue;
                }
            }
            look(w, &subscription.id).await?;
            looked += 1;
        }
        after = page.next;
        if after.is_none() {
            tracing::info!(looked, "read all subscriptions");
            return Ok(looked);
        }
    }
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
