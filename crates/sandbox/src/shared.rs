//! What every handler holds.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::id::Id;
use crate::openapi::Checker;
use crate::world::World;
use crate::world::interaction::Fate;

/// A handle to a running sandbox; cheap to clone.
#[derive(Clone)]
pub struct Shared {
    inner: Arc<Inner>,
}

struct Inner {
    world: Mutex<World>,
    checker: Option<Arc<Checker>>,
    stop: CancellationToken,
}

impl Shared {
    pub(crate) fn new(
        world: World,
        checker: Option<Arc<Checker>>,
        stop: CancellationToken,
    ) -> Self {
        Self { inner: Arc::new(Inner { world: Mutex::new(world), checker, stop }) }
    }

    /// The world, locked. Do not hold it over an await.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.inner.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Discord's description, when the sandbox was given it.
    pub(crate) fn checker(&self) -> Option<&Checker> {
        self.inner.checker.as_deref()
    }

    /// Ends when the sandbox stops.
    pub fn stopped(&self) -> impl Future<Output = ()> + Send + 'static {
        self.inner.stop.clone().cancelled_owned()
    }

    /// Waits until an interaction's fate is none of what `not_yet` says, at most `patience`, and returns it
    /// as it is then. `None` for an interaction that does not exist.
    pub async fn await_fate(
        &self,
        interaction: Id,
        patience: Duration,
        not_yet: impl Fn(&Fate) -> bool,
    ) -> Option<Fate> {
        let mut changes = self.world().watch_interactions();
        let deadline = tokio::time::Instant::now() + patience;
        loop {
            changes.borrow_and_update();
            let fate = self.world().interaction(interaction)?.fate.clone();
            if !not_yet(&fate) {
                return Some(fate);
            }
            if !matches!(tokio::time::timeout_at(deadline, changes.changed()).await, Ok(Ok(()))) {
                return Some(fate);
            }
        }
    }

    /// Waits for the first answer to an interaction: at most a little over the 3 s that a bot has.
    pub async fn first_answer(&self, interaction: Id) -> Option<Fate> {
        self.await_fate(interaction, Duration::from_secs(4), Fate::is_waiting).await
    }

    /// Waits for an answer to an interaction that is more than "thinking", at most `patience`.
    pub async fn settled_answer(&self, interaction: Id, patience: Duration) -> Option<Fate> {
        self.await_fate(interaction, patience, |fate| {
            matches!(fate, Fate::Waiting | Fate::Deferred { .. })
        })
        .await
    }
}
