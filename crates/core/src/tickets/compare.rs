//! Tickets are compared with Discord: after a new session, and now and then in case something was missed.

use domain::ids::GuildId;
use domain::time::Millis;
use storage::StorageError;

use super::TicketError;
use crate::Wardesk;
use crate::ports::DiscordError;
use crate::transcripts::{self, TranscriptError};

/// Seconds for which a ticket that could not be opened is looked after: its channel may have been made all
/// the same.
const FAILED_SECONDS: i64 = 24 * 3600;

/// Compares every server with live tickets with Discord, past the cache: channels, and messages since
/// `heard` (see [`transcripts::catch_up`]). What cannot be compared now is left to the next time: the answer is
/// `false` then, and the next time has to go back to the same `heard`.
pub async fn compare_all(w: &Wardesk, heard: Millis) -> Result<bool, StorageError> {
    let since = w.now().plus_seconds(-FAILED_SECONDS);
    let db = w.store().read();
    let mut all = true;
    for guild in storage::tickets::channels::guilds(db, w.application(), since).await? {
        all &= compare(w, guild, heard).await;
    }
    Ok(all)
}

/// Answers whether nothing of the server is left to the next time.
async fn compare(w: &Wardesk, guild: GuildId, heard: Millis) -> bool {
    let mut compared = true;
    if let Err(error) = super::reconcile(w, guild).await {
        tracing::warn!(%error, "ticket channels could not be compared with Discord");
        match error {
            // The bot is not there. Each channel would be refused as well, and too many refusals stop all calls.
            TicketError::Discord(DiscordError::Gone { .. } | DiscordError::Forbidden { .. }) => {
                return true;
            }
            TicketError::Discord(error) => compared = !error.is_temporary(),
            TicketError::Storage(error) => compared = !error.is_database(),
            _ => {}
        }
    }
    if let Err(error) = transcripts::catch_up(w, guild, heard).await {
        tracing::warn!(%error, "missed messages could not be read back");
        match error {
            TranscriptError::Discord(error) => compared &= !error.is_temporary(),
            TranscriptError::Storage(error) => compared &= !error.is_database(),
            _ => {}
        }
    }
    compared
}
