//! Where the bot is. Called by the gateway.

use domain::ids::GuildId;
use storage::guilds::{Installation, Presence};

use super::GuildError;
use crate::Wardesk;

/// The bot is on a server: it was added, or a connection began.
pub async fn arrived(
    wardesk: &Wardesk,
    guild: GuildId,
    name: &str,
    icon: Option<&str>,
) -> Result<(), GuildError> {
    let known = installation(wardesk, guild).await?;
    let same = known.is_some_and(|k| {
        k.presence == Presence::Present && k.name == name && k.icon.as_deref() == icon
    });
    if same {
        // At a start every server reports in: what is known already costs no write.
        return Ok(());
    }
    let mut tx = wardesk.store().begin().await?;
    let bot = wardesk.application();
    storage::guilds::arrived(tx.conn(), bot, guild, name, icon, wardesk.now()).await?;
    tx.commit().await?;
    wardesk.guild_caches().changed(guild).await;
    Ok(())
}

/// The bot was removed from a server. Nothing is deleted now: coming back finds everything.
pub async fn left(wardesk: &Wardesk, guild: GuildId) -> Result<(), GuildError> {
    gone(wardesk, guild, Presence::Left).await
}

/// Discord cannot reach a server at the moment. Not a removal.
pub async fn unavailable(wardesk: &Wardesk, guild: GuildId) -> Result<(), GuildError> {
    gone(wardesk, guild, Presence::Unavailable).await
}

async fn gone(wardesk: &Wardesk, guild: GuildId, presence: Presence) -> Result<(), GuildError> {
    let mut tx = wardesk.store().begin().await?;
    let bot = wardesk.application();
    storage::guilds::gone(tx.conn(), bot, guild, presence, wardesk.now()).await?;
    tx.commit().await?;
    wardesk.guild_caches().changed(guild).await;
    Ok(())
}

/// What is known of the bot on a server.
pub async fn installation(
    wardesk: &Wardesk,
    guild: GuildId,
) -> Result<Option<Installation>, GuildError> {
    let pool = wardesk.store().read();
    Ok(storage::guilds::installation(pool, wardesk.application(), guild).await?)
}

/// Servers the bot is on, those in an outage included.
pub async fn present(wardesk: &Wardesk) -> Result<Vec<Installation>, GuildError> {
    Ok(storage::guilds::present(wardesk.store().read(), wardesk.application()).await?)
}
