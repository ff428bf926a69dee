//! The clock of requests: operators are told on certain days, owners have their time, and nobody waits for a sign-in
//! for ever.

use std::time::Duration;

use domain::ids::RequestId;
use domain::privacy::{Outcome, Reason, RequestState, Role, Step};
use domain::time::Millis;
use storage::StorageError;
use storage::privacy::disclosures;
use storage::privacy::requests::{self as rows, RequestRow};
use tokio_util::sync::CancellationToken;

use super::ask::{destination, note};
use super::settle::{begin, decide};
use super::{PrivacyError, alert_subject, service};
use crate::Wardesk;
use crate::outbox::Effect;
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
    loop {
        let batch = rows::undecided(w.store().read(), after, BATCH).await?;
        let Some(last) = batch.last() else { break };
        after = Some(last.id);
        for row in batch {
            look(w, &row).await?;
        }
    }
    let db = w.store().read();
    gauge("requests", rows::overdue(db, w.now()).await?);
    gauge("disclosures", disclosures::overdue(db, w.now()).await?);
    Ok(())
}

#[allow(clippy::cast_precision_loss, reason = "numbers of requests are small")]
fn gauge(what: &'static str, number: i64) {
    match what {
        "requests" => metrics::gauge!("wardesk_privacy_requests_overdue").set(number as f64),
        _ => metrics::gauge!("wardesk_privacy_disclosures_overdue").set(number as f64),
    }
}

async fn look(w: &Wardesk, row: &RequestRow) -> Result<(), PrivacyError> {
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
            return if row.due <= now { give_up(w, row.id).await } else { Ok(()) };
        }
        _ => {}
    }
    match row.clock().alert(row.alerted_day, now) {
        Some(day) => Ok(tell(w, row, day, now).await?),
        None => Ok(()),
    }
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

/// Tells every operator of a day, each once.
async fn tell(w: &Wardesk, row: &RequestRow, day: i64, now: Millis) -> Result<(), StorageError> {
    let mut change = Change::begin(w, service(w)?).await?;
    if !rows::told(change.conn(), row.id, day).await? {
        return Ok(());
    }
    for user in w.operators() {
        change.effect(&Effect::DmOperator { request: row.id, user: *user, day })?;
    }
    tracing::warn!(
        day,
        overdue = row.due < now,
        "a request about personal data is not decided yet"
    );
    change.commit().await?.tell();
    Ok(())
}
