//! A subscription gets another plan, with the amount shown beforehand.

use domain::access::Capability;
use domain::licences::{Interval, PlanKey};
use domain::time::Millis;
use storage::payments::subscriptions::SubscriptionRow;

use super::checkout::{serialise, stands};
use super::reconcile::reconcile;
use super::state::keys;
use super::{PaymentsError, facts, prices, provider, wish};
use crate::Wardesk;
use crate::guilds::GuildAccess;
use crate::ports::{Money, PaymentError, PriceChange, SubscriptionStatus};

/// How old a preview may be, in seconds.
const PREVIEW_SECONDS: i64 = 3600;

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
    Ok(planned(access, plan, interval, now).await?.1)
}

/// Changes the plan to what was shown. Refuses with [`PaymentsError::AmountChanged`] when it would cost something else
/// by now, with [`PaymentsError::Declined`] when the card does not pay; nothing has changed then.
pub async fn change_plan(access: &GuildAccess, confirmed: &Confirmed) -> Result<(), PaymentsError> {
    let w = access.wardesk();
    let age = w.now().since(confirmed.at);
    if !(0..=PREVIEW_SECONDS * 1000).contains(&age) {
        return Err(PaymentsError::AmountChanged);
    }
    let (change, shown) =
        planned(access, &confirmed.plan, confirmed.interval, confirmed.at).await?;
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
    match wish::settled(w, &wish, changed).await {
        Ok(_) => {}
        Err(PaymentsError::Provider(PaymentError::Refused { status: 402 })) => {
            return Err(PaymentsError::Declined);
        }
        Err(error) => return Err(error),
    }
    // What was paid for shows at once; were this to fail, the webhook does it.
    if let Err(error) = reconcile(w, &change.subscription).await {
        tracing::warn!(%error, "a changed subscription could not be read yet");
        w.wake_payments();
    }
    Ok(())
}

/// The subscription of the server, if the acting person holds it.
async fn own(access: &GuildAccess) -> Result<SubscriptionRow, PaymentsError> {
    access.require(Capability::Billing)?;
    let w: &Wardesk = access.wardesk();
    provider(w)?;
    let row = facts::row_of(access).await?.ok_or(PaymentsError::NotFound)?;
    if row.user != Some(access.user()) {
        return Err(PaymentsError::NotHolder);
    }
    if stands(&row) { Ok(row) } else { Err(PaymentsError::NotChangeable) }
}

async fn planned(
    access: &GuildAccess,
    plan: &PlanKey,
    interval: Interval,
    at: Millis,
) -> Result<(PriceChange, PlanChange), PaymentsError> {
    let row = own(access).await?;
    let w = access.wardesk();
    let plan = w.plans().get(plan).ok_or(PaymentsError::NotSold)?;
    let lookup_key = plan.prices.get(&interval).ok_or(PaymentsError::NotSold)?;
    let price = prices::find(w, lookup_key).await?;
    let payments = provider(w)?;
    let subscription = payments.subscription(&row.id).await?.ok_or(PaymentsError::NotChangeable)?;
    match subscription.status {
        SubscriptionStatus::Active | SubscriptionStatus::Trialing => {}
        // What is outstanding is paid first.
        _ => return Err(PaymentsError::NotChangeable),
    }
    if subscription.price == price.id {
        return Err(PaymentsError::Unchanged);
    }
    let rank = w.plans().get(&row.plan).map_or(0, |present| present.rank);
    let longer = row.interval.is_some_and(|present| present != interval);
    let when = match subscription.status {
        SubscriptionStatus::Trialing => DueWhen::TrialEnd,
        _ if plan.rank > rank || longer => DueWhen::Now,
        _ => DueWhen::NextInvoice,
    };
    let mut metadata = subscription.metadata;
    metadata.insert(keys::PLAN.to_owned(), plan.key.to_string());
    let change = PriceChange {
        subscription: row.id,
        item: subscription.item,
        price: price.id,
        at,
        invoice_now: when == DueWhen::Now,
        metadata,
    };
    let key = w.new_uuid().to_string();
    let preview = payments.preview(&key, &change.subscription, Some(&change)).await?;
    let preview = preview.ok_or(PaymentsError::NotChangeable)?;
    let currency = preview.due.currency.clone();
    let shown = PlanChange {
        from: row.plan,
        to: plan.key.clone(),
        interval,
        when,
        due: preview.due,
        total: preview.total,
        // In another currency than the subscription's the price tells nothing.
        price: price
            .amount
            .filter(|_| price.currency == currency)
            .map(|amount| Money { amount, currency }),
        at,
    };
    Ok((change, shown))
}
