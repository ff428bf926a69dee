//! What is kept of one person, found and taken away by the table of places ([`super::places`]).

use std::collections::BTreeSet;

use domain::ids::{GuildId, TicketId, UserId};
use domain::time::Millis;
use sqlx::{AnyConnection, AnyExecutor, AnyPool, AssertSqlSafe};

use super::places::{Fate, Held, PLACES, Place};
use crate::StorageError;
use crate::columns::Columns as _;
use crate::transcripts::removals;

/// Rows that one transaction takes away: others want the writer too.
const BATCH: i64 = 1000;
/// Texts that one transaction looks at.
const TEXTS: i64 = 200;

/// How much of one kind is kept of a person in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Total {
    /// What it is to people.
    pub held: Held,
    /// The server; `None` for the service itself.
    pub guild: Option<GuildId>,
    /// How many rows.
    pub rows: i64,
    /// When the oldest was made, as far as the rows tell.
    pub since: Option<Millis>,
}

impl Place {
    /// Whether the column is text in which ids stand among other things.
    const fn is_text(&self) -> bool {
        matches!(self.fate, Fate::Digits)
            || (matches!(self.fate, Fate::Chain) && !matches!(self.column.as_bytes(), b"actor_id"))
    }

    /// Whether the column holds the id and nothing else.
    fn is_id(&self) -> bool {
        !self.is_text() && self.whose == format!("old.{} = $1", self.column)
    }

    /// The columns that name a row, of `old`.
    fn key_of_old(&self) -> String {
        let columns: Vec<String> = self.key.split(", ").map(|key| format!("old.{key}")).collect();
        columns.join(", ")
    }
}

/// A pattern that finds the digits of an id in a text, and longer numbers with them.
fn pattern(user: UserId) -> String {
    format!("%{user}%")
}

/// Writes `to` over `from` wherever it is a whole number in the text; `None`: it is nowhere.
pub(crate) fn replace_digits(text: &str, from: &str, to: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let (mut rest, mut found) = (text, false);
    let mut before_is_digit = false;
    while let Some(at) = rest.find(from) {
        let (before, after) = (&rest[..at], &rest[at + from.len()..]);
        let starts = before.bytes().last().map_or(!before_is_digit, |b| !b.is_ascii_digit());
        let ends = after.bytes().next().is_none_or(|b| !b.is_ascii_digit());
        out.push_str(before);
        if starts && ends {
            out.push_str(to);
            found = true;
        } else {
            out.push_str(from);
        }
        before_is_digit = true;
        rest = after;
    }
    out.push_str(rest);
    found.then_some(out)
}

/// How much is kept of a person, by kind and server. What only names them in a text of others is not counted.
pub async fn totals(db: &AnyPool, user: UserId) -> Result<Vec<Total>, StorageError> {
    let mut totals = Vec::new();
    for place in PLACES.iter().filter(|place| !place.is_text()) {
        let since = if place.since.is_empty() { "CAST(NULL AS BIGINT)" } else { place.since };
        let Place { from, whose, guild, .. } = *place;
        let text = format!(
            "SELECT {guild} AS guild_id, COUNT(*) AS n, MIN({since}) AS since FROM {from}
             WHERE {whose} GROUP BY 1"
        );
        for row in sqlx::query(AssertSqlSafe(text)).bind(user.get()).fetch_all(db).await? {
            totals.push(Total {
                held: place.held,
                guild: GuildId::new(row.int("guild_id")?).ok(),
                rows: row.int("n")?,
                since: row.int_opt("since")?.map(Millis),
            });
        }
    }
    Ok(totals)
}

/// Every server on which something is kept of a person, also where others' texts alone name them.
pub async fn servers_of(db: &AnyPool, user: UserId) -> Result<BTreeSet<GuildId>, StorageError> {
    let mut servers = BTreeSet::new();
    for place in PLACES {
        let Place { from, whose, guild, column, .. } = *place;
        let rows = if place.is_text() {
            let text = format!(
                "SELECT DISTINCT {guild} AS guild_id FROM {from} WHERE old.{column} LIKE $1"
            );
            sqlx::query(AssertSqlSafe(text)).bind(pattern(user)).fetch_all(db).await?
        } else {
            let text = format!("SELECT DISTINCT {guild} AS guild_id FROM {from} WHERE {whose}");
            sqlx::query(AssertSqlSafe(text)).bind(user.get()).fetch_all(db).await?
        };
        for row in rows {
            servers.extend(GuildId::new(row.int("guild_id")?).ok());
        }
    }
    Ok(servers)
}

/// Takes a batch of what a place keeps of a person on a server (`None`: in the service itself) away, or puts the
/// pseudonym there. Answers whether there may be more. Safe to repeat.
pub async fn take_some(
    conn: &mut AnyConnection,
    place: &Place,
    user: UserId,
    guild: Option<GuildId>,
    pseudonym: UserId,
    now: Millis,
) -> Result<bool, StorageError> {
    let Place { table, from, whose, guild: of, .. } = *place;
    let (key, old) = (place.key, place.key_of_old());
    let rows =
        format!("({key}) IN (SELECT {old} FROM {from} WHERE {whose} AND {of} = $2 LIMIT $3)");
    let server = guild.map_or(0, GuildId::get);
    let done = match place.fate {
        Fate::Delete => {
            let text = format!("DELETE FROM {table} WHERE {rows}");
            let query = sqlx::query(AssertSqlSafe(text)).bind(user.get()).bind(server).bind(BATCH);
            query.execute(conn).await?.rows_affected()
        }
        Fate::DeleteWithBlob => {
            let text = format!("DELETE FROM {table} WHERE {rows} RETURNING blob");
            let query = sqlx::query(AssertSqlSafe(text)).bind(user.get()).bind(server).bind(BATCH);
            let gone = query.fetch_all(&mut *conn).await?;
            for row in &gone {
                if let Some(blob) = row.text_opt("blob")? {
                    removals::ask_of(&mut *conn, server, &blob, now).await?;
                }
            }
            gone.len() as u64
        }
        Fate::Change(set) => {
            let text = format!("UPDATE {table} SET {set} WHERE {rows}");
            let query = sqlx::query(AssertSqlSafe(text)).bind(user.get()).bind(server).bind(BATCH);
            query.bind(pseudonym.get()).execute(conn).await?.rows_affected()
        }
        Fate::Digits => return digits(conn, place, user, guild, pseudonym).await.map(|()| false),
        Fate::Chain | Fate::Customer | Fate::Job => return Ok(false),
    };
    Ok(done >= BATCH.unsigned_abs())
}

/// Puts the pseudonym into the texts of a column that name the person.
async fn digits(
    conn: &mut AnyConnection,
    place: &Place,
    user: UserId,
    guild: Option<GuildId>,
    pseudonym: UserId,
) -> Result<(), StorageError> {
    let Place { table, column, from, guild: of, .. } = *place;
    let server = guild.map_or(0, GuildId::get);
    let find = format!(
        "SELECT DISTINCT old.{column} AS text FROM {from}
         WHERE {of} = $1 AND old.{column} LIKE $2 AND old.{column} > $3 ORDER BY 1 LIMIT $4"
    );
    // Of the tables with such columns the server is a column of the row itself, or there is none.
    let here = if of == "old.guild_id" { "guild_id = $3" } else { "$3 = $3" };
    let write = format!("UPDATE {table} SET {column} = $2 WHERE {column} = $1 AND {here}");
    let (from, to) = (user.to_string(), pseudonym.to_string());
    let mut after = String::new();
    loop {
        let rows = sqlx::query(AssertSqlSafe(find.as_str()))
            .bind(server)
            .bind(pattern(user))
            .bind(after.as_str())
            .bind(TEXTS)
            .fetch_all(&mut *conn)
            .await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.text("text")?;
        for row in &rows {
            let text = row.text("text")?;
            let Some(new) = replace_digits(&text, &from, &to) else { continue };
            sqlx::query(AssertSqlSafe(write.as_str()))
                .bind(text)
                .bind(new)
                .bind(server)
                .execute(&mut *conn)
                .await?;
        }
    }
}

/// Marks the messages of a person in tickets that are not finished: when such a ticket's channel is read again,
/// nothing of them comes back.
pub async fn keep_from_returning(
    conn: &mut AnyConnection,
    user: UserId,
    guild: GuildId,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO redacted_messages (ticket_id, message_id, redaction, whole)
         SELECT DISTINCT a.ticket_id, a.message_id, 0, 1
         FROM archive_messages a JOIN tickets t ON t.id = a.ticket_id
         WHERE a.subject_id = $1 AND t.guild_id = $2
         ON CONFLICT (ticket_id, message_id) DO NOTHING",
    )
    .bind(user.get())
    .bind(guild.get())
    .execute(conn)
    .await?;
    Ok(())
}

/// Messages of a ticket that were of somebody who was erased.
pub async fn erased_messages(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
) -> Result<BTreeSet<i64>, StorageError> {
    let rows = sqlx::query(
        "SELECT message_id FROM redacted_messages WHERE ticket_id = $1 AND redaction = 0",
    )
    .bind(ticket.to_string())
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| row.int("message_id")).collect()
}

/// Tickets of a server that a person opened and that are not being closed yet.
pub async fn to_close(
    db: impl AnyExecutor<'_>,
    user: UserId,
    guild: GuildId,
) -> Result<Vec<TicketId>, StorageError> {
    let rows = sqlx::query(
        "SELECT id FROM tickets WHERE opener_id = $1 AND guild_id = $2 AND state = 'open' ORDER BY id",
    )
    .bind(user.get())
    .bind(guild.get())
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| row.uuid("id", TicketId::new)).collect()
}

/// Open tickets of others on a server that a person was let into or works on.
pub async fn to_leave(
    db: impl AnyExecutor<'_>,
    user: UserId,
    guild: GuildId,
) -> Result<Vec<TicketId>, StorageError> {
    let rows = sqlx::query(
        "SELECT id FROM tickets WHERE guild_id = $2 AND state = 'open' AND opener_id <> $1
           AND (claimed_by = $1
                OR id IN (SELECT m.ticket_id FROM ticket_members m WHERE m.user_id = $1))
         ORDER BY id",
    )
    .bind(user.get())
    .bind(guild.get())
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| row.uuid("id", TicketId::new)).collect()
}

/// Whether a ticket that a person opened, works on or closed is not finished, or an effect that names them is still to be carried out.
pub async fn is_unfinished(
    db: &AnyPool,
    user: UserId,
    guild: GuildId,
) -> Result<bool, StorageError> {
    let ticket = sqlx::query(
        "SELECT 1 AS found FROM tickets t
         WHERE (t.opener_id = $1 OR t.claimed_by = $1 OR t.closed_by = $1) AND t.guild_id = $2
           AND (t.state IN ('opening', 'open', 'closing') OR EXISTS (
               SELECT 1 FROM outbox o WHERE o.sequence_key = 'ticket:' || t.id AND o.state = 'pending'))
         LIMIT 1",
    )
    .bind(user.get())
    .bind(guild.get())
    .fetch_optional(db)
    .await?;
    if ticket.is_some() {
        return Ok(true);
    }
    let effects = sqlx::query(
        "SELECT payload FROM outbox WHERE guild_id = $1 AND state = 'pending' AND payload LIKE $2",
    )
    .bind(guild.get())
    .bind(pattern(user))
    .fetch_all(db)
    .await?;
    let id = user.to_string();
    for row in effects {
        if replace_digits(&row.text("payload")?, &id, "").is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a ticket on which there is a legal hold has something that a person said, sent or is called.
pub async fn is_held(
    db: impl AnyExecutor<'_>,
    user: UserId,
    guild: GuildId,
) -> Result<bool, StorageError> {
    let row = sqlx::query(
        "SELECT 1 AS found FROM legal_holds h JOIN tickets t ON t.id = h.ticket_id
         WHERE h.lifted_at IS NULL AND t.guild_id = $2 AND (
             t.opener_id = $1 OR t.closed_by = $1
             OR EXISTS (SELECT 1 FROM transcript_parts x WHERE x.subject_id = $1 AND x.ticket_id = t.id)
             OR EXISTS (SELECT 1 FROM archive_messages x WHERE x.subject_id = $1 AND x.ticket_id = t.id)
             OR EXISTS (SELECT 1 FROM attachments x WHERE x.subject_id = $1 AND x.ticket_id = t.id)
             OR EXISTS (SELECT 1 FROM transcript_reactions x WHERE x.subject_id = $1 AND x.ticket_id = t.id)
             OR EXISTS (SELECT 1 FROM transcript_people x WHERE x.user_id = $1 AND x.ticket_id = t.id))
         LIMIT 1",
    )
    .bind(user.get())
    .bind(guild.get())
    .fetch_optional(db)
    .await?;
    Ok(row.is_some())
}

/// Everyone of whom something is kept under a key of their own, with the server (`None`: the service itself).
pub async fn sealed_people(
    db: &AnyPool,
) -> Result<BTreeSet<(Option<GuildId>, UserId)>, StorageError> {
    let mut people = BTreeSet::new();
    for text in [
        "SELECT DISTINCT t.guild_id, x.subject_id FROM transcript_parts x JOIN tickets t ON t.id = x.ticket_id",
        "SELECT DISTINCT t.guild_id, x.subject_id FROM archive_messages x JOIN tickets t ON t.id = x.ticket_id",
        "SELECT DISTINCT t.guild_id, x.subject_id FROM attachments x JOIN tickets t ON t.id = x.ticket_id",
        "SELECT DISTINCT t.guild_id, x.subject_id FROM transcript_reactions x JOIN tickets t ON t.id = x.ticket_id",
        "SELECT DISTINCT t.guild_id, x.user_id AS subject_id FROM transcript_people x
         JOIN tickets t ON t.id = x.ticket_id",
        "SELECT DISTINCT guild_id, opener_id AS subject_id FROM tickets WHERE answers IS NOT NULL",
        "SELECT DISTINCT CAST(0 AS BIGINT) AS guild_id, user_id AS subject_id FROM sessions",
        "SELECT DISTINCT CAST(0 AS BIGINT) AS guild_id, user_id AS subject_id FROM accounts",
    ] {
        for row in sqlx::query(text).fetch_all(db).await? {
            let Ok(user) = UserId::new(row.int("subject_id")?) else { continue };
            if !user.is_pseudonym() {
                people.insert((GuildId::new(row.int("guild_id")?).ok(), user));
            }
        }
    }
    Ok(people)
}

/// Everyone whom a column names by id alone, on any server: those who may be in the ledger.
pub async fn everyone(db: &AnyPool) -> Result<BTreeSet<UserId>, StorageError> {
    let mut people = BTreeSet::new();
    for place in PLACES.iter().filter(|place| place.is_id()) {
        let Place { table, column, .. } = *place;
        let text = format!("SELECT DISTINCT {column} AS user_id FROM {table} WHERE {column} > 0");
        for row in sqlx::query(AssertSqlSafe(text)).fetch_all(db).await? {
            people.extend(row.id("user_id", UserId::new).ok().filter(|user| !user.is_pseudonym()));
        }
    }
    Ok(people)
}

#[cfg(test)]
mod tests {
    use super::replace_digits;

    #[test]
    fn only_whole_numbers_are_written_over() {
        let replace = |text| replace_digits(text, "77", "X");
        assert_eq!(replace(r#"{"user":"77"}"#).as_deref(), Some(r#"{"user":"X"}"#));
        assert_eq!(replace("77,177,771,7777,77").as_deref(), Some("X,177,771,7777,X"));
        assert_eq!(replace("777 777 0770"), None);
        assert_eq!(replace(""), None);
        assert_eq!(replace("77").as_deref(), Some("X"));
    }
}
