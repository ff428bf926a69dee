//! What a subscription, as it was read now, means for its licence.

use domain::ids::{GuildId, LicenceId, UserId};
use domain::licences::{GRACE_SECONDS, Interval, PlanKey, Plans, Source, Status};
use domain::time::Millis;
use storage::payments::subscriptions::{SubscriptionRow, WaitingChange};

use crate::ports::{PendingUpdate, Subscription, SubscriptionStatus};

/// How long after the end of a period is looked whether it was renewed, if the provider has not told. Its invoices
/// stay drafts for about an hour. Source: Stripe documentation, "Subscription invoices".
const RENEWAL_SECONDS: i64 = 2 * 3600;
/// How long after that is looked again.
const AGAIN_SECONDS: i64 = 6 * 3600;

/// How long after the end of a change that waits is looked what became of it.
const EXPIRY_SECONDS: i64 = 60;

/// Names of what the provider keeps for us with a subscription. Besides these, the id of each price that it was changed to
/// names the plan of that price.
pub(super) mod keys {
    pub const LICENCE: &str = "licence";
    pub const GUILD: &str = "guild";
    pub const ACCOUNT: &str = "account";
    /// The plan that was bought at first.
    pub const PLAN: &str = "plan";
    pub const MODE: &str = "mode";
}

/// What has become of the money for the present period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Funds {
    /// It stayed, or there was none to pay.
    Kept,
    /// All of it was given back.
    Refunded,
    /// A payment for this subscription is disputed.
    Disputed,
    /// A dispute about this subscription was lost.
    Lost,
}

impl Funds {
    /// Its word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Refunded => "refunded",
            Self::Disputed => "disputed",
            Self::Lost => "lost",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Kept, Self::Refunded, Self::Disputed, Self::Lost]
            .into_iter()
            .find(|one| one.as_str() == word)
    }
}

/// A subscription as it was read now, with its money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The subscription.
    pub subscription: Subscription,
    /// What has become of the money.
    pub funds: Funds,
    /// When the renewal that is outstanding failed for the first time.
    pub failed_at: Option<Millis>,
}

/// What the licence of a subscription is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The licence.
    pub licence: LicenceId,
    /// Who holds it.
    pub account: UserId,
    /// The server that it was bought on.
    pub guild: Option<GuildId>,
    /// Its plan.
    pub plan: PlanKey,
    /// How often it is paid; `None` for a price that is in no plan any more.
    pub interval: Option<Interval>,
    /// Servers that it serves.
    pub seats: u32,
    /// Whether it was paid for yet.
    pub source: Source,
    /// How it stands.
    pub status: Status,
    /// When it ends, or ended, as far as the provider has said that it does.
    pub expires: Option<Millis>,
    /// A payment failed: until when it is waited for.
    pub grace_until: Option<Millis>,
    /// When that payment failed for the first time.
    pub failed_at: Option<Millis>,
    /// The change of plan that waits, if one does. It gives nothing.
    pub change: Option<WaitingChange>,
    /// When something will be different, whether the provider tells or not.
    pub look_at: Option<Millis>,
}

/// The word of a status in the database.
pub(super) const fn word(status: SubscriptionStatus) -> &'static str {
    match status {
        SubscriptionStatus::Incomplete => "incomplete",
        SubscriptionStatus::IncompleteExpired => "incomplete_expired",
        SubscriptionStatus::Trialing => "trialing",
        SubscriptionStatus::Active => "active",
        SubscriptionStatus::PastDue => "past_due",
        SubscriptionStatus::Unpaid => "unpaid",
        SubscriptionStatus::Canceled => "canceled",
        SubscriptionStatus::Paused => "paused",
    }
}

/// Reads what the provider keeps for us.
fn kept<T: std::str::FromStr>(subscription: &Subscription, key: &str) -> Option<T> {
    subscription.metadata.get(key)?.parse().ok()
}

/// What the licence of a subscription is to be: from the subscription as it was read now, what we had of it
/// before, and the time. `None` for one that is not ours, or that nothing was paid for yet.
///
/// The answer depends on `had` only where the provider's word is missing: for a price that has lost its lookup key,
/// and for a failure whose time cannot be seen any more. So it is the same in whatever order readings come.
pub fn state_of(
    plans: &Plans,
    reading: &Reading,
    had: Option<&SubscriptionRow>,
    now: Millis,
) -> Option<State> {
    let subscription = &reading.subscription;
    let licence = kept(subscription, keys::LICENCE)?;
    let account = kept(subscription, keys::ACCOUNT)?;
    if matches!(
        subscription.status,
        SubscriptionStatus::Incomplete | SubscriptionStatus::IncompleteExpired
    ) {
        return None;
    }
    let (plan, interval) = plan_of(plans, subscription, had)?;
    let seats = plans.get(&plan).map_or(1, |plan| plan.seats);
    let trial = subscription.status == SubscriptionStatus::Trialing;
    let mut state = State {
        licence,
        account,
        guild: kept(subscription, keys::GUILD),
        plan,
        interval,
        seats,
        source: if trial { Source::Trial } else { Source::Subscription },
        status: Status::Active,
        expires: subscription.cancel_at,
        grace_until: None,
        failed_at: None,
        change: None,
        look_at: None,
    };
    match subscription.status {
        SubscriptionStatus::Canceled => canceled(&mut state, reading, now),
        SubscriptionStatus::PastDue | SubscriptionStatus::Unpaid => {
            let failed = reading.failed_at.or(had.and_then(|had| had.failed_at)).unwrap_or(now);
            wait_for_payment(&mut state, failed, failed.plus_seconds(GRACE_SECONDS), now);
        }
        SubscriptionStatus::Paused => state.status = Status::Suspended,
        _ => {}
    }
    match reading.funds {
        Funds::Kept => {}
        Funds::Lost => {
            state.status = Status::Ended;
            state.grace_until = None;
            state.look_at = None;
        }
        Funds::Refunded | Funds::Disputed => {
            if state.status == Status::Active {
                state.status = Status::Suspended;
            }
        }
    }
    if subscription.status != SubscriptionStatus::Canceled && reading.funds != Funds::Lost {
        state.look_at = earlier(state.look_at, Some(next_look(subscription, now)));
        if let Some(pending) = &subscription.pending {
            state.change = Some(waiting(plans, subscription, pending));
            let end = pending.expires.plus_seconds(EXPIRY_SECONDS);
            let look = if end > now { end } else { now.plus_seconds(AGAIN_SECONDS) };
            state.look_at = earlier(state.look_at, Some(look));
        }
    }
    Some(state)
}

/// A change that waits, in our words.
fn waiting(plans: &Plans, subscription: &Subscription, pending: &PendingUpdate) -> WaitingChange {
    let found = pending.lookup_key.as_deref().and_then(|key| plans.of_price(key));
    let (plan, interval) = found.map(|(plan, interval)| (plan.key.clone(), interval)).unzip();
    let plan = plan.or_else(|| kept(subscription, &pending.price));
    WaitingChange { plan, interval, until: pending.expires }
}

/// The plan that is paid for. A price that the operator has replaced loses its lookup key to the new one, and
/// goes on being paid.
fn plan_of(
    plans: &Plans,
    subscription: &Subscription,
    had: Option<&SubscriptionRow>,
) -> Option<(PlanKey, Option<Interval>)> {
    if let Some((plan, interval)) =
        subscription.lookup_key.as_deref().and_then(|key| plans.of_price(key))
    {
        return Some((plan.key.clone(), Some(interval)));
    }
    // What we wrote there of this price, or when it was bought, else what we had.
    kept(subscription, &subscription.price)
        .or_else(|| kept(subscription, keys::PLAN))
        .map(|plan| (plan, had.and_then(|had| had.interval)))
        .or_else(|| had.map(|had| (had.plan.clone(), had.interval)))
}

/// One that is over. Where nobody paid, the grace goes on to its end: providers give up when they like.
fn canceled(state: &mut State, reading: &Reading, now: Millis) {
    let subscription = &reading.subscription;
    let ended = subscription.ended_at.unwrap_or(subscription.period_end);
    if let Some(failed) = reading.failed_at.filter(|_| subscription.ended_unpaid) {
        let end = ended.max(failed.plus_seconds(GRACE_SECONDS));
        wait_for_payment(state, failed, end, now);
        state.expires = Some(end);
    } else {
        state.status = Status::Ended;
        state.expires = Some(ended);
    }
}

/// A payment is outstanding: the licence counts until `end`.
fn wait_for_payment(state: &mut State, failed: Millis, end: Millis, now: Millis) {
    state.failed_at = Some(failed);
    if now < end {
        state.grace_until = Some(end);
        state.look_at = Some(end);
    } else {
        state.status = Status::Ended;
        state.expires = Some(end);
    }
}

/// When to look at a subscription that lives, should the provider not tell.
fn next_look(subscription: &Subscription, now: Millis) -> Millis {
    let end = subscription
        .cancel_at
        .unwrap_or_else(|| subscription.period_end.plus_seconds(RENEWAL_SECONDS));
    if end > now { end } else { now.plus_seconds(AGAIN_SECONDS) }
}

fn earlier(one: Option<Millis>, other: Option<Millis>) -> Option<Millis> {
    one.into_iter().chain(other).min()
}

#[cfg(test)]
mod tests;
