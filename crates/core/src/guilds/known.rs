//! What every use-case asks of a server first: whether the bot is there, and what its owner set.

use std::sync::Arc;

use domain::guilds::GuildSettings;
use domain::ids::GuildId;
use storage::StorageError;
use storage::guilds::Installation;

use crate::Wardesk;

/// A server's record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    /// The bot there; `None` if it never was.
    pub installation: Option<Installation>,
    /// The settings; defaults if nothing was ever saved.
    pub settings: GuildSettings,
}

/// A server's record, at most ten seconds old. What this process changes shows at once.
pub(crate) async fn known(w: &Wardesk, guild: GuildId) -> Result<Arc<Known>, StorageError> {
    if let Some(known) = w.guild_caches().known(guild).await {
        return Ok(known);
    }
    let db = w.store().read();
    let installation = storage::guilds::installation(db, w.application(), guild).await?;
    let settings = storage::guilds::settings(db, guild).await?.unwrap_or_default().0;
    let known = Arc::new(Known { installation, settings });
    // Numbers that anyone can make up are not worth remembering.
    if known.installation.is_some() {
        w.guild_caches().learned(guild, Arc::clone(&known)).await;
    }
    Ok(known)
}
