//! A subscription gets another plan, with the amount shown beforehand.

use std::collections::BTreeMap;

use domain::access::Capability;
use domain::licences::{Interval, Plan, PlanKey};
use domain::time::Millis;
use storage::payments::subscriptions::SubscriptionRow;

use super::checkout::{serialise, stands};
use super::reconcile::{Reconciled, reconcile};
use super::{PaymentsError, facts, prices, provider, waiting, wish};
use crate::Wardesk;
use crate::guilds::GuildAccess;
use crate::ports::{Money, PaymentError, Price, PriceChange, Subscription, SubscriptionStatus};

/// How old a preview may be, in seconds.
const PREVIEW_SECONDS: i64 = 3600;
/// How often a change is read at once, where other readings come in between.
const READINGS: usize = 3;
/// The longest name of something that the provider keeps for us. Source: Stripe documentation, "Metadata".
const LONGEST_KEY: usize = 40;

/// When the difference between two plans is to be paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DueWhen {
    /// At once: the other plan allows more than the present one, or is paid for longer.
    Now,
    /// With the next invoice, on which what is left of the present plan is a credit.
    NextInvoice,
    /// When the trial ends: until then nothing is paid.
    TrialEnd,
}

/// What another plan would cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanChange {
    /// The present plan.
    pub from: PlanKey,
    /// The other one.
    pub to: PlanKey,
    /// How often it would be paid.
    pub interval: Interval,
    /// When it is to be paid.
    pub when: DueWhen,
    /// What is to be paid then.
    pub due: Money,
    /// The same before credits are counted; below zero where credit is left over.
    pub total: i64,
    /// The full price from then on, for each interval.
    pub price: Option<Money>,
    /// The time by which it was counted. Hand it back with [`Confirmed`].
    pub at: Millis,
}

/// What somebody agreed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmed {
    /// The plan.
    pub plan: PlanKey,
    /// How often it is paid.
    pub interval: Interval,
    /// [`PlanChange::at`] as it was shown.
    pub at: Millis,
    /// [`PlanChange::due`] as it was shown.
    pub due: Money,
}

/// What another plan would cost from now on.
pub async fn preview_change(
    access: &GuildAccess,
    plan: &PlanKey,
    interval: Interval,
) -> Result<PlanChange, PaymentsError> {
    let w = access.wardesk();
    // Whole seconds: the provider knows no others.
    let now = Millis(w.now().0.div_euclid(1000) * 1000);
    let own = present(access).await?;
    Ok(planned(access, own, plan, interval, now).await?.1)
}

/// What came of the wish for another plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// The plan is the other one.
    Done,
    /// The holder's bank wants to be asked: the other plan comes when the payment was confirmed on this page of the
    /// provider.
    Confirm(String),
}

/// Changes the plan to what was shown. Refuses with [`PaymentsError::AmountChanged`] when it would cost something else
/// by now, with [`PaymentsError::Declined`] when the card does not pay; nothing has changed then.
pub async fn change_plan(
    access: &GuildAccess,
    confirmed: &Confirmed,
) -> Result<Changed, PaymentsError> {
    let w = access.wardesk();
    let age = w.now().since(confirmed.at);
    if !(0..=PREVIEW_SECONDS * 1000).contains(&age) {
        return Err(PaymentsError::AmountChanged);
    }
    let own = present(access).await?;
    if let Some(pending) = &own.1.pending {
        // The same once more, as after an answer that was lost: it goes on where it was.
        let price = sold(w, &confirmed.plan, confirmed.interval).await?.1;
        return if pending.price == price.id {
            waiting::pay_change(access).await.map(Changed::Confirm)
        } else {
            Err(PaymentsError::ChangeWaits)
        };
    }
    let (change, shown) =
        planned(access, own, &confirmed.plan, confirmed.interval, confirmed.at).await?;
    if shown.due != confirmed.due {
        return Err(PaymentsError::AmountChanged);
    }
    let new = wish::New {
        kind: "change",
        // Another preview is another wish: it may cost something else.
        about: format!("change:{}:{}:{}", change.subscription, change.price, confirmed.at.0),
        user: access.user(),
        guild: Some(access.guild()),
        seconds: PREVIEW_SECONDS,
        id: None,
    };
    let wish = wish::stored(w, &new, || serialise(&change)).await?;
    let change: PriceChange = serde_json::from_str(&wish.request)
        .map_err(|_| storage::StorageError::Corrupt("payment_wishes.request"))?;
    let changed = provider(w)?.change_price(&wish.id, &change).await;
    let changed = match wish::settled(w, &wish, changed).await {
        Ok(changed) => changed,
        Err(PaymentsError::Provider(PaymentError::Refused { status: 402 })) => {
            return Err(PaymentsError::Declined);
        }
        Err(error) => return Err(error),
    };
    let came = match &changed.pending {
        None => Ok(Changed::Done),
        Some(pending) => waiting::unpaid(w, pending, &confirmed.due).await,
    };
    read_again(w, &change.subscription).await;
    came
}

/// Has what was paid for, or waits, show at once; were this to fail, the webhook does it.
pub(super) async fn read_again(w: &Wardesk, subscription: &str) {
    for _ in 0..READINGS {
        match reconcile(w, subscription).await {
            // Webhooks of the same change have had it read meanwhile: what they brought may not be there yet.
            Ok(Reconciled::Superseded) => {}
            Ok(_) => return,
            Err(error) => {
                tracing::warn!(%error, "a changed subscription could not be read yet");
                break;
            }
        }
    }
    w.wake_payments();
}

/// The subscription of the server, if the acting person holds it.
pub(super) async fn own(access: &GuildAccess) -> Result<SubscriptionRow, PaymentsError> {
    access.require(Capability::Billing)?;
    let w: &Wardesk = access.wardesk();
    provider(w)?;
    let row = facts::row_of(access).await?.ok_or(PaymentsError::NotFound)?;
    if row.user != Some(access.user()) {
        return Err(PaymentsError::NotHolder);
    }
    if stands(&row) { Ok(row) } else { Err(PaymentsError::NotChangeable) }
}

/// The same as we have it, and as the provider has it now.
async fn present(access: &GuildAccess) -> Result<(SubscriptionRow, Subscription), PaymentsError> {
    let row = own(access).await?;
    let subscription = provider(access.wardesk())?.subscription(&row.id).await?;
    Ok((row, subscription.ok_or(PaymentsError::NotChangeable)?))
}

/// A plan with its price.
async fn sold<'a>(
    w: &'a Wardesk,
    plan: &PlanKey,
    interval: Interval,
) -> Result<(&'a Plan, Price), PaymentsError> {
    let plan = w.plans().get(plan).ok_or(PaymentsError::NotSold)?;
    let lookup_key = plan.prices.get(&interval).ok_or(PaymentsError::NotSold)?;
    Ok((plan, prices::find(w, lookup_key).await?))
}

async fn planned(
    access: &GuildAccess,
    (row, subscription): (SubscriptionRow, Subscription),
    plan: &PlanKey,
    interval: Interval,
    at: Millis,
) -> Result<(PriceChange, PlanChange), PaymentsError> {
    let w = access.wardesk();
    let (plan, price) = sold(w, plan, interval).await?;
    let payments = provider(w)?;
    if subscription.pending.is_some() {
        return Err(PaymentsError::ChangeWaits);
    }
    match subscription.status {
        SubscriptionStatus::Active | SubscriptionStatus::Trialing => {}
        // What is outstanding is paid first.
        _ => return Err(PaymentsError::NotChangeable),
    }
    if subscription.price == price.id {
        return Err(PaymentsError::Unchanged);
    }
    // A subscription keeps its currency.
    let currency = subscription.currency.as_deref();
    if price.main().is_some() && currency.is_some_and(|own| price.amount_in(own).is_none()) {
        return Err(PaymentsError::CurrencyFixed);
    }
    let rank = w.plans().get(&row.plan).map_or(0, |present| present.rank);
    let longer = row.interval.is_some_and(|present| present != interval);
    let when = match subscription.status {
        SubscriptionStatus::Trialing => DueWhen::TrialEnd,
        _ if plan.rank > rank || longer => DueWhen::Now,
        _ => DueWhen::NextInvoice,
    };
    // Of the price and not of the subscription: so it is true whether the change comes or not.
    let mut metadata = BTreeMap::new();
    if price.id.len() <= LONGEST_KEY {
        metadata.insert(price.id.clone(), plan.key.to_string());
    }
    let change = PriceChange {
        subscription: row.id,
        item: subscription.item,
        price: price.id.clone(),
        at,
        invoice_now: when == DueWhen::Now,
        metadata,
    };
    let key = w.new_uuid().to_string();
    let preview = payments.preview(&key, &change.subscription, Some(&change)).await?;
    let preview = preview.ok_or(PaymentsError::NotChangeable)?;
    let shown = PlanChange {
        from: row.plan,
        to: plan.key.clone(),
        interval,
        when,
        price: price.amount_in(&preview.due.currency).cloned(),
        due: preview.due,
        total: preview.total,
        at,
    };
    Ok((change, shown))
}
