//! People added to a ticket besides opener and staff.

use domain::ids::{ApplicationId, GuildId, TicketId, UserId};
use domain::time::Millis;
use sqlx::{AnyConnection, AnyExecutor};

use crate::StorageError;
use crate::columns::Columns as _;

/// Someone who was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemberRow {
    /// Who.
    pub user: UserId,
    /// By whom.
    pub added_by: UserId,
    /// When.
    pub added_at: Millis,
}

/// Adds someone; `false` if they are there already.
pub async fn add(
    conn: &mut AnyConnection,
    ticket: TicketId,
    user: UserId,
    by: UserId,
    now: Millis,
) -> Result<bool, StorageError> {
    let added = sqlx::query(
        "INSERT INTO ticket_members (ticket_id, user_id, added_by, added_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (ticket_id, user_id) DO NOTHING",
    )
    .bind(ticket.to_string())
    .bind(user.get())
    .bind(by.get())
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(added.rows_affected() == 1)
}

/// Removes someone; `false` if they are not there.
pub async fn remove(
    conn: &mut AnyConnection,
    ticket: TicketId,
    user: UserId,
) -> Result<bool, StorageError> {
    let removed = sqlx::query("DELETE FROM ticket_members WHERE ticket_id = $1 AND user_id = $2")
        .bind(ticket.to_string())
        .bind(user.get())
        .execute(conn)
        .await?;
    Ok(removed.rows_affected() == 1)
}

/// Whether someone was added to a ticket and is still in it.
pub async fn is_member(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
    user: UserId,
) -> Result<bool, StorageError> {
    let row =
        sqlx::query("SELECT 1 AS found FROM ticket_members WHERE ticket_id = $1 AND user_id = $2")
            .bind(ticket.to_string())
            .bind(user.get())
            .fetch_optional(db)
            .await?;
    Ok(row.is_some())
}

/// Servers on which someone was added to a ticket, at most `limit`.
pub async fn guilds_of(
    db: impl AnyExecutor<'_>,
    user: UserId,
    limit: i64,
) -> Result<Vec<GuildId>, StorageError> {
    let rows = sqlx::query(
        "SELECT DISTINCT t.guild_id FROM ticket_members m JOIN tickets t ON t.id = m.ticket_id
         WHERE m.user_id = $1 ORDER BY t.guild_id LIMIT $2",
    )
    .bind(user.get())
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| row.id("guild_id", GuildId::new)).collect()
}

/// Everyone who was added, in order.
pub async fn list(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
) -> Result<Vec<MemberRow>, StorageError> {
    let rows = sqlx::query(
        "SELECT user_id, added_by, added_at FROM ticket_members WHERE ticket_id = $1
         ORDER BY added_at, user_id",
    )
    .bind(ticket.to_string())
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(MemberRow {
                user: row.id("user_id", UserId::new)?,
                added_by: row.id("added_by", UserId::new)?,
                added_at: Millis(row.int("added_at")?),
            })
        })
        .collect()
}

/// Since when someone is in a ticket to which they were added; `None` if they are not.
pub async fn added_at(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
    user: UserId,
) -> Result<Option<Millis>, StorageError> {
    sqlx::query("SELECT added_at FROM ticket_members WHERE ticket_id = $1 AND user_id = $2")
        .bind(ticket.to_string())
        .bind(user.get())
        .fetch_optional(db)
        .await?
        .map(|row| Ok(Millis(row.int("added_at")?)))
        .transpose()
}

/// The tickets of a server that are opening or open and in which someone takes part, as opener or as one who was
/// added, with the time since when they do; newest first, at most `limit`.
pub async fn taking_part(
    db: impl AnyExecutor<'_>,
    application: ApplicationId,
    guild: GuildId,
    user: UserId,
    limit: i64,
) -> Result<Vec<(TicketId, Millis)>, StorageError> {
    let rows = sqlx::query(
        "SELECT id, created_at AS since FROM tickets
         WHERE opener_id = $1 AND guild_id = $2 AND application_id = $3
           AND state IN ('opening', 'open')
         UNION ALL
         SELECT t.id, m.added_at AS since FROM ticket_members m JOIN tickets t ON t.id = m.ticket_id
         WHERE m.user_id = $1 AND t.guild_id = $2 AND t.application_id = $3
           AND t.state IN ('opening', 'open')
         ORDER BY since DESC, id LIMIT $4",
    )
    .bind(user.get())
    .bind(guild.get())
    .bind(application.get())
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| Ok((row.uuid("id", TicketId::new)?, Millis(row.int("since")?)))).collect()
}

/// Everyone who takes part in a ticket that is open, once for each server; who came last comes first, at most
/// `limit`. Nobody of servers that the bot was removed from: Discord refuses to tell who is there.
pub async fn everyone(
    db: impl AnyExecutor<'_>,
    application: ApplicationId,
    limit: i64,
) -> Result<Vec<(GuildId, UserId)>, StorageError> {
    // An open ticket has a channel. That it is said, and 'open' twice, lets SQLite see that the index of live channels
    // has all of them.
    let rows = sqlx::query(
        "SELECT guild_id, user_id, MAX(since) AS latest FROM (
             SELECT guild_id, opener_id AS user_id, created_at AS since FROM tickets
             WHERE application_id = $1 AND state IN ('open', 'closing')
               AND channel_id IS NOT NULL AND state = 'open'
             UNION ALL
             SELECT t.guild_id, m.user_id, m.added_at AS since
             FROM ticket_members m JOIN tickets t ON t.id = m.ticket_id
             WHERE t.application_id = $1 AND t.state IN ('open', 'closing')
               AND t.channel_id IS NOT NULL AND t.state = 'open'
         ) people
         WHERE NOT EXISTS (SELECT 1 FROM installations i
                           WHERE i.application_id = $1 AND i.guild_id = people.guild_id
                             AND i.state = 'left')
         GROUP BY guild_id, user_id ORDER BY latest DESC, guild_id, user_id LIMIT $2",
    )
    .bind(application.get())
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| Ok((row.id("guild_id", GuildId::new)?, row.id("user_id", UserId::new)?)))
        .collect()
}
