//! The end of a customer: their licences end for good. Source: the privacy policies, "removal of customer data
//! ... irrecoverably" (`docs/PROMISES.md` P35).

use domain::ids::{LicenceId, UserId};
use domain::licences::{Licence, Status};
use domain::time::Millis;
use storage::StorageError;
use storage::licences::{self as rows, Found};

use super::{LicenceError, Refusal, current, note, payments};
use crate::Wardesk;
use crate::accounts::Session;

/// Licences that are looked through at once.
const BATCH: i64 = 200;

/// Removes what is kept of the person of the session as a customer: every licence they hold ends, for good, and
/// forgets them and its servers. Only with `acknowledged`: they said expressly that they know that. Answers which
/// licences ended; whoever charges for one must be told to stop before, while it is known which they are.
///
/// First each is buried in the key store, which no restore of a content backup takes back. So a crash in between
/// ends in the same: the licence counts no more, and [`bury_again`] removes the rest. Safe to repeat.
pub async fn end_customer(
    w: &Wardesk,
    session: &Session,
    acknowledged: bool,
) -> Result<Vec<LicenceId>, LicenceError> {
    if !acknowledged {
        return Err(Refusal::NotAcknowledged.into());
    }
    Ok(end_customer_of(w, session.user).await?)
}

/// As [`end_customer`], for somebody who is erased and confirmed it there, or is under age.
pub(crate) async fn end_customer_of(
    w: &Wardesk,
    user: UserId,
) -> Result<Vec<LicenceId>, StorageError> {
    let found = rows::of_contact(w.store().read(), user).await?;
    let mut ended = Vec::with_capacity(found.len());
    for row in found {
        let id = row.licence.id;
        current::bury(w, id).await?;
        fail::fail_point!(crate::failpoints::licences::END_AFTER_BURIAL, |_| Ok(Vec::new()));
        current::changed(w);
        if erase(w, id).await? {
            ended.push(id);
        }
        current::changed(w);
    }
    payments::forget(w, user).await?;
    Ok(ended)
}

/// Ends again what is over for good and came back, as by a restored backup. Call it before anything is served, and
/// from time to time. Answers how many there were.
pub async fn bury_again(w: &Wardesk) -> Result<u64, StorageError> {
    if !w.store().keys().any_buried().await? {
        return Ok(0);
    }
    let (mut before, mut count) = (None, 0);
    loop {
        let some = rows::page(w.store().read(), before, BATCH).await?;
        let Some(last) = some.last() else { break };
        before = Some(last.licence.id);
        for row in &some {
            if current::is_buried(w, row.licence.id).await? && erase(w, row.licence.id).await? {
                count += 1;
                // What was kept of who held it has come back with it.
                let mut tx = w.store().begin().await?;
                storage::payments::forget(tx.conn(), row.licence.contact).await?;
                tx.commit().await?;
            }
        }
    }
    if count > 0 {
        current::changed(w);
        tracing::warn!(count, "licences that are over for good had come back and were ended again");
    }
    Ok(count)
}

/// Whether somebody holds a licence that is not over for good, however it stands.
pub(crate) async fn holds_any(w: &Wardesk, user: UserId) -> Result<bool, StorageError> {
    let held = rows::of_contact(w.store().read(), user).await?;
    Ok(!current::alive(w, held).await?.is_empty())
}

/// Erases a licence that is buried; `false`: it was erased already.
async fn erase(w: &Wardesk, id: LicenceId) -> Result<bool, StorageError> {
    let now = w.now();
    let mut tx = w.store().begin().await?;
    // Before the licence, as a reading does it: so that neither waits for the other.
    payments::stop(tx.conn(), id).await?;
    let Found::Licence(row) = rows::lock(tx.conn(), id).await? else { return Ok(false) };
    let before = row.licence;
    let after = over(&before, now);
    // One that had ended before was told of then.
    if before.status != Status::Ended {
        // The service ends it: whose it was is what has to go.
        note::on_servers(tx.conn(), None, "licence.ended", Some(&before), &after, now).await?;
    }
    rows::operators::forget_states(tx.conn(), id).await?;
    rows::erase(tx.conn(), id, now).await?;
    storage::alerts::clear_everywhere(tx.conn(), &payments::alert_subject(id)).await?;
    fail::fail_point!(crate::failpoints::licences::END_BEFORE_COMMIT);
    tx.commit().await?;
    fail::fail_point!(crate::failpoints::licences::END_AFTER_COMMIT);
    Ok(true)
}

fn over(licence: &Licence, now: Millis) -> Licence {
    Licence { status: Status::Ended, expires: Some(now), grace_until: None, ..licence.clone() }
}
