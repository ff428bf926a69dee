//! Events that another process on the same database has written, for the listeners of this one.

use std::collections::HashMap;
use std::time::Duration;

use domain::ids::GuildId;
use tokio_util::sync::CancellationToken;

use crate::{LiveEvent, Wardesk};

/// How often to look: pages of another process's changes are at most this much late.
const EVERY: Duration = Duration::from_secs(2);

/// Announces what other processes wrote, while someone listens here, until `shutdown`. What this process
/// has announced itself is announced again; listeners read by sequence, so that changes nothing.
pub async fn follow(w: Wardesk, shutdown: CancellationToken) {
    let mut known: HashMap<GuildId, i64> = HashMap::new();
    let mut look = tokio::time::interval(EVERY);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = look.tick() => {}
        }
        if !w.has_listeners() {
            // Whoever comes next has read before it is known here what is new: the first look tells of all.
            known.clear();
            continue;
        }
        match storage::events::heads(w.store().read()).await {
            Ok(heads) => {
                for (guild, seq) in heads {
                    if known.insert(guild, seq) != Some(seq) {
                        w.announce(LiveEvent { guild, seq });
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "events of other processes cannot be read"),
        }
    }
}
