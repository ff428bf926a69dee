//! Sessions. A session is known by the hash of its id; what it holds is sealed.

use domain::ids::UserId;
use domain::time::Millis;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use storage::accounts::{Hash, Revocation, SessionRow};
use storage::{KeyScope, StorageError};

use super::choices::Choices;
use super::{AccountError, hash};
use crate::Wardesk;
use crate::ports::{AccessToken, IdentityError, Profile};

/// Seconds without use after which a session ends. Source: `docs/PROMISES.md` P62 and its numbers.
pub const IDLE_SECONDS: i64 = 24 * 3600;
/// Seconds after which a session ends in any case. Source: `docs/PROMISES.md` P62 and its numbers.
pub const ABSOLUTE_SECONDS: i64 = 7 * 24 * 3600;
/// "Last seen" is written at most this often.
const TOUCH_SECONDS: i64 = 60;
/// Seconds until Discord is asked again to take a token back.
const GIVE_BACK_AGAIN_SECONDS: i64 = 300;
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

/// Begins a session under the id that the browser's cookie will hold. Of more than [`MOST`] the oldest end; their
/// tokens are forgotten, not revoked (see [`revoke_others`]). Tokens that were still to be given back no longer are:
/// with one of them Discord would end this session's too.
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
    storage::accounts::delete_revocations_of(tx.conn(), profile.id).await?;
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

/// Ends the session and gives its token back to Discord, now or as soon as Discord answers ([`give_back_rest`]).
pub async fn sign_out(wardesk: &Wardesk, session: &Session) -> Result<(), AccountError> {
    let scope = KeyScope::account(session.user);
    let token = session.token.expose_secret().as_bytes();
    let revocation = Revocation {
        id_hash: session.id_hash,
        user: session.user,
        token: wardesk.store().keys().seal(&scope, &session.id_hash, token).await?,
        due_at: wardesk.now().plus_seconds(GIVE_BACK_AGAIN_SECONDS),
        expires_at: session.expires_at,
    };
    let mut tx = wardesk.store().begin().await?;
    storage::accounts::delete_session(tx.conn(), session.user, &session.id_hash).await?;
    storage::accounts::insert_revocation(tx.conn(), &revocation).await?;
    tx.commit().await?;
    wardesk.guild_caches().forget(session).await;
    give_back(wardesk, &session.id_hash, &session.token).await?;
    Ok(())
}

/// Gives the tokens back that Discord did not take when their sessions ended. Answers how many it has now. A round ends
/// where Discord does not answer.
pub async fn give_back_rest(wardesk: &Wardesk) -> Result<u64, StorageError> {
    let mut given = 0;
    loop {
        let now = wardesk.now();
        let again = now.plus_seconds(GIVE_BACK_AGAIN_SECONDS);
        let mut tx = wardesk.store().begin().await?;
        let due = storage::accounts::take_revocation(tx.conn(), now, again).await?;
        tx.commit().await?;
        let Some(due) = due else { return Ok(given) };
        let scope = KeyScope::account(due.user);
        let plain = wardesk.store().keys().open_sealed(&scope, &due.id_hash, &due.token).await;
        let token = match plain {
            Ok(plain) => String::from_utf8(plain.to_vec()).ok(),
            // The account's key was destroyed.
            Err(StorageError::Sealed(_)) => None,
            Err(error) => return Err(error),
        };
        match token.map(SecretString::from) {
            Some(token) if !give_back(wardesk, &due.id_hash, &token).await? => return Ok(given),
            Some(_) => given += 1,
            None => forget_revocation(wardesk, &due.id_hash).await?,
        }
    }
}

/// Asks Discord to take a token back. `false`: it does not answer, and is asked again later.
async fn give_back(
    wardesk: &Wardesk,
    id: &Hash,
    token: &AccessToken,
) -> Result<bool, StorageError> {
    match wardesk.identity().revoke(token).await {
        Ok(()) => {}
        Err(error @ IdentityError::Refused) => {
            tracing::warn!(%error, "Discord does not take a token back");
        }
        Err(error @ IdentityError::Unavailable) => {
            tracing::warn!(%error, "a token will be given back later");
            return Ok(false);
        }
    }
    forget_revocation(wardesk, id).await?;
    Ok(true)
}

async fn forget_revocation(wardesk: &Wardesk, id: &Hash) -> Result<(), StorageError> {
    let mut tx = wardesk.store().begin().await?;
    storage::accounts::delete_revocation(tx.conn(), id).await?;
    tx.commit().await
}

/// Ends all sessions of a person whose token Discord no longer takes: they have withdrawn their consent, which ends
/// every token of theirs. Found out for each session alone, a hundred of them would be as many refused calls to
/// Discord.
pub(crate) async fn lost(wardesk: &Wardesk, session: &Session) -> Result<(), StorageError> {
    let mut tx = wardesk.store().begin().await?;
    storage::accounts::delete_other_sessions(tx.conn(), session.user, &session.id_hash).await?;
    storage::accounts::delete_session(tx.conn(), session.user, &session.id_hash).await?;
    tx.commit().await?;
    tracing::info!("somebody's sessions ended: Discord no longer takes their token");
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
