//! The worker that carries effects out.

use std::collections::HashMap;
use std::time::Duration;

use domain::ids::{GuildId, OutboxId};
use storage::StorageError;
use storage::outbox::{ClaimedEffect, Room};
use tokio::task::{self, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use super::settle::{self, Ack};
use super::{Alert, Context, Done, Effect, Failure, effects};
use crate::Wardesk;
use crate::tickets::TicketError;
use crate::tickets::panels::PublishProblem;

/// Effects under way at once. Discord's limits are kept by the port; this bounds memory.
const SLOTS: usize = 64;
/// Effects of one server under way at once: while its calls wait for a limit of Discord, others go on.
const SLOTS_OF_GUILD: usize = 8;
/// How long an effect is held. A worker that dies is replaced after this time.
const LEASE_SECONDS: i64 = 20;
/// How often leases are made longer: often enough to miss two.
const RENEW: Duration = Duration::from_secs(5);
/// How long to sleep at most: another process on the same database wakes nobody here.
const POLL: Duration = Duration::from_secs(1);
/// Effects whose end is noted together, and how long the first of them waits for others.
const ACKS: usize = 256;
const ACK_WAIT: Duration = Duration::from_millis(10);
/// How long effects under way may take to end when the program stops.
const GRACE: Duration = Duration::from_secs(15);
/// Those who wait for a limit come again up to this much after its end.
const LIMIT_SPREAD_MS: u64 = 1_000;
/// The longest wait between two attempts.
const MAX_WAIT_MS: u64 = 5 * 60_000;
/// After this many attempts staff are told that a transcript takes long.
const SLOW_AFTER: i64 = 6;
/// After this many attempts a message or an overwrite is given up, and not before [`GIVE_UP_SECONDS`] have passed:
/// whoever waits for a limit of Discord comes again often.
const GIVE_UP_AFTER: i64 = 20;
/// As long as attempts that fail take at least, with the waits between them.
const GIVE_UP_SECONDS: i64 = 30 * 60;

/// What the outbox holds, for metrics and the status page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// Effects to be carried out.
    pub pending: i64,
    /// Effects given up.
    pub dead: i64,
    /// Milliseconds since the oldest pending effect was asked for.
    pub oldest_ms: i64,
}

/// Counts what the outbox holds.
pub async fn stats(w: &Wardesk) -> Result<Stats, StorageError> {
    let found = storage::outbox::stats(w.store().read(), w.application()).await?;
    let oldest_ms = found.oldest.map_or(0, |oldest| w.now().since(oldest).max(0));
    Ok(Stats { pending: found.pending, dead: found.dead, oldest_ms })
}

/// Carries effects out while this process leads ([`Wardesk::lead`]), until `shutdown`; then ends what is
/// under way and gives the rest back.
pub async fn run(w: Wardesk, shutdown: CancellationToken) {
    let holder = holder(&w);
    let mut work = Work::default();
    let mut renew = tokio::time::interval(RENEW);
    let mut leading = w.leading();
    while !shutdown.is_cancelled() {
        fail::fail_point!(crate::failpoints::parts::OUTBOX, |_| ());
        work.acknowledge(&w, &holder).await;
        let wait = if *leading.borrow_and_update() {
            fill(&w, &holder, &mut work).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "the outbox cannot be read");
                POLL
            })
        } else {
            POLL
        };
        tokio::select! {
            () = shutdown.cancelled() => {}
            Ok(()) = leading.changed() => {}
            () = w.outbox_woken() => {}
            Some(ended) = work.tasks.join_next_with_id() => {
                work.collect(ended);
                work.gather().await;
            }
            _ = renew.tick() => keep(&w, &holder, &work).await,
            () = tokio::time::sleep(wait) => {}
        }
    }
    let ended = tokio::time::timeout(GRACE, async {
        while let Some(ended) = work.tasks.join_next_with_id().await {
            work.collect(ended);
        }
    });
    if ended.await.is_err() {
        work.tasks.shutdown().await;
    }
    work.acknowledge(&w, &holder).await;
    if let Err(error) = release(&w, &holder).await {
        tracing::warn!(%error, "effects could not be given back");
    }
}

/// What is under way.
#[derive(Default)]
struct Work {
    tasks: JoinSet<Option<Ack>>,
    /// Which effect each task carries out. The lease of one that is in here, or waits to be noted, is made
    /// longer; that of one whose result could not be noted is not, so that it is tried again.
    rows: HashMap<task::Id, (OutboxId, GuildId)>,
    /// Carried out and not noted yet.
    acks: Vec<Ack>,
}

impl Work {
    fn start(&mut self, w: &Wardesk, holder: &str, row: ClaimedEffect) {
        let (id, guild) = (row.id, row.guild);
        let task = self.tasks.spawn(attempt(w.clone(), holder.to_owned(), row));
        self.rows.insert(task.id(), (id, guild));
    }

    fn collect(&mut self, ended: Result<(task::Id, Option<Ack>), JoinError>) {
        let id = match ended {
            Ok((id, ack)) => {
                self.acks.extend(ack);
                id
            }
            Err(error) => {
                tracing::error!(%error, "an effect ended unexpectedly");
                error.id()
            }
        };
        self.rows.remove(&id);
    }

    /// Waits a moment for other effects that end, so that one commit notes them all.
    async fn gather(&mut self) {
        if self.acks.is_empty() {
            return;
        }
        let _ = tokio::time::timeout(ACK_WAIT, async {
            while self.acks.len() < ACKS {
                match self.tasks.join_next_with_id().await {
                    Some(ended) => self.collect(ended),
                    None => return,
                }
            }
        })
        .await;
    }

    /// Notes what was carried out. What cannot be noted now is noted the next time.
    async fn acknowledge(&mut self, w: &Wardesk, holder: &str) {
        match settle::acknowledge(w, holder, &self.acks).await {
            Ok(()) => self.acks.clear(),
            Err(error) => tracing::warn!(%error, "results of effects could not be noted"),
        }
    }

    /// The effects whose leases are still needed.
    fn held(&self) -> impl Iterator<Item = OutboxId> {
        self.rows.values().map(|(id, _)| *id).chain(self.acks.iter().map(Ack::id))
    }

    /// How many effects of each server are under way.
    fn under_way(&self) -> HashMap<GuildId, usize> {
        let mut counts = HashMap::new();
        for (_, guild) in self.rows.values() {
            *counts.entry(*guild).or_default() += 1;
        }
        counts
    }
}

/// Carries out everything that is due, and what follows from it, then ends. For tests and for commands
/// that must not leave anything behind. Answers how many attempts were made.
pub async fn drain(w: &Wardesk) -> Result<usize, StorageError> {
    let holder = holder(w);
    let mut attempts = 0;
    loop {
        let room = Room { all: SLOTS, each: SLOTS_OF_GUILD, under_way: &HashMap::new() };
        let claimed = claim(w, &holder, room).await?;
        if claimed.is_empty() {
            return Ok(attempts);
        }
        attempts += claimed.len();
        let under_way = claimed.into_iter().map(|row| attempt(w.clone(), holder.clone(), row));
        let acks: Vec<Ack> =
            futures::future::join_all(under_way).await.into_iter().flatten().collect();
        settle::acknowledge(w, &holder, &acks).await?;
    }
}

fn holder(w: &Wardesk) -> String {
    hex::encode(w.random_bytes::<16>())
}

/// Starts as many effects as there is room for; answers how long to wait for the next.
async fn fill(w: &Wardesk, holder: &str, work: &mut Work) -> Result<Duration, StorageError> {
    let all = SLOTS.saturating_sub(work.tasks.len());
    if all == 0 {
        return Ok(POLL);
    }
    let under_way = work.under_way();
    let room = Room { all, each: SLOTS_OF_GUILD, under_way: &under_way };
    // Reading first keeps an idle worker from writing.
    if storage::outbox::any_due(w.store().read(), w.application(), w.now(), &room.full()).await? {
        for row in claim(w, holder, room).await? {
            work.start(w, holder, row);
        }
    }
    // What a server has beyond its share waits for an end, not for a time.
    let under_way = work.under_way();
    let full = Room { under_way: &under_way, ..room }.full();
    let next = storage::outbox::next_due(w.store().read(), w.application(), &full).await?;
    let wait = next
        .map_or(POLL, |due| Duration::from_millis(u64::try_from(due.since(w.now())).unwrap_or(0)));
    Ok(wait.clamp(Duration::from_millis(10), POLL))
}

async fn claim(
    w: &Wardesk,
    holder: &str,
    room: Room<'_>,
) -> Result<Vec<ClaimedEffect>, StorageError> {
    let now = w.now();
    let until = now.plus_seconds(LEASE_SECONDS);
    let mut tx = w.store().begin().await?;
    let rows = storage::outbox::claim(tx.conn(), w.application(), holder, now, until, room).await?;
    fail::fail_point!(crate::failpoints::OUTBOX_BEFORE_CLAIM);
    tx.commit().await?;
    fail::fail_point!(crate::failpoints::OUTBOX_AFTER_CLAIM);
    Ok(rows)
}

async fn keep(w: &Wardesk, holder: &str, work: &Work) {
    if let Err(error) = renew(w, holder, work).await {
        tracing::warn!(%error, "leases of effects could not be made longer");
    }
    #[expect(clippy::cast_precision_loss, reason = "gauges are f64; counts stay far below 2^52")]
    if let Ok(found) = stats(w).await {
        metrics::gauge!("wardesk_outbox_pending").set(found.pending as f64);
        metrics::gauge!("wardesk_outbox_dead").set(found.dead as f64);
        metrics::gauge!("wardesk_outbox_oldest_seconds").set(found.oldest_ms as f64 / 1000.0);
    }
}

async fn renew(w: &Wardesk, holder: &str, work: &Work) -> Result<(), StorageError> {
    let mut held = work.held().peekable();
    if held.peek().is_none() {
        return Ok(());
    }
    let until = w.now().plus_seconds(LEASE_SECONDS);
    let mut tx = w.store().begin().await?;
    for id in held {
        storage::outbox::renew(tx.conn(), id, holder, until).await?;
    }
    tx.commit().await
}

async fn release(w: &Wardesk, holder: &str) -> Result<(), StorageError> {
    let mut tx = w.store().begin().await?;
    storage::outbox::release(tx.conn(), holder).await?;
    tx.commit().await
}

/// One attempt at one effect, with its result noted unless that is left to the caller.
async fn attempt(w: Wardesk, holder: String, row: ClaimedEffect) -> Option<Ack> {
    let Ok(effect) = serde_json::from_str::<Effect>(&row.payload) else {
        // Written by a newer version, perhaps: that one will read it when it is back.
        tracing::error!(effect = %row.id, "an effect cannot be read");
        let later = settle::later(&w, &holder, &row, MAX_WAIT_MS, "unreadable", None).await;
        note(later.map_err(Into::into));
        return None;
    };
    let kind = effect.kind();
    fail::fail_point!(effect.points().0);
    let result = effects::carry_out(&Context { w: &w, row: &row }, &effect).await;
    fail::fail_point!(effect.points().1);
    let mut ack = None;
    let outcome = match result {
        Ok(done) => {
            ack = settle::acknowledgement(&row, &effect, &done);
            if ack.is_none() {
                note(settle::done(&w, &holder, &row, &effect, &done).await);
            }
            let age = w.now().since(row.created).max(0);
            #[expect(clippy::cast_precision_loss, reason = "a histogram takes f64")]
            metrics::histogram!("wardesk_outbox_age_seconds", "kind" => kind)
                .record(age as f64 / 1000.0);
            "done"
        }
        Err(Failure::Later { after_ms, code }) => {
            let (outcome, noted) = again(&w, &holder, &row, &effect, after_ms, code).await;
            note(noted);
            outcome
        }
        Err(Failure::Never { code, alert }) => {
            tracing::warn!(effect = %row.id, kind, code, "an effect was given up");
            note(settle::give_up(&w, &holder, &row, code, alert).await.map_err(Into::into));
            "dead"
        }
    };
    metrics::counter!("wardesk_outbox_attempts_total", "kind" => kind, "outcome" => outcome)
        .increment(1);
    if ack.is_none() {
        // The next of the same ticket may begin.
        w.wake_outbox();
    }
    ack
}

/// Decides about an effect that Discord could not take now. What a ticket's life hangs on, and who may see its
/// channel after a move, is tried for ever; words in a channel lose their meaning after a while.
async fn again(
    w: &Wardesk,
    holder: &str,
    row: &ClaimedEffect,
    effect: &Effect,
    after_ms: Option<u64>,
    code: &'static str,
) -> (&'static str, Result<(), TicketError>) {
    let vital = matches!(
        effect,
        Effect::CreateTicketChannel { .. }
            | Effect::MoveChannel { .. }
            | Effect::BuildTranscript { .. }
            | Effect::DeleteChannel { .. }
    );
    let old = w.now().since(row.first_attempt) >= GIVE_UP_SECONDS * 1000;
    if !vital && old && row.attempts >= GIVE_UP_AFTER {
        if let Effect::PostPanel { .. } = effect {
            let refused = Done::PanelRefused(PublishProblem::Refused);
            let noted = settle::done(w, holder, row, effect, &refused).await;
            return ("dead", noted);
        }
        let alert = number_of(w, effect).await.map(|number| Alert::StepFailed { number });
        let noted = settle::give_up(w, holder, row, code, alert).await;
        return ("dead", noted.map_err(Into::into));
    }
    let slow = matches!(effect, Effect::BuildTranscript { .. }) && row.attempts == SLOW_AFTER;
    let alert = if slow {
        number_of(w, effect).await.map(|number| Alert::TranscriptDelayed { number })
    } else {
        None
    };
    let wait = match after_ms {
        // Not a failure: a limit, whose end is known. Those who wait for the same one come one after the other.
        Some(limit) => limit + share(w, LIMIT_SPREAD_MS),
        None => back_off(w, row.attempts),
    };
    ("retry", settle::later(w, holder, row, wait, code, alert).await.map_err(Into::into))
}

/// The number of the ticket that an effect belongs to.
async fn number_of(w: &Wardesk, effect: &Effect) -> Option<i64> {
    let ticket = storage::tickets::get(w.store().read(), effect.ticket()?).await;
    ticket.ok().flatten().map(|ticket| ticket.number)
}

/// One second, doubled with each attempt up to five minutes, of which between half and all is waited.
fn back_off(w: &Wardesk, attempts: i64) -> u64 {
    let doublings = u32::try_from(attempts.saturating_sub(1).clamp(0, 16)).unwrap_or(16);
    let full = (1000_u64 << doublings).min(MAX_WAIT_MS);
    full / 2 + share(w, full / 2)
}

/// Up to `most`, at random.
fn share(w: &Wardesk, most: u64) -> u64 {
    most * u64::from(u16::from_le_bytes(w.random_bytes::<2>())) / u64::from(u16::MAX)
}

/// A result that could not be noted is found out again when the lease runs out.
fn note(result: Result<(), TicketError>) {
    if let Err(error) = result {
        tracing::warn!(%error, "the result of an effect could not be noted");
    }
}
