//! Rate limits: buckets per route and major parameter, the global limit, the count of invalid requests.

pub mod table;

use std::collections::{HashMap, VecDeque};

use sha2::{Digest, Sha256};
use table::Rule;

/// Requests of one token in a second, over all routes but interactions' ("Rate Limits", Global).
pub const GLOBAL_PER_SECOND: u32 = 50;
/// The window in which invalid requests count, in milliseconds.
pub const INVALID_WINDOW_MS: i64 = 10 * 60 * 1_000;
/// 401, 403 and 429 answers in that window after which Discord bans an address for a while.
pub const INVALID_LIMIT: usize = 10_000;

/// How strict the limits are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// As Discord.
    #[default]
    Real,
    /// No limit, for load tests; headers are still sent.
    Off,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    used: u32,
    ends_at: i64,
}

/// What a bucket says about a request, for the headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Bucket name as sent in `X-RateLimit-Bucket`.
    pub bucket: String,
    /// Requests in a window.
    pub limit: u32,
    /// Requests left in this one.
    pub remaining: u32,
    /// End of the window, milliseconds UTC.
    pub resets_at: i64,
}

/// Whether a request may pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It may.
    Pass(State),
    /// It may not.
    Stop {
        /// Milliseconds until it may.
        wait_ms: i64,
        /// Whether the global limit stopped it.
        global: bool,
        /// The route's bucket, unless the global limit stopped it.
        state: Option<State>,
    },
}

/// All buckets.
#[derive(Debug)]
pub struct Limiter {
    /// How strict.
    pub mode: Mode,
    /// Requests per second over all routes.
    pub global_per_second: u32,
    /// Invalid requests per ten minutes after which everything is refused.
    pub invalid_limit: usize,
    buckets: HashMap<String, Window>,
    global: HashMap<String, Window>,
    invalid: HashMap<String, VecDeque<i64>>,
}

impl Default for Limiter {
    fn default() -> Self {
        Self {
            mode: Mode::Real,
            global_per_second: GLOBAL_PER_SECOND,
            invalid_limit: INVALID_LIMIT,
            buckets: HashMap::new(),
            global: HashMap::new(),
            invalid: HashMap::new(),
        }
    }
}

impl Limiter {
    /// Counts a request of `identity` under a rule and says whether it may pass. `major` is the channel,
    /// server or webhook in the path.
    pub fn check(&mut self, now: i64, identity: &str, rule: &Rule, major: &str) -> Verdict {
        let bucket = hash(rule.name);
        if self.mode == Mode::Off {
            let (limit, resets_at) = (rule.limit, now + rule.window_ms);
            return Verdict::Pass(State {
                bucket,
                limit,
                remaining: limit.saturating_sub(1),
                resets_at,
            });
        }
        if !rule.outside_global {
            let window = slot(&mut self.global, identity.to_owned(), now, 1_000);
            if window.used >= self.global_per_second {
                return Verdict::Stop { wait_ms: window.ends_at - now, global: true, state: None };
            }
            window.used += 1;
        }
        let key = format!("{identity}|{}|{major}", rule.name);
        let window = slot(&mut self.buckets, key, now, rule.window_ms);
        let passes = window.used < rule.limit;
        if passes {
            window.used += 1;
        }
        let remaining = rule.limit - window.used.min(rule.limit);
        let state = State { bucket, limit: rule.limit, remaining, resets_at: window.ends_at };
        if passes {
            Verdict::Pass(state)
        } else {
            Verdict::Stop { wait_ms: window.ends_at - now, global: false, state: Some(state) }
        }
    }

    /// Counts an answer of 401, 403 or 429 (not of a shared limit).
    pub(crate) fn count_invalid(&mut self, now: i64, identity: &str) {
        let list = self.invalid.entry(identity.to_owned()).or_default();
        list.push_back(now);
        while list.front().is_some_and(|at| *at + INVALID_WINDOW_MS <= now) {
            list.pop_front();
        }
    }

    /// Invalid requests of the last ten minutes, over all who ask.
    pub fn invalid_requests(&self, now: i64) -> usize {
        self.invalid.values().flatten().filter(|at| **at + INVALID_WINDOW_MS > now).count()
    }

    /// Whether so many were invalid that Discord would refuse everything.
    pub(crate) fn banned(&self, now: i64) -> bool {
        self.mode == Mode::Real && self.invalid_requests(now) >= self.invalid_limit
    }

    /// Forgets all counts.
    pub fn reset(&mut self) {
        self.buckets.clear();
        self.global.clear();
        self.invalid.clear();
    }
}

fn slot(map: &mut HashMap<String, Window>, key: String, now: i64, window_ms: i64) -> &mut Window {
    // Ended windows say nothing any more; without this a long run would hold one per channel ever used.
    if map.len() > 10_000 {
        map.retain(|_, window| window.ends_at > now);
    }
    let window = map.entry(key).or_insert(Window { used: 0, ends_at: now + window_ms });
    if window.ends_at <= now {
        *window = Window { used: 0, ends_at: now + window_ms };
    }
    window
}

fn hash(name: &str) -> String {
    hex::encode(&Sha256::digest(name.as_bytes())[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule = Rule { name: "messages", limit: 5, window_ms: 5_000, outside_global: false };

    #[test]
    fn the_sixth_message_in_five_seconds_waits() {
        let mut limiter = Limiter::default();
        for _ in 0..5 {
            assert!(matches!(limiter.check(0, "bot", &RULE, "1"), Verdict::Pass(_)));
        }
        let stopped = limiter.check(1_000, "bot", &RULE, "1");
        assert!(matches!(stopped, Verdict::Stop { wait_ms: 4_000, global: false, .. }));
        assert!(
            matches!(limiter.check(1_000, "bot", &RULE, "2"), Verdict::Pass(_)),
            "another channel"
        );
        assert!(
            matches!(limiter.check(5_000, "bot", &RULE, "1"), Verdict::Pass(_)),
            "the next window"
        );
    }

    #[test]
    fn fifty_a_second_over_all_routes() {
        let mut limiter = Limiter::default();
        for channel in 0..50 {
            limiter.check(0, "bot", &RULE, &channel.to_string());
        }
        assert!(matches!(limiter.check(0, "bot", &RULE, "x"), Verdict::Stop { global: true, .. }));
    }

    #[test]
    fn invalid_requests_are_forgotten_after_ten_minutes() {
        let mut limiter = Limiter::default();
        limiter.count_invalid(0, "bot");
        assert_eq!(limiter.invalid_requests(INVALID_WINDOW_MS - 1), 1);
        assert_eq!(limiter.invalid_requests(INVALID_WINDOW_MS), 0);
    }
}
