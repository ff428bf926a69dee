//! Effects that follow a commit, with leases and order.

use std::collections::HashMap;
use std::fmt::Write as _;

use domain::ids::{ApplicationId, GuildId, OutboxId};
use domain::time::Millis;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyExecutor, AssertSqlSafe};

use crate::StorageError;
use crate::columns::Columns as _;
use crate::counters::{self, Counter};

/// An effect to be carried out after the commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEffect {
    /// Its id; the idempotency key of what it sends.
    pub id: OutboxId,
    /// The bot identity that carries it out.
    pub application: ApplicationId,
    /// The server.
    pub guild: GuildId,
    /// Rows with the same key are carried out one after the other.
    pub sequence_key: String,
    /// The effect's name.
    pub kind: &'static str,
    /// The effect as JSON.
    pub payload: String,
    /// Not before this time.
    pub due: Millis,
}

/// An effect that a worker holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedEffect {
    /// Its id.
    pub id: OutboxId,
    /// The server.
    pub guild: GuildId,
    /// Rows with the same key are carried out one after the other.
    pub sequence_key: String,
    /// The effect as JSON.
    pub payload: String,
    /// How often it was begun, this time included.
    pub attempts: i64,
    /// When it was begun for the first time.
    pub first_attempt: Millis,
    /// When it was asked for.
    pub created: Millis,
}

/// Seconds that a lease lasts at most by a clock that goes on. One that ends later was made before the clock was set
/// back, as was an effect that was asked for later than now: both count as due, or they would wait until the clock is
/// there again.
const LEASE_SECONDS: i64 = 60;

/// When no lease ends later: see [`LEASE_SECONDS`].
const fn latest(now: Millis) -> Millis {
    now.plus_seconds(LEASE_SECONDS)
}

/// What the outbox holds, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OutboxStats {
    /// Effects to be carried out.
    pub pending: i64,
    /// Effects given up.
    pub dead: i64,
    /// When the oldest pending effect was asked for.
    pub oldest: Option<Millis>,
}

/// Adds effects in the order given.
pub async fn push(conn: &mut AnyConnection, effects: &[NewEffect]) -> Result<(), StorageError> {
    for effect in effects {
        let position = counters::next(&mut *conn, effect.guild, Counter::Outbox).await?;
        sqlx::query(
            "INSERT INTO outbox (id, application_id, guild_id, sequence_key, position, kind, payload,
                                 state, attempts, due_at, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, 'pending', 0, $8, $8)",
        )
        .bind(effect.id.to_string())
        .bind(effect.application.get())
        .bind(effect.guild.get())
        .bind(effect.sequence_key.as_str())
        .bind(position)
        .bind(effect.kind)
        .bind(effect.payload.as_str())
        .bind(effect.due.0)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// How much a worker can take.
#[derive(Debug, Clone, Copy)]
pub struct Room<'a> {
    /// So many effects.
    pub all: usize,
    /// So many effects of one server, those that are under way included: one whose calls are slow leaves
    /// room for others.
    pub each: usize,
    /// How many of each server are under way.
    pub under_way: &'a HashMap<GuildId, usize>,
}

impl Room<'_> {
    /// The servers of which no more is taken: at most as many as `each` goes into what is under way.
    pub fn full(&self) -> Vec<GuildId> {
        full(self.under_way, self.each)
    }
}

fn full(counts: &HashMap<GuildId, usize>, each: usize) -> Vec<GuildId> {
    counts.iter().filter(|(_, count)| **count >= each).map(|(guild, _)| *guild).collect()
}

/// Placeholders from number `first` on, with commas between.
fn places(first: usize, count: usize) -> String {
    (first..first + count).fold(String::new(), |mut text, number| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{}${number}", if number == first { "" } else { ", " });
        text
    })
}

/// The condition that leaves servers out, its placeholders from number `first` on.
fn without(column: &str, guilds: &[GuildId], first: usize) -> String {
    if guilds.is_empty() {
        return String::new();
    }
    format!("AND {column} NOT IN ({})", places(first, guilds.len()))
}

/// Takes effects that are due and first of their key, as many as there is room for, and holds them until
/// `until`. The attempt is counted before it is made: one that was never counted was never made.
pub async fn claim(
    conn: &mut AnyConnection,
    application: ApplicationId,
    holder: &str,
    now: Millis,
    until: Millis,
    room: Room<'_>,
) -> Result<Vec<ClaimedEffect>, StorageError> {
    let mut counts = room.under_way.clone();
    let mut claimed = Vec::new();
    loop {
        let wanted = room.all.saturating_sub(claimed.len());
        let left_out = full(&counts, room.each);
        let found = due(&mut *conn, application, now, &left_out, wanted).await?;
        let mut chosen = Vec::with_capacity(found.len());
        for (id, guild) in &found {
            let count = counts.entry(*guild).or_default();
            if *count < room.each {
                *count += 1;
                chosen.push(*id);
            }
        }
        if !chosen.is_empty() {
            claimed.extend(hold(&mut *conn, holder, now, until, &chosen).await?);
        }
        // Each further round leaves out one server more at least.
        if chosen.len() == found.len() {
            return Ok(claimed);
        }
    }
}

/// The oldest effects that are due and first of their key, but those of `left_out`.
async fn due(
    conn: &mut AnyConnection,
    application: ApplicationId,
    now: Millis,
    left_out: &[GuildId],
    limit: usize,
) -> Result<Vec<(OutboxId, GuildId)>, StorageError> {
    let text = format!(
        "SELECT due.id, due.guild_id FROM outbox due
         WHERE due.application_id = $1 AND due.state = 'pending'
           AND (due.due_at <= $2 OR due.created_at > $2)
           AND (due.lease_until IS NULL OR due.lease_until <= $2 OR due.lease_until > $4)
           {}
           AND NOT EXISTS (
               SELECT 1 FROM outbox earlier
               WHERE earlier.sequence_key = due.sequence_key AND earlier.state = 'pending'
                 AND earlier.position < due.position)
         ORDER BY due.due_at, due.position
         LIMIT $3",
        without("due.guild_id", left_out, 5)
    );
    let mut query = sqlx::query(AssertSqlSafe(text))
        .bind(application.get())
        .bind(now.0)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .bind(latest(now).0);
    for guild in left_out {
        query = query.bind(guild.get());
    }
    let rows = query.fetch_all(conn).await?;
    rows.iter()
        .map(|row| Ok((row.uuid("id", OutboxId::new)?, row.id("guild_id", GuildId::new)?)))
        .collect()
}

/// Holds those of `ids` that nobody else has taken meanwhile. What was noted before the clock was set back gets the
/// time that it is now: else an effect that is to wait for another attempt would be due again at once.
async fn hold(
    conn: &mut AnyConnection,
    holder: &str,
    now: Millis,
    until: Millis,
    ids: &[OutboxId],
) -> Result<Vec<ClaimedEffect>, StorageError> {
    let text = format!(
        "UPDATE outbox
         SET attempts = attempts + 1, lease_holder = $1, lease_until = $2,
             first_attempt_at = CASE WHEN first_attempt_at <= $3 THEN first_attempt_at ELSE $3 END,
             created_at = CASE WHEN created_at <= $3 THEN created_at ELSE $3 END,
             due_at = CASE WHEN due_at <= $3 THEN due_at ELSE $3 END
         WHERE id IN ({}) AND state = 'pending'
           AND (lease_until IS NULL OR lease_until <= $3 OR lease_until > $4)
         RETURNING id, guild_id, sequence_key, payload, attempts, first_attempt_at, created_at",
        places(5, ids.len())
    );
    let mut query =
        sqlx::query(AssertSqlSafe(text)).bind(holder).bind(until.0).bind(now.0).bind(latest(now).0);
    for id in ids {
        query = query.bind(id.to_string());
    }
    query.fetch_all(conn).await?.iter().map(read).collect()
}

fn read(row: &AnyRow) -> Result<ClaimedEffect, StorageError> {
    Ok(ClaimedEffect {
        id: row.uuid("id", OutboxId::new)?,
        guild: row.id("guild_id", GuildId::new)?,
        sequence_key: row.text("sequence_key")?,
        payload: row.text("payload")?,
        attempts: row.int("attempts")?,
        first_attempt: Millis(row.int("first_attempt_at")?),
        created: Millis(row.int("created_at")?),
    })
}

/// Whether anything could be claimed now but for the servers in `full`, without writing.
pub async fn any_due(
    db: impl AnyExecutor<'_>,
    application: ApplicationId,
    now: Millis,
    full: &[GuildId],
) -> Result<bool, StorageError> {
    let text = format!(
        "SELECT 1 AS found FROM outbox due
         WHERE due.application_id = $1 AND due.state = 'pending'
           AND (due.due_at <= $2 OR due.created_at > $2)
           AND (due.lease_until IS NULL OR due.lease_until <= $2 OR due.lease_until > $3)
           {}
           AND NOT EXISTS (
               SELECT 1 FROM outbox earlier
               WHERE earlier.sequence_key = due.sequence_key AND earlier.state = 'pending'
                 AND earlier.position < due.position)
         LIMIT 1",
        without("due.guild_id", full, 4)
    );
    let mut query =
        sqlx::query(AssertSqlSafe(text)).bind(application.get()).bind(now.0).bind(latest(now).0);
    for guild in full {
        query = query.bind(guild.get());
    }
    Ok(query.fetch_optional(db).await?.is_some())
}

/// When the next effect that waits for no other becomes due, or its lease runs out, but for the servers in
/// `full`; `None` when nothing is pending.
pub async fn next_due(
    db: impl AnyExecutor<'_>,
    application: ApplicationId,
    full: &[GuildId],
) -> Result<Option<Millis>, StorageError> {
    let text = format!(
        "SELECT MIN(CASE WHEN first.lease_until IS NOT NULL AND first.lease_until > first.due_at
                         THEN first.lease_until ELSE first.due_at END) AS due
         FROM outbox first
         WHERE first.application_id = $1 AND first.state = 'pending'
           {}
           AND NOT EXISTS (
               SELECT 1 FROM outbox earlier
               WHERE earlier.sequence_key = first.sequence_key AND earlier.state = 'pending'
                 AND earlier.position < first.position)",
        without("first.guild_id", full, 2)
    );
    let mut query = sqlx::query(AssertSqlSafe(text)).bind(application.get());
    for guild in full {
        query = query.bind(guild.get());
    }
    Ok(query.fetch_one(db).await?.int_opt("due")?.map(Millis))
}

/// Removes an effect that was carried out. `false`: the holder has lost it to another meanwhile.
pub async fn done(
    conn: &mut AnyConnection,
    id: OutboxId,
    holder: &str,
) -> Result<bool, StorageError> {
    let gone = sqlx::query("DELETE FROM outbox WHERE id = $1 AND lease_holder = $2")
        .bind(id.to_string())
        .bind(holder)
        .execute(conn)
        .await?;
    Ok(gone.rows_affected() == 1)
}

/// Puts an effect back to be tried again at `due`.
pub async fn retry(
    conn: &mut AnyConnection,
    id: OutboxId,
    holder: &str,
    due: Millis,
    error: &str,
) -> Result<bool, StorageError> {
    let back = sqlx::query(
        "UPDATE outbox SET due_at = $3, last_error = $4, lease_holder = NULL, lease_until = NULL
         WHERE id = $1 AND lease_holder = $2",
    )
    .bind(id.to_string())
    .bind(holder)
    .bind(due.0)
    .bind(error)
    .execute(conn)
    .await?;
    Ok(back.rows_affected() == 1)
}

/// Gives an effect up: it stays, dead, for people to see, and holds nothing back any more.
pub async fn bury(
    conn: &mut AnyConnection,
    id: OutboxId,
    holder: &str,
    error: &str,
) -> Result<bool, StorageError> {
    let dead = sqlx::query(
        "UPDATE outbox SET state = 'dead', last_error = $3, lease_holder = NULL, lease_until = NULL
         WHERE id = $1 AND lease_holder = $2",
    )
    .bind(id.to_string())
    .bind(holder)
    .bind(error)
    .execute(conn)
    .await?;
    Ok(dead.rows_affected() == 1)
}

/// Extends the lease of an effect that its holder still works on.
pub async fn renew(
    conn: &mut AnyConnection,
    id: OutboxId,
    holder: &str,
    until: Millis,
) -> Result<bool, StorageError> {
    let renewed = sqlx::query(
        "UPDATE outbox SET lease_until = $3
         WHERE id = $1 AND lease_holder = $2 AND state = 'pending'",
    )
    .bind(id.to_string())
    .bind(holder)
    .bind(until.0)
    .execute(conn)
    .await?;
    Ok(renewed.rows_affected() == 1)
}

/// Gives back what a holder has not finished, so that the next one need not wait for the leases.
pub async fn release(conn: &mut AnyConnection, holder: &str) -> Result<u64, StorageError> {
    let released = sqlx::query(
        "UPDATE outbox SET lease_holder = NULL, lease_until = NULL WHERE lease_holder = $1",
    )
    .bind(holder)
    .execute(conn)
    .await?;
    Ok(released.rows_affected())
}

/// Counts what is there.
pub async fn stats(
    db: impl AnyExecutor<'_>,
    application: ApplicationId,
) -> Result<OutboxStats, StorageError> {
    let row = sqlx::query(
        "SELECT COUNT(CASE WHEN state = 'pending' THEN 1 END) AS pending,
                COUNT(CASE WHEN state = 'dead' THEN 1 END) AS dead,
                MIN(CASE WHEN state = 'pending' THEN created_at END) AS oldest
         FROM outbox WHERE application_id = $1",
    )
    .bind(application.get())
    .fetch_one(db)
    .await?;
    Ok(OutboxStats {
        pending: row.int("pending")?,
        dead: row.int("dead")?,
        oldest: row.int_opt("oldest")?.map(Millis),
    })
}

/// Whether an effect of a kind is pending under a key.
pub async fn is_pending(
    db: impl AnyExecutor<'_>,
    sequence_key: &str,
    kind: &str,
) -> Result<bool, StorageError> {
    let row = sqlx::query(
        "SELECT 1 AS found FROM outbox WHERE sequence_key = $1 AND state = 'pending' AND kind = $2 LIMIT 1",
    )
    .bind(sequence_key)
    .bind(kind)
    .fetch_optional(db)
    .await?;
    Ok(row.is_some())
}
