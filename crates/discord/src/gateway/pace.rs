//! How often sessions may start. Exceeding the day's allowance makes Discord reset the bot's token.
//!
//! Source: Discord API documentation, "Session Start Limit Object" and "Rate Limiting" of identifying.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::rest::StartLimit;

/// Each of the `max_concurrency` keys may start one session in this time. A little more than 5 s,
/// since Discord counts at its end.
const WINDOW: Duration = Duration::from_millis(5_100);

/// This share of the day's allowance is never used.
const RESERVE: u32 = 10;

/// Spaces out the IDENTIFYs of all shards of a process.
#[derive(Default)]
pub(super) struct Pace {
    /// When each key (shard modulo `max_concurrency`) may identify next.
    next: Mutex<std::collections::HashMap<u32, Instant>>,
}

impl Pace {
    /// Waits for the shard's turn. `Err` with the wait when the allowance is used up to the reserve.
    pub(super) async fn turn(&self, shard: u32, limit: StartLimit) -> Result<(), Duration> {
        if limit.remaining <= limit.total / RESERVE {
            return Err(Duration::from_millis(limit.reset_after_ms).max(Duration::from_mins(1)));
        }
        let key = shard % limit.max_concurrency.max(1);
        let at = {
            let mut next = self.next.lock().await;
            let now = Instant::now();
            let at = next.get(&key).copied().map_or(now, |at| at.max(now));
            next.insert(key, at + WINDOW);
            at
        };
        tokio::time::sleep_until(at).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: StartLimit =
        StartLimit { total: 1000, remaining: 900, reset_after_ms: 7_200_000, max_concurrency: 2 };

    #[tokio::test(start_paused = true)]
    async fn shards_of_one_key_wait_for_each_other() {
        let pace = Pace::default();
        let start = Instant::now();
        pace.turn(0, LIMIT).await.unwrap();
        pace.turn(1, LIMIT).await.unwrap();
        assert_eq!(start.elapsed(), Duration::ZERO);
        pace.turn(2, LIMIT).await.unwrap();
        assert_eq!(start.elapsed(), WINDOW);
    }

    #[tokio::test(start_paused = true)]
    async fn the_reserve_of_the_day_is_not_touched() {
        let pace = Pace::default();
        let limit = StartLimit { remaining: 100, ..LIMIT };
        assert_eq!(pace.turn(0, limit).await, Err(Duration::from_hours(2)));
        let limit = StartLimit { remaining: 101, ..LIMIT };
        assert_eq!(pace.turn(0, limit).await, Ok(()));
    }
}
