//! Who accepted which version: at the first sign-in, and of a material change by pressing a button.

use std::time::Duration;

use domain::ids::UserId;
use moka::sync::Cache;
use storage::StorageError;
use storage::privacy::documents as rows;

use super::{Document, DocumentKind, DocumentVersion};
use crate::Wardesk;
use crate::accounts::Session;
use crate::privacy::PrivacyError;

/// For how long it is remembered whom there is nothing to ask: another process may have heard their answer.
const REMEMBERED: Duration = Duration::from_mins(1);
/// People who are remembered.
const PEOPLE: u64 = 10_000;

/// Whom there is nothing to ask.
#[derive(Debug)]
pub(crate) struct DocumentCaches(Cache<UserId, ()>);

impl Default for DocumentCaches {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(PEOPLE).time_to_live(REMEMBERED).build())
    }
}

/// Notes what somebody accepts who signs in for the first time: the versions that hold now. The page with the button
/// says so.
pub async fn accepted_at_sign_in(w: &Wardesk, user: UserId) -> Result<(), StorageError> {
    let now = w.now();
    let mut tx = w.store().begin().await?;
    for kind in DocumentKind::ALL {
        let Some(document) = w.documents().in_effect(kind, now) else { continue };
        let version = document.version.to_string();
        rows::accept(tx.conn(), user, kind.as_str(), &version, true, now).await?;
    }
    tx.commit().await
}

/// The material changes that this person has not accepted, one of each document at most: the latest.
pub async fn pending<'w>(
    w: &'w Wardesk,
    session: &Session,
) -> Result<Vec<&'w Document>, StorageError> {
    let mut changes = w.documents().changes().peekable();
    // Nothing was ever changed: nobody is asked, and nothing is read.
    if changes.peek().is_none() || w.document_caches().0.contains_key(&session.user) {
        return Ok(Vec::new());
    }
    let accepted = rows::accepted(w.store().read(), session.user).await?;
    let latest = |kind: DocumentKind| {
        let of_kind = accepted.iter().filter(|one| one.document == kind.as_str());
        of_kind.filter_map(|one| one.version.parse::<DocumentVersion>().ok()).max()
    };
    let mut open: Vec<&Document> = Vec::new();
    for change in changes.filter(|change| latest(change.kind) < Some(change.version)) {
        // Versions come oldest first: a later one takes the place of the one before.
        open.retain(|other| other.kind != change.kind);
        open.push(change);
    }
    if open.is_empty() {
        w.document_caches().0.insert(session.user, ());
    }
    Ok(open)
}

/// Notes that a person accepts a version.
///
/// # Errors
/// [`PrivacyError::NotFound`] for a version that there is not.
pub async fn acknowledge(
    w: &Wardesk,
    session: &Session,
    kind: DocumentKind,
    version: DocumentVersion,
) -> Result<(), PrivacyError> {
    let document = w.documents().get(kind, version).ok_or(PrivacyError::NotFound)?;
    let mut tx = w.store().begin().await?;
    let version = document.version.to_string();
    rows::accept(tx.conn(), session.user, kind.as_str(), &version, false, w.now()).await?;
    tx.commit().await?;
    Ok(())
}
