//! Which channels are tickets.

use domain::ids::{ApplicationId, ChannelId, GuildId, TicketId};
use domain::time::Millis;
use sqlx::AnyExecutor;
use sqlx::any::AnyRow;

use crate::StorageError;
use crate::columns::Columns as _;

/// A channel that belongs to a ticket which is open or being closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TicketChannel {
    /// The channel.
    pub channel: ChannelId,
    /// Its ticket.
    pub ticket: TicketId,
    /// The server.
    pub guild: GuildId,
}

fn read(row: &AnyRow) -> Result<TicketChannel, StorageError> {
    Ok(TicketChannel {
        channel: row.id("channel_id", ChannelId::new)?,
        ticket: row.uuid("id", TicketId::new)?,
        guild: row.id("guild_id", GuildId::new)?,
    })
}

/// Every live ticket channel of a bot identity, also on servers that it was removed from: nothing is heard of those,
/// and when it comes back their channels are known at once.
pub async fn all(
    db: impl AnyExecutor<'_>,
    application: ApplicationId,
) -> Result<Vec<TicketChannel>, StorageError> {
    let rows = sqlx::query(
        "SELECT id, guild_id, channel_id FROM tickets
         WHERE state IN ('open', 'closing') AND channel_id IS NOT NULL AND application_id = $1",
    )
    .bind(application.get())
    .fetch_all(db)
    .await?;
    rows.iter().map(read).collect()
}

/// The servers on which a bot identity has live ticket channels, or may have left one behind: where opening a
/// ticket failed that was asked for since `since`. Without those that it was removed from: Discord refuses whatever is
/// asked there, and counts it.
pub async fn guilds(
    db: impl AnyExecutor<'_>,
    application: ApplicationId,
    since: Millis,
) -> Result<Vec<GuildId>, StorageError> {
    // Two statements, for each has an index; one with OR would walk all tickets.
    let rows = sqlx::query(
        "SELECT guild_id FROM (
             SELECT guild_id FROM tickets
             WHERE application_id = $1 AND state IN ('open', 'closing') AND channel_id IS NOT NULL
             UNION
             SELECT guild_id FROM tickets
             WHERE application_id = $1 AND state = 'failed' AND created_at >= $2
         ) concerned
         WHERE NOT EXISTS (SELECT 1 FROM installations i
                           WHERE i.application_id = $1 AND i.guild_id = concerned.guild_id
                             AND i.state = 'left')
         ORDER BY guild_id",
    )
    .bind(application.get())
    .bind(since.0)
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| row.id("guild_id", GuildId::new)).collect()
}

/// The live ticket channels of one server; none when the bot was removed from it.
pub async fn of_guild(
    db: impl AnyExecutor<'_>,
    guild: GuildId,
) -> Result<Vec<TicketChannel>, StorageError> {
    let rows = sqlx::query(
        "SELECT id, guild_id, channel_id FROM tickets t
         WHERE guild_id = $1 AND state IN ('open', 'closing') AND channel_id IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM installations i
                           WHERE i.application_id = t.application_id AND i.guild_id = t.guild_id
                             AND i.state = 'left')",
    )
    .bind(guild.get())
    .fetch_all(db)
    .await?;
    rows.iter().map(read).collect()
}

/// The ticket that has, or had, this channel.
pub async fn ticket_of(
    db: impl AnyExecutor<'_>,
    channel: ChannelId,
) -> Result<Option<TicketId>, StorageError> {
    sqlx::query("SELECT id FROM tickets WHERE channel_id = $1 LIMIT 1")
        .bind(channel.get())
        .fetch_optional(db)
        .await?
        .map(|row| row.uuid("id", TicketId::new))
        .transpose()
}
