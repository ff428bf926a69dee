//! Tickets whose time is over, and their removal in steps that others can come between.

use std::collections::BTreeSet;

use domain::ids::{GuildId, TicketId, UserId};
use domain::time::Millis;
use sqlx::{AnyConnection, AnyExecutor, AssertSqlSafe};

use super::removals;
use crate::StorageError;
use crate::columns::Columns as _;

/// Files that one step removes.
const FILES: i64 = 200;
/// Chunks that one step removes: each has up to 128 messages.
const CHUNKS: i64 = 16;
/// Messages of the live archive that one step removes.
const MESSAGES: i64 = 500;

/// Ended at `$2` or before, with no hold on it, and with nothing left to do in Discord.
const DUE: &str = "t.guild_id = $1 AND t.closed_at <= $2 AND t.state IN ('closed', 'failed')
    AND NOT EXISTS (SELECT 1 FROM legal_holds h WHERE h.ticket_id = t.id AND h.lifted_at IS NULL)
    AND NOT EXISTS (SELECT 1 FROM outbox o
                    WHERE o.sequence_key = 'ticket:' || t.id AND o.state = 'pending')";

/// Tickets of a server that ended at `limit` or before and may go, those first that ended first; after the one
/// that ended then with that id, at most `most`. With each the time of its end.
pub async fn due(
    db: impl AnyExecutor<'_>,
    guild: GuildId,
    limit: Millis,
    after: Option<(Millis, TicketId)>,
    most: i64,
) -> Result<Vec<(Millis, TicketId)>, StorageError> {
    let text = format!(
        "SELECT t.id, t.closed_at FROM tickets t
         WHERE {DUE} AND (t.closed_at > $3 OR (t.closed_at = $3 AND t.id > $4))
         ORDER BY t.closed_at, t.id LIMIT $5"
    );
    let (at, id) = after.map_or((i64::MIN, String::new()), |(at, id)| (at.0, id.to_string()));
    let rows = sqlx::query(AssertSqlSafe(text))
        .bind(guild.get())
        .bind(limit.0)
        .bind(at)
        .bind(id)
        .bind(most)
        .fetch_all(db)
        .await?;
    rows.iter()
        .map(|row| Ok((Millis(row.int("closed_at")?), row.uuid("id", TicketId::new)?)))
        .collect()
}

/// How many transcripts of a server ended at `limit` or before and may go.
pub async fn count_due(
    db: impl AnyExecutor<'_>,
    guild: GuildId,
    limit: Millis,
) -> Result<i64, StorageError> {
    let text = format!("SELECT COUNT(*) AS n FROM tickets t WHERE {DUE} AND t.state = 'closed'");
    let row =
        sqlx::query(AssertSqlSafe(text)).bind(guild.get()).bind(limit.0).fetch_one(db).await?;
    row.int("n")
}

/// Whether a ticket may go: asked again within each transaction that removes something of it.
pub async fn is_due(
    db: impl AnyExecutor<'_>,
    guild: GuildId,
    limit: Millis,
    ticket: TicketId,
) -> Result<bool, StorageError> {
    let text = format!("SELECT 1 AS found FROM tickets t WHERE {DUE} AND t.id = $3");
    let row = sqlx::query(AssertSqlSafe(text))
        .bind(guild.get())
        .bind(limit.0)
        .bind(ticket.to_string())
        .fetch_optional(db)
        .await?;
    Ok(row.is_some())
}

/// Removes a part of what is kept of a ticket, the last words first. `false`: that was all, and the ticket is
/// gone with it.
pub async fn remove_some(
    conn: &mut AnyConnection,
    guild: GuildId,
    ticket: TicketId,
    now: Millis,
) -> Result<bool, StorageError> {
    let id = ticket.to_string();
    let files = sqlx::query(
        "DELETE FROM attachments WHERE ticket_id = $1 AND attachment_id IN (
             SELECT attachment_id FROM attachments WHERE ticket_id = $1 ORDER BY attachment_id LIMIT $2)
         RETURNING blob",
    )
    .bind(id.as_str())
    .bind(FILES)
    .fetch_all(&mut *conn)
    .await?;
    for row in &files {
        if let Some(blob) = row.text_opt("blob")? {
            removals::ask(&mut *conn, guild, &blob, now).await?;
        }
    }
    if !files.is_empty() {
        return Ok(true);
    }
    let chunks = sqlx::query(
        "DELETE FROM transcript_chunks WHERE ticket_id = $1 AND chunk IN (
             SELECT chunk FROM transcript_chunks WHERE ticket_id = $1 ORDER BY chunk DESC LIMIT $2)",
    )
    .bind(id.as_str())
    .bind(CHUNKS)
    .execute(&mut *conn)
    .await?;
    if chunks.rows_affected() > 0 {
        return Ok(true);
    }
    let messages = sqlx::query(
        "DELETE FROM archive_messages WHERE ticket_id = $1 AND message_id IN (
             SELECT message_id FROM archive_messages WHERE ticket_id = $1
             ORDER BY message_id DESC LIMIT $2)",
    )
    .bind(id.as_str())
    .bind(MESSAGES)
    .execute(&mut *conn)
    .await?;
    if messages.rows_affected() > 0 {
        return Ok(true);
    }
    remove_rest(conn, guild, &id).await?;
    Ok(false)
}

/// Removes the ticket, all that belongs to it, and the names of people who take part in no other.
async fn remove_rest(
    conn: &mut AnyConnection,
    guild: GuildId,
    ticket: &str,
) -> Result<(), StorageError> {
    let rows = sqlx::query(
        "SELECT opener_id AS user_id FROM tickets WHERE id = $1
         UNION SELECT claimed_by FROM tickets WHERE id = $1 AND claimed_by IS NOT NULL
         UNION SELECT closed_by FROM tickets WHERE id = $1 AND closed_by IS NOT NULL
         UNION SELECT user_id FROM ticket_members WHERE ticket_id = $1
         UNION SELECT actor_id FROM domain_events WHERE ticket_id = $1 AND actor_id IS NOT NULL",
    )
    .bind(ticket)
    .fetch_all(&mut *conn)
    .await?;
    let people: BTreeSet<UserId> =
        rows.iter().map(|row| row.id("user_id", UserId::new)).collect::<Result<_, _>>()?;
    sqlx::query("DELETE FROM outbox WHERE sequence_key = 'ticket:' || $1")
        .bind(ticket)
        .execute(&mut *conn)
        .await?;
    sqlx::query("DELETE FROM tickets WHERE id = $1").bind(ticket).execute(&mut *conn).await?;
    for user in people {
        sqlx::query(
            "DELETE FROM ticket_people WHERE guild_id = $1 AND user_id = $2
               AND NOT EXISTS (SELECT 1 FROM tickets t WHERE t.opener_id = $2 AND t.guild_id = $1)
               AND NOT EXISTS (SELECT 1 FROM ticket_members m JOIN tickets t ON t.id = m.ticket_id
                               WHERE m.user_id = $2 AND t.guild_id = $1)
               AND NOT EXISTS (SELECT 1 FROM domain_events e WHERE e.guild_id = $1 AND e.actor_id = $2
                                 AND e.ticket_id IS NOT NULL)",
        )
        .bind(guild.get())
        .bind(user.get())
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}
