//! What operators do with licences. Each act is noted in their own log and in that of each server it touches.

mod extend;
mod find;
mod issue;
mod revoke;
mod suspend;

use domain::ids::{LicenceId, UserId};
use domain::licences::{Licence, Status};
use domain::time::Millis;
use sqlx::AnyConnection;
use storage::StorageError;
use storage::licences::{self as rows, Found, LicenceRow};

use super::{LicenceError, Refusal, current, note};
use crate::Wardesk;
use crate::accounts::Session;

pub use extend::extend;
pub use find::{Details, Find, LicencePage, LogPage, OperatorLicence, PAGE, find, list, log, show};
pub use issue::{NewLicence, issue};
pub use revoke::revoke;
pub use storage::licences::operators::OperatorEntry;
pub use suspend::{resume, suspend};

/// Who acts as an operator. Only this module makes one, so a use-case that takes it cannot be reached without
/// the check.
#[derive(Debug, Clone)]
pub struct OperatorAccess {
    wardesk: Wardesk,
    actor: Option<UserId>,
}

impl OperatorAccess {
    /// Whoever can start the program with its settings: they can read and write the database anyway.
    pub fn of_console(wardesk: &Wardesk) -> Self {
        Self { wardesk: wardesk.clone(), actor: None }
    }

    /// The handle for what the use-case does next.
    pub fn wardesk(&self) -> &Wardesk {
        &self.wardesk
    }

    /// The account that acts; `None`: from the console.
    pub const fn actor(&self) -> Option<UserId> {
        self.actor
    }
}

/// Whether the account of a session operates the service: decides what is offered, never what is allowed.
pub fn is_operator(w: &Wardesk, session: &Session) -> bool {
    w.operators().contains(&session.user)
}

/// Proves that the account of a session operates the service. For all others there is nothing: `NotFound`.
pub fn authorize(w: &Wardesk, session: &Session) -> Result<OperatorAccess, LicenceError> {
    if is_operator(w, session) {
        Ok(OperatorAccess { wardesk: w.clone(), actor: Some(session.user) })
    } else {
        Err(LicenceError::NotFound)
    }
}

/// Changes a licence that is neither revoked nor over, and notes it.
async fn change(
    access: &OperatorAccess,
    id: LicenceId,
    action: &'static str,
    change: impl FnOnce(&mut LicenceRow, Millis) -> Result<(), Refusal>,
) -> Result<(), LicenceError> {
    let w = access.wardesk();
    if current::is_buried(w, id).await? {
        return Err(LicenceError::NotFound);
    }
    let mut tx = w.store().begin().await?;
    let before = match rows::lock(tx.conn(), id).await? {
        Found::Licence(row) => *row,
        Found::Erased | Found::None => return Err(LicenceError::NotFound),
    };
    if matches!(before.said, Status::Revoked | Status::Ended) {
        return Err(Refusal::Over.into());
    }
    let (mut after, now) = (before.clone(), w.now());
    change(&mut after, now)?;
    rows::save(tx.conn(), &after).await?;
    let (old, new) = (Some(&before.licence), &after.licence);
    noted(tx.conn(), access, action, old, new, now).await?;
    tx.commit().await?;
    current::changed(w);
    Ok(())
}

/// Notes what an operator did, in their own log and in that of each server it touches.
async fn noted(
    conn: &mut AnyConnection,
    access: &OperatorAccess,
    action: &'static str,
    before: Option<&Licence>,
    after: &Licence,
    at: Millis,
) -> Result<(), StorageError> {
    let json = |licence: &Licence| {
        serde_json::to_string(licence).map_err(|_| StorageError::Corrupt("operator_log"))
    };
    let entry = OperatorEntry {
        id: access.wardesk().new_uuid(),
        at,
        actor: access.actor(),
        action: action.to_owned(),
        licence: Some(after.id),
        about: None,
        before: before.map(json).transpose()?,
        after: Some(json(after)?),
    };
    rows::operators::append(&mut *conn, &entry).await?;
    note::on_servers(conn, access.actor(), action, before, after, at).await
}
