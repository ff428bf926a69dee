//! A subscription as it is kept.

use super::calendar::Interval;
use super::invoice::Line;
use super::model::Metadata;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Trialing,
    Active,
    PastDue,
    Canceled,
}

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Trialing => "trialing",
            Self::Active => "active",
            Self::PastDue => "past_due",
            Self::Canceled => "canceled",
        }
    }
}

/// From and until, seconds UTC; the end is not part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Period {
    pub(crate) start: i64,
    pub(crate) end: i64,
}

/// A discount that waits for the first invoice with an amount.
#[derive(Debug, Clone)]
pub(crate) struct Discount {
    pub(crate) id: String,
    pub(crate) start: i64,
    pub(crate) session: Option<String>,
}

/// A change that waits until its invoice is paid. Source: Stripe documentation, "Pending updates".
#[derive(Debug, Clone)]
pub(crate) struct PendingUpdate {
    pub(crate) expires_at: i64,
    /// Whether its first payment failed: before that it is nobody's business.
    pub(crate) waits: bool,
    pub(crate) invoice: String,
    pub(crate) price: String,
    pub(crate) quantity: i64,
    pub(crate) interval: Interval,
    pub(crate) period: Period,
    pub(crate) anchor: i64,
    /// What its invoice has used up, which comes back when that is void.
    pub(crate) used: Vec<Line>,
    pub(crate) discount: Option<Discount>,
}

/// A subscription: one price.
#[derive(Debug, Clone)]
pub(crate) struct Subscription {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) customer: String,
    pub(crate) status: Status,
    pub(crate) currency: String,
    pub(crate) item: String,
    pub(crate) price: String,
    pub(crate) quantity: i64,
    pub(crate) interval: Interval,
    pub(crate) period: Period,
    /// From where periods are counted.
    pub(crate) anchor: i64,
    pub(crate) trial: Option<Period>,
    /// Whether the notice of the trial's end was given.
    pub(crate) trial_noticed: bool,
    pub(crate) cancel_at_period_end: bool,
    pub(crate) canceled_at: Option<i64>,
    pub(crate) ended_at: Option<i64>,
    pub(crate) cancel_reason: Option<&'static str>,
    pub(crate) method: Option<String>,
    pub(crate) latest_invoice: Option<String>,
    pub(crate) metadata: Metadata,
    pub(crate) automatic_tax: bool,
    pub(crate) discount: Option<Discount>,
    /// Prorations that wait for the next invoice.
    pub(crate) pending: Vec<Line>,
    pub(crate) update: Option<PendingUpdate>,
}

impl Subscription {
    pub(crate) fn is_over(&self) -> bool {
        self.status == Status::Canceled
    }
}
