//! A request is decided.

use domain::ids::RequestId;
use domain::privacy::{Outcome, RequestKind, Role, Step};
use storage::privacy::requests::{self as rows, RequestRow};
use storage::{Sealed, StorageError};

use super::ask::note;
use super::{PrivacyError, alert_subject, service};
use crate::Wardesk;
use crate::tickets::Change;

/// Settles what somebody did by themselves, as [`open`](super::open) answered it. One that is decided stays as it is; one
/// that is gone was settled, and where there is none, nothing is.
pub async fn settle(
    w: &Wardesk,
    id: Option<RequestId>,
    outcome: Outcome,
) -> Result<(), PrivacyError> {
    let Some(id) = id else { return Ok(()) };
    let Some((mut change, mut row)) = begin(w, id).await? else { return Ok(()) };
    if row.state.is_decided() {
        return Ok(());
    }
    decide(&mut change, &mut row, outcome, Role::Service, None).await?;
    change.commit().await?.tell();
    Ok(())
}

/// Notes with an undecided request that whoever made it is doing by themselves what they asked for; once, however often.
pub(super) async fn done_by_person(w: &Wardesk, id: RequestId) -> Result<(), PrivacyError> {
    let Some((mut change, row)) = begin(w, id).await? else { return Ok(()) };
    let steps = rows::steps(&mut *change.conn(), id).await?;
    let noted = steps.iter().any(|taken| taken.step == Step::CarriedOut);
    if noted || row.state.is_decided() {
        return Ok(());
    }
    note(&mut change, id, Step::CarriedOut, Role::Person).await?;
    change.commit().await?.tell();
    Ok(())
}

/// Begins a change of a request, with its row locked; `None`: there is none.
pub(super) async fn begin(
    w: &Wardesk,
    id: RequestId,
) -> Result<Option<(Change<'_>, RequestRow)>, PrivacyError> {
    let Some(found) = rows::get(w.store().read(), id).await? else { return Ok(None) };
    let mut change = Change::begin(w, found.guild.map_or_else(|| service(w), Ok)?).await?;
    // A server never changes once it is known, or the effects would go under the wrong one.
    let row = rows::lock(change.conn(), id).await?.filter(|row| row.guild == found.guild);
    Ok(row.map(|row| (change, row)))
}

/// Decides an undecided request. Where somebody was too young and it was done, nothing stays but a number. Source: P37.
pub(super) async fn decide(
    change: &mut Change<'_>,
    row: &mut RequestRow,
    outcome: Outcome,
    role: Role,
    answer: Option<&Sealed>,
) -> Result<(), StorageError> {
    if row.guild.is_some() {
        change.mended(&alert_subject(row.id)).await?;
    }
    if row.kind == RequestKind::UnderAge && outcome == Outcome::Done {
        return rows::remove_counted(change.conn(), row).await;
    }
    row.state = outcome.state();
    row.reason = outcome.reason();
    row.decided = Some(change.now());
    rows::save(change.conn(), row).await?;
    if let Some(answer) = answer {
        rows::put_answer(change.conn(), row.id, answer).await?;
    }
    note(change, row.id, Step::Decided, role).await
}
