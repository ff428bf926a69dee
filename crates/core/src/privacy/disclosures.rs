//! The register of disclosures compelled by law: operators note each, and whether whoever is affected was told.
//! Source: P21.

use domain::ids::{DisclosureId, UserId};
use domain::privacy::{NAME_LIMIT, NotifyState, WORDS_LIMIT};
use domain::time::Millis;
use domain::validation::discord_len;
use serde::{Deserialize, Serialize};
use storage::privacy::disclosures::{self as rows, DisclosureRow};
use storage::{KeyScope, StorageError};

use super::{PrivacyError, Refusal, requests};
use crate::licences::operator::OperatorAccess;

/// Disclosures that a page holds.
pub const PAGE: i64 = 50;
/// Accounts that one disclosure names at most.
pub const AFFECTED_LIMIT: usize = 200;
/// Seconds in which whoever is affected is told where the law allows it: "as soon as practicable".
const NOTIFY_SECONDS: i64 = 7 * 86_400;
/// The longest time that telling may be forbidden without being looked at again.
const FORBIDDEN_SECONDS: i64 = 2 * 366 * 86_400;

/// What was given out, to whom and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// Who asked.
    pub authority: String,
    /// By which law.
    pub ground: String,
    /// What was given.
    pub given: String,
    /// Whose data it is.
    pub affected: Vec<UserId>,
}

/// A disclosure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disclosure {
    /// Its id.
    pub id: DisclosureId,
    /// What it was.
    pub details: Details,
    /// When the data was given out.
    pub given: Millis,
    /// Whether whoever is affected was told.
    pub state: NotifyState,
    /// When they are to be told, or when it is to be looked whether they may be.
    pub notify_by: Option<Millis>,
    /// Whether that time is over.
    pub overdue: bool,
}

/// How it stands with telling whoever is affected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notify {
    /// They are to be told.
    ToDo,
    /// They were told.
    Told,
    /// They may not be told before this time.
    Forbidden(Millis),
    /// They cannot be told.
    Impossible,
}

impl Notify {
    fn columns(
        self,
        now: Millis,
    ) -> Result<(NotifyState, Option<Millis>, Option<Millis>), Refusal> {
        match self {
            Self::ToDo => Ok((NotifyState::ToDo, Some(now.plus_seconds(NOTIFY_SECONDS)), None)),
            Self::Told => Ok((NotifyState::Told, None, Some(now))),
            Self::Impossible => Ok((NotifyState::Impossible, None, Some(now))),
            Self::Forbidden(until) => {
                let latest = now.plus_seconds(FORBIDDEN_SECONDS);
                if until <= now || until > latest {
                    return Err(Refusal::Entry);
                }
                Ok((NotifyState::Forbidden, Some(until), None))
            }
        }
    }
}

fn aad(id: DisclosureId) -> Vec<u8> {
    format!("disclosures.details:{id}").into_bytes()
}

fn check(details: &Details, given: Millis, now: Millis) -> Result<(), Refusal> {
    let within = |text: &str, limit| !text.trim().is_empty() && discord_len(text) <= limit;
    let good = within(&details.authority, NAME_LIMIT)
        && within(&details.ground, NAME_LIMIT)
        && within(&details.given, WORDS_LIMIT)
        && details.affected.len() <= AFFECTED_LIMIT
        && given <= now;
    if good { Ok(()) } else { Err(Refusal::Entry) }
}

/// Notes a disclosure under an id that the form brought along: sent twice, it is one.
pub async fn note(
    access: &OperatorAccess,
    id: DisclosureId,
    details: &Details,
    given: Millis,
    notify: Notify,
) -> Result<(), PrivacyError> {
    let w = access.wardesk();
    let now = w.now();
    check(details, given, now)?;
    let (state, notify_by, settled) = notify.columns(now)?;
    let plain = serde_json::to_vec(details).map_err(|_| StorageError::Corrupt("details"))?;
    let details = w.store().keys().seal(&KeyScope::SERVICE, &aad(id), &plain).await?;
    let row = DisclosureRow { id, noted: now, given, details, state, notify_by, settled };
    let mut tx = w.store().begin().await?;
    if rows::insert(tx.conn(), &row).await? {
        let about = Some(format!("disclosure:{id}"));
        requests::noted(tx.conn(), access, "disclosure.noted", about).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Says how it stands with telling whoever is affected. Once that is settled it stays, and so does the time for it when the
/// same is said again.
pub async fn notify(
    access: &OperatorAccess,
    id: DisclosureId,
    notify: Notify,
) -> Result<(), PrivacyError> {
    let w = access.wardesk();
    let (state, notify_by, settled) = notify.columns(w.now())?;
    let mut tx = w.store().begin().await?;
    if !rows::notify(tx.conn(), id, state, notify_by, settled).await? {
        return Err(PrivacyError::NotFound);
    }
    let about = Some(format!("disclosure:{id}"));
    requests::noted(tx.conn(), access, "disclosure.settled", about).await?;
    tx.commit().await?;
    Ok(())
}

/// The register: where somebody is to be told first. At most [`PAGE`], after `skip`. That it was read is in the log
/// before.
pub async fn list(access: &OperatorAccess, skip: i64) -> Result<Vec<Disclosure>, PrivacyError> {
    let w = access.wardesk();
    let mut tx = w.store().begin().await?;
    requests::noted(tx.conn(), access, "disclosures.listed", None).await?;
    tx.commit().await?;
    let now = w.now();
    let mut all = Vec::new();
    for row in rows::list(w.store().read(), skip.max(0), PAGE).await? {
        let keys = w.store().keys();
        let plain = keys.open_sealed(&KeyScope::SERVICE, &aad(row.id), &row.details).await?;
        let details =
            serde_json::from_slice(&plain).map_err(|_| StorageError::Corrupt("details"))?;
        all.push(Disclosure {
            id: row.id,
            details,
            given: row.given,
            state: row.state,
            notify_by: row.notify_by,
            overdue: row.notify_by.is_some_and(|by| by < now),
        });
    }
    Ok(all)
}
