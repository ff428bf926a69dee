//! The limit over all calls of the bot.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Calls in any one second. Discord takes 50; the rest is room for the network's unevenness.
/// Source: Discord API documentation, "Global Rate Limit".
const PER_SECOND: usize = 45;

const WINDOW: Duration = Duration::from_secs(1);

#[derive(Default)]
struct State {
    /// When the last calls were, or will be, sent; at most [`PER_SECOND`] of them.
    sent: VecDeque<Instant>,
    blocked_until: Option<Instant>,
}

/// Hands out times to send at, so that no second sees more than 45 calls.
#[derive(Default)]
pub(crate) struct Global(Mutex<State>);

impl Global {
    /// The time of the next free place, and takes it, unless it lies more than `patience` ahead:
    /// then answers the wait.
    pub(crate) fn reserve(&self, now: Instant, patience: Duration) -> Result<Instant, Duration> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut at = state.blocked_until.map_or(now, |until| until.max(now));
        if state.sent.len() >= PER_SECOND
            && let Some(first) = state.sent.front()
        {
            at = at.max(*first + WINDOW);
        }
        // Reservations are in order, so a later one never goes before an earlier one.
        if let Some(last) = state.sent.back() {
            at = at.max(*last);
        }
        let wait = at.duration_since(now);
        if wait > patience {
            return Err(wait);
        }
        if state.sent.len() >= PER_SECOND {
            state.sent.pop_front();
        }
        state.sent.push_back(at);
        Ok(at)
    }

    /// Discord said that the global limit is used up until `until`.
    pub(crate) fn block(&self, until: Instant) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.blocked_until = Some(state.blocked_until.map_or(until, |before| before.max(until)));
    }

    /// How long the block still lasts.
    pub(crate) fn blocked_for(&self, now: Instant) -> Option<Duration> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state
            .blocked_until
            .and_then(|until| until.checked_duration_since(now))
            .filter(|d| !d.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn no_second_sees_more_than_45() {
        let global = Global::default();
        let now = Instant::now();
        let patience = Duration::from_mins(1);
        let times: Vec<_> = (0..500).map(|_| global.reserve(now, patience).unwrap()).collect();
        for window in times.windows(PER_SECOND + 1) {
            assert!(window[PER_SECOND] - window[0] >= WINDOW);
        }
        assert_eq!(times[499] - now, Duration::from_secs(11));
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_is_bounded_and_a_refusal_takes_no_place() {
        let global = Global::default();
        let now = Instant::now();
        global.block(now + Duration::from_secs(30));
        assert_eq!(global.reserve(now, Duration::from_secs(5)), Err(Duration::from_secs(30)));
        let later = now + Duration::from_secs(30);
        assert_eq!(global.reserve(later, Duration::ZERO), Ok(later));
    }
}
