//! The clock of requests: operators are told on certain days, owners have their time, and nobody waits for a sign-in
//! for ever.

use std::time::Duration;

use domain::ids::RequestId;
use domain::privacy::{
    Outcome, Reason, RequestKind, RequestState, Role, Step, digest_day, is_urgent, writes_now,
};
use storage::StorageError;
use storage::privacy::requests::{self as rows, RequestRow};
use storage::privacy::{disclosures, downloads, erasures};
use tokio_util::sync::CancellationToken;

use super::ask::{destination, note};
use super::settle::{self, begin, decide};
use super::{PrivacyError, alert_subject, follow, service};
use crate::Wardesk;
use crate::outbox::Effect;
use crate::privacy::erase::Waiting;
use crate::tickets::Change;

/// How often it is looked.
const EVERY: Duration = Duration::from_mins(1);
/// Requests that are read at once.
const BATCH: i64 = 200;

/// Looks once a minute until `shutdown`. Several processes may: each thing happens once.
pub async fn run(w: Wardesk, shutdown: CancellationToken) {
    let mut look = tokio::time::interval(EVERY);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut jumps = w.jumps();
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = look.tick() => {}
            () = jumps.next() => {}
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            looked = turn(&w) => if let Err(error) = looked {
                tracing::error!(%error, "requests could not be looked after");
            }
        }
    }
}

/// Does what is due now. Safe to repeat and to stop anywhere.
pub async fn turn(w: &Wardesk) -> Result<(), PrivacyError> {
    let mut after: Option<RequestId> = None;
    let mut due = Vec::new();
    loop {
        let batch = rows::undecided(w.store().read(), after, BATCH).await?;
        let Some(last) = batch.last() else { break };
        after = Some(last.id);
        for row in batch {
            due.extend(look(w, &row).await?.map(|day| (row.id, day)));
        }
    }
    tell(w, &due).await?;
    let db = w.store().read();
    let (requests, notices) =
        (rows::overdue(db, w.now()).await?, disclosures::overdue(db, w.now()).await?);
    metrics::gauge!("wardesk_privacy_requests_overdue").set(number(requests));
    metrics::gauge!("wardesk_privacy_disclosures_overdue").set(number(notices));
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "numbers of requests are small")]
const fn number(number: i64) -> f64 {
    number as f64
}

/// Looks after one request; answers the day of which operators are to be told.
async fn look(w: &Wardesk, row: &RequestRow) -> Result<Option<i64>, PrivacyError> {
    let now = w.now();
    match row.state {
        RequestState::WithOwner => {
            let over = row.owner_until.is_none_or(|until| until <= now);
            let left = destination(w, row.kind, row.guild).await? != RequestState::WithOwner;
            if over || left {
                take_back(w, row.id).await?;
            }
        }
        RequestState::Unverified if row.kind.concerns_account() => {
            // There is nothing that operators could do: whoever asked has to sign in.
            if row.due <= now {
                give_up(w, row.id).await?;
            }
            return Ok(None);
        }
        RequestState::UnderWay => {
            if !is_being_done(w.store().read(), row).await? {
                lost(w, row).await?;
            }
            // What waits for a legal hold waits for the server; what else takes long is a matter for the operators.
            let waits = follow::waits(w, row).await?;
            if waits.iter().any(|(_, waiting)| *waiting == Waiting::Hold) {
                return Ok(None);
            }
        }
        _ => {}
    }
    Ok(row.clock().alert(row.alerted_day, now))
}

/// Whether there is what is to answer a request that is under way.
async fn is_being_done(db: &sqlx::AnyPool, row: &RequestRow) -> Result<bool, StorageError> {
    match (row.kind, row.user) {
        (RequestKind::Access, Some(user)) => downloads::is_asked(db, user).await,
        (RequestKind::Erase, Some(user)) => Ok(erasures::get(db, user).await?.is_some()),
        _ => Ok(false),
    }
}

/// What was to answer a request went without doing so, as a copy does whose time was over before it could be made.
async fn lost(w: &Wardesk, row: &RequestRow) -> Result<(), PrivacyError> {
    let Some(user) = row.user else { return Ok(()) };
    let mut change = Change::begin(w, service(w)?).await?;
    let kind = row.kind;
    // Asked once more: it may have been answered, or asked for again, at this moment.
    let asked = match kind {
        RequestKind::Access => downloads::is_asked(&mut *change.conn(), user).await?,
        _ => erasures::get(&mut *change.conn(), user).await?.is_some(),
    };
    if !asked {
        settle::failed(&mut change, user, kind).await?;
        change.commit().await?.tell();
    }
    Ok(())
}

/// The owner did not answer in time, or nobody can any more: the operators do.
async fn take_back(w: &Wardesk, id: RequestId) -> Result<(), PrivacyError> {
    let Some((mut change, mut row)) = begin(w, id).await? else { return Ok(()) };
    if row.state != RequestState::WithOwner {
        return Ok(());
    }
    row.state = RequestState::Open;
    rows::save(change.conn(), &row).await?;
    change.mended(&alert_subject(id)).await?;
    note(&mut change, id, Step::CameBack, Role::Service).await?;
    change.commit().await?.tell();
    Ok(())
}

/// Nobody has shown in time that the account is theirs: that is the answer.
async fn give_up(w: &Wardesk, id: RequestId) -> Result<(), PrivacyError> {
    let Some((mut change, mut row)) = begin(w, id).await? else { return Ok(()) };
    if row.state != RequestState::Unverified {
        return Ok(());
    }
    let outcome = Outcome::Declined(Reason::NotVerified);
    decide(&mut change, &mut row, outcome, Role::Service, None).await?;
    change.commit().await?.tell();
    Ok(())
}

/// Tells every operator of the requests that reached a day, in one message for all of them: once a day, and at once
/// where something is urgent, a few times a day at most. What is not told today is told tomorrow.
async fn tell(w: &Wardesk, due: &[(RequestId, i64)]) -> Result<(), StorageError> {
    // Where there is nobody to tell, whoever is named later is told of all that is due then.
    if due.is_empty() || w.operators().is_empty() {
        return Ok(());
    }
    let urgent = due.iter().any(|(_, day)| is_urgent(*day));
    let mut change = Change::begin(w, service(w)?).await?;
    let today = digest_day(change.now());
    // Of two processes the second waits here, and finds that all were told of.
    let sent = rows::digests(change.conn(), today).await?;
    if !writes_now(sent, urgent) {
        return Ok(());
    }
    let mut told = 0;
    for (id, day) in due {
        told += i64::from(rows::told(change.conn(), *id, *day).await?);
    }
    if told == 0 {
        return Ok(());
    }
    rows::digested(change.conn(), today).await?;
    for user in w.operators() {
        change.effect(&Effect::DmOperator { user: *user, day: today, number: sent })?;
    }
    tracing::warn!(requests = told, "requests about personal data are not decided yet");
    change.commit().await?.tell();
    Ok(())
}
