//! A subscription is read, and its licence made what that means.

use domain::ids::{GuildId, LicenceId};
use domain::licences::Status;
use domain::time::Millis;
use storage::StorageError;
use storage::licences::{Found, trials};
use storage::payments::subscriptions::{self as rows, SubscriptionRow};

use super::state::{self, State, state_of};
use super::{Funds, PaymentsError, Reading, news, provider, reading};
use crate::Wardesk;
#[cfg(feature = "failpoints")]
use crate::failpoints::payments as at;
use crate::guilds::known;
use crate::licences::current::is_buried;
use crate::licences::{Change, Settled, changed, settle};
use crate::ports::SubscriptionStatus;
use crate::tickets;

/// What came of a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reconciled {
    /// It was so already, or is none of ours.
    Nothing,
    /// The licence was changed.
    Changed,
    /// A later reading was begun meanwhile: that one counts.
    Superseded,
}

/// Reads a subscription and makes its licence what that means. Safe to repeat, and to stop anywhere.
pub async fn reconcile(w: &Wardesk, id: &str) -> Result<Reconciled, PaymentsError> {
    let payments = provider(w)?;
    // Of readings at the same time the one that was begun last counts: it cannot be older than the others.
    let mut tx = w.store().begin().await?;
    let number = rows::begin_reading(tx.conn(), id, payments.live()).await?;
    tx.commit().await?;
    fail::fail_point!(at::AFTER_BEGIN);
    let read = match payments.subscription(id).await? {
        // Real and pretended money never mix.
        Some(subscription) if subscription.live == payments.live() => {
            Some(reading::read(payments, subscription).await?)
        }
        _ => None,
    };
    fail::fail_point!(at::AFTER_READ);
    let Some(reading) = read else { return forget(w, id, number, payments.live()).await };
    apply(w, &reading, number).await
}

/// A subscription that the provider does not have. What it paid for is left as it is: silence takes nothing.
async fn forget(
    w: &Wardesk,
    id: &str,
    number: i64,
    live: bool,
) -> Result<Reconciled, PaymentsError> {
    let mut tx = w.store().begin().await?;
    match rows::lock(tx.conn(), id, number).await? {
        None => return Ok(Reconciled::Superseded),
        Some(None) => rows::remove(tx.conn(), id).await?,
        // Tried out with pretended money, before the service took real one.
        Some(Some(had)) if live && !had.live => {
            end(tx.conn(), had.licence, w.now()).await?;
            rows::remove(tx.conn(), id).await?;
            tx.commit().await?;
            changed(w);
            return Ok(Reconciled::Changed);
        }
        Some(Some(had)) => {
            tracing::warn!(licence = %had.licence, "the payment provider does not know a subscription");
            rows::look_later(tx.conn(), id, w.now().plus_seconds(24 * 3600)).await?;
        }
    }
    tx.commit().await?;
    Ok(Reconciled::Nothing)
}

/// Ends a licence whose subscription is no subscription.
async fn end(
    conn: &mut sqlx::AnyConnection,
    id: LicenceId,
    now: Millis,
) -> Result<(), StorageError> {
    let Found::Licence(row) = storage::licences::lock(&mut *conn, id).await? else { return Ok(()) };
    let licence = row.licence;
    let ended = Settled {
        licence: id,
        plan: licence.plan,
        source: licence.source,
        contact: licence.contact,
        seats: licence.seats,
        status: Status::Ended,
        expires: Some(now),
        grace_until: None,
        first_seat: None,
    };
    settle(conn, &ended, now).await?;
    Ok(())
}

/// What has to be known before the transaction begins.
struct Beside {
    buried: bool,
    trial: Option<trials::TrialMark>,
    name: String,
}

async fn beside(w: &Wardesk, state: &State, reading: &Reading) -> Result<Beside, PaymentsError> {
    let buried = is_buried(w, state.licence).await?;
    let had_trial = reading.subscription.trial_end.is_some();
    let trial = match state.guild.filter(|_| had_trial) {
        Some(guild) => {
            let live = reading.subscription.live;
            Some(trials::mark(w.store().keys(), guild, live).await?)
        }
        None => None,
    };
    let name = match state.guild {
        Some(guild) => name_of(w, guild).await?,
        None => String::new(),
    };
    Ok(Beside { buried, trial, name })
}

async fn name_of(w: &Wardesk, guild: GuildId) -> Result<String, StorageError> {
    let known = known(w, guild).await?;
    Ok(known.installation.as_ref().map(|here| here.name.clone()).unwrap_or_default())
}

async fn apply(w: &Wardesk, reading: &Reading, number: i64) -> Result<Reconciled, PaymentsError> {
    let id = reading.subscription.id.as_str();
    let now = w.now();
    let had = rows::get(w.store().read(), id).await?;
    let Some(state) = state_of(w.plans(), reading, had.as_ref(), now) else {
        return forget_unless_ours(w, id, number).await;
    };
    let beside = beside(w, &state, reading).await?;
    // Effects belong to a server.
    let Some(guild) = state.guild.or(had.as_ref().and_then(|had| had.guild)) else {
        tracing::warn!(licence = %state.licence, "a subscription names no server");
        return look_tomorrow(w, id, number).await;
    };
    let mut change = tickets::Change::begin(w, guild).await?;
    let Some(had) = rows::lock(change.conn(), id, number).await? else {
        return Ok(Reconciled::Superseded);
    };
    // Again under the lock: another process may have written meanwhile.
    let Some(state) = state_of(w.plans(), reading, had.as_ref(), now) else {
        drop(change);
        return look_tomorrow(w, id, number).await;
    };
    let made = if beside.buried {
        Change::Nothing
    } else {
        settle(change.conn(), &settled(&state, guild, beside.name), now).await?
    };
    let found = storage::licences::lock(change.conn(), state.licence).await?;
    let over = beside.buried || never_again(&found) || reading.funds == Funds::Lost;
    let row = row_of(&state, reading, &found, over, now);
    rows::save(change.conn(), &row).await?;
    if let Some(mark) = beside.trial {
        trials::take(change.conn(), mark, now).await?;
    }
    if let (Found::Licence(licence), false) = (&found, beside.buried) {
        news::tell(&mut change, &state, reading, &licence.licence).await?;
    }
    fail::fail_point!(at::BEFORE_COMMIT);
    let committed = change.commit().await?;
    fail::fail_point!(at::AFTER_COMMIT);
    if made != Change::Nothing {
        changed(w);
    }
    committed.tell();
    if row.unwanted {
        w.wake_payments();
    }
    Ok(if made == Change::Nothing { Reconciled::Nothing } else { Reconciled::Changed })
}

async fn forget_unless_ours(
    w: &Wardesk,
    id: &str,
    number: i64,
) -> Result<Reconciled, PaymentsError> {
    let mut tx = w.store().begin().await?;
    if let Some(None) = rows::lock(tx.conn(), id, number).await? {
        rows::remove(tx.conn(), id).await?;
        tx.commit().await?;
        return Ok(Reconciled::Nothing);
    }
    drop(tx);
    look_tomorrow(w, id, number).await
}

/// Leaves a subscription of which nothing can be made as it is, and not to be read all the time.
async fn look_tomorrow(w: &Wardesk, id: &str, number: i64) -> Result<Reconciled, PaymentsError> {
    let mut tx = w.store().begin().await?;
    if let Some(Some(_)) = rows::lock(tx.conn(), id, number).await? {
        rows::look_later(tx.conn(), id, w.now().plus_seconds(24 * 3600)).await?;
        tx.commit().await?;
    }
    Ok(Reconciled::Nothing)
}

/// Whether a licence can never count again, so that nobody is to pay for it.
fn never_again(found: &Found) -> bool {
    match found {
        Found::Erased => true,
        Found::Licence(row) => row.licence.status == Status::Revoked,
        Found::None => false,
    }
}

fn settled(state: &State, guild: GuildId, name: String) -> Settled {
    Settled {
        licence: state.licence,
        plan: state.plan.clone(),
        source: state.source,
        contact: state.account,
        seats: state.seats,
        status: state.status,
        expires: state.expires,
        grace_until: state.grace_until,
        first_seat: Some((guild, name)),
    }
}

fn row_of(
    state: &State,
    reading: &Reading,
    found: &Found,
    over: bool,
    now: Millis,
) -> SubscriptionRow {
    let subscription = &reading.subscription;
    let lives = subscription.status != SubscriptionStatus::Canceled;
    // Whoever had their data removed is not written down again.
    let known = match found {
        Found::Erased => false,
        Found::None => !over,
        Found::Licence(_) => true,
    };
    SubscriptionRow {
        id: subscription.id.clone(),
        live: subscription.live,
        read_at: now,
        licence: state.licence,
        customer: known.then(|| subscription.customer.clone()),
        user: known.then_some(state.account),
        guild: state.guild.filter(|_| known),
        plan: state.plan.clone(),
        interval: state.interval,
        currency: subscription.currency.clone(),
        status: state::word(subscription.status).to_owned(),
        money: reading.funds.as_str().to_owned(),
        period_end: subscription.period_end,
        trial_end: subscription.trial_end,
        ends_at: state.expires,
        failed_at: state.failed_at,
        change: state.change.clone(),
        look_at: state.look_at,
        unwanted: over && lives,
    }
}

/// Reads all subscriptions of a customer.
pub(super) async fn customer(w: &Wardesk, customer: &str) -> Result<Reconciled, PaymentsError> {
    let payments = provider(w)?;
    let mut all = Reconciled::Nothing;
    let mut after: Option<String> = None;
    loop {
        let page = payments.subscriptions(Some(customer), after.as_deref()).await?;
        for subscription in page.items {
            match reconcile(w, &subscription.id).await? {
                Reconciled::Superseded => all = Reconciled::Superseded,
                Reconciled::Changed if all == Reconciled::Nothing => all = Reconciled::Changed,
                _ => {}
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(all);
        }
    }
}
