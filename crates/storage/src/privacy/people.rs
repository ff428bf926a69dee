//! One person's data, found and removed by the table of places ([`super::places`]).

use std::collections::BTreeSet;

use domain::ids::{GuildId, TicketId, UserId};
use domain::time::Millis;
use sqlx::{AnyConnection, AnyExecutor, AnyPool, AssertSqlSafe};

use super::places::{Fate, Held, PLACES, Place};
use crate::StorageError;
use crate::columns::Columns as _;
use crate::keys::ledger::DiscordMark;
use crate::transcripts::removals;

/// Rows that one transaction takes away: others want the writer too.
const BATCH: i64 = 1000;
/// Texts that one transaction looks at.
const TEXTS: i64 = 200;

/// How much data of one kind there is about a person in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Total {
    /// What it is to people.
    pub held: Held,
    /// The server; `None` for the service itself.
    pub guild: Option<GuildId>,
    /// How many rows.
    pub rows: i64,
    /// When the oldest was made, as far as the rows show it.
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

/// How much data there is about a person, by kind and server. Texts of others that only name them are not counted.
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

/// Every server with data about a person, by rows that name them.
pub async fn servers_of(db: &AnyPool, user: UserId) -> Result<BTreeSet<GuildId>, StorageError> {
    let mut servers = BTreeSet::new();
    for place in PLACES.iter().filter(|place| !place.is_text()) {
        let Place { from, whose, guild, .. } = *place;
        let text = format!("SELECT DISTINCT {guild} AS guild_id FROM {from} WHERE {whose}");
        for row in sqlx::query(AssertSqlSafe(text)).bind(user.get()).fetch_all(db).await? {
            servers.extend(GuildId::new(row.int("guild_id")?).ok());
        }
    }
    Ok(servers)
}

/// As [`servers_of`], and where others' texts alone name them: it reads whole tables.
pub async fn all_servers_of(db: &AnyPool, user: UserId) -> Result<BTreeSet<GuildId>, StorageError> {
    let mut servers = servers_of(db, user).await?;
    for place in PLACES.iter().filter(|place| place.is_text()) {
        let Place { from, guild, column, .. } = *place;
        let text =
            format!("SELECT DISTINCT {guild} AS guild_id FROM {from} WHERE old.{column} LIKE $1");
        for row in sqlx::query(AssertSqlSafe(text)).bind(pattern(user)).fetch_all(db).await? {
            servers.extend(GuildId::new(row.int("guild_id")?).ok());
        }
    }
    Ok(servers)
}

/// Where a page of texts ends: the last column of the key of its last row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum After {
    /// A number.
    Number(i64),
    /// A text.
    Text(String),
}

/// What [`take_some`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Whether there was anything.
    pub changed: bool,
    /// Whether there may be more.
    pub more: bool,
    /// Where to go on, if there is more.
    pub after: Option<After>,
}

/// Deletes or pseudonymises one batch of a person's rows in this place, on one server (`None`: in the service itself).
/// For text columns, continues after `after`. Safe to repeat.
pub async fn take_some(
    conn: &mut AnyConnection,
    place: &Place,
    (user, pseudonym): (UserId, UserId),
    guild: Option<GuildId>,
    now: Millis,
    after: Option<&After>,
) -> Result<Taken, StorageError> {
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
        Fate::Digits => return digits(conn, place, (user, pseudonym), server, after).await,
        Fate::Chain | Fate::Customer | Fate::Job => 0,
    };
    Ok(Taken { changed: done > 0, more: done >= BATCH.unsigned_abs(), after: None })
}

/// Puts the pseudonym into a page of the texts of a column that name the person. Of the tables with such columns the
/// last column of the key tells the rows of a server apart.
async fn digits(
    conn: &mut AnyConnection,
    place: &Place,
    (user, pseudonym): (UserId, UserId),
    server: i64,
    after: Option<&After>,
) -> Result<Taken, StorageError> {
    let Place { table, column, from, guild: of, key, .. } = *place;
    let last = key.rsplit(", ").next().unwrap_or(key);
    let is_number = last == "seq";
    let find = format!(
        "SELECT old.{last} AS place, old.{column} AS text FROM {from}
         WHERE {of} = $1 AND old.{column} LIKE $2 AND old.{last} > $3 ORDER BY old.{last} LIMIT $4"
    );
    // Of the tables with such columns the server is a column of the row itself, or there is none.
    let here = if of == "old.guild_id" { "guild_id = $3" } else { "$3 = $3" };
    // What somebody wrote there meanwhile stays, and is found the next time.
    let write =
        format!("UPDATE {table} SET {column} = $2 WHERE {last} = $1 AND {here} AND {column} = $4");
    let (from, to) = (user.to_string(), pseudonym.to_string());
    let query = sqlx::query(AssertSqlSafe(find)).bind(server).bind(pattern(user));
    let query = match after {
        Some(After::Number(number)) => query.bind(*number),
        Some(After::Text(text)) => query.bind(text.clone()),
        None if is_number => query.bind(i64::MIN),
        None => query.bind(String::new()),
    };
    let rows = query.bind(TEXTS).fetch_all(&mut *conn).await?;
    let mut taken =
        Taken { changed: false, more: rows.len() as u64 >= TEXTS.unsigned_abs(), after: None };
    for row in &rows {
        let at = if is_number {
            After::Number(row.int("place")?)
        } else {
            After::Text(row.text("place")?)
        };
        let text = row.text("text")?;
        if let Some(new) = replace_digits(&text, &from, &to) {
            let query = sqlx::query(AssertSqlSafe(write.as_str()));
            let query = match &at {
                After::Number(number) => query.bind(*number),
                After::Text(text) => query.bind(text.clone()),
            };
            query.bind(new).bind(server).bind(text).execute(&mut *conn).await?;
            taken.changed = true;
        }
        taken.after = Some(at);
    }
    Ok(taken)
}

/// Drops what the service itself (`service`) was still to tell a person, or could not.
pub async fn drop_effects(
    conn: &mut AnyConnection,
    user: UserId,
    service: GuildId,
) -> Result<(), StorageError> {
    let effects =
        sqlx::query("SELECT id, payload FROM outbox WHERE guild_id = $1 AND payload LIKE $2")
            .bind(service.get())
            .bind(pattern(user))
            .fetch_all(&mut *conn)
            .await?;
    let digits = user.to_string();
    for row in effects {
        if replace_digits(&row.text("payload")?, &digits, "").is_some() {
            sqlx::query("DELETE FROM outbox WHERE id = $1")
                .bind(row.text("id")?)
                .execute(&mut *conn)
                .await?;
        }
    }
    Ok(())
}

/// Notes in the tickets of a server that are not finished what must not come back when such a ticket's channel is read
/// again: the messages of a person, and by `mark` that they were erased at that time.
pub async fn keep_from_returning(
    conn: &mut AnyConnection,
    user: UserId,
    guild: GuildId,
    mark: &[u8; 32],
    at: Millis,
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
    .execute(&mut *conn)
    .await?;
    // In others' messages anyone can be named, so each ticket with a channel has it: a server has 500 channels at most.
    sqlx::query(
        "INSERT INTO ticket_erasures (ticket_id, mark, erased_at)
         SELECT t.id, $2, $3 FROM tickets t
         WHERE t.guild_id = $1 AND (t.state IN ('opening', 'open', 'closing') OR EXISTS (
             SELECT 1 FROM outbox o WHERE o.sequence_key = 'ticket:' || t.id AND o.state = 'pending'))
         ON CONFLICT (ticket_id, mark) DO UPDATE SET erased_at = excluded.erased_at",
    )
    .bind(guild.get())
    .bind(mark.to_vec())
    .bind(at.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets who was erased while a ticket went on: its channel is gone, and nothing is read again.
pub async fn forget_marks(conn: &mut AnyConnection, ticket: TicketId) -> Result<(), StorageError> {
    sqlx::query("DELETE FROM ticket_erasures WHERE ticket_id = $1")
        .bind(ticket.to_string())
        .execute(conn)
        .await?;
    Ok(())
}

/// When somebody was erased last, as the ledger knows or a ticket does that went on then; `None`: never, or without a
/// line in either.
pub async fn erased_at(
    db: impl AnyExecutor<'_>,
    person: DiscordMark,
    ticket: TicketId,
    mark: &[u8; 32],
) -> Result<Option<Millis>, StorageError> {
    let row = sqlx::query(
        "SELECT MAX(x.erased_at) AS erased_at FROM (
             SELECT erased_at FROM erased_people WHERE discord_mark = $1
             UNION ALL SELECT erased_at FROM ticket_erasures WHERE ticket_id = $2 AND mark = $3) x",
    )
    .bind(person.bytes().to_vec())
    .bind(ticket.to_string())
    .bind(mark.to_vec())
    .fetch_one(db)
    .await?;
    Ok(row.int_opt("erased_at")?.map(Millis))
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

/// Whether a ticket that a person opened, works on or closed is not finished, or an effect that names them is still to
/// be carried out.
pub async fn is_unfinished(
    conn: &mut AnyConnection,
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
    .fetch_optional(&mut *conn)
    .await?;
    if ticket.is_some() {
        return Ok(true);
    }
    let effects = sqlx::query(
        "SELECT payload FROM outbox WHERE guild_id = $1 AND state = 'pending' AND payload LIKE $2",
    )
    .bind(guild.get())
    .bind(pattern(user))
    .fetch_all(conn)
    .await?;
    let id = user.to_string();
    for row in effects {
        if replace_digits(&row.text("payload")?, &id, "").is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a ticket on which there is a legal hold has something that a person said, sent, did or is called.
pub async fn is_held(
    conn: &mut AnyConnection,
    user: UserId,
    guild: GuildId,
) -> Result<bool, StorageError> {
    let row = sqlx::query(
        "SELECT 1 AS found FROM legal_holds h JOIN tickets t ON t.id = h.ticket_id
         WHERE h.lifted_at IS NULL AND t.guild_id = $2 AND (
             t.opener_id = $1 OR t.claimed_by = $1 OR t.closed_by = $1
             OR EXISTS (SELECT 1 FROM transcript_parts x WHERE x.subject_id = $1 AND x.ticket_id = t.id)
             OR EXISTS (SELECT 1 FROM archive_messages x WHERE x.subject_id = $1 AND x.ticket_id = t.id)
             OR EXISTS (SELECT 1 FROM attachments x WHERE x.subject_id = $1 AND x.ticket_id = t.id)
             OR EXISTS (SELECT 1 FROM transcript_reactions x WHERE x.subject_id = $1 AND x.ticket_id = t.id)
             OR EXISTS (SELECT 1 FROM transcript_people x WHERE x.user_id = $1 AND x.ticket_id = t.id)
             OR EXISTS (SELECT 1 FROM ticket_members x
                        WHERE (x.user_id = $1 OR x.added_by = $1) AND x.ticket_id = t.id)
             OR EXISTS (SELECT 1 FROM domain_events x WHERE x.actor_id = $1 AND x.ticket_id = t.id)
             OR EXISTS (SELECT 1 FROM redactions x WHERE x.made_by = $1 AND x.ticket_id = t.id)
             OR EXISTS (SELECT 1 FROM legal_holds x
                        WHERE (x.placed_by = $1 OR x.lifted_by = $1) AND x.ticket_id = t.id)
             OR EXISTS (SELECT 1 FROM share_links x LEFT JOIN share_link_people p ON p.link_id = x.id
                        WHERE (x.made_by = $1 OR x.revoked_by = $1 OR p.user_id = $1) AND x.ticket_id = t.id))
         LIMIT 1",
    )
    .bind(user.get())
    .bind(guild.get())
    .fetch_optional(&mut *conn)
    .await?;
    if row.is_some() {
        return Ok(true);
    }
    // What happened in it may name them alone.
    let events = sqlx::query(
        "SELECT e.payload FROM legal_holds h JOIN domain_events e ON e.ticket_id = h.ticket_id
         WHERE h.lifted_at IS NULL AND e.guild_id = $1 AND e.payload LIKE $2",
    )
    .bind(guild.get())
    .bind(pattern(user))
    .fetch_all(conn)
    .await?;
    let id = user.to_string();
    for row in events {
        if replace_digits(&row.text("payload")?, &id, "").is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether tickets of a server hold something that a person said, answered, gave as a reason or sent.
pub async fn said_anything(
    conn: &mut AnyConnection,
    user: UserId,
    guild: GuildId,
) -> Result<bool, StorageError> {
    for place in PLACES {
        let there = match (place.held, place.column) {
            (Held::Words | Held::Files, _) => "1 = 1",
            (Held::Tickets, "opener_id") => "old.answers IS NOT NULL",
            (Held::Deeds, "closed_by") => "old.reason IS NOT NULL",
            _ => continue,
        };
        let Place { from, whose, guild: of, .. } = *place;
        let text = format!(
            "SELECT 1 AS found FROM {from} WHERE {whose} AND {of} = $2 AND {there} LIMIT 1"
        );
        let statement = sqlx::query(AssertSqlSafe(text)).bind(user.get()).bind(guild.get());
        if statement.fetch_optional(&mut *conn).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Everyone with data under a key of their own, with the server (`None`: the service itself).
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
