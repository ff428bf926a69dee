//! Drafts: a refused form comes back with what was typed. Sealed, single use, 10 minutes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use storage::{KeyScope, StorageError};

use super::{Session, hash};
use crate::Wardesk;

/// Seconds until a draft is gone.
const DRAFT_SECONDS: i64 = 600;
/// Bytes of a draft at most: several times the largest form that can be saved.
const DRAFT_LIMIT: usize = 64 * 1024;
/// Drafts of one person at most; the oldest goes first.
const DRAFTS: i64 = 5;

/// Why a draft was not kept.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// More was typed than any form takes.
    #[error("the draft is too large")]
    TooLarge,
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Keeps what was typed into `form` and answers the id that the query carries. The id opens the
/// draft only together with the person's session.
pub async fn put<T: Serialize>(
    wardesk: &Wardesk,
    session: &Session,
    form: &str,
    values: &T,
) -> Result<String, DraftError> {
    let id = URL_SAFE_NO_PAD.encode(wardesk.random_bytes::<16>());
    let id_hash = hash(id.as_bytes());
    let plain =
        serde_json::to_vec(values).map_err(|_| StorageError::Corrupt("form_drafts.body"))?;
    if plain.len() > DRAFT_LIMIT {
        return Err(DraftError::TooLarge);
    }
    let scope = KeyScope::account(session.user);
    let body = wardesk.store().keys().seal(&scope, &id_hash, &plain).await?;
    let until = wardesk.now().plus_seconds(DRAFT_SECONDS);
    let mut tx = wardesk.store().begin().await?;
    let user = session.user;
    storage::accounts::put_draft(tx.conn(), &id_hash, user, form, &body, until, DRAFTS - 1).await?;
    tx.commit().await?;
    Ok(id)
}

/// Takes the draft out again; `None` if it is not there, not this person's, or of another form.
pub async fn take<T: DeserializeOwned>(
    wardesk: &Wardesk,
    session: &Session,
    form: &str,
    id: &str,
) -> Result<Option<T>, StorageError> {
    let id_hash = hash(id.as_bytes());
    let now = wardesk.now();
    let mut tx = wardesk.store().begin().await?;
    let found = storage::accounts::take_draft(tx.conn(), &id_hash, session.user, form, now).await?;
    tx.commit().await?;
    let Some(body) = found else { return Ok(None) };
    let scope = KeyScope::account(session.user);
    let plain = wardesk.store().keys().open_sealed(&scope, &id_hash, &body).await?;
    Ok(serde_json::from_slice(&plain).ok())
}
