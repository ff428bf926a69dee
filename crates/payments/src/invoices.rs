//! Invoices, and what the next will be. Source: Stripe API reference, "Invoices".

use miniserde::Deserialize;
use miniserde::json::Value;
use serde::Serialize;
use stripe::StripeRequest;
use stripe_client_core::{RequestBuilder, StripeMethod};
use wardesk_core::ports::{Invoice, InvoiceStatus, Money, Preview, PriceChange};

use crate::form::{self, LIMIT, id_of, seconds, time};
use crate::subscriptions::{Item, proration};

/// The invoices of a subscription.
pub(crate) struct List<'a> {
    pub subscription: &'a str,
}

#[derive(Serialize)]
struct Query<'a> {
    subscription: &'a str,
    limit: u8,
    expand: [&'static str; 1],
}

impl StripeRequest for List<'_> {
    type Output = form::List<Object>;

    fn build(&self) -> RequestBuilder {
        let query =
            Query { subscription: self.subscription, limit: LIMIT, expand: ["data.payments"] };
        RequestBuilder::new(StripeMethod::Get, "/invoices").query(&query)
    }
}

#[derive(Deserialize)]
pub(crate) struct Object {
    id: Option<String>,
    status: Option<String>,
    amount_remaining: Option<i64>,
    created: Option<i64>,
    payments: Option<form::List<PaymentObject>>,
    // Where versions before 2025-03-31 have the payment.
    payment_intent: Option<Value>,
    charge: Option<Value>,
}

#[derive(Deserialize)]
struct PaymentObject {
    payment: Option<PaymentPart>,
}

#[derive(Deserialize)]
struct PaymentPart {
    payment_intent: Option<Value>,
    charge: Option<Value>,
}

impl Object {
    pub fn read(self) -> Option<Invoice> {
        let status = match self.status.as_deref()? {
            "draft" => InvoiceStatus::Draft,
            "open" => InvoiceStatus::Open,
            "paid" => InvoiceStatus::Paid,
            "uncollectible" => InvoiceStatus::Uncollectible,
            "void" => InvoiceStatus::Void,
            _ => return None,
        };
        let parts = self.payments.into_iter().flat_map(|list| list.data);
        let payments = parts
            .filter_map(|part| part.payment)
            .flat_map(|part| [part.payment_intent, part.charge])
            .chain([self.payment_intent, self.charge])
            .filter_map(|value| id_of(value.as_ref()))
            .collect();
        Some(Invoice {
            id: self.id?,
            status,
            remaining: self.amount_remaining.unwrap_or(0),
            created: time(self.created?),
            payments,
        })
    }
}

/// Asks what the next invoice will be.
pub(crate) struct PreviewOf<'a> {
    pub subscription: &'a str,
    pub change: Option<&'a PriceChange>,
}

#[derive(Serialize)]
struct Form<'a> {
    subscription: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    subscription_details: Option<Details<'a>>,
}

#[derive(Serialize)]
struct Details<'a> {
    items: [Item<'a>; 1],
    proration_behavior: &'static str,
    proration_date: i64,
}

impl StripeRequest for PreviewOf<'_> {
    type Output = PreviewObject;

    fn build(&self) -> RequestBuilder {
        let details = |change| Details {
            items: [Item::of(change)],
            proration_behavior: proration(change),
            proration_date: seconds(change.at),
        };
        let form = Form {
            subscription: self.subscription,
            subscription_details: self.change.map(details),
        };
        RequestBuilder::new(StripeMethod::Post, "/invoices/create_preview").form(&form)
    }
}

#[derive(Deserialize)]
pub(crate) struct PreviewObject {
    amount_due: i64,
    total: i64,
    currency: String,
    next_payment_attempt: Option<i64>,
}

impl PreviewObject {
    pub fn read(self) -> Preview {
        Preview {
            due: Money { amount: self.amount_due, currency: self.currency },
            total: self.total,
            at: self.next_payment_attempt.map(time),
        }
    }
}
