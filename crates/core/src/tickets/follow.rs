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
    let mut known: Option<HashMap<GuildId, i64>> = None;
    let mut look = tokio::time::interval(EVERY);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = look.tick() => {}
        }
        if !w.has_listeners() {
            // Whoever comes next reads from the database first.
            known = None;
            continue;
        }
        let heads = match storage::events::heads(w.store().read()).await {
            Ok(heads) => heads,
            Err(error) => {
                tracing::warn!(%error, "events of other processes cannot be read");
                continue;
            }
        };
        if let Some(known) = &known {
            for (guild, seq) in heads.iter().copied() {
                if known.get(&guild) != Some(&seq) {
                    w.announce(LiveEvent { guild, seq });
                }
            }
        }
        known = Some(heads.into_iter().collect());
    }
}
