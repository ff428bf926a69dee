//! Sessions. A session is known by the hash of its id; what it holds is sealed.

use domain::ids::UserId;
use domain::time::Millis;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use storage::accounts::{Hash, SessionRow};
use storage::{KeyScope, StorageError};

use super::choices::Choices;
use super::{AccountError, hash};
use crate::Wardesk;
use crate::ports::{AccessToken, Profile};

/// Seconds without use after which a session ends. Source: `promises.md` 1.3, owners.
pub const IDLE_SECONDS: i64 = 24 * 3600;
/// Seconds after which a session ends in any case. Source: `promises.md` 1.3, owners.
pub const ABSOLUTE_SECONDS: i64 = 7 * 24 * 3600;
/// "Last seen" is written at most this often.
const TOUCH_SECONDS: i64 = 60;
/// Sessions of one person. Another one ends the oldest: its list shows them all.
const MOST: i64 = 100;

/// A signed-in person's session.
#[derive(Debug, Clone)]
pub struct Session {
    /// Who.
    pub user: UserId,
    /// As they were when they signed in.
    pub profile: Profile,
    /// The browser in coarse words.
    pub browser: String,
    /// When it began.
    pub created_at: Millis,
    /// Its absolute end.
    pub expires_at: Millis,
    /// The person's language and colours.
    pub choices: Choices,
    id_hash: Hash,
    token: AccessToken,
}

impl Session {
    /// The person's access token.
    pub fn token(&self) -> &AccessToken {
        &self.token
    }

    /// What the session is kept under.
    pub(crate) const fn id_hash(&self) -> Hash {
        self.id_hash
    }

    /// The name to show.
    pub fn name(&self) -> &str {
        self.profile.global_name.as_deref().unwrap_or(&self.profile.username)
    }
}

/// One of a person's sessions, as their list shows it. No address is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionEntry {
    /// Names the session in [`revoke`]. Opens nothing.
    pub handle: String,
    /// The browser in coarse words.
    pub browser: String,
    /// When it began.
    pub created_at: Millis,
    /// When it was last used, to the minute.
    pub last_seen_at: Millis,
    /// Whether it is the one that asks.
    pub current: bool,
}

#[derive(Serialize, Deserialize)]
struct Data {
    profile: Profile,
    token: String,
}

const fn has_ended(row: &SessionRow, now: Millis) -> bool {
    now.0 >= row.expires_at.0 || now.since(row.last_seen_at) >= IDLE_SECONDS * 1000
}

/// Begins a session under the id that the browser's cookie will hold. Of more than [`MOST`] the oldest end;
/// their tokens are forgotten, not revoked (see [`revoke_others`]).
pub async fn begin(
    wardesk: &Wardesk,
    id: &[u8],
    profile: &Profile,
    token: &AccessToken,
    browser: &str,
) -> Result<(), StorageError> {
    let now = wardesk.now();
    let id_hash = hash(id);
    let data = Data { profile: profile.clone(), token: token.expose_secret().to_owned() };
    let plain = serde_json::to_vec(&data).map_err(|_| StorageError::Corrupt("sessions.data"))?;
    let plain = zeroize::Zeroizing::new(plain);
    let scope = KeyScope::account(profile.id);
    let row = SessionRow {
        id_hash,
        user: profile.id,
        browser: browser.to_owned(),
        created_at: now,
        last_seen_at: now,
        expires_at: now.plus_seconds(ABSOLUTE_SECONDS),
        data: wardesk.store().keys().seal(&scope, &id_hash, &plain).await?,
    };
    let mut tx = wardesk.store().begin().await?;
    storage::accounts::insert_session(tx.conn(), &row, MOST - 1).await?;
    tx.commit().await
}

/// The session with this id, if there is one that has not ended. Notes its use once a minute.
pub async fn find(wardesk: &Wardesk, id: &[u8]) -> Result<Option<Session>, StorageError> {
    let id_hash = hash(id);
    let now = wardesk.now();
    let row = storage::accounts::session(wardesk.store().read(), &id_hash).await?;
    let Some((row, choices)) = row.filter(|(row, _)| !has_ended(row, now)) else { return Ok(None) };
    let scope = KeyScope::account(row.user);
    let plain = match wardesk.store().keys().open_sealed(&scope, &id_hash, &row.data).await {
        Ok(plain) => plain,
        // The account's key was destroyed: the session went with it.
        Err(StorageError::Sealed(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let data: Data =
        serde_json::from_slice(&plain).map_err(|_| StorageError::Corrupt("sessions.data"))?;
    if now.since(row.last_seen_at) >= TOUCH_SECONDS * 1000 {
        let mut tx = wardesk.store().begin().await?;
        storage::accounts::touch_session(tx.conn(), &id_hash, now).await?;
        tx.commit().await?;
    }
    Ok(Some(Session {
        user: row.user,
        profile: data.profile,
        browser: row.browser,
        created_at: row.created_at,
        expires_at: row.expires_at,
        choices: choices.into(),
        id_hash,
        token: SecretString::from(data.token),
    }))
}

/// The person's sessions that have not ended, newest first.
pub async fn list(wardesk: &Wardesk, session: &Session) -> Result<Vec<SessionEntry>, AccountError> {
    let now = wardesk.now();
    let rows = storage::accounts::sessions_of(wardesk.store().read(), session.user).await?;
    let entries = rows.into_iter().filter(|row| !has_ended(row, now)).map(|row| SessionEntry {
        handle: hex::encode(row.id_hash),
        browser: row.browser,
        created_at: row.created_at,
        last_seen_at: row.last_seen_at,
        current: row.id_hash == session.id_hash,
    });
    Ok(entries.collect())
}

/// Ends one of the person's own sessions, by the handle of its entry.
pub async fn revoke(
    wardesk: &Wardesk,
    session: &Session,
    handle: &str,
) -> Result<(), AccountError> {
    let mut id = [0; 32];
    hex::decode_to_slice(handle, &mut id).map_err(|_| AccountError::NotFound)?;
    let mut tx = wardesk.store().begin().await?;
    let found = storage::accounts::delete_session(tx.conn(), session.user, &id).await?;
    tx.commit().await?;
    if found { Ok(()) } else { Err(AccountError::NotFound) }
}

/// Ends every session of the person but the one that asks. Answers how many there were.
///
/// Their tokens are forgotten, not revoked: Discord ends the whole authorisation with one of its tokens,
/// and that would sign out the session that stays.
pub async fn revoke_others(wardesk: &Wardesk, session: &Session) -> Result<u64, AccountError> {
    let mut tx = wardesk.store().begin().await?;
    let ended =
        storage::accounts::delete_other_sessions(tx.conn(), session.user, &session.id_hash).await?;
    tx.commit().await?;
    Ok(ended)
}

/// Ends the session and revokes its token with Discord. A failed revocation is logged: the token is
/// forgotten here in any case.
pub async fn sign_out(wardesk: &Wardesk, session: &Session) -> Result<(), AccountError> {
    let mut tx = wardesk.store().begin().await?;
    storage::accounts::delete_session(tx.conn(), session.user, &session.id_hash).await?;
    tx.commit().await?;
    wardesk.guild_caches().forget(session).await;
    if let Err(error) = wardesk.identity().revoke(&session.token).await {
        tracing::warn!(%error, "a token could not be revoked at sign-out");
    }
    Ok(())
}

/// Ends a session whose token Discord no longer takes: the person has withdrawn their consent, or the
/// token is too old.
pub(crate) async fn lost(wardesk: &Wardesk, session: &Session) -> Result<(), StorageError> {
    let mut tx = wardesk.store().begin().await?;
    storage::accounts::delete_session(tx.conn(), session.user, &session.id_hash).await?;
    tx.commit().await?;
    tracing::info!("a session ended: Discord no longer takes its token");
    Ok(())
}

/// Ends the session with this id, whoever's it is. Answers nothing: one that is not there has ended.
pub async fn end(wardesk: &Wardesk, id: &[u8]) -> Result<(), StorageError> {
    let id_hash = hash(id);
    let Some((row, _)) = storage::accounts::session(wardesk.store().read(), &id_hash).await? else {
        return Ok(());
    };
    let mut tx = wardesk.store().begin().await?;
    storage::accounts::delete_session(tx.conn(), row.user, &id_hash).await?;
    tx.commit().await
}
