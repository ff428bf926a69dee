//! Servers that the bot left, and the removal of their data, in steps that others can come between.

use domain::ids::{ApplicationId, GuildId, TicketId};
use domain::time::Millis;
use sqlx::{AnyConnection, AnyExecutor, AssertSqlSafe};

use crate::StorageError;
use crate::columns::Columns as _;

/// Seconds for which what belongs to a server is kept after the bot has left it. Source: P22, "30 days".
pub const KEPT_AFTER_LEAVING_SECONDS: i64 = 30 * 24 * 3600;

/// Rows that one step removes.
const ROWS: i64 = 500;

/// What becomes of the rows of a table that names servers, when a server is cleared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// They go, those with this `key` for which `and` holds, with the row as `old`. In the order of [`TABLES`].
    Removed {
        /// The columns that name a row.
        key: &'static str,
        /// What else must hold; another step makes it hold.
        and: &'static str,
    },
    /// They go with the tickets, before all else.
    WithTickets,
    /// The row goes last: it says that the server is to be cleared.
    Last,
    /// They go by a rule of their own, which says when.
    Own(&'static str),
}

const NO_TICKETS: &str = "AND NOT EXISTS (SELECT 1 FROM tickets t WHERE t.guild_id = old.guild_id)";

/// Every table with the column `guild_id`, in the order in which they are cleared.
pub const TABLES: &[(&str, Fate)] = &[
    ("tickets", Fate::WithTickets),
    ("attachments", Fate::WithTickets),
    ("transcript_terms", Fate::WithTickets),
    ("outbox", Fate::Removed { key: "id", and: "" }),
    ("guild_alerts", Fate::Removed { key: "guild_id, subject", and: "" }),
    ("inbox", Fate::Removed { key: "interaction_id", and: "" }),
    ("guild_settings", Fate::Removed { key: "guild_id", and: "" }),
    (
        "panels",
        Fate::Removed {
            key: "id",
            and: "AND NOT EXISTS (SELECT 1 FROM tickets t WHERE t.panel_id = old.id)",
        },
    ),
    (
        "domain_events",
        Fate::Removed {
            key: "guild_id, seq",
            and: "AND old.ticket_id IS NULL AND old.panel_id IS NULL",
        },
    ),
    ("ticket_people", Fate::Removed { key: "guild_id, user_id", and: NO_TICKETS }),
    // Numbers go on while a ticket has one of them.
    ("guild_counters", Fate::Removed { key: "guild_id, purpose", and: NO_TICKETS }),
    // Nothing is left there whose use could be restricted.
    ("objections", Fate::Removed { key: "request_id", and: NO_TICKETS }),
    ("blob_removals", Fate::Own("as soon as the object is gone, which the server's row waits for")),
    ("installations", Fate::Last),
    ("audit_log", Fate::Own("90 days after each entry")),
    ("audit_heads", Fate::Own("with the last entry")),
    ("licence_seats", Fate::Own("once the licence is over: a live one is used by its holder")),
    ("payment_subscriptions", Fate::Own("the column is emptied once the subscription is over")),
    ("payment_wishes", Fate::Own("30 days after each")),
    ("erasure_parts", Fate::Own("with the erasure, once all of it is done")),
    ("privacy_requests", Fate::Own("400 days after each was decided")),
];

/// Servers that this bot left at `limit` or before, after `after` in the order of their ids, at most `most`. Not
/// those that another bot identity on this database is on, or left later.
pub async fn due(
    db: impl AnyExecutor<'_>,
    bot: ApplicationId,
    limit: Millis,
    after: Option<GuildId>,
    most: i64,
) -> Result<Vec<GuildId>, StorageError> {
    let text = format!(
        "SELECT i.guild_id FROM installations i WHERE {GONE} AND i.guild_id > $3
         ORDER BY i.guild_id LIMIT $4"
    );
    let rows = sqlx::query(AssertSqlSafe(text))
        .bind(bot.get())
        .bind(limit.0)
        .bind(after.map_or(0, GuildId::get))
        .bind(most)
        .fetch_all(db)
        .await?;
    rows.iter().map(|row| row.id("guild_id", GuildId::new)).collect()
}

/// Left by bot `$1` at `$2` or before, and no other bot is there. What has the bot's own id is no server: the effects
/// of the service itself go under it.
const GONE: &str = "i.application_id = $1 AND i.guild_id <> i.application_id
    AND i.state = 'left' AND i.left_at <= $2
    AND NOT EXISTS (SELECT 1 FROM installations o
                    WHERE o.guild_id = i.guild_id AND o.application_id <> i.application_id
                      AND (o.state <> 'left' OR o.left_at > $2))";

/// Makes a return of the bot wait until the transaction ends; `false`: it is back, or was never so long away.
pub async fn lock_gone(
    conn: &mut AnyConnection,
    bot: ApplicationId,
    limit: Millis,
    guild: GuildId,
) -> Result<bool, StorageError> {
    // Written to before it is read: so the row is locked on either engine.
    let there = sqlx::query(
        "UPDATE installations SET state = state WHERE application_id = $1 AND guild_id = $2",
    )
    .bind(bot.get())
    .bind(guild.get())
    .execute(&mut *conn)
    .await?
    .rows_affected();
    if there == 0 {
        return Ok(false);
    }
    let text = format!("SELECT 1 AS found FROM installations i WHERE {GONE} AND i.guild_id = $3");
    let row = sqlx::query(AssertSqlSafe(text))
        .bind(bot.get())
        .bind(limit.0)
        .bind(guild.get())
        .fetch_optional(conn)
        .await?;
    Ok(row.is_some())
}

/// Tickets of a server without a legal hold, after `after` in the order of their ids, at most `most`.
pub async fn tickets(
    db: impl AnyExecutor<'_>,
    guild: GuildId,
    after: Option<TicketId>,
    most: i64,
) -> Result<Vec<TicketId>, StorageError> {
    let rows = sqlx::query(
        "SELECT t.id FROM tickets t WHERE t.guild_id = $1 AND t.id > $2
           AND NOT EXISTS (SELECT 1 FROM legal_holds h WHERE h.ticket_id = t.id AND h.lifted_at IS NULL)
         ORDER BY t.id LIMIT $3",
    )
    .bind(guild.get())
    .bind(after.map_or_else(String::new, |id| id.to_string()))
    .bind(most)
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| row.uuid("id", TicketId::new)).collect()
}

/// Removes some rows of a table of [`TABLES`]. Answers how many: 0 is that none is left that may go.
pub async fn remove_some(
    conn: &mut AnyConnection,
    guild: GuildId,
    table: &'static str,
    fate: Fate,
) -> Result<u64, StorageError> {
    let Fate::Removed { key, and } = fate else { return Ok(0) };
    let text = format!(
        "DELETE FROM {table} WHERE ({key}) IN (
             SELECT {key} FROM {table} old WHERE old.guild_id = $1 {and} ORDER BY {key} LIMIT $2)"
    );
    let done = sqlx::query(AssertSqlSafe(text)).bind(guild.get()).bind(ROWS).execute(conn).await?;
    Ok(done.rows_affected())
}

/// Whether anything waits that must go before the server's row: tickets that are held, objects that are still
/// there.
pub async fn is_waited_for(db: &mut AnyConnection, guild: GuildId) -> Result<bool, StorageError> {
    for text in [
        "SELECT 1 AS found FROM tickets WHERE guild_id = $1 LIMIT 1",
        "SELECT 1 AS found FROM blob_removals WHERE guild_id = $1 LIMIT 1",
    ] {
        if sqlx::query(text).bind(guild.get()).fetch_optional(&mut *db).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Removes what says that the bot was on the server.
pub async fn remove_installation(
    conn: &mut AnyConnection,
    limit: Millis,
    guild: GuildId,
) -> Result<(), StorageError> {
    sqlx::query(
        "DELETE FROM installations WHERE guild_id = $1 AND state = 'left' AND left_at <= $2",
    )
    .bind(guild.get())
    .bind(limit.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Marks servers that have data but no installation row as left now. Ignores rows stored under a bot's own id, which is
/// no server. Answers how many.
pub async fn adopt(
    conn: &mut AnyConnection,
    bot: ApplicationId,
    now: Millis,
) -> Result<u64, StorageError> {
    let done = sqlx::query(
        "INSERT INTO installations (application_id, guild_id, name, icon, state, joined_at, left_at)
         SELECT $1, g.guild_id, '', NULL, 'left', $2, $2
         FROM (SELECT guild_id FROM guild_settings UNION SELECT guild_id FROM guild_counters
               UNION SELECT guild_id FROM panels) g
         WHERE NOT EXISTS (SELECT 1 FROM installations i WHERE i.guild_id = g.guild_id)
           AND g.guild_id <> $1
           AND NOT EXISTS (SELECT 1 FROM installations i WHERE i.application_id = g.guild_id)
         ON CONFLICT (application_id, guild_id) DO NOTHING",
    )
    .bind(bot.get())
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// Removes servers that the bot is not on from licences that are over, and from seats that were freed at `freed`
/// or before; and takes them out of subscriptions that are over.
pub async fn leave_licences(
    conn: &mut AnyConnection,
    now: Millis,
    freed: Millis,
) -> Result<u64, StorageError> {
    let seats = sqlx::query(
        "DELETE FROM licence_seats
         WHERE NOT EXISTS (SELECT 1 FROM installations i WHERE i.guild_id = licence_seats.guild_id)
           AND (freed_at <= $2
                OR EXISTS (SELECT 1 FROM licences l WHERE l.id = licence_seats.licence_id
                             AND (l.status IN ('revoked', 'ended') OR l.expires_at <= $1)))",
    )
    .bind(now.0)
    .bind(freed.0)
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "UPDATE payment_subscriptions SET guild_id = NULL
         WHERE guild_id IS NOT NULL AND status IN ('canceled', 'incomplete_expired')
           AND NOT EXISTS (SELECT 1 FROM installations i
                           WHERE i.guild_id = payment_subscriptions.guild_id)",
    )
    .execute(conn)
    .await?;
    Ok(seats.rows_affected())
}

/// Servers that the bot is not on, whose audit log has no entry left, and which have a head of it; at most `most`.
pub async fn bare_heads(db: impl AnyExecutor<'_>, most: i64) -> Result<Vec<GuildId>, StorageError> {
    let text = format!("SELECT h.guild_id FROM audit_heads h WHERE {BARE} LIMIT $1");
    let rows = sqlx::query(AssertSqlSafe(text)).bind(most).fetch_all(db).await?;
    rows.iter().map(|row| row.id("guild_id", GuildId::new)).collect()
}

const BARE: &str = "NOT EXISTS (SELECT 1 FROM installations i WHERE i.guild_id = h.guild_id)
    AND NOT EXISTS (SELECT 1 FROM audit_log a WHERE a.guild_id = h.guild_id)";

/// Removes the head of a server's audit log, if it is as [`bare_heads`] says. Lock the log in the same
/// transaction first: an entry may be on its way.
pub async fn remove_head(conn: &mut AnyConnection, guild: GuildId) -> Result<(), StorageError> {
    let text = format!(
        "DELETE FROM audit_heads WHERE guild_id IN (
             SELECT h.guild_id FROM audit_heads h WHERE h.guild_id = $1 AND {BARE})"
    );
    sqlx::query(AssertSqlSafe(text)).bind(guild.get()).execute(conn).await?;
    Ok(())
}
