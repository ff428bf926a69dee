//! Requests of people about their data.

mod parts;
mod removal;

use domain::ids::{GuildId, RequestId, UserId};
use domain::privacy::{Clock, Delay, Reason, RequestKind, RequestState, Via};
use domain::time::Millis;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyExecutor, AssertSqlSafe};

use crate::columns::Columns as _;
use crate::{Sealed, StorageError};

pub use parts::{RequestWords, StepRow, note, put_answer, put_said, steps, words};
pub use removal::{counted, erased, forget, remove_counted, remove_of};

/// A request as it comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRequest {
    /// The request, undecided.
    pub row: RequestRow,
    /// SHA-256 of the secret in its address.
    pub token_hash: [u8; 32],
    /// What was said, sealed; `None` for one that needs no words.
    pub said: Option<Sealed>,
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRow {
    /// Its id.
    pub id: RequestId,
    /// What is asked for.
    pub kind: RequestKind,
    /// How it came.
    pub via: Via,
    /// How it stands.
    pub state: RequestState,
    /// The account, once somebody signed in with it.
    pub user: Option<UserId>,
    /// The server whose content it is about.
    pub guild: Option<GuildId>,
    /// When it came.
    pub made: Millis,
    /// Until when it is to be answered.
    pub due: Millis,
    /// Why that was put off.
    pub delay: Option<Delay>,
    /// Until when the owner of the server has time.
    pub owner_until: Option<Millis>,
    /// When it was decided.
    pub decided: Option<Millis>,
    /// Why it was not done, or not all of it.
    pub reason: Option<Reason>,
    /// The last day after receipt about which operators were notified.
    pub alerted_day: i64,
}

impl RequestRow {
    /// Its clock.
    pub fn clock(&self) -> Clock {
        Clock { made: self.made, extended: self.delay.map(|_| self.due) }
    }
}

const COLUMNS: &str =
    "id, kind, via, state, user_id, guild_id, made_at, due_at, delay, owner_until,
    decided_at, reason, alerted_day";

fn read(row: &AnyRow) -> Result<RequestRow, StorageError> {
    let time = |name| row.int_opt(name).map(|at| at.map(Millis));
    let word = |name: &'static str| row.text(name).map(|word| (name, word));
    let (name, kind) = word("kind")?;
    let kind = RequestKind::parse(&kind).ok_or(StorageError::Corrupt(name))?;
    let (name, via) = word("via")?;
    let via = Via::parse(&via).ok_or(StorageError::Corrupt(name))?;
    let (name, state) = word("state")?;
    let state = RequestState::parse(&state).ok_or(StorageError::Corrupt(name))?;
    let delay = row.text_opt("delay")?;
    let delay = delay.map(|word| Delay::parse(&word).ok_or(StorageError::Corrupt("delay")));
    let reason = row.text_opt("reason")?;
    let reason = reason.map(|word| Reason::parse(&word).ok_or(StorageError::Corrupt("reason")));
    Ok(RequestRow {
        id: row.uuid("id", RequestId::new)?,
        kind,
        via,
        state,
        user: row.id_opt("user_id", UserId::new)?,
        guild: row.id_opt("guild_id", GuildId::new)?,
        made: Millis(row.int("made_at")?),
        due: Millis(row.int("due_at")?),
        delay: delay.transpose()?,
        owner_until: time("owner_until")?,
        decided: time("decided_at")?,
        reason: reason.transpose()?,
        alerted_day: row.int("alerted_day")?,
    })
}

fn read_all(rows: &[AnyRow]) -> Result<Vec<RequestRow>, StorageError> {
    rows.iter().map(read).collect()
}

/// Adds a request with what was said. `false`: there is one with the same secret, or the same is asked by the same
/// person and undecided.
pub async fn insert(conn: &mut AnyConnection, new: &NewRequest) -> Result<bool, StorageError> {
    let row = &new.row;
    let done = sqlx::query(
        "INSERT INTO privacy_requests (id, token_hash, kind, via, state, user_id, guild_id,
             made_at, due_at, delay, owner_until, decided_at, reason, alerted_day)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, NULL, NULL, 0)
         ON CONFLICT DO NOTHING",
    )
    .bind(row.id.to_string())
    .bind(new.token_hash.to_vec())
    .bind(row.kind.as_str())
    .bind(row.via.as_str())
    .bind(row.state.as_str())
    .bind(row.user.map(UserId::get))
    .bind(row.guild.map(GuildId::get))
    .bind(row.made.0)
    .bind(row.due.0)
    .bind(row.delay.map(Delay::as_str))
    .bind(row.owner_until.map(|at| at.0))
    .execute(&mut *conn)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query("INSERT INTO privacy_request_words (request_id, said) VALUES ($1, $2)")
        .bind(row.id.to_string())
        .bind(new.said.as_ref().map(|said| said.as_bytes().to_vec()))
        .execute(conn)
        .await?;
    Ok(true)
}

/// The request with this id.
pub async fn get(
    db: impl AnyExecutor<'_>,
    id: RequestId,
) -> Result<Option<RequestRow>, StorageError> {
    let text = format!("SELECT {COLUMNS} FROM privacy_requests WHERE id = $1");
    let row = sqlx::query(AssertSqlSafe(text)).bind(id.to_string()).fetch_optional(db).await?;
    row.as_ref().map(read).transpose()
}

/// The request whose address holds the secret of this hash.
pub async fn by_token(
    db: impl AnyExecutor<'_>,
    hash: &[u8; 32],
) -> Result<Option<RequestRow>, StorageError> {
    let text = format!("SELECT {COLUMNS} FROM privacy_requests WHERE token_hash = $1");
    let row = sqlx::query(AssertSqlSafe(text)).bind(hash.to_vec()).fetch_optional(db).await?;
    row.as_ref().map(read).transpose()
}

/// Locks a request until the end of the transaction, and reads it.
pub async fn lock(
    conn: &mut AnyConnection,
    id: RequestId,
) -> Result<Option<RequestRow>, StorageError> {
    // A write locks the row on both engines.
    sqlx::query("UPDATE privacy_requests SET alerted_day = alerted_day WHERE id = $1")
        .bind(id.to_string())
        .execute(&mut *conn)
        .await?;
    get(conn, id).await
}

/// The undecided request of a person for the same, about the same server.
pub async fn same(
    db: impl AnyExecutor<'_>,
    user: UserId,
    kind: RequestKind,
    guild: Option<GuildId>,
) -> Result<Option<RequestRow>, StorageError> {
    let text = format!(
        "SELECT {COLUMNS} FROM privacy_requests
         WHERE user_id = $1 AND kind = $2 AND COALESCE(guild_id, 0) = $3 AND decided_at IS NULL
         ORDER BY id LIMIT 1"
    );
    let row = sqlx::query(AssertSqlSafe(text))
        .bind(user.get())
        .bind(kind.as_str())
        .bind(guild.map_or(0, GuildId::get))
        .fetch_optional(db)
        .await?;
    row.as_ref().map(read).transpose()
}

/// How many requests of a person are undecided.
pub async fn open_of(db: impl AnyExecutor<'_>, user: UserId) -> Result<i64, StorageError> {
    sqlx::query(
        "SELECT COUNT(*) AS number FROM privacy_requests
         WHERE user_id = $1 AND decided_at IS NULL",
    )
    .bind(user.get())
    .fetch_one(db)
    .await?
    .int("number")
}

/// The requests of a person, newest first.
pub async fn of_person(
    db: impl AnyExecutor<'_>,
    user: UserId,
    limit: i64,
) -> Result<Vec<RequestRow>, StorageError> {
    let text = format!(
        "SELECT {COLUMNS} FROM privacy_requests WHERE user_id = $1 ORDER BY id DESC LIMIT $2"
    );
    let rows = sqlx::query(AssertSqlSafe(text)).bind(user.get()).bind(limit).fetch_all(db).await?;
    read_all(&rows)
}

/// The requests that the owner of a server was asked to answer, newest first.
pub async fn of_guild(
    db: impl AnyExecutor<'_>,
    guild: GuildId,
    limit: i64,
) -> Result<Vec<RequestRow>, StorageError> {
    let text = format!(
        "SELECT {COLUMNS} FROM privacy_requests WHERE guild_id = $1 AND owner_until IS NOT NULL
         ORDER BY id DESC LIMIT $2"
    );
    let rows = sqlx::query(AssertSqlSafe(text)).bind(guild.get()).bind(limit).fetch_all(db).await?;
    read_all(&rows)
}

/// Requests in one state that are due later than `after` (`None`: the first), by when they are due.
pub async fn in_state(
    db: impl AnyExecutor<'_>,
    state: RequestState,
    after: Option<(Millis, RequestId)>,
    limit: i64,
) -> Result<Vec<RequestRow>, StorageError> {
    let text = format!(
        "SELECT {COLUMNS} FROM privacy_requests
         WHERE state = $1 AND (due_at > $2 OR (due_at = $2 AND id > $3))
         ORDER BY due_at, id LIMIT $4"
    );
    let (due, id) = after.map_or((i64::MIN, String::new()), |(due, id)| (due.0, id.to_string()));
    let rows = sqlx::query(AssertSqlSafe(text))
        .bind(state.as_str())
        .bind(due)
        .bind(id)
        .bind(limit)
        .fetch_all(db)
        .await?;
    read_all(&rows)
}

/// What operators are told of: undecided, not being done by the program, and not waiting for somebody to sign in.
const TOLD: &str = "decided_at IS NULL AND state <> 'under_way'
    AND (state <> 'unverified' OR kind IN ('takedown', 'under_age', 'other'))";

/// How many requests of each kind operators are notified about.
pub async fn waiting(db: impl AnyExecutor<'_>) -> Result<Vec<(RequestKind, i64)>, StorageError> {
    let text = format!(
        "SELECT kind, COUNT(*) AS number FROM privacy_requests WHERE {TOLD} GROUP BY kind ORDER BY kind"
    );
    let rows = sqlx::query(AssertSqlSafe(text)).fetch_all(db).await?;
    rows.iter()
        .map(|row| {
            let kind = RequestKind::parse(&row.text("kind")?);
            Ok((kind.ok_or(StorageError::Corrupt("kind"))?, row.int("number")?))
        })
        .collect()
}

/// Those of them that are due first.
pub async fn nearest(
    db: impl AnyExecutor<'_>,
    limit: i64,
) -> Result<Vec<RequestRow>, StorageError> {
    let text =
        format!("SELECT {COLUMNS} FROM privacy_requests WHERE {TOLD} ORDER BY due_at, id LIMIT $1");
    let rows = sqlx::query(AssertSqlSafe(text)).bind(limit).fetch_all(db).await?;
    read_all(&rows)
}

/// Writes what can change of a request.
pub async fn save(conn: &mut AnyConnection, row: &RequestRow) -> Result<(), StorageError> {
    sqlx::query(
        "UPDATE privacy_requests
         SET state = $2, user_id = $3, guild_id = $4, due_at = $5, delay = $6, owner_until = $7,
             decided_at = $8, reason = $9, kind = $10
         WHERE id = $1",
    )
    .bind(row.id.to_string())
    .bind(row.state.as_str())
    .bind(row.user.map(UserId::get))
    .bind(row.guild.map(GuildId::get))
    .bind(row.due.0)
    .bind(row.delay.map(Delay::as_str))
    .bind(row.owner_until.map(|at| at.0))
    .bind(row.decided.map(|at| at.0))
    .bind(row.reason.map(Reason::as_str))
    .bind(row.kind.as_str())
    .execute(&mut *conn)
    .await?;
    sqlx::query("UPDATE privacy_request_words SET decided_at = $2 WHERE request_id = $1")
        .bind(row.id.to_string())
        .bind(row.decided.map(|at| at.0))
        .execute(conn)
        .await?;
    Ok(())
}

/// Undecided requests after an id, in the order of ids.
pub async fn undecided(
    db: impl AnyExecutor<'_>,
    after: Option<RequestId>,
    limit: i64,
) -> Result<Vec<RequestRow>, StorageError> {
    let text = format!(
        "SELECT {COLUMNS} FROM privacy_requests WHERE decided_at IS NULL AND id > $1
         ORDER BY id LIMIT $2"
    );
    let rows = sqlx::query(AssertSqlSafe(text))
        .bind(after.map(|id| id.to_string()).unwrap_or_default())
        .bind(limit)
        .fetch_all(db)
        .await?;
    read_all(&rows)
}

/// How often operators were written to on a day; locked until the transaction ends. Older days go.
pub async fn digests(conn: &mut AnyConnection, day: i64) -> Result<i64, StorageError> {
    let row = sqlx::query(
        "INSERT INTO request_digests (day, sent) VALUES ($1, 0)
         ON CONFLICT (day) DO UPDATE SET sent = request_digests.sent RETURNING sent",
    )
    .bind(day)
    .fetch_one(&mut *conn)
    .await?;
    let sent = row.int("sent")?;
    sqlx::query("DELETE FROM request_digests WHERE day < $1").bind(day).execute(conn).await?;
    Ok(sent)
}

/// Notes that operators are written to once more on a day.
pub async fn digested(conn: &mut AnyConnection, day: i64) -> Result<(), StorageError> {
    sqlx::query("UPDATE request_digests SET sent = sent + 1 WHERE day = $1")
        .bind(day)
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes that operators are notified about a day of an undecided request. `false`: they were before, or it is decided.
pub async fn told(conn: &mut AnyConnection, id: RequestId, day: i64) -> Result<bool, StorageError> {
    let done = sqlx::query(
        "UPDATE privacy_requests SET alerted_day = $2
         WHERE id = $1 AND alerted_day < $2 AND decided_at IS NULL",
    )
    .bind(id.to_string())
    .bind(day)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// How many undecided requests should have been answered before this time. Not those that wait for the end of a legal
/// hold: whoever asked was told in time what was done and what waits.
pub async fn overdue(db: impl AnyExecutor<'_>, now: Millis) -> Result<i64, StorageError> {
    sqlx::query(
        "SELECT COUNT(*) AS number FROM privacy_requests
         WHERE decided_at IS NULL AND due_at < $1 AND NOT (state = 'under_way' AND EXISTS (
             SELECT 1 FROM erasure_parts p WHERE p.user_id = privacy_requests.user_id AND p.state = 'hold'))",
    )
    .bind(now.0)
    .fetch_one(db)
    .await?
    .int("number")
}
