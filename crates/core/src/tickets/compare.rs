//! Tickets are compared with Discord: after a new session, and now and then in case something was missed.

use domain::ids::GuildId;
use domain::time::Millis;
use storage::StorageError;

use crate::{Wardesk, transcripts};

/// Compares every server with live tickets with Discord, past the cache: channels, and messages since
/// `heard` (see [`transcripts::catch_up`]). What cannot be compared now is left to the next time.
pub async fn compare_all(w: &Wardesk, heard: Millis) -> Result<(), StorageError> {
    for guild in storage::tickets::channels::guilds(w.store().read(), w.application()).await? {
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
