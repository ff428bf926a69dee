//! Operators look licences up.

use domain::ids::{GuildId, LicenceId, UserId};
use domain::licences::{Licence, Standing, Status};
use domain::time::Millis;
use storage::licences::{self as rows, LicenceRow};
use uuid::Uuid;

use super::{OperatorAccess, OperatorEntry};
use crate::Wardesk;
use crate::licences::{LicenceError, current};

/// How many licences or entries a page holds.
pub const PAGE: i64 = 50;

/// A licence as operators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorLicence {
    /// The licence.
    pub licence: Licence,
    /// The name of its plan; `None`: the service has no such plan any more.
    pub plan_name: Option<String>,
    /// Since when an operator holds it back.
    pub held: Option<Millis>,
    /// Whether it counts for the servers in its seats, and why not.
    pub standing: Standing,
}

/// What to look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Find {
    /// The licences of which a server has a seat.
    Server(GuildId),
    /// The licences that an account holds.
    Account(UserId),
    /// One licence.
    Id(LicenceId),
}

/// A page of licences, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LicencePage {
    /// At most [`PAGE`].
    pub licences: Vec<OperatorLicence>,
    /// Where the next page begins; `None`: there is none.
    pub next: Option<LicenceId>,
}

/// One licence with what operators did with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    /// The licence.
    pub licence: OperatorLicence,
    /// What operators did with it in the last 90 days, newest first, at most [`PAGE`].
    pub entries: Vec<OperatorEntry>,
}

/// A page of the operators' log, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPage {
    /// At most [`PAGE`].
    pub entries: Vec<OperatorEntry>,
    /// Where the next page begins; `None`: there is none.
    pub next: Option<Uuid>,
}

/// Licences older than `before` (`None`: the newest), whether or not they count.
pub async fn list(
    access: &OperatorAccess,
    before: Option<LicenceId>,
) -> Result<LicencePage, LicenceError> {
    let w = access.wardesk();
    let found = rows::page(w.store().read(), before, PAGE).await?;
    let full = i64::try_from(found.len()).is_ok_and(|found| found == PAGE);
    let next = found.last().map(|last| last.licence.id).filter(|_| full);
    Ok(LicencePage { licences: shown(w, found).await?, next })
}

/// The licences of a server or an account, or the one with an id; newest first.
pub async fn find(
    access: &OperatorAccess,
    what: Find,
) -> Result<Vec<OperatorLicence>, LicenceError> {
    let w = access.wardesk();
    let db = w.store().read();
    let found = match what {
        Find::Server(guild) => rows::of_guild(db, guild).await?,
        Find::Account(contact) => rows::of_contact(db, contact).await?,
        Find::Id(id) => rows::get(db, id).await?.into_iter().collect(),
    };
    shown(w, found).await
}

/// One licence with what operators did with it.
pub async fn show(access: &OperatorAccess, id: LicenceId) -> Result<Details, LicenceError> {
    let licence = find(access, Find::Id(id)).await?.pop().ok_or(LicenceError::NotFound)?;
    let db = access.wardesk().store().read();
    let entries = rows::operators::page(db, Some(id), None, PAGE).await?;
    Ok(Details { licence, entries })
}

/// What operators did, before an entry (`None`: the newest).
pub async fn log(access: &OperatorAccess, before: Option<Uuid>) -> Result<LogPage, LicenceError> {
    let db = access.wardesk().store().read();
    let entries = rows::operators::page(db, None, before, PAGE).await?;
    let full = i64::try_from(entries.len()).is_ok_and(|found| found == PAGE);
    let next = entries.last().map(|last| last.id).filter(|_| full);
    Ok(LogPage { entries, next })
}

async fn shown(w: &Wardesk, found: Vec<LicenceRow>) -> Result<Vec<OperatorLicence>, LicenceError> {
    let now = w.now();
    let alive = current::alive(w, found).await?;
    let one = |row: LicenceRow| OperatorLicence {
        plan_name: w.plans().get(&row.licence.plan).map(|plan| plan.name.clone()),
        standing: standing(w, &row.licence, now),
        held: row.held,
        licence: row.licence,
    };
    Ok(alive.into_iter().map(one).collect())
}

/// How a licence stands for whoever sits in its seats.
fn standing(w: &Wardesk, licence: &Licence, now: Millis) -> Standing {
    match licence.status {
        Status::Suspended => Standing::Suspended,
        Status::Revoked => Standing::Revoked,
        Status::Ended => Standing::Ended,
        Status::Active if licence.expires.is_some_and(|end| end <= now) => Standing::Expired,
        Status::Active if w.plans().get(&licence.plan).is_none() => Standing::UnknownPlan,
        Status::Active if licence.seated.is_empty() => Standing::NotSeated,
        Status::Active => Standing::Counts,
    }
}
