//! The payment provider, as the use-cases see it. Implemented by `payments`.
//!
//! Its types hold what is used and nothing else. Amounts are integers in the smallest unit of their currency.
//! Every call that changes something takes a key that names the wish: the same key asks for the same
//! thing once, however often it is sent. Keys are stored before the call, so they survive a restart.

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::ids::UserId;
use domain::locale::Locale;
use domain::time::Millis;
use serde::{Deserialize, Serialize};

/// Why a call failed, sorted by what the caller can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PaymentError {
    /// The key is not valid. The operator must act.
    #[error("the payment key is not valid")]
    BadKey,
    /// The provider refused what was sent: a defect on our side, a card that was declined (402), something that the
    /// key may not do (403).
    #[error("the payment provider refused with status {status}")]
    Refused {
        /// The HTTP status.
        status: u16,
    },
    /// Not now: an outage, a timeout, a limit.
    #[error("the payment provider is not available at the moment")]
    Unavailable,
    /// The answer has not the form that its documentation gives.
    #[error("the payment provider's answer cannot be read")]
    Unreadable,
}

/// What something costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// The provider's id.
    pub id: String,
    /// The name under which it is looked up, which stays when the price changes.
    pub lookup_key: Option<String>,
    /// The amount in each currency that it is offered in, its main one first; empty where it depends on the quantity.
    pub amounts: Vec<Money>,
    /// Whether real money is meant.
    pub live: bool,
}

impl Price {
    /// The amount in the currency that the price has by itself.
    pub fn main(&self) -> Option<&Money> {
        self.amounts.first()
    }

    /// The amount in a currency, if it is offered in it.
    pub fn amount_in(&self, currency: &str) -> Option<&Money> {
        self.amounts.iter().find(|money| money.currency == currency)
    }
}

/// An amount of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// In the smallest unit of the currency. Below zero it is the customer's.
    pub amount: i64,
    /// ISO 4217, in lower case.
    pub currency: String,
}

/// What is bought on the provider's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purchase {
    /// A subscription.
    Subscription {
        /// The id of the price.
        price: String,
        /// One of the currencies that the price is offered in. `None` in what was asked for before there was a choice:
        /// the provider chooses.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        currency: Option<String>,
        /// Days that cost nothing at first.
        trial_days: Option<u32>,
    },
    /// A donation, once.
    Donation {
        /// How much.
        money: Money,
        /// What the page calls it.
        name: String,
    },
}

/// The provider's page on which somebody pays, as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewCheckout {
    /// The provider's id of who pays.
    pub customer: String,
    /// What.
    pub purchase: Purchase,
    /// Our name for the purchase.
    pub reference: String,
    /// What the provider keeps with the session, and with the subscription that comes of it.
    pub metadata: BTreeMap<String, String>,
    /// Where the person goes afterwards.
    pub success_url: String,
    /// Where the person goes who does not pay.
    pub cancel_url: String,
    /// The language of the page.
    pub locale: Locale,
    /// When the page ends. Between 30 minutes and 24 hours from now.
    pub expires: Millis,
}

/// How far somebody got on the provider's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckoutStatus {
    /// Not finished yet.
    Open,
    /// Finished. Whether the money is there says [`Checkout::paid`].
    Complete,
    /// Ended without a purchase.
    Expired,
}

/// The provider's page on which somebody pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkout {
    /// The provider's id.
    pub id: String,
    /// Where the page is; `None` once it has ended.
    pub url: Option<String>,
    /// How far it is.
    pub status: CheckoutStatus,
    /// Whether it is paid, or costs nothing now.
    pub paid: bool,
    /// What it costs in all, once that is known.
    pub total: Option<Money>,
}

/// How a subscription is at the provider. Source: Stripe API reference, "The Subscription object".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscriptionStatus {
    /// The first payment is outstanding: nothing is bought yet.
    Incomplete,
    /// The first payment never came.
    IncompleteExpired,
    /// The trial runs.
    Trialing,
    /// Paid.
    Active,
    /// A renewal could not be paid; the provider tries again.
    PastDue,
    /// A renewal could not be paid, and the provider does not try any more.
    Unpaid,
    /// Over.
    Canceled,
    /// The trial is over and there is no way to pay.
    Paused,
}

/// A change that waits until its invoice is paid. Nothing of it counts before. Source: Stripe documentation,
/// "Pending updates".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingUpdate {
    /// The id of the price that would come.
    pub price: String,
    /// That price's lookup key, if it has one.
    pub lookup_key: Option<String>,
    /// When the provider gives it up.
    pub expires: Millis,
    /// The provider's id of the invoice that it waits for.
    pub invoice: Option<String>,
}

/// A subscription, as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The provider's id.
    pub id: String,
    /// The provider's id of who pays.
    pub customer: String,
    /// How it is.
    pub status: SubscriptionStatus,
    /// The part of it that has the price.
    pub item: String,
    /// The id of the price.
    pub price: String,
    /// The price's lookup key, if it still has one.
    pub lookup_key: Option<String>,
    /// The currency that it is paid in, which stays the same for its whole life.
    pub currency: Option<String>,
    /// When the paid period began.
    pub period_start: Millis,
    /// When the paid period ends.
    pub period_end: Millis,
    /// When it ends, if it was cancelled for a later time.
    pub cancel_at: Option<Millis>,
    /// When it ended.
    pub ended_at: Option<Millis>,
    /// Whether it ended because nobody paid.
    pub ended_unpaid: bool,
    /// When the trial ends, or ended.
    pub trial_end: Option<Millis>,
    /// The change that waits, if one does.
    pub pending: Option<PendingUpdate>,
    /// What we gave the provider to keep.
    pub metadata: BTreeMap<String, String>,
    /// Whether real money is meant.
    pub live: bool,
}

/// How an invoice is. Source: Stripe API reference, "The Invoice object".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvoiceStatus {
    /// Not fixed yet.
    Draft,
    /// To be paid.
    Open,
    /// Paid.
    Paid,
    /// The provider does not expect it to be paid any more.
    Uncollectible,
    /// It counts for nothing.
    Void,
}

/// An invoice of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoice {
    /// The provider's id.
    pub id: String,
    /// How it is.
    pub status: InvoiceStatus,
    /// What is still to be paid.
    pub remaining: i64,
    /// When it was made.
    pub created: Millis,
    /// Whether a change of the subscription made it, and not a period.
    pub of_change: bool,
    /// The payment intents and charges by which it was or is to be paid.
    pub payments: Vec<String>,
}

/// An invoice, for whoever is to pay it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payable {
    /// How it is.
    pub status: InvoiceStatus,
    /// What is still to be paid.
    pub due: Money,
    /// The provider's page on which it can be paid.
    pub page: Option<String>,
    /// Whether the last attempt failed for another reason than that the person was not asked.
    pub declined: bool,
}

/// An attempt to take money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// The provider's id.
    pub id: String,
    /// The payment intent that it belongs to.
    pub payment_intent: Option<String>,
    /// When it was made.
    pub created: Millis,
    /// Whether the money came.
    pub succeeded: bool,
    /// How much.
    pub amount: i64,
    /// How much of that was given back.
    pub refunded: i64,
    /// Whether it was ever disputed.
    pub disputed: bool,
}

/// How a dispute about a charge is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisputeStatus {
    /// Nobody has decided yet.
    Open,
    /// Decided for the service, or closed without a loss.
    Won,
    /// Decided for the holder of the card.
    Lost,
}

/// Another price for a subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceChange {
    /// The subscription.
    pub subscription: String,
    /// The part of it that has the price.
    pub item: String,
    /// The id of the new price.
    pub price: String,
    /// The time by which what was paid already is counted, as in the preview.
    pub at: Millis,
    /// Whether the difference is to be paid at once; otherwise it is on the next invoice.
    pub invoice_now: bool,
    /// What the provider keeps with the subscription besides, whether the change is made or waits.
    pub metadata: BTreeMap<String, String>,
}

/// What the next invoice of a subscription will be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// What is to be paid.
    pub due: Money,
    /// The whole, which is below zero where a credit is kept for later invoices.
    pub total: i64,
    /// When it will be tried; `None` where that is at once.
    pub at: Option<Millis>,
}

/// Some of many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// These.
    pub items: Vec<T>,
    /// The id after which the next page begins; `None` at the end.
    pub next: Option<String>,
}

/// The payment provider's calls. `key` names a wish; see the module.
#[async_trait]
pub trait Payments: Send + Sync {
    /// Whether real money is meant.
    fn live(&self) -> bool;

    /// The active prices under these lookup keys, at most ten; for no keys, some of those there are.
    async fn prices(&self, lookup_keys: &[&str]) -> Result<Vec<Price>, PaymentError>;

    /// The customer that was made for an account.
    async fn find_customer(&self, account: UserId) -> Result<Option<String>, PaymentError>;

    /// Makes a customer for an account.
    async fn create_customer(&self, key: &str, account: UserId) -> Result<String, PaymentError>;

    /// Makes a page on which somebody pays.
    async fn create_checkout(&self, key: &str, new: &NewCheckout)
    -> Result<Checkout, PaymentError>;

    /// A page on which somebody pays; `None` if there is none.
    async fn checkout(&self, id: &str) -> Result<Option<Checkout>, PaymentError>;

    /// Ends a page on which nobody has paid. [`PaymentError::Refused`] if somebody has.
    async fn expire_checkout(&self, key: &str, id: &str) -> Result<(), PaymentError>;

    /// Makes a page for card, invoices and cancelling, and says where it is.
    async fn create_portal(
        &self,
        key: &str,
        customer: &str,
        return_url: &str,
        locale: Locale,
    ) -> Result<String, PaymentError>;

    /// A subscription; `None` if there is none.
    async fn subscription(&self, id: &str) -> Result<Option<Subscription>, PaymentError>;

    /// Subscriptions of a customer, or all, also those that are over; a page after the subscription `after`.
    async fn subscriptions(
        &self,
        customer: Option<&str>,
        after: Option<&str>,
    ) -> Result<Page<Subscription>, PaymentError>;

    /// Gives a subscription another price. A difference that is to be paid at once and was not has the change wait
    /// ([`Subscription::pending`]); another change takes the place of one that waits.
    async fn change_price(
        &self,
        key: &str,
        change: &PriceChange,
    ) -> Result<Subscription, PaymentError>;

    /// Ends a subscription at once. One that is over, or never was, is ended.
    async fn cancel(&self, subscription: &str) -> Result<(), PaymentError>;

    /// What the next invoice will be, and with `change` what it would be; `None` where there will be none.
    async fn preview(
        &self,
        key: &str,
        subscription: &str,
        change: Option<&PriceChange>,
    ) -> Result<Option<Preview>, PaymentError>;

    /// The invoices of a subscription, newest first, at most a hundred.
    async fn invoices(&self, subscription: &str) -> Result<Vec<Invoice>, PaymentError>;

    /// An invoice, as whoever is to pay it needs it; `None` if there is none.
    async fn payable(&self, invoice: &str) -> Result<Option<Payable>, PaymentError>;

    /// Takes an open invoice back, and with it the change that waits for it. [`PaymentError::Refused`] if it is open no
    /// more.
    async fn void_invoice(&self, key: &str, invoice: &str) -> Result<(), PaymentError>;

    /// The charges of a customer, newest first, a page after the charge `after`.
    async fn charges(
        &self,
        customer: &str,
        after: Option<&str>,
    ) -> Result<Page<Charge>, PaymentError>;

    /// How the disputes about a charge are.
    async fn disputes(&self, charge: &str) -> Result<Vec<DisputeStatus>, PaymentError>;

    /// The customer whom an object of the provider's concerns; `None` if it concerns none, or is gone.
    async fn customer_of(&self, object: &str) -> Result<Option<String>, PaymentError>;
}
