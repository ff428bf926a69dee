//! Somebody has the use of what is kept of them restricted: it is kept, and nothing else. Source: `promises.md` P34,
//! GDPR 18. Each processor of personal data asks here; `data_inventory.toml` lists them.

use std::collections::HashMap;
use std::sync::Arc;

use domain::ids::UserId;
use domain::privacy::{Outcome, RequestKind, Via};
use domain::time::Millis;
use storage::StorageError;
use storage::counters::{self, Counter};
use storage::privacy::{people, restricted as rows};

use super::{PrivacyError, requests};
use crate::{Wardesk, transcripts};

/// Restricts what is kept of somebody. In this process it holds at once, in others within five seconds. What search has
/// in memory of them goes. Doing it again changes nothing.
pub async fn restrict(w: &Wardesk, user: UserId) -> Result<(), StorageError> {
    let mut tx = w.store().begin().await?;
    rows::restrict(tx.conn(), user, w.now()).await?;
    tx.commit().await?;
    changed(w, user).await
}

/// Lifts the restriction. What was not kept meanwhile stays unkept.
pub async fn lift(w: &Wardesk, user: UserId) -> Result<(), StorageError> {
    let mut tx = w.store().begin().await?;
    rows::lift(tx.conn(), user).await?;
    tx.commit().await?;
    changed(w, user).await
}

/// Has every process read anew what it has in memory of the person's servers.
async fn changed(w: &Wardesk, user: UserId) -> Result<(), StorageError> {
    w.forget_restricted().await;
    for guild in people::servers_of(w.store().read(), user).await? {
        let mut tx = w.store().begin().await?;
        counters::next(tx.conn(), guild, Counter::Erasure).await?;
        tx.commit().await?;
        transcripts::keeping::forget(w, guild).await;
    }
    Ok(())
}

/// Restricts by themselves, from their own page: a request that is decided at once.
pub async fn restrict_self(w: &Wardesk, user: UserId) -> Result<(), PrivacyError> {
    let request = requests::open(w, user, RequestKind::Restrict, Via::Site).await?;
    restrict(w, user).await?;
    requests::settle(w, request, Outcome::Done).await
}

/// Whether what is kept of somebody is restricted.
pub async fn is_restricted(w: &Wardesk, user: UserId) -> Result<bool, StorageError> {
    Ok(all(w).await?.contains_key(&user))
}

/// Since when it is, asked of the database.
pub async fn since(w: &Wardesk, user: UserId) -> Result<Option<Millis>, StorageError> {
    rows::since(w.store().read(), user).await
}

/// Everyone who is restricted, and since when.
pub(crate) async fn all(w: &Wardesk) -> Result<Arc<HashMap<UserId, Millis>>, StorageError> {
    let cache = &w.privacy_caches().restricted;
    if let Some(known) = cache.get(&()).await {
        return Ok(known);
    }
    let known = Arc::new(rows::all(w.store().read()).await?);
    cache.insert((), Arc::clone(&known)).await;
    Ok(known)
}
