//! What the privacy feature keeps in memory.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use storage::privacy::restricted::Restricted;
use tokio::sync::Notify;

use crate::Wardesk;

/// How long another process may not know of a restriction.
const RESTRICTED_FOR: Duration = Duration::from_secs(5);

/// What the privacy feature keeps in memory.
pub struct PrivacyCaches {
    /// Woken when somebody is to be erased.
    pub(super) erasures: Notify,
    /// Woken when a download is to be made.
    pub(super) downloads: Notify,
    /// Who is restricted, and where.
    pub(super) restricted: Cache<(), Arc<Restricted>>,
}

impl Default for PrivacyCaches {
    fn default() -> Self {
        Self {
            erasures: Notify::new(),
            downloads: Notify::new(),
            restricted: Cache::builder().max_capacity(1).time_to_live(RESTRICTED_FOR).build(),
        }
    }
}

impl Wardesk {
    /// Has who is restricted read anew: somebody was, or is not any more.
    pub(crate) async fn forget_restricted(&self) {
        self.privacy_caches().restricted.invalidate(&()).await;
    }
}
