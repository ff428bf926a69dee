//! The count of invalid requests, and the stop before Discord bans the address.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Discord bans an address after 10,000 answers of 401, 403 or 429 (not shared) in this time.
/// The bot and sign-in count apart, so that nobody who signs in can silence the bot.
/// Source: Discord API documentation, "Invalid Request Limit".
pub(super) const WINDOW: Duration = Duration::from_mins(10);

/// From here on it is worth a line in the log.
const WARN_AT: usize = 200;

/// Here all calls of the bot stop until the count falls: a tenth of what Discord takes.
const BOT_OPEN_AT: usize = 1000;

/// Here sign-in stops until the count falls.
const SIGN_IN_OPEN_AT: usize = 200;

/// Counts invalid requests of one kind in the whole process.
pub(crate) struct Breaker {
    seen: Mutex<VecDeque<Instant>>,
    open_at: usize,
    of: &'static str,
}

impl Breaker {
    /// For what is sent with the bot's token.
    pub(crate) const fn of_bot() -> Self {
        Self { seen: Mutex::new(VecDeque::new()), open_at: BOT_OPEN_AT, of: "bot" }
    }

    /// For what is sent to sign people in.
    pub(crate) const fn of_sign_in() -> Self {
        Self { seen: Mutex::new(VecDeque::new()), open_at: SIGN_IN_OPEN_AT, of: "sign-in" }
    }

    /// Counts one and answers how many there were in the last 10 minutes.
    pub(crate) fn count(&self, now: Instant) -> usize {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        forget(&mut seen, now);
        seen.push_back(now);
        let count = seen.len();
        if count == WARN_AT || count == self.open_at {
            tracing::warn!(
                of = self.of,
                count,
                limit = self.open_at,
                "many invalid requests to Discord in 10 minutes"
            );
        }
        count
    }

    /// How long no call may be sent; `None` while all is well.
    pub(crate) fn open_for(&self, now: Instant) -> Option<Duration> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        forget(&mut seen, now);
        let until = *seen.get(seen.len().checked_sub(self.open_at)?)? + WINDOW;
        Some(until.duration_since(now))
    }
}

fn forget(seen: &mut VecDeque<Instant>, now: Instant) {
    while seen.front().is_some_and(|at| now.duration_since(*at) >= WINDOW) {
        seen.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_opens_at_1000_and_closes_when_they_are_old() {
        let breaker = Breaker::of_bot();
        let start = Instant::now();
        for n in 1..BOT_OPEN_AT {
            assert_eq!(breaker.count(start), n);
        }
        assert_eq!(breaker.open_for(start), None);
        breaker.count(start + Duration::from_mins(1));
        let later = start + Duration::from_secs(100);
        assert_eq!(breaker.open_for(later), Some(Duration::from_secs(500)));
        assert_eq!(breaker.open_for(start + WINDOW), None);
    }
}
