//! Downloads of a person's data.

use domain::ids::UserId;
use domain::time::Millis;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyExecutor};

use crate::StorageError;
use crate::columns::Columns as _;
use crate::transcripts::removals;

/// How far a download is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DownloadState {
    /// It is asked for, or being made.
    Asked,
    /// It is there.
    Ready,
    /// It could not be made.
    Failed,
}

impl DownloadState {
    const ALL: [Self; 3] = [Self::Asked, Self::Ready, Self::Failed];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Ready => "ready",
            Self::Failed => "failed",
        }
    }
}

/// Why a download could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// Something of what is kept could not be read.
    Unreadable,
    /// It could not be put where files are stored.
    Unwritable,
    /// Whoever made it was stopped each time.
    Interrupted,
}

impl Failure {
    const ALL: [Self; 3] = [Self::Unreadable, Self::Unwritable, Self::Interrupted];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Unwritable => "unwritable",
            Self::Interrupted => "interrupted",
        }
    }
}

/// A download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DownloadRow {
    /// Its id.
    pub id: String,
    /// Whose.
    pub user: UserId,
    /// When it was asked for.
    pub asked_at: Millis,
    /// How far it is.
    pub state: DownloadState,
    /// How often it was begun.
    pub attempts: i64,
    /// Where its bytes are.
    pub blob: Option<String>,
    /// How many.
    pub length: Option<i64>,
    /// When it goes.
    pub expires_at: Millis,
    /// Why the last attempt failed; `None`: none did.
    pub failure: Option<Failure>,
}

const COLUMNS: &str = "id, user_id, asked_at, state, attempts, blob, length, expires_at, failure";

fn read(row: &AnyRow) -> Result<DownloadRow, StorageError> {
    let state = row.text("state")?;
    let state = DownloadState::ALL.into_iter().find(|known| known.as_str() == state);
    let failure = row.text_opt("failure")?.map(|word| {
        let known = Failure::ALL.into_iter().find(|known| known.as_str() == word);
        known.ok_or(StorageError::Corrupt("person_downloads.failure"))
    });
    Ok(DownloadRow {
        id: row.text("id")?,
        user: row.id("user_id", UserId::new)?,
        asked_at: Millis(row.int("asked_at")?),
        state: state.ok_or(StorageError::Corrupt("person_downloads.state"))?,
        attempts: row.int("attempts")?,
        blob: row.text_opt("blob")?,
        length: row.int_opt("length")?,
        expires_at: Millis(row.int("expires_at")?),
        failure: failure.transpose()?,
    })
}

/// Asks for one. `false`: one is asked for already.
pub async fn ask(
    conn: &mut AnyConnection,
    id: &str,
    user: UserId,
    now: Millis,
    expires_at: Millis,
) -> Result<bool, StorageError> {
    let done = sqlx::query(
        "INSERT INTO person_downloads (id, user_id, asked_at, state, attempts, due_at, expires_at)
         VALUES ($1, $2, $3, 'asked', 0, $3, $4) ON CONFLICT DO NOTHING",
    )
    .bind(id)
    .bind(user.get())
    .bind(now.0)
    .bind(expires_at.0)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The newest of somebody.
pub async fn newest(
    db: impl AnyExecutor<'_>,
    user: UserId,
) -> Result<Option<DownloadRow>, StorageError> {
    let text = format!(
        "SELECT {COLUMNS} FROM person_downloads WHERE user_id = $1 ORDER BY asked_at DESC, id DESC LIMIT 1"
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(text)).bind(user.get()).fetch_optional(db).await?;
    row.as_ref().map(read).transpose()
}

/// Takes one that is due, and holds it until `until`. The attempt is counted before it is made.
pub async fn claim(
    conn: &mut AnyConnection,
    now: Millis,
    until: Millis,
) -> Result<Option<DownloadRow>, StorageError> {
    let text = format!(
        "UPDATE person_downloads SET attempts = attempts + 1, due_at = $2
         WHERE state = 'asked' AND due_at <= $1 AND id = (
             SELECT id FROM person_downloads WHERE state = 'asked' AND due_at <= $1
             ORDER BY due_at, id LIMIT 1)
         RETURNING {COLUMNS}"
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(now.0)
        .bind(until.0)
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(read).transpose()
}

/// Holds one longer for whoever makes it.
pub async fn hold(
    conn: &mut AnyConnection,
    row: &DownloadRow,
    until: Millis,
) -> Result<(), StorageError> {
    sqlx::query(
        "UPDATE person_downloads SET due_at = $3 WHERE id = $1 AND state = 'asked' AND attempts = $2",
    )
    .bind(row.id.as_str())
    .bind(row.attempts)
    .bind(until.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes that one is there. `false`: it went meanwhile, or another attempt was made.
pub async fn ready(
    conn: &mut AnyConnection,
    row: &DownloadRow,
    blob: &str,
    length: i64,
) -> Result<bool, StorageError> {
    let done = sqlx::query(
        "UPDATE person_downloads SET state = 'ready', blob = $3, length = $4
         WHERE id = $1 AND state = 'asked' AND attempts = $2",
    )
    .bind(row.id.as_str())
    .bind(row.attempts)
    .bind(blob)
    .bind(length)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes that an attempt failed, and when the next one may be. `false`: another attempt was made meanwhile.
pub async fn again(
    conn: &mut AnyConnection,
    row: &DownloadRow,
    failure: Failure,
    due: Millis,
) -> Result<bool, StorageError> {
    let done = sqlx::query(
        "UPDATE person_downloads SET failure = $3, due_at = $4
         WHERE id = $1 AND state = 'asked' AND attempts = $2",
    )
    .bind(row.id.as_str())
    .bind(row.attempts)
    .bind(failure.as_str())
    .bind(due.0)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes that one could not be made, for good. `false`: it went meanwhile, or another attempt was made.
pub async fn failed(
    conn: &mut AnyConnection,
    row: &DownloadRow,
    failure: Failure,
) -> Result<bool, StorageError> {
    let done = sqlx::query(
        "UPDATE person_downloads SET state = 'failed', failure = $3
         WHERE id = $1 AND state = 'asked' AND attempts = $2",
    )
    .bind(row.id.as_str())
    .bind(row.attempts)
    .bind(failure.as_str())
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether one of somebody's is asked for, or being made.
pub async fn is_asked(db: impl AnyExecutor<'_>, user: UserId) -> Result<bool, StorageError> {
    let row = sqlx::query(
        "SELECT 1 AS found FROM person_downloads WHERE user_id = $1 AND state = 'asked'",
    )
    .bind(user.get())
    .fetch_optional(db)
    .await?;
    Ok(row.is_some())
}

/// Removes what is past its time, and asks for its files to be removed. Answers how many there were.
pub async fn remove_expired(conn: &mut AnyConnection, now: Millis) -> Result<usize, StorageError> {
    let gone = sqlx::query("DELETE FROM person_downloads WHERE expires_at <= $1 RETURNING blob")
        .bind(now.0)
        .fetch_all(&mut *conn)
        .await?;
    for row in &gone {
        if let Some(blob) = row.text_opt("blob")? {
            removals::ask_of(&mut *conn, 0, &blob, now).await?;
        }
    }
    Ok(gone.len())
}

/// Asks for the bytes of an attempt that does not count to be removed.
pub async fn discard(
    conn: &mut AnyConnection,
    blob: &str,
    now: Millis,
) -> Result<(), StorageError> {
    removals::ask_of(conn, 0, blob, now).await
}
