//! What the bot was told it may not do, so that it doesn't ask again at once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::Method;
use tokio::time::Instant;

use super::route::{Kind, Route};

/// How long a 403 is remembered, unless the server, the channel or a role changes before.
const MEMORY: Duration = Duration::from_mins(5);

/// How long it is remembered that the bot is not on a server: someone may be inviting it right now.
const ABSENCE: Duration = Duration::from_secs(15);

/// Entries before old ones are swept.
const SWEEP_AT: usize = 4096;

type Key = (i64, Method, &'static str);

/// Remembers answers of 403 per server or channel and route.
#[derive(Default)]
pub(crate) struct Forbidden(Mutex<HashMap<Key, (u32, Instant)>>);

fn key(route: &Route) -> Option<Key> {
    // Without a server or channel the answer concerns one person, which the route doesn't tell apart.
    (route.kind == Kind::Bot && route.major != 0)
        .then(|| (route.major, route.method.clone(), route.template))
}

impl Forbidden {
    /// The code of the earlier answer, if it still holds.
    pub(crate) fn code(&self, route: &Route, now: Instant) -> Option<u32> {
        let map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        map.get(&key(route)?).filter(|(_, until)| *until > now).map(|(code, _)| *code)
    }

    pub(crate) fn remember(&self, route: &Route, code: u32, now: Instant) {
        let Some(key) = key(route) else { return };
        let memory = if route.template == "guilds/{guild}" { ABSENCE } else { MEMORY };
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if map.len() >= SWEEP_AT {
            map.retain(|_, (_, until)| *until > now);
        }
        map.insert(key, (code, now + memory));
    }

    /// Something changed on this server or channel: ask again.
    pub(crate) fn forget(&self, major: i64) {
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        map.retain(|(of, _, _), _| *of != major);
    }

    /// A role changed, which may mend any channel of its server: ask again everywhere. A refusal that still
    /// stands costs one call.
    pub(crate) fn forget_all(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
