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

/// Which tickets of a server are to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Tickets that closed at or before this time; `None`: no such tickets are due.
    pub ended: Option<Millis>,
    /// Tickets with a noted limit, because they ended under a plan with one: due if `keep_until` is at or before the
    /// first time and they closed at or before the second, which is the present plan's. `None`: no such tickets are
    /// due.
    pub noted: Option<(Millis, Millis)>,
}

impl Due {
    /// Whether any ticket may go at all.
    pub const fn is_any(self) -> bool {
        self.ended.is_some() || self.noted.is_some()
    }

    /// The limits as statements bind them.
    fn bounds(self) -> (i64, i64, i64) {
        let (until, ended) = self.noted.unwrap_or((Millis(i64::MIN), Millis(i64::MIN)));
        (self.ended.map_or(i64::MIN, |limit| limit.0), until.0, ended.0)
    }
}

/// Ended at `$2` or before, or kept until `$3` at most and ended at `$4` or before; with no hold on it, and with
/// nothing left to do in Discord.
const DUE: &str =
    "t.guild_id = $1 AND (t.closed_at <= $2 OR (t.keep_until <= $3 AND t.closed_at <= $4))
    AND t.state IN ('closed', 'failed')
    AND NOT EXISTS (SELECT 1 FROM legal_holds h WHERE h.ticket_id = t.id AND h.lifted_at IS NULL)
    AND NOT EXISTS (SELECT 1 FROM outbox o
                    WHERE o.sequence_key = 'ticket:' || t.id AND o.state = 'pending')";

/// Tickets of a server that are due and may go, those first that ended first; after the one that ended then with
/// that id, at most `most`. With each the time of its end.
pub async fn due(
    db: impl AnyExecutor<'_>,
    guild: GuildId,
    due: Due,
    after: Option<(Millis, TicketId)>,
    most: i64,
) -> Result<Vec<(Millis, TicketId)>, StorageError> {
    let text = format!(
        "SELECT t.id, t.closed_at FROM tickets t
         WHERE {DUE} AND (t.closed_at > $5 OR (t.closed_at = $5 AND t.id > $6))
         ORDER BY t.closed_at, t.id LIMIT $7"
    );
    let (at, id) = after.map_or((i64::MIN, String::new()), |(at, id)| (at.0, id.to_string()));
    let (ended, until, noted) = due.bounds();
    let rows = sqlx::query(AssertSqlSafe(text))
        .bind(guild.get())
        .bind(ended)
        .bind(until)
        .bind(noted)
        .bind(at)
        .bind(id)
        .bind(most)
        .fetch_all(db)
        .await?;
    rows.iter()
        .map(|row| Ok((Millis(row.int("closed_at")?), row.uuid("id", TicketId::new)?)))
        .collect()
}

/// How many transcripts of a server are due and may go.
pub async fn count_due(
    db: impl AnyExecutor<'_>,
    guild: GuildId,
    due: Due,
) -> Result<i64, StorageError> {
    count(db, guild, due, "AND t.state = 'closed'").await
}

/// How many tickets of a server are due and may go, those included that never opened.
pub async fn count_all_due(
    db: impl AnyExecutor<'_>,
    guild: GuildId,
    due: Due,
) -> Result<i64, StorageError> {
    count(db, guild, due, "").await
}

async fn count(
    db: impl AnyExecutor<'_>,
    guild: GuildId,
    due: Due,
    and: &str,
) -> Result<i64, StorageError> {
    let text = format!("SELECT COUNT(*) AS n FROM tickets t WHERE {DUE} {and}");
    let (ended, until, noted) = due.bounds();
    let row = sqlx::query(AssertSqlSafe(text))
        .bind(guild.get())
        .bind(ended)
        .bind(until)
        .bind(noted)
        .fetch_one(db)
        .await?;
    row.int("n")
}

/// Whether a ticket may go: asked again within each transaction that removes something of it.
pub async fn is_due(
    db: impl AnyExecutor<'_>,
    guild: GuildId,
    due: Due,
    ticket: TicketId,
) -> Result<bool, StorageError> {
    let text = format!("SELECT 1 AS found FROM tickets t WHERE {DUE} AND t.id = $5");
    let (ended, until, noted) = due.bounds();
    let row = sqlx::query(AssertSqlSafe(text))
        .bind(guild.get())
        .bind(ended)
        .bind(until)
        .bind(noted)
        .bind(ticket.to_string())
        .fetch_optional(db)
        .await?;
    Ok(row.is_some())
}

/// Notes until when a ticket is kept at most that ends now; `None`: as long as the server wants.
pub async fn note(
    conn: &mut AnyConnection,
    ticket: TicketId,
    until: Option<Millis>,
) -> Result<(), StorageError> {
    sqlx::query("UPDATE tickets SET keep_until = $2 WHERE id = $1")
        .bind(ticket.to_string())
        .bind(until.map(|t| t.0))
        .execute(conn)
        .await?;
    Ok(())
}

/// Servers after `after`, in the order of their ids, of which some ticket is kept until a noted time at most; at most
/// `most` servers.
pub async fn noted(
    db: impl AnyExecutor<'_>,
    after: Option<GuildId>,
    most: i64,
) -> Result<Vec<GuildId>, StorageError> {
    let rows = sqlx::query(
        "SELECT DISTINCT guild_id FROM tickets WHERE keep_until IS NOT NULL AND guild_id > $1
         ORDER BY guild_id LIMIT $2",
    )
    .bind(after.map_or(0, GuildId::get))
    .bind(most)
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| row.id("guild_id", GuildId::new)).collect()
}

/// Lifts the limits of a server's tickets, as its plan allows now: all of them, or with `days` to so many days after
/// each ticket's end. Answers how many.
pub async fn lift(
    conn: &mut AnyConnection,
    guild: GuildId,
    days: Option<u32>,
) -> Result<u64, StorageError> {
    let done = match days {
        None => sqlx::query(
            "UPDATE tickets SET keep_until = NULL WHERE guild_id = $1 AND keep_until IS NOT NULL",
        )
        .bind(guild.get())
        .execute(conn)
        .await?,
        Some(days) => {
            sqlx::query(
                "UPDATE tickets SET keep_until = closed_at + $2
                 WHERE guild_id = $1 AND keep_until < closed_at + $2",
            )
            .bind(guild.get())
            .bind(i64::from(days) * 86_400_000)
            .execute(conn)
            .await?
        }
    };
    Ok(done.rows_affected())
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
