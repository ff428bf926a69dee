//! The audit log: who changed what on a server, as a hash chain.

use domain::ids::{GuildId, UserId};
use domain::time::Millis;
use sha2::{Digest as _, Sha256};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyExecutor, AnyPool};

use crate::StorageError;
use crate::columns::Columns as _;
use crate::privacy::people::replace_digits;

/// An entry to be appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry<'a> {
    /// The server.
    pub guild: GuildId,
    /// When.
    pub at: Millis,
    /// Who acted; `None` for the bot itself.
    pub actor: Option<UserId>,
    /// What was done, for example `panel.saved`.
    pub action: &'a str,
    /// To what: an id, or empty.
    pub target: &'a str,
    /// The state before, as JSON.
    pub before: Option<String>,
    /// The state after, as JSON.
    pub after: Option<String>,
}

/// An entry as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRow {
    /// Its number on its server, from 1 on.
    pub seq: i64,
    /// When.
    pub at: Millis,
    /// Who acted; `None` for the bot itself.
    pub actor: Option<UserId>,
    /// What was done.
    pub action: String,
    /// To what.
    pub target: String,
    /// The state before, as JSON.
    pub before: Option<String>,
    /// The state after, as JSON.
    pub after: Option<String>,
    hash: Vec<u8>,
}

fn chain_hash(previous: &[u8], seq: i64, entry: &NewEntry<'_>) -> Vec<u8> {
    let mut hasher = Sha256::new();
    hasher.update(previous);
    hasher.update(entry.guild.get().to_be_bytes());
    hasher.update(seq.to_be_bytes());
    hasher.update(entry.at.0.to_be_bytes());
    hasher.update(entry.actor.map_or(0, UserId::get).to_be_bytes());
    let texts =
        [Some(entry.action), Some(entry.target), entry.before.as_deref(), entry.after.as_deref()];
    for text in texts {
        // The length first, and a mark for NULL: two entries never hash the same bytes.
        let length = text.map_or(u64::MAX, |t| t.len() as u64);
        hasher.update(length.to_be_bytes());
        hasher.update(text.unwrap_or_default());
    }
    hasher.finalize().to_vec()
}

/// Appends an entry. The head's row is locked until the commit, so the chain has one order.
pub async fn append(conn: &mut AnyConnection, entry: &NewEntry<'_>) -> Result<i64, StorageError> {
    let head = sqlx::query(
        "INSERT INTO audit_heads (guild_id, seq, hash) VALUES ($1, 1, $2)
         ON CONFLICT (guild_id) DO UPDATE SET seq = audit_heads.seq + 1
         RETURNING seq, hash",
    )
    .bind(entry.guild.get())
    .bind(Vec::new())
    .fetch_one(&mut *conn)
    .await?;
    let seq = head.int("seq")?;
    let previous = head.bytes_opt("hash")?.unwrap_or_default();
    let hash = chain_hash(&previous, seq, entry);
    sqlx::query("UPDATE audit_heads SET hash = $2 WHERE guild_id = $1")
        .bind(entry.guild.get())
        .bind(hash.clone())
        .execute(&mut *conn)
        .await?;
    sqlx::query(
        "INSERT INTO audit_log (guild_id, seq, at, actor_id, action, target, before, after, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(entry.guild.get())
    .bind(seq)
    .bind(entry.at.0)
    .bind(entry.actor.map(UserId::get))
    .bind(entry.action)
    .bind(entry.target)
    .bind(entry.before.as_deref())
    .bind(entry.after.as_deref())
    .bind(hash)
    .execute(conn)
    .await?;
    Ok(seq)
}

/// Makes whoever else appends to a server's log wait until the transaction ends. A server without a log gets the head
/// of an empty one, number 0: a row that is not there holds nobody up.
pub async fn lock(conn: &mut AnyConnection, guild: GuildId) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO audit_heads (guild_id, seq, hash) VALUES ($1, 0, $2)
         ON CONFLICT (guild_id) DO UPDATE SET seq = audit_heads.seq",
    )
    .bind(guild.get())
    .bind(Vec::new())
    .execute(conn)
    .await?;
    Ok(())
}

/// Whether someone, or somebody unknown, is noted to have done something since a time.
pub async fn noted_since(
    db: impl AnyExecutor<'_>,
    guild: GuildId,
    actor: Option<UserId>,
    action: &str,
    target: &str,
    since: Millis,
) -> Result<bool, StorageError> {
    let text = if actor.is_some() {
        "SELECT 1 AS found FROM audit_log
         WHERE guild_id = $1 AND action = $2 AND target = $3 AND at > $4 AND actor_id = $5 LIMIT 1"
    } else {
        "SELECT 1 AS found FROM audit_log
         WHERE guild_id = $1 AND action = $2 AND target = $3 AND at > $4 AND actor_id IS NULL LIMIT 1"
    };
    let mut question = sqlx::query(text).bind(guild.get()).bind(action).bind(target).bind(since.0);
    if let Some(actor) = actor {
        question = question.bind(actor.get());
    }
    Ok(question.fetch_optional(db).await?.is_some())
}

/// Puts a pseudonym in the place of a person, and makes the chain anew from the first entry that named them on.
/// Answers how many entries did. Whoever else appends waits until the transaction ends.
pub async fn pseudonymise(
    conn: &mut AnyConnection,
    guild: GuildId,
    user: UserId,
    pseudonym: UserId,
) -> Result<u64, StorageError> {
    lock(conn, guild).await?;
    let (from, to) = (user.to_string(), pseudonym.to_string());
    let first = sqlx::query(
        "SELECT MIN(seq) AS seq FROM audit_log WHERE guild_id = $1
           AND (actor_id = $2 OR target LIKE $3 OR before LIKE $3 OR after LIKE $3)",
    )
    .bind(guild.get())
    .bind(user.get())
    .bind(format!("%{user}%"))
    .fetch_one(&mut *conn)
    .await?;
    let Some(mut next) = first.int_opt("seq")? else { return Ok(0) };
    let (mut previous, mut changed, mut moved) = (None, 0, false);
    loop {
        let rows = sqlx::query(
            "SELECT seq, at, actor_id, action, target, before, after, hash FROM audit_log
             WHERE guild_id = $1 AND seq >= $2 ORDER BY seq LIMIT 500",
        )
        .bind(guild.get())
        .bind(next - i64::from(previous.is_none()))
        .fetch_all(&mut *conn)
        .await?;
        let Some(last) = rows.last() else { break };
        let last = last.int("seq")? + 1;
        for row in &rows {
            let row = read(row)?;
            if row.seq < next {
                previous = Some(row.hash);
                continue;
            }
            let named = |text: &str| replace_digits(text, &from, &to);
            let actor = (row.actor == Some(user)).then_some(pseudonym);
            let target = named(&row.target);
            let before = row.before.as_deref().and_then(named);
            let after = row.after.as_deref().and_then(named);
            let is_named =
                actor.is_some() || target.is_some() || before.is_some() || after.is_some();
            changed += u64::from(is_named);
            moved |= is_named;
            if !moved {
                // A longer number has the same digits in it.
                previous = Some(row.hash);
                continue;
            }
            let new = EntryRow {
                actor: actor.or(row.actor),
                target: target.unwrap_or(row.target),
                before: before.or(row.before),
                after: after.or(row.after),
                ..row
            };
            let entry = NewEntry {
                guild,
                at: new.at,
                actor: new.actor,
                action: &new.action,
                target: &new.target,
                before: new.before.clone(),
                after: new.after.clone(),
            };
            // Where the entry before has expired, its hash is not known; a verifier takes the first one as it is.
            let hash = chain_hash(previous.as_deref().unwrap_or_default(), new.seq, &entry);
            sqlx::query(
                "UPDATE audit_log SET actor_id = $3, target = $4, before = $5, after = $6, hash = $7
                 WHERE guild_id = $1 AND seq = $2",
            )
            .bind(guild.get())
            .bind(new.seq)
            .bind(new.actor.map(UserId::get))
            .bind(entry.target)
            .bind(entry.before)
            .bind(entry.after)
            .bind(hash.clone())
            .execute(&mut *conn)
            .await?;
            previous = Some(hash);
        }
        next = last;
    }
    if let (true, Some(hash)) = (moved, previous) {
        sqlx::query("UPDATE audit_heads SET hash = $2 WHERE guild_id = $1")
            .bind(guild.get())
            .bind(hash)
            .execute(conn)
            .await?;
    }
    Ok(changed)
}

/// Entries of a server below number `before` (`None`: the newest), newest first, at most `limit`.
pub async fn page(
    pool: &AnyPool,
    guild: GuildId,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<EntryRow>, StorageError> {
    let rows = sqlx::query(
        "SELECT seq, at, actor_id, action, target, before, after, hash FROM audit_log
         WHERE guild_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3",
    )
    .bind(guild.get())
    .bind(before.unwrap_or(i64::MAX))
    .bind(limit)
    .fetch_all(pool)
    .await?;
    rows.iter().map(read).collect()
}

/// The number of the first entry that does not fit the chain, or `None` if all do.
pub async fn first_break(pool: &AnyPool, guild: GuildId) -> Result<Option<i64>, StorageError> {
    let mut previous: Option<EntryRow> = None;
    loop {
        let rows = sqlx::query(
            "SELECT seq, at, actor_id, action, target, before, after, hash FROM audit_log
             WHERE guild_id = $1 AND seq > $2 ORDER BY seq LIMIT 500",
        )
        .bind(guild.get())
        .bind(previous.as_ref().map_or(0, |row| row.seq))
        .fetch_all(pool)
        .await?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            let row = read(row)?;
            // The entry before the first one kept may have expired: then its hash is taken as it is.
            let before = match &previous {
                Some(p) if p.seq + 1 != row.seq => return Ok(Some(row.seq)),
                Some(p) => Some(p.hash.clone()),
                None => (row.seq == 1).then(Vec::new),
            };
            let entry = NewEntry {
                guild,
                at: row.at,
                actor: row.actor,
                action: &row.action,
                target: &row.target,
                before: row.before.clone(),
                after: row.after.clone(),
            };
            if before.is_some_and(|p| chain_hash(&p, row.seq, &entry) != row.hash) {
                return Ok(Some(row.seq));
            }
            previous = Some(row);
        }
    }
    let head = sqlx::query("SELECT seq, hash FROM audit_heads WHERE guild_id = $1")
        .bind(guild.get())
        .fetch_optional(pool)
        .await?;
    let Some(head) = head else { return Ok(None) };
    let (seq, hash) = (head.int("seq")?, head.bytes_opt("hash")?.unwrap_or_default());
    Ok(match previous {
        Some(last) if last.seq == seq && last.hash == hash => None,
        Some(last) => Some(last.seq),
        None => None,
    })
}

fn read(row: &AnyRow) -> Result<EntryRow, StorageError> {
    Ok(EntryRow {
        seq: row.int("seq")?,
        at: Millis(row.int("at")?),
        actor: row.id_opt("actor_id", UserId::new)?,
        action: row.text("action")?,
        target: row.text("target")?,
        before: row.text_opt("before")?,
        after: row.text_opt("after")?,
        hash: row.bytes_opt("hash")?.unwrap_or_default(),
    })
}
