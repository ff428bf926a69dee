//! Subscriptions. Source: Stripe API reference, "Subscriptions".

use std::collections::BTreeMap;

use miniserde::Deserialize;
use miniserde::json::Value;
use serde::Serialize;
use stripe::StripeRequest;
use stripe_client_core::{RequestBuilder, StripeMethod};
use wardesk_core::ports::{PendingUpdate, PriceChange, Subscription, SubscriptionStatus};

use crate::form::{self, LIMIT, id_of, is_currency, seconds, time};

/// Reads one.
pub(crate) struct Read<'a>(pub &'a str);

impl StripeRequest for Read<'_> {
    type Output = Object;

    fn build(&self) -> RequestBuilder {
        RequestBuilder::new(StripeMethod::Get, format!("/subscriptions/{}", self.0))
    }
}

/// Reads a page of them.
pub(crate) struct List<'a> {
    pub customer: Option<&'a str>,
    pub after: Option<&'a str>,
}

#[derive(Serialize)]
struct Query<'a> {
    limit: u8,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    starting_after: Option<&'a str>,
}

impl StripeRequest for List<'_> {
    type Output = form::List<Object>;

    fn build(&self) -> RequestBuilder {
        // Without `all`, those that are over are left out.
        let query = Query {
            limit: LIMIT,
            status: "all",
            customer: self.customer,
            starting_after: self.after,
        };
        RequestBuilder::new(StripeMethod::Get, "/subscriptions").query(&query)
    }
}

/// Gives one another price.
pub(crate) struct Change<'a>(pub &'a PriceChange);

#[derive(Serialize)]
struct ChangeForm<'a> {
    items: [Item<'a>; 1],
    proration_behavior: &'static str,
    proration_date: i64,
    payment_behavior: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<&'a BTreeMap<String, String>>,
}

#[derive(Serialize)]
pub(crate) struct Item<'a> {
    id: &'a str,
    price: &'a str,
}

impl<'a> Item<'a> {
    pub fn of(change: &'a PriceChange) -> Self {
        Self { id: &change.item, price: &change.price }
    }
}

/// How the difference is paid.
pub(crate) const fn proration(change: &PriceChange) -> &'static str {
    if change.invoice_now { "always_invoice" } else { "create_prorations" }
}

impl StripeRequest for Change<'_> {
    type Output = Object;

    fn build(&self) -> RequestBuilder {
        let now = self.0.invoice_now;
        let form = ChangeForm {
            items: [Item::of(self.0)],
            proration_behavior: proration(self.0),
            proration_date: seconds(self.0.at),
            // A difference that is not paid leaves everything as it was, and the change waits.
            payment_behavior: if now { "pending_if_incomplete" } else { "error_if_incomplete" },
            // With a change that may wait, versions before 2026-05-27 take none.
            metadata: Some(&self.0.metadata).filter(|metadata| !now && !metadata.is_empty()),
        };
        let path = format!("/subscriptions/{}", self.0.subscription);
        RequestBuilder::new(StripeMethod::Post, path).form(&form)
    }
}

/// Keeps with one what goes with a change.
pub(crate) struct Keep<'a>(pub &'a PriceChange);

#[derive(Serialize)]
struct KeepForm<'a> {
    metadata: &'a BTreeMap<String, String>,
}

impl StripeRequest for Keep<'_> {
    type Output = Value;

    fn build(&self) -> RequestBuilder {
        let form = KeepForm { metadata: &self.0.metadata };
        let path = format!("/subscriptions/{}", self.0.subscription);
        RequestBuilder::new(StripeMethod::Post, path).form(&form)
    }
}

/// Ends one at once.
pub(crate) struct Cancel<'a>(pub &'a str);

impl StripeRequest for Cancel<'_> {
    type Output = Value;

    fn build(&self) -> RequestBuilder {
        RequestBuilder::new(StripeMethod::Delete, format!("/subscriptions/{}", self.0))
    }
}

#[derive(Deserialize)]
pub(crate) struct Object {
    pub id: Option<String>,
    customer: Option<Value>,
    status: Option<String>,
    items: Option<form::List<ItemObject>>,
    // Where versions before 2025-03-31 have the period.
    current_period_start: Option<i64>,
    current_period_end: Option<i64>,
    cancel_at: Option<i64>,
    cancel_at_period_end: Option<bool>,
    cancellation_details: Option<Details>,
    ended_at: Option<i64>,
    trial_end: Option<i64>,
    pending_update: Option<PendingObject>,
    latest_invoice: Option<Value>,
    metadata: Option<BTreeMap<String, String>>,
    livemode: Option<bool>,
    currency: Option<String>,
}

#[derive(Deserialize)]
struct PendingObject {
    expires_at: Option<i64>,
    subscription_items: Option<Vec<PendingItem>>,
}

#[derive(Deserialize)]
struct PendingItem {
    price: Option<Value>,
}

impl PendingObject {
    /// The invoice that it waits for is the subscription's latest. Source: Stripe documentation, "Pending updates",
    /// "Cancel or change pending updates".
    fn read(self, invoice: Option<String>) -> Option<PendingUpdate> {
        let price = self.subscription_items?.into_iter().next()?.price?;
        let lookup_key = match &price {
            Value::Object(price) => match price.get("lookup_key") {
                Some(Value::String(key)) => Some(key.clone()),
                _ => None,
            },
            _ => None,
        };
        let expires = time(self.expires_at?);
        Some(PendingUpdate { price: id_of(Some(&price))?, lookup_key, expires, invoice })
    }
}

#[derive(Deserialize)]
struct ItemObject {
    id: String,
    price: Option<PriceObject>,
    current_period_start: Option<i64>,
    current_period_end: Option<i64>,
}

#[derive(Deserialize)]
struct PriceObject {
    id: String,
    lookup_key: Option<String>,
}

#[derive(Deserialize)]
struct Details {
    reason: Option<String>,
}

impl Object {
    pub fn read(self) -> Option<Subscription> {
        let status = match self.status.as_deref()? {
            "incomplete" => SubscriptionStatus::Incomplete,
            "incomplete_expired" => SubscriptionStatus::IncompleteExpired,
            "trialing" => SubscriptionStatus::Trialing,
            "active" => SubscriptionStatus::Active,
            "past_due" => SubscriptionStatus::PastDue,
            "unpaid" => SubscriptionStatus::Unpaid,
            "canceled" => SubscriptionStatus::Canceled,
            "paused" => SubscriptionStatus::Paused,
            _ => return None,
        };
        let item = self.items?.data.into_iter().next()?;
        let price = item.price?;
        let period_end = time(item.current_period_end.or(self.current_period_end)?);
        let at_period_end = self.cancel_at_period_end.unwrap_or(false).then_some(period_end);
        let unpaid = Some("payment_failed");
        let invoice = id_of(self.latest_invoice.as_ref());
        Some(Subscription {
            id: self.id?,
            customer: id_of(self.customer.as_ref())?,
            status,
            item: item.id,
            price: price.id,
            lookup_key: price.lookup_key,
            currency: self.currency.filter(|code| is_currency(code)),
            period_start: time(item.current_period_start.or(self.current_period_start)?),
            period_end,
            cancel_at: self.cancel_at.map(time).or(at_period_end),
            ended_at: self.ended_at.map(time),
            ended_unpaid: self.cancellation_details.and_then(|d| d.reason).as_deref() == unpaid,
            trial_end: self.trial_end.map(time),
            pending: self.pending_update.and_then(|pending| pending.read(invoice)),
            metadata: self.metadata.unwrap_or_default(),
            live: self.livemode?,
        })
    }
}
