//! What the provider keeps: customers, cards, what is sold, what was bought. Times are seconds UTC, money is
//! minor units of a currency.

use std::collections::BTreeMap;

use super::calendar::Interval;
use super::cards::{Card, Decline};
use super::table::Row;

pub(crate) type Metadata = BTreeMap<String, String>;

macro_rules! rows {
    ($($row:ty),* $(,)?) => {
        $(impl Row for $row {
            fn id(&self) -> &str {
                &self.id
            }

            fn created(&self) -> i64 {
                self.created
            }
        })*
    };
}

rows![
    Customer,
    Method,
    Product,
    Price,
    Session,
    Portal,
    Intent,
    Charge,
    Refund,
    Dispute,
    Event,
    super::subscription::Subscription,
    super::invoice::Invoice,
];

#[derive(Debug, Clone, Default)]
pub(crate) struct Customer {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) email: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) metadata: Metadata,
    /// Country of the address, two letters; the rest of an address is not kept.
    pub(crate) country: Option<String>,
    /// By currency. Below zero: credit that lowers the next invoice in it.
    pub(crate) balances: BTreeMap<String, i64>,
    pub(crate) default_method: Option<String>,
    /// That of what was begun last.
    pub(crate) currency: Option<String>,
    /// Invoices numbered so far.
    pub(crate) invoices: u32,
    pub(crate) deleted: bool,
}

impl Customer {
    /// What is owed, or below zero kept as credit, in a currency. Source: Stripe documentation, "Multi-currency
    /// customers": credit lowers invoices in its own currency only.
    pub(crate) fn balance(&self, currency: &str) -> i64 {
        self.balances.get(currency).copied().unwrap_or(0)
    }
}

/// A payment method: always a card.
#[derive(Debug, Clone)]
pub(crate) struct Method {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) customer: Option<String>,
    pub(crate) name: String,
    pub(crate) email: Option<String>,
    pub(crate) country: Option<String>,
    pub(crate) card: Card,
}

#[derive(Debug, Clone)]
pub(crate) struct Product {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) active: bool,
    pub(crate) metadata: Metadata,
}

#[derive(Debug, Clone)]
pub(crate) struct Price {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) product: String,
    pub(crate) currency: String,
    pub(crate) amount: i64,
    /// The same price in other currencies.
    pub(crate) options: BTreeMap<String, i64>,
    /// `None`: paid once.
    pub(crate) interval: Option<Interval>,
    pub(crate) lookup_key: Option<String>,
    pub(crate) active: bool,
    pub(crate) metadata: Metadata,
}

impl Price {
    /// What it costs in a currency, if it is sold in it.
    pub(crate) fn amount_in(&self, currency: &str) -> Option<i64> {
        if self.currency == currency {
            Some(self.amount)
        } else {
            self.options.get(currency).copied()
        }
    }
}

/// Whether a session of Checkout can still be paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SessionStatus {
    Open,
    Complete,
    Expired,
}

/// A session of Checkout.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a parameter of Stripe's own")]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) expires_at: i64,
    pub(crate) status: SessionStatus,
    /// A subscription, or a payment of once.
    pub(crate) recurring: bool,
    pub(crate) price: String,
    pub(crate) quantity: i64,
    pub(crate) currency: String,
    pub(crate) success_url: String,
    pub(crate) cancel_url: Option<String>,
    pub(crate) customer: Option<String>,
    /// Payments of once make a customer only when asked to.
    pub(crate) creates_customer: bool,
    pub(crate) customer_email: Option<String>,
    pub(crate) client_reference_id: Option<String>,
    pub(crate) metadata: Metadata,
    /// Metadata for the subscription or payment intent that comes of it.
    pub(crate) passed_on: Metadata,
    pub(crate) trial_days: Option<i64>,
    pub(crate) automatic_tax: bool,
    pub(crate) allow_promotion_codes: bool,
    pub(crate) discounted: bool,
    pub(crate) donation: bool,
    pub(crate) locale: Option<String>,
    pub(crate) country: Option<String>,
    pub(crate) intent: Option<String>,
    pub(crate) subscription: Option<String>,
    pub(crate) invoice: Option<String>,
    /// Typed in and waiting for 3-D Secure.
    pub(crate) awaiting: Option<Payer>,
    /// Why the last attempt failed, for the page.
    pub(crate) problem: Option<String>,
}

/// Who pays, as typed into the checkout page.
#[derive(Debug, Clone)]
pub(crate) struct Payer {
    pub(crate) email: Option<String>,
    pub(crate) name: String,
    pub(crate) country: Option<String>,
    pub(crate) card: Card,
}

/// A session of the customer portal.
#[derive(Debug, Clone)]
pub(crate) struct Portal {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) customer: String,
    pub(crate) return_url: Option<String>,
    pub(crate) locale: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IntentStatus {
    RequiresPaymentMethod,
    RequiresAction,
    Succeeded,
    Canceled,
}

impl IntentStatus {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::RequiresPaymentMethod => "requires_payment_method",
            Self::RequiresAction => "requires_action",
            Self::Succeeded => "succeeded",
            Self::Canceled => "canceled",
        }
    }
}

/// A payment intent.
#[derive(Debug, Clone)]
pub(crate) struct Intent {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) customer: Option<String>,
    pub(crate) method: Option<String>,
    pub(crate) invoice: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) status: IntentStatus,
    pub(crate) latest_charge: Option<String>,
    pub(crate) error: Option<Decline>,
    pub(crate) metadata: Metadata,
}

#[derive(Debug, Clone)]
pub(crate) struct Charge {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) amount: i64,
    pub(crate) refunded: i64,
    pub(crate) currency: String,
    pub(crate) customer: Option<String>,
    pub(crate) intent: String,
    pub(crate) method: String,
    pub(crate) failure: Option<Decline>,
    pub(crate) disputed: bool,
    pub(crate) metadata: Metadata,
}

#[derive(Debug, Clone)]
pub(crate) struct Refund {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) charge: String,
    pub(crate) intent: String,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) reason: Option<String>,
    pub(crate) metadata: Metadata,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DisputeStatus {
    NeedsResponse,
    Won,
    Lost,
}

impl DisputeStatus {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NeedsResponse => "needs_response",
            Self::Won => "won",
            Self::Lost => "lost",
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Dispute {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) charge: String,
    pub(crate) intent: String,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) reason: String,
    pub(crate) status: DisputeStatus,
}

/// Something that happened. `object` is what it happened to, as it was then.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) kind: String,
    pub(crate) object: serde_json::Value,
    pub(crate) previous: Option<serde_json::Value>,
    pub(crate) livemode: bool,
    pub(crate) api_version: String,
}
