//! The right to hold the gateway, shared by all processes on one database.

use std::time::Duration;

use storage::StorageError;
use storage::leases::{self, Purpose};
use tokio::time::Instant;
use wardesk_core::Wardesk;

/// How long a lease lasts if its holder dies.
const TERM_SECONDS: i64 = 15;

/// How often it is made longer, and how often the others look.
const BEAT: Duration = Duration::from_secs(4);

/// A holder that could not renew for this long lets go, before another may take over.
const GIVE_UP: Duration = Duration::from_secs(10);

/// One process's claim to one shard.
pub(super) struct Lease {
    pub(super) w: Wardesk,
    pub(super) shard: u32,
    /// Tells this process from all others.
    pub(super) holder: String,
}

impl Lease {
    /// Returns when this process holds the lease.
    pub(super) async fn obtain(&self) {
        loop {
            match self.acquire().await {
                Ok(true) => return,
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "the gateway's lease cannot be read"),
            }
            tokio::time::sleep(BEAT).await;
        }
    }

    /// Renews until the lease is lost, and returns then.
    pub(super) async fn keep(&self) {
        let mut renewed = Instant::now();
        loop {
            tokio::time::sleep(BEAT).await;
            // A database that hangs must not make this process a holder without a lease.
            match tokio::time::timeout_at(renewed + GIVE_UP, self.acquire()).await {
                Ok(Ok(true)) => renewed = Instant::now(),
                Ok(Ok(false)) => {
                    tracing::warn!("another process holds the gateway's lease");
                    return;
                }
                Ok(Err(error)) => {
                    tracing::warn!(%error, "the gateway's lease cannot be renewed");
                    if renewed.elapsed() >= GIVE_UP {
                        return;
                    }
                }
                Err(_) => return,
            }
        }
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

    async fn acquire(&self) -> Result<bool, StorageError> {
        let mut tx = self.w.store().begin().await?;
        let now = self.w.now();
        let until = now.plus_seconds(TERM_SECONDS);
        let bot = self.w.application();
        let held =
            leases::acquire(tx.conn(), bot, Purpose::Gateway, self.shard, &self.holder, now, until)
                .await?;
        tx.commit().await?;
        Ok(held)
    }
}
