//! Tickets are compared with Discord: after a new session, and now and then in case something was missed.

use domain::ids::GuildId;
use domain::time::Millis;
use storage::StorageError;

use crate::{Wardesk, transcripts};

/// Seconds for which a ticket that could not be opened is looked after: its channel may have been made all
/// the same.
const FAILED_SECONDS: i64 = 24 * 3600;

/// Compares every server with live tickets with Discord, past the cache: channels, and messages since
/// `heard` (see [`transcripts::catch_up`]). What cannot be compared now is left to the next time.
pub async fn compare_all(w: &Wardesk, heard: Millis) -> Result<(), StorageError> {
    let since = w.now().plus_seconds(-FAILED_SECONDS);
    let db = w.store().read();
    for guild in storage::tickets::channels::guilds(db, w.application(), since).await? {
        compare(w, guild, heard).await;
    }
    Ok(())
}

async fn compare(w: &Wardesk, guild: GuildId, heard: Millis) {
    if let Err(error) = super::reconcile(w, guild).await {
        tracing::warn!(%error, "ticket channels could not be compared with Discord");
    }
    if let Err(error) = transcripts::catch_up(w, guild, heard).await {
        tracing::warn!(%error, "missed messages could not be read back");
    }
}
