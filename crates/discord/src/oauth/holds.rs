//! Calls that Discord asked to wait for.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Mutex, PoisonError};

use reqwest::Request;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use tokio::time::Instant;

use crate::rest::answer::{Limited, Scope};

/// Which calls share a limit: those to one address with one token. The token itself is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Call(u64);

impl Call {
    pub(super) fn of(request: &Request) -> Self {
        let mut hasher = DefaultHasher::new();
        request.url().path().hash(&mut hasher);
        request.headers().get(AUTHORIZATION).map(HeaderValue::as_bytes).hash(&mut hasher);
        Self(hasher.finish())
    }
}

/// Until when which calls are not sent.
#[derive(Default)]
pub(super) struct Holds(Mutex<Until>);

#[derive(Default)]
struct Until {
    all: Option<Instant>,
    one: HashMap<Call, Instant>,
}

impl Holds {
    /// Whether a call has to wait.
    pub(super) fn holds(&self, call: Call, now: Instant) -> bool {
        let until = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        until.all.is_some_and(|end| now < end) || until.one.get(&call).is_some_and(|end| now < *end)
    }

    /// Remembers a 429.
    pub(super) fn remember(&self, call: Call, limited: &Limited, now: Instant) {
        let end = now + limited.retry_after;
        let mut until = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if limited.scope == Scope::Global {
            until.all = until.all.max(Some(end));
        } else {
            until.one.retain(|_, end| now < *end);
            until.one.insert(call, end);
        }
    }
}
