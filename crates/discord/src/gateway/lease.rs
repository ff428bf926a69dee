//! The right to hold the gateway, shared by all processes on one database.
//!
//! No clock has to be right. A holder writes a new end every few seconds and lets go by its own steady clock
//! before [`TERM`] is over. Whoever waits watches: while the end changes, the holder lives, whatever its end
//! says; when it did not change for [`TERM`], by the steady clock of the one who watches, the holder is gone.
//! The time of day only spares the wait to a process that comes when the lease has run out already.

use std::time::Duration;

use domain::time::Millis;
use storage::StorageError;
use storage::leases::{self, Held, Purpose};
use tokio::time::Instant;
use wardesk_core::Wardesk;

/// How long a lease lasts if its holder dies.
const TERM: Duration = Duration::from_secs(15);

/// How often it is made longer, and how often the others look.
const BEAT: Duration = Duration::from_secs(4);

/// How soon a renewal that failed is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// A holder that could not renew for this long, from the moment at which it asked, lets go: early enough to
/// say goodbye before another may take over.
const GIVE_UP: Duration = Duration::from_secs(10);

/// One process's claim to one shard.
pub(super) struct Lease {
    pub(super) w: Wardesk,
    pub(super) shard: u32,
    /// Tells this process from all others.
    pub(super) holder: String,
}

/// What one who waits has seen of the holder.
#[derive(Debug, Default)]
struct Watch {
    seen: Option<(Held, Instant)>,
    /// Whether the lease was renewed while it was watched.
    lives: bool,
}

impl Watch {
    /// Whether the holder is gone. `now` is the time of day, `at` that of the steady clock.
    fn is_gone(&mut self, held: &Held, now: Millis, at: Instant) -> bool {
        let ran_out = held.until < now;
        match &self.seen {
            Some((known, since)) if known == held => {
                at.saturating_duration_since(*since) >= TERM || (ran_out && !self.lives)
            }
            seen => {
                // Someone who renews is there, even if its clock, or this one, was set.
                self.lives = seen.is_some();
                self.seen = Some((held.clone(), at));
                ran_out && !self.lives
            }
        }
    }
}

impl Lease {
    /// Returns when this process holds the lease, with the moment from which its term counts.
    pub(super) async fn obtain(&self) -> Instant {
        let mut watch = Watch::default();
        loop {
            let asked = Instant::now();
            match self.try_obtain(&mut watch).await {
                Ok(true) => return asked,
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "the gateway's lease cannot be read"),
            }
            tokio::time::sleep(BEAT).await;
        }
    }

    async fn try_obtain(&self, watch: &mut Watch) -> Result<bool, StorageError> {
        let bot = self.w.application();
        let db = self.w.store().read();
        let held = leases::holder(db, bot, Purpose::Gateway, self.shard).await?;
        if let Some(held) = held.as_ref().filter(|held| held.holder != self.holder)
            && !watch.is_gone(held, self.w.now(), Instant::now())
        {
            return Ok(false);
        }
        let until = self.until();
        let mut tx = self.w.store().begin().await?;
        let (held, me) = (held.as_ref(), self.holder.as_str());
        let taken =
            leases::take(tx.conn(), bot, Purpose::Gateway, self.shard, held, me, until).await?;
        tx.commit().await?;
        Ok(taken)
    }

    /// Renews until the lease is lost, and returns then. `asked` is the moment from which the term counts, and
    /// is kept up to date.
    pub(super) async fn keep(&self, asked: &mut Instant) {
        loop {
            let lost_at = *asked + GIVE_UP;
            // A database that hangs must not make this process a holder without a lease.
            match tokio::time::timeout_at(lost_at, self.renewed(*asked + BEAT)).await {
                Ok(Some(renewed)) => *asked = renewed,
                Ok(None) => {
                    tracing::warn!("another process holds the gateway's lease");
                    return;
                }
                Err(_) => {
                    tracing::warn!("the gateway's lease could not be renewed in time");
                    return;
                }
            }
        }
    }

    /// Renews at `at`, and again while that fails. Answers when it asked; `None` when the lease is another's.
    async fn renewed(&self, at: Instant) -> Option<Instant> {
        tokio::time::sleep_until(at).await;
        loop {
            let asked = Instant::now();
            match self.renew().await {
                Ok(mine) => return mine.then_some(asked),
                Err(error) => tracing::warn!(%error, "the gateway's lease cannot be renewed"),
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    async fn renew(&self) -> Result<bool, StorageError> {
        let until = self.until();
        let mut tx = self.w.store().begin().await?;
        let bot = self.w.application();
        let mine = leases::renew(tx.conn(), bot, Purpose::Gateway, self.shard, &self.holder, until)
            .await?;
        tx.commit().await?;
        Ok(mine)
    }

    fn until(&self) -> Millis {
        let term = i64::try_from(TERM.as_millis()).unwrap_or(i64::MAX);
        Millis(self.w.now().0.saturating_add(term))
    }

    /// Lets another process take over at once.
    pub(super) async fn release(&self) {
        let released = async {
            let mut tx = self.w.store().begin().await?;
            leases::release(
                tx.conn(),
                self.w.application(),
                Purpose::Gateway,
                self.shard,
                &self.holder,
            )
            .await?;
            tx.commit().await
        };
        if let Err(error) = released.await {
            tracing::warn!(%error, "the gateway's lease cannot be given back; it runs out by itself");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: i64 = 1_700_000_000_000;

    fn held(until: i64) -> Held {
        Held { holder: "first".into(), until: Millis(until) }
    }

    /// What one who waits makes of what it sees: seconds of its steady clock, its time of day, the lease's end.
    fn watched(looks: &[(u64, i64, i64)]) -> Vec<bool> {
        let start = Instant::now();
        let mut watch = Watch::default();
        let gone = |(at, now, until): &(u64, i64, i64)| {
            watch.is_gone(&held(*until), Millis(*now), start + Duration::from_secs(*at))
        };
        looks.iter().map(gone).collect()
    }

    #[test]
    fn a_lease_that_ran_out_is_taken_at_once() {
        assert_eq!(watched(&[(0, NOON, NOON - 1)]), [true]);
        assert_eq!(
            watched(&[(0, NOON, NOON + 4_000), (8, NOON + 8_000, NOON + 4_000)]),
            [false, true]
        );
    }

    #[test]
    fn a_clock_that_is_set_back_wedges_nothing() {
        // The holder wrote its last end before the machine's clock was set back by a day, and died.
        let day = 24 * 3_600_000;
        let until = NOON + day;
        assert_eq!(
            watched(&[(0, NOON, until), (12, NOON + 12_000, until), (15, NOON, until)]),
            [false, false, true]
        );
    }

    #[test]
    fn a_holder_whose_clock_is_behind_keeps_its_lease_while_it_renews() {
        let hour = 3_600_000;
        let looks = [
            (0, NOON, NOON + 9_000),
            (4, NOON + 4_000, NOON - hour),
            (8, NOON + 8_000, NOON - hour + 4_000),
            (12, NOON + 12_000, NOON - hour + 4_000),
            (22, NOON + 22_000, NOON - hour + 4_000),
            (23, NOON + 23_000, NOON - hour + 4_000),
        ];
        assert_eq!(watched(&looks), [false, false, false, false, false, true]);
    }

    #[test]
    fn the_holder_lets_go_before_another_may_take_over() {
        // Time enough for the farewell, which is cut off after two seconds.
        assert!(GIVE_UP + Duration::from_secs(3) <= TERM);
        assert!(BEAT * 2 < GIVE_UP, "one renewal that fails loses nothing");
    }
}
