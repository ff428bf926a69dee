//! The desk of the operators for requests. Each look and each act is in their log, by the request's id alone.

use domain::ids::{RequestId, UserId};
use domain::privacy::{Delay, Outcome, Reason, RequestKind, RequestState, Role, Step, WORDS_LIMIT};
use domain::time::Millis;
use domain::validation::discord_len;
use sqlx::AnyConnection;
use storage::StorageError;
use storage::licences::operators;
use storage::privacy::requests::{self as rows, RequestRow};
use storage::privacy::restricted;

use super::ask::{destination, give, note, tell_owner};
use super::settle::{self, begin};
use super::{Followed, PrivacyError, Refusal, Request, follow, objection, said};
use crate::Wardesk;
use crate::guilds;
use crate::licences::operator::{OperatorAccess, OperatorEntry};
use crate::privacy::{download, erase, restrict};
use crate::tickets::Change;

/// How many requests a page holds.
pub const PAGE: i64 = 50;

/// A page of requests, by when they are due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskPage {
    /// At most [`PAGE`].
    pub requests: Vec<Request>,
    /// Where the next page begins; `None`: there is none.
    pub next: Option<(Millis, RequestId)>,
}

/// A decision as an operator takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What it is.
    pub outcome: Outcome,
    /// What whoever asked is told besides; may be empty.
    pub words: String,
    /// The account of somebody who is too young, whoever reported it: it is erased, and no other.
    pub account: Option<UserId>,
    /// They said expressly that they have checked whose account is erased, where one is.
    pub sure: bool,
}

/// Notes what an operator did with a request or a disclosure.
pub(in crate::privacy) async fn noted(
    conn: &mut AnyConnection,
    access: &OperatorAccess,
    action: &str,
    about: Option<String>,
) -> Result<(), StorageError> {
    let w = access.wardesk();
    let entry = OperatorEntry {
        id: w.new_uuid(),
        at: w.now(),
        actor: access.actor(),
        action: action.to_owned(),
        licence: None,
        about,
        before: None,
        after: None,
    };
    operators::append(conn, &entry).await
}

fn about(id: RequestId) -> String {
    format!("request:{id}")
}

/// The requests in one state that are due after a place (`None`: the first).
pub async fn list(
    access: &OperatorAccess,
    state: RequestState,
    after: Option<(Millis, RequestId)>,
) -> Result<DeskPage, PrivacyError> {
    let w = access.wardesk();
    let mut tx = w.store().begin().await?;
    noted(tx.conn(), access, "requests.listed", None).await?;
    tx.commit().await?;
    let requests = rows::in_state(w.store().read(), state, after, PAGE).await?;
    let full = i64::try_from(requests.len()).is_ok_and(|found| found == PAGE);
    let next = requests.last().map(|last| (last.due, last.id)).filter(|_| full);
    Ok(DeskPage { requests, next })
}

/// One request with its words, and the name of the server that is meant. That it was looked at is in the log before
/// they are read.
pub async fn show(access: &OperatorAccess, id: RequestId) -> Result<Followed, PrivacyError> {
    let w = access.wardesk();
    let row = rows::get(w.store().read(), id).await?.ok_or(PrivacyError::NotFound)?;
    let mut tx = w.store().begin().await?;
    noted(tx.conn(), access, "request.seen", Some(about(id))).await?;
    tx.commit().await?;
    let guild = row.guild;
    let mut one = follow::read(w, row).await?;
    if let Some(guild) = guild {
        let here = guilds::installation(w, guild).await?;
        one.server = Some(here.map_or_else(|| guild.to_string(), |here| here.name));
    }
    Ok(one)
}

/// What the operators may decide now.
fn check(row: &RequestRow, answer: &Answer, one_server: bool) -> Result<(), Refusal> {
    match (row.state, row.owner_until) {
        (state, _) if state.is_decided() || state == RequestState::UnderWay => {
            return Err(Refusal::Decided);
        }
        (RequestState::WithOwner, Some(at)) => return Err(Refusal::NotBefore { at }),
        _ => {}
    }
    let does = !matches!(answer.outcome, Outcome::Declined(_));
    match row.kind {
        // Who reports it is somebody else as a rule: whose account goes is said with the decision, and never guessed.
        RequestKind::UnderAge if answer.outcome == Outcome::Done && answer.account.is_none() => {
            Err(Refusal::NoAccount)
        }
        kind if does && kind.concerns_account() && row.user.is_none() => Err(Refusal::Unverified),
        // Erasing here removes the whole account, which is more than was asked for and cannot be undone. A request
        // about one server must be done on that server; "done" here would say so though nobody did it.
        RequestKind::Erase if answer.outcome == Outcome::Done && one_server => {
            Err(Refusal::OneServer)
        }
        RequestKind::Erase | RequestKind::UnderAge
            if answer.outcome == Outcome::Done && !answer.sure =>
        {
            Err(Refusal::Acknowledge)
        }
        _ => Ok(()),
    }
}

/// Whether a request is about one server: one that the bot is on, or another that was written.
async fn is_of_one_server(w: &Wardesk, row: &RequestRow) -> Result<bool, StorageError> {
    if row.guild.is_some() {
        return Ok(true);
    }
    let (said, _) = said::open(w, row).await?;
    Ok(said.is_some_and(|said| !said.server.is_empty()))
}

/// What the program itself does about a whole account when it is decided.
enum Carried {
    /// Nothing, or what [`settle::decide`] does: what else is on one server, its owner does by hand.
    Nothing,
    /// It is done.
    Done,
    /// It is being done, and answers the request at its end.
    UnderWay,
}

/// Does what the program itself can do about a whole account, in the transaction of the decision. [`carried_out`]
/// follows the commit.
async fn carry_out(
    change: &mut Change<'_>,
    w: &Wardesk,
    row: &RequestRow,
    answer: &Answer,
) -> Result<Carried, PrivacyError> {
    let now = change.now();
    // Restricted is restricted: in part it is the same, as with an objection.
    if row.kind == RequestKind::Restrict
        && row.guild.is_none()
        && !matches!(answer.outcome, Outcome::Declined(_))
    {
        let Some(user) = row.user else { return Ok(Carried::Nothing) };
        restricted::restrict(change.conn(), user, now).await?;
        return Ok(Carried::Done);
    }
    if answer.outcome != Outcome::Done {
        return Ok(Carried::Nothing);
    }
    if row.kind == RequestKind::UnderAge {
        let Some(child) = answer.account else { return Ok(Carried::Nothing) };
        erase::begin(change.conn(), child, erase::Reason::UnderAge, now).await?;
        return Ok(Carried::Done);
    }
    Ok(match (row.kind, row.user.filter(|_| row.guild.is_none())) {
        (RequestKind::Erase, Some(user)) => {
            erase::begin(change.conn(), user, erase::Reason::Asked, now).await?;
            Carried::UnderWay
        }
        (RequestKind::Access, Some(user)) => {
            let made = download::begin(change, w, user).await?;
            if made { Carried::UnderWay } else { Carried::Done }
        }
        _ => Carried::Nothing,
    })
}

/// Has what a decision brought begun at once, and known.
async fn carried_out(w: &Wardesk, row: &RequestRow) -> Result<(), PrivacyError> {
    match (row.kind, row.user) {
        (RequestKind::UnderAge | RequestKind::Erase, _) => erase::wake(w),
        (RequestKind::Access, _) => download::wake(w),
        (RequestKind::Restrict, Some(user)) => restrict::changed(w, user).await?,
        _ => objection::told(w, row).await?,
    }
    Ok(())
}

/// Decides a request. What can be done by the program is begun with it: to erase, to restrict, and to make a copy. To
/// erase and to copy take their time, and the request is answered at their end.
pub async fn decide(
    access: &OperatorAccess,
    id: RequestId,
    answer: &Answer,
) -> Result<(), PrivacyError> {
    if discord_len(&answer.words) > WORDS_LIMIT {
        return Err(Refusal::Words.into());
    }
    let w = access.wardesk();
    let before = rows::get(w.store().read(), id).await?.ok_or(PrivacyError::NotFound)?;
    let one_server = is_of_one_server(w, &before).await?;
    check(&before, answer, one_server)?;
    let sealed = said::seal_answer(w, before.user, id, &answer.words).await?;
    let (mut change, mut row) = begin(w, id).await?.ok_or(PrivacyError::NotFound)?;
    check(&row, answer, one_server)?;
    if row.user != before.user {
        return Err(Refusal::Decided.into());
    }
    match carry_out(&mut change, w, &row, answer).await? {
        Carried::UnderWay => {
            settle::under_way(&mut change, &mut row, Role::Operator).await?;
            if let Some(sealed) = &sealed {
                rows::put_answer(change.conn(), id, sealed).await?;
            }
        }
        carried => {
            if matches!(carried, Carried::Done) {
                note(&mut change, id, Step::CarriedOut, Role::Operator).await?;
            }
            let (outcome, role) = (answer.outcome, Role::Operator);
            settle::decide(&mut change, &mut row, outcome, role, sealed.as_ref()).await?;
        }
    }
    noted(change.conn(), access, "request.decided", Some(about(id))).await?;
    change.commit().await?.tell();
    carried_out(w, &row).await
}

/// Puts the answer off, once, to a time that is later than the first and at most 60 days after it. Whoever asked sees
/// the reason. Source: GDPR 12(3).
pub async fn extend(
    access: &OperatorAccess,
    id: RequestId,
    delay: Delay,
    until: Millis,
) -> Result<(), PrivacyError> {
    let w = access.wardesk();
    let (mut change, mut row) = begin(w, id).await?.ok_or(PrivacyError::NotFound)?;
    if row.state.is_decided() || row.state == RequestState::UnderWay {
        return Err(Refusal::Decided.into());
    }
    let clock = row.clock();
    // Whoever asked is told within the first time, or it was too late already.
    let late = clock.is_overdue(change.now());
    if row.delay.is_some() || late || until <= clock.due() || until > clock.latest() {
        return Err(Refusal::Extension.into());
    }
    (row.delay, row.due) = (Some(delay), until);
    rows::save(change.conn(), &row).await?;
    note(&mut change, id, Step::Extended, Role::Operator).await?;
    noted(change.conn(), access, "request.extended", Some(about(id))).await?;
    change.commit().await?.tell();
    Ok(())
}

/// Says what a request asks for that came without saying so, as mails do. What is about an account waits for a sign-in.
pub async fn sort(
    access: &OperatorAccess,
    id: RequestId,
    kind: RequestKind,
) -> Result<(), PrivacyError> {
    let w = access.wardesk();
    let before = rows::get(w.store().read(), id).await?.ok_or(PrivacyError::NotFound)?;
    let destination = destination(w, kind, before.guild).await?;
    let (mut change, mut row) = begin(w, id).await?.ok_or(PrivacyError::NotFound)?;
    if row.state.is_decided() || row.kind != RequestKind::Other {
        return Err(Refusal::Decided.into());
    }
    // The same of the same person, asked before, is the one to answer.
    if let Some(user) = row.user.filter(|_| kind.is_single())
        && rows::same(&mut *change.conn(), user, kind, row.guild).await?.is_some()
    {
        let outcome = Outcome::Declined(Reason::Repeated);
        settle::decide(&mut change, &mut row, outcome, Role::Operator, None).await?;
    } else {
        row.kind = kind;
        let unknown = row.user.is_none() && kind.concerns_account();
        let to = if unknown { RequestState::Unverified } else { destination };
        give(&mut row, to, change.now());
        rows::save(change.conn(), &row).await?;
        objection::made(&mut change, &row).await?;
        if row.state == RequestState::WithOwner {
            tell_owner(&mut change, id).await?;
        }
    }
    noted(change.conn(), access, "request.sorted", Some(about(id))).await?;
    change.commit().await?.tell();
    objection::told(w, &row).await?;
    Ok(())
}

/// Gives a request about the content of a server to its owner, once, while there is time for it.
pub async fn hand_over(access: &OperatorAccess, id: RequestId) -> Result<(), PrivacyError> {
    let w = access.wardesk();
    let before = rows::get(w.store().read(), id).await?.ok_or(PrivacyError::NotFound)?;
    if destination(w, before.kind, before.guild).await? != RequestState::WithOwner {
        return Err(Refusal::NoOwner.into());
    }
    let (mut change, mut row) = begin(w, id).await?.ok_or(PrivacyError::NotFound)?;
    match row.state {
        RequestState::Open => {}
        RequestState::Unverified => return Err(Refusal::Unverified.into()),
        _ => return Err(Refusal::Decided.into()),
    }
    let steps = rows::steps(&mut *change.conn(), id).await?;
    let came_back = steps.iter().any(|taken| taken.step == Step::CameBack);
    give(&mut row, RequestState::WithOwner, change.now());
    if came_back || row.state != RequestState::WithOwner {
        return Err(Refusal::OwnerTime.into());
    }
    rows::save(change.conn(), &row).await?;
    tell_owner(&mut change, id).await?;
    noted(change.conn(), access, "request.handed_over", Some(about(id))).await?;
    change.commit().await?.tell();
    Ok(())
}
