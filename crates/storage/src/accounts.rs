//! Sessions, sign-ins under way, choices of accounts and drafts of refused forms.

use domain::ids::UserId;
use domain::time::Millis;
use sqlx::{AnyConnection, AnyPool};

use crate::StorageError;
use crate::columns::Columns as _;
use crate::seal::Sealed;

/// SHA-256 of a secret that a browser holds.
pub type Hash = [u8; 32];

/// A session as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// The hash of its id.
    pub id_hash: Hash,
    /// Whose it is.
    pub user: UserId,
    /// The browser in coarse words.
    pub browser: String,
    /// When it began.
    pub created_at: Millis,
    /// When it was last used, to the minute.
    pub last_seen_at: Millis,
    /// Its absolute end.
    pub expires_at: Millis,
    /// Profile and token, sealed.
    pub data: Sealed,
}

fn read_session(row: &sqlx::any::AnyRow) -> Result<SessionRow, StorageError> {
    let hash = row.bytes_opt("id_hash")?.unwrap_or_default();
    Ok(SessionRow {
        id_hash: hash.try_into().map_err(|_| StorageError::Corrupt("sessions.id_hash"))?,
        user: row.id("user_id", UserId::new)?,
        browser: row.text("browser")?,
        created_at: Millis(row.int("created_at")?),
        last_seen_at: Millis(row.int("last_seen_at")?),
        expires_at: Millis(row.int("expires_at")?),
        data: Sealed::from_bytes(row.bytes_opt("data")?.unwrap_or_default()),
    })
}

const SESSION: &str = "SELECT s.id_hash, s.user_id, s.browser, s.created_at, s.last_seen_at,
        s.expires_at, s.data, a.locale, a.theme
 FROM sessions s LEFT JOIN accounts a ON a.user_id = s.user_id";

/// Adds a session; of the person's others the newest `others` stay.
pub async fn insert_session(
    conn: &mut AnyConnection,
    session: &SessionRow,
    others: i64,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO sessions
         (id_hash, user_id, browser, created_at, last_seen_at, expires_at, data)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(session.id_hash.to_vec())
    .bind(session.user.get())
    .bind(session.browser.as_str())
    .bind(session.created_at.0)
    .bind(session.last_seen_at.0)
    .bind(session.expires_at.0)
    .bind(session.data.as_bytes().to_vec())
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "DELETE FROM sessions WHERE user_id = $1 AND id_hash <> $2 AND id_hash NOT IN (
             SELECT id_hash FROM sessions WHERE user_id = $1 AND id_hash <> $2
             ORDER BY created_at DESC, id_hash LIMIT $3
         )",
    )
    .bind(session.user.get())
    .bind(session.id_hash.to_vec())
    .bind(others)
    .execute(conn)
    .await?;
    Ok(())
}

/// Finds a session, whether it has ended or not, with the choices of its person: every request asks for
/// both.
pub async fn session(
    pool: &AnyPool,
    id: &Hash,
) -> Result<Option<(SessionRow, Choices)>, StorageError> {
    let row = sqlx::query(sqlx::AssertSqlSafe(format!("{SESSION} WHERE s.id_hash = $1")))
        .bind(id.to_vec())
        .fetch_optional(pool)
        .await?;
    row.as_ref().map(|row| Ok((read_session(row)?, read_choices(row)?))).transpose()
}

/// The sessions of a person, newest first.
pub async fn sessions_of(pool: &AnyPool, user: UserId) -> Result<Vec<SessionRow>, StorageError> {
    let text = format!("{SESSION} WHERE s.user_id = $1 ORDER BY s.created_at DESC LIMIT 100");
    let rows = sqlx::query(sqlx::AssertSqlSafe(text)).bind(user.get()).fetch_all(pool).await?;
    rows.iter().map(read_session).collect()
}

/// Notes that a session was used.
pub async fn touch_session(
    conn: &mut AnyConnection,
    id: &Hash,
    now: Millis,
) -> Result<(), StorageError> {
    sqlx::query("UPDATE sessions SET last_seen_at = $2 WHERE id_hash = $1 AND last_seen_at < $2")
        .bind(id.to_vec())
        .bind(now.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Ends a session of `user`. Answers whether there was one.
pub async fn delete_session(
    conn: &mut AnyConnection,
    user: UserId,
    id: &Hash,
) -> Result<bool, StorageError> {
    let done = sqlx::query("DELETE FROM sessions WHERE id_hash = $1 AND user_id = $2")
        .bind(id.to_vec())
        .bind(user.get())
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends every session of `user` but one. Answers how many there were.
pub async fn delete_other_sessions(
    conn: &mut AnyConnection,
    user: UserId,
    keep: &Hash,
) -> Result<u64, StorageError> {
    let done = sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND id_hash <> $2")
        .bind(user.get())
        .bind(keep.to_vec())
        .execute(conn)
        .await?;
    Ok(done.rows_affected())
}

/// A token that Discord has to take back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// The hash of the id of the session that it was of.
    pub id_hash: Hash,
    /// Whose it is.
    pub user: UserId,
    /// The token, sealed.
    pub token: Sealed,
    /// Not to be tried before.
    pub due_at: Millis,
    /// When the token ends by itself.
    pub expires_at: Millis,
}

/// Notes that Discord has to take a token back.
pub async fn insert_revocation(
    conn: &mut AnyConnection,
    revocation: &Revocation,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO token_revocations (id_hash, user_id, token, due_at, expires_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id_hash) DO NOTHING",
    )
    .bind(revocation.id_hash.to_vec())
    .bind(revocation.user.get())
    .bind(revocation.token.as_bytes().to_vec())
    .bind(revocation.due_at.0)
    .bind(revocation.expires_at.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// The revocation that is due for the longest time, put off until `again`: whoever asks next gets another one.
pub async fn take_revocation(
    conn: &mut AnyConnection,
    now: Millis,
    again: Millis,
) -> Result<Option<Revocation>, StorageError> {
    let row = sqlx::query(
        "UPDATE token_revocations SET due_at = $2
         WHERE id_hash = (SELECT id_hash FROM token_revocations
                          WHERE due_at <= $1 AND expires_at > $1 ORDER BY due_at, id_hash LIMIT 1)
           AND due_at <= $1
         RETURNING id_hash, user_id, token, due_at, expires_at",
    )
    .bind(now.0)
    .bind(again.0)
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let hash = row.bytes_opt("id_hash")?.unwrap_or_default();
    Ok(Some(Revocation {
        id_hash: hash.try_into().map_err(|_| StorageError::Corrupt("token_revocations.id_hash"))?,
        user: row.id("user_id", UserId::new)?,
        token: Sealed::from_bytes(row.bytes_opt("token")?.unwrap_or_default()),
        due_at: Millis(row.int("due_at")?),
        expires_at: Millis(row.int("expires_at")?),
    }))
}

/// Notes that Discord has the token back, or will not take it.
pub async fn delete_revocation(conn: &mut AnyConnection, id: &Hash) -> Result<(), StorageError> {
    sqlx::query("DELETE FROM token_revocations WHERE id_hash = $1")
        .bind(id.to_vec())
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes that none of a person's tokens is to be taken back any more.
pub async fn delete_revocations_of(
    conn: &mut AnyConnection,
    user: UserId,
) -> Result<(), StorageError> {
    sqlx::query("DELETE FROM token_revocations WHERE user_id = $1")
        .bind(user.get())
        .execute(conn)
        .await?;
    Ok(())
}

/// A sign-in under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// The hash of the id that the browser's cookie holds.
    pub id_hash: Hash,
    /// The hash of `state`.
    pub state_hash: Hash,
    /// The PKCE verifier and where the person wanted to go, sealed.
    pub verifier: Sealed,
    /// Its end.
    pub expires_at: Millis,
}

/// Begins a sign-in.
pub async fn insert_transaction(
    conn: &mut AnyConnection,
    transaction: &Transaction,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO oauth_transactions (id_hash, state_hash, verifier, expires_at)
         VALUES ($1, $2, $3, $4)",
    )
    .bind(transaction.id_hash.to_vec())
    .bind(transaction.state_hash.to_vec())
    .bind(transaction.verifier.as_bytes().to_vec())
    .bind(transaction.expires_at.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Uses a sign-in up. Of several that try at once, one gets it.
pub async fn use_transaction(
    conn: &mut AnyConnection,
    id: &Hash,
    now: Millis,
) -> Result<Option<Transaction>, StorageError> {
    let row = sqlx::query(
        "UPDATE oauth_transactions SET used_at = $2
         WHERE id_hash = $1 AND used_at IS NULL AND expires_at > $2
         RETURNING state_hash, verifier, expires_at",
    )
    .bind(id.to_vec())
    .bind(now.0)
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let state = row.bytes_opt("state_hash")?.unwrap_or_default();
    Ok(Some(Transaction {
        id_hash: *id,
        state_hash: state.try_into().map_err(|_| StorageError::Corrupt("state_hash"))?,
        verifier: Sealed::from_bytes(row.bytes_opt("verifier")?.unwrap_or_default()),
        expires_at: Millis(row.int("expires_at")?),
    }))
}

/// A person's choices: language tag and theme word.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choices {
    /// A language tag.
    pub locale: Option<String>,
    /// `light`, `dark` or `system`.
    pub theme: Option<String>,
}

/// A person's choices; defaults for someone who made none.
pub async fn choices(pool: &AnyPool, user: UserId) -> Result<Choices, StorageError> {
    let row = sqlx::query("SELECT locale, theme FROM accounts WHERE user_id = $1")
        .bind(user.get())
        .fetch_optional(pool)
        .await?;
    row.as_ref().map_or_else(|| Ok(Choices::default()), read_choices)
}

fn read_choices(row: &sqlx::any::AnyRow) -> Result<Choices, StorageError> {
    Ok(Choices { locale: row.text_opt("locale")?, theme: row.text_opt("theme")? })
}

/// Saves a person's choices.
pub async fn save_choices(
    conn: &mut AnyConnection,
    user: UserId,
    choices: &Choices,
    now: Millis,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO accounts (user_id, locale, theme, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id) DO UPDATE SET locale = excluded.locale, theme = excluded.theme",
    )
    .bind(user.get())
    .bind(choices.locale.as_deref())
    .bind(choices.theme.as_deref())
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Keeps a refused form until it is shown again, and of the person's others the newest `others`.
pub async fn put_draft(
    conn: &mut AnyConnection,
    id: &Hash,
    user: UserId,
    form: &str,
    body: &Sealed,
    expires_at: Millis,
    others: i64,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO form_drafts (id_hash, user_id, form, body, expires_at)
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(id.to_vec())
    .bind(user.get())
    .bind(form)
    .bind(body.as_bytes().to_vec())
    .bind(expires_at.0)
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "DELETE FROM form_drafts WHERE user_id = $1 AND id_hash <> $2 AND id_hash NOT IN (
             SELECT id_hash FROM form_drafts WHERE user_id = $1 AND id_hash <> $2
             ORDER BY expires_at DESC LIMIT $3
         )",
    )
    .bind(user.get())
    .bind(id.to_vec())
    .bind(others)
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes a draft of `user` for `form`; a second time there is none.
pub async fn take_draft(
    conn: &mut AnyConnection,
    id: &Hash,
    user: UserId,
    form: &str,
    now: Millis,
) -> Result<Option<Sealed>, StorageError> {
    let row = sqlx::query(
        "DELETE FROM form_drafts
         WHERE id_hash = $1 AND user_id = $2 AND form = $3 AND expires_at > $4 RETURNING body",
    )
    .bind(id.to_vec())
    .bind(user.get())
    .bind(form)
    .bind(now.0)
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Sealed::from_bytes(row.bytes_opt("body")?.unwrap_or_default())))
}
