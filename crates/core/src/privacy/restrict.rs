//! Somebody has the use of their data restricted: it is stored, and not used. Source: `docs/PROMISES.md` P34, GDPR 18.
//! The same holds while an objection of theirs is judged, and after it was upheld: GDPR 21(1); and on one server,
//! where they asked for that. Each processor of personal data asks here; `data_inventory.toml` lists them.

use std::sync::Arc;

use domain::ids::{GuildId, UserId};
use domain::privacy::{Outcome, RequestKind, Role, Step, Via};
use storage::StorageError;
use storage::counters::{self, Counter};
use storage::privacy::{people, restricted as rows};

pub use storage::privacy::restricted::{Restricted, RestrictionRow as Restriction};

use super::{PrivacyError, protections, requests};
use crate::tickets::Change;
use crate::{Wardesk, transcripts};

/// Restricts somebody's data everywhere. In this process it holds at once, in others within five seconds. Their words
/// leave the memory of search. Doing it again changes nothing.
pub async fn restrict(w: &Wardesk, user: UserId) -> Result<(), StorageError> {
    let mut tx = w.store().begin().await?;
    let is_new = rows::restrict(tx.conn(), user, w.now()).await?;
    tx.commit().await?;
    if is_new { changed(w, user).await } else { Ok(()) }
}

/// Lifts every restriction of somebody, also those that a request brought: the request stays, and says so. What was not
/// kept meanwhile stays unkept.
pub async fn lift(w: &Wardesk, user: UserId) -> Result<(), StorageError> {
    let mut change = Change::begin(w, requests::service(w)?).await?;
    for restriction in rows::of(&mut *change.conn(), user).await? {
        let Some(id) = restriction.request else { continue };
        let there = storage::privacy::requests::lock(change.conn(), id).await?;
        // It may have gone: it is kept for a time after its answer, and the restriction as long as the person likes.
        if there.is_some() {
            requests::note(&mut change, id, Step::Lifted, Role::Person).await?;
        }
    }
    let was = rows::lift(change.conn(), user).await?;
    change.commit().await?.tell();
    if was { changed(w, user).await } else { Ok(()) }
}

/// Has every process read anew what it has in memory of the person's servers, and notes it where no restore undoes it.
pub(super) async fn changed(w: &Wardesk, user: UserId) -> Result<(), StorageError> {
    protections::restrictions(w, user).await?;
    w.forget_restricted().await;
    for guild in people::servers_of(w.store().read(), user).await? {
        let mut tx = w.store().begin().await?;
        counters::next(tx.conn(), guild, Counter::Erasure).await?;
        tx.commit().await?;
        w.ticket_caches().list_changed(guild);
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

/// Whether somebody's data on a server is restricted.
pub async fn is_restricted(
    w: &Wardesk,
    guild: GuildId,
    user: UserId,
) -> Result<bool, StorageError> {
    Ok(all(w).await?.is_on(guild, user))
}

/// What restricts the use of somebody's data, the oldest first; asked of the database.
pub async fn of(w: &Wardesk, user: UserId) -> Result<Vec<Restriction>, StorageError> {
    rows::of(w.store().read(), user).await
}

/// Everyone who is restricted, and where.
pub(crate) async fn all(w: &Wardesk) -> Result<Arc<Restricted>, StorageError> {
    let cache = &w.privacy_caches().restricted;
    if let Some(known) = cache.get(&()).await {
        return Ok(known);
    }
    let known = Arc::new(rows::all(w.store().read()).await?);
    cache.insert((), Arc::clone(&known)).await;
    Ok(known)
}
