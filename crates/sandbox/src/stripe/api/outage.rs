//! The provider out of reach for a while.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Shared;

/// Nobody waits longer for an answer.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// How it is out of reach.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// 503 at once.
    #[default]
    Unavailable,
    /// No answer, until the outage is over or a minute has passed; then the connection is cut.
    Timeout,
}

/// From and until, milliseconds UTC of the sandbox's clock.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Outage {
    pub(crate) kind: Kind,
    pub(crate) from_ms: i64,
    pub(crate) until_ms: Option<i64>,
}

impl Outage {
    /// What is wrong at a moment, if anything.
    pub(crate) fn at(&self, now: i64) -> Option<Kind> {
        let on = self.from_ms <= now && self.until_ms.is_none_or(|until| now < until);
        on.then_some(self.kind)
    }
}

/// Waits as long as an outage lets a request hang.
pub(super) async fn hang(shared: &Shared) {
    let end = tokio::time::Instant::now() + LONGEST_WAIT;
    while tokio::time::Instant::now() < end {
        {
            let world = shared.world();
            let now = world.now();
            if world.stripe.outage.as_ref().is_none_or(|outage| outage.at(now).is_none()) {
                return;
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_AGAIN) => {}
            () = shared.stopped() => return,
        }
    }
}
