//! One process at a time carries erasures out: two could destroy the new key of somebody who came back.

use domain::time::Millis;
use storage::leases::{self, Purpose};
use storage::{StorageError, Tx};

use crate::Wardesk;

/// Seconds after which a process that says nothing is taken for dead.
const SECONDS: i64 = 60;

/// This process's turn.
pub(super) struct Turn<'w> {
    pub w: &'w Wardesk,
    holder: String,
    until: Millis,
}

impl<'w> Turn<'w> {
    /// Takes the turn; `None`: another process has it.
    pub(super) async fn take(w: &'w Wardesk) -> Result<Option<Self>, StorageError> {
        let holder = w.new_uuid().to_string();
        let mut turn = Self { w, holder, until: Millis(i64::MIN) };
        Ok(turn.keep().await?.then_some(turn))
    }

    /// Keeps it, before each step; `false`: it was lost.
    pub(super) async fn keep(&mut self) -> Result<bool, StorageError> {
        let now = self.w.now();
        if self.until.since(now) > SECONDS * 500 {
            return Ok(true);
        }
        let until = now.plus_seconds(SECONDS);
        let mut tx: Tx = self.w.store().begin().await?;
        let bot = self.w.application();
        let mine =
            leases::acquire(tx.conn(), bot, Purpose::Erasure, 0, &self.holder, now, until, until)
                .await?;
        tx.commit().await?;
        self.until = if mine { until } else { Millis(i64::MIN) };
        Ok(mine)
    }

    /// Gives it back.
    pub(super) async fn end(self) -> Result<(), StorageError> {
        let mut tx = self.w.store().begin().await?;
        leases::release(tx.conn(), self.w.application(), Purpose::Erasure, 0, &self.holder).await?;
        tx.commit().await
    }
}
