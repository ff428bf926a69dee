//! Somebody objects to a use of their data. It is restricted from then on, everywhere or on the server that
//! is meant, while the objection is judged. Upheld, it stays so; declined, for a reason that they see, it is lifted.
//! Source: GDPR 21(1) and 18(1)(d). Who asks to have it restricted on one server has it restricted there once that is
//! agreed to, by whoever answers for it.

use domain::privacy::{Outcome, RequestKind, Role, Step};
use storage::StorageError;
use storage::privacy::requests::{self as rows, RequestRow};
use storage::privacy::restricted;

use super::ask::note;
use crate::Wardesk;
use crate::privacy::restrict;
use crate::tickets::Change;

/// Restricts what an undecided objection is about, once it is known whose it is. [`told`] follows the commit.
pub(super) async fn made(change: &mut Change<'_>, row: &RequestRow) -> Result<(), StorageError> {
    let (RequestKind::Object, Some(user)) = (row.kind, row.user) else { return Ok(()) };
    let now = change.now();
    if restricted::because_of(change.conn(), row.id, user, row.guild, now).await? {
        note(change, row.id, Step::Restricted, Role::Service).await?;
    }
    Ok(())
}

/// Carries out what was decided about an objection, or about restricting the use on one server. What the person lifted
/// by themselves meanwhile stays lifted.
pub(super) async fn judged(
    change: &mut Change<'_>,
    row: &RequestRow,
    outcome: Outcome,
    role: Role,
) -> Result<(), StorageError> {
    let (kind, Some(user)) = (row.kind, row.user) else { return Ok(()) };
    let declined = matches!(outcome, Outcome::Declined(_));
    if kind == RequestKind::Restrict && row.guild.is_some() && !declined {
        let now = change.now();
        if restricted::because_of(change.conn(), row.id, user, row.guild, now).await? {
            note(change, row.id, Step::CarriedOut, role).await?;
        }
    }
    if kind != RequestKind::Object {
        return Ok(());
    }
    if declined {
        if restricted::declined(change.conn(), row.id).await? {
            note(change, row.id, Step::Lifted, role).await?;
        }
        return Ok(());
    }
    let steps = rows::steps(&mut *change.conn(), row.id).await?;
    if !steps.iter().any(|taken| taken.step == Step::Lifted) {
        let now = change.now();
        restricted::because_of(change.conn(), row.id, user, row.guild, now).await?;
    }
    Ok(())
}

/// Has processes know what a request restricts, or does not any more. It is committed.
pub(super) async fn told(w: &Wardesk, row: &RequestRow) -> Result<(), StorageError> {
    match (row.kind, row.user) {
        (RequestKind::Object, Some(user)) => restrict::changed(w, user).await,
        (RequestKind::Restrict, Some(user)) if row.state.is_decided() => {
            restrict::changed(w, user).await
        }
        _ => Ok(()),
    }
}
