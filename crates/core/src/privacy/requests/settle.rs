//! A request is decided, or is under way until what was asked for is done.

use domain::ids::{RequestId, UserId};
use domain::privacy::{Outcome, RequestKind, RequestState, Role, Step};
use storage::privacy::requests::{self as rows, RequestRow};
use storage::{Sealed, StorageError};

use super::ask::note;
use super::{PrivacyError, alert_subject, objection, service};
use crate::Wardesk;
use crate::tickets::Change;

/// Settles what somebody did by themselves, as [`open`](super::open) answered it. Does nothing if the request is
/// `None`, gone or already decided.
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

/// Notes with an undecided request that whoever made it is doing by themselves what they asked for; once, however
/// often.
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

/// The undecided request of a person for something about their whole account, locked.
async fn locked(
    change: &mut Change<'_>,
    user: UserId,
    kind: RequestKind,
) -> Result<Option<RequestRow>, StorageError> {
    let Some(row) = rows::same(&mut *change.conn(), user, kind, None).await? else {
        return Ok(None);
    };
    let row = rows::lock(change.conn(), row.id).await?;
    Ok(row.filter(|row| !row.state.is_decided() && row.user == Some(user)))
}

/// The same, if it is under way.
async fn begun(
    change: &mut Change<'_>,
    user: UserId,
    kind: RequestKind,
) -> Result<Option<RequestRow>, StorageError> {
    let row = locked(change, user, kind).await?;
    Ok(row.filter(|row| row.state == RequestState::UnderWay))
}

/// What somebody asks for about their whole account is being done from now on, and answers their request.
pub(in crate::privacy) async fn start(
    change: &mut Change<'_>,
    user: UserId,
    kind: RequestKind,
    role: Role,
) -> Result<(), StorageError> {
    match locked(change, user, kind).await? {
        Some(mut row) => under_way(change, &mut row, role).await,
        None => Ok(()),
    }
}

/// A request is under way from now on. Its row is locked.
pub(super) async fn under_way(
    change: &mut Change<'_>,
    row: &mut RequestRow,
    role: Role,
) -> Result<(), StorageError> {
    if row.state == RequestState::UnderWay {
        return Ok(());
    }
    row.state = RequestState::UnderWay;
    rows::save(change.conn(), row).await?;
    let steps = rows::steps(&mut *change.conn(), row.id).await?;
    if steps.last().is_none_or(|last| last.step != Step::CarriedOut) {
        note(change, row.id, Step::CarriedOut, role).await?;
    }
    Ok(())
}

/// What was under way for somebody is done, and their request is answered by it.
pub(in crate::privacy) async fn finish(
    change: &mut Change<'_>,
    user: UserId,
    kind: RequestKind,
) -> Result<(), StorageError> {
    let Some(mut row) = begun(change, user, kind).await? else { return Ok(()) };
    decide(change, &mut row, Outcome::Done, Role::Service, None).await
}

/// What was under way for somebody could not be done: the operators do it, and answer.
pub(in crate::privacy) async fn failed(
    change: &mut Change<'_>,
    user: UserId,
    kind: RequestKind,
) -> Result<(), StorageError> {
    let Some(mut row) = begun(change, user, kind).await? else { return Ok(()) };
    row.state = RequestState::Open;
    rows::save(change.conn(), &row).await?;
    note(change, row.id, Step::Failed, Role::Service).await
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
    objection::judged(change, row, outcome, role).await?;
    row.state = outcome.state();
    row.reason = outcome.reason();
    row.decided = Some(change.now());
    rows::save(change.conn(), row).await?;
    if let Some(answer) = answer {
        rows::put_answer(change.conn(), row.id, answer).await?;
    }
    note(change, row.id, Step::Decided, role).await
}
