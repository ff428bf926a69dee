//! Invoices, and what the next will be. Source: Stripe API reference, "Invoices".

use miniserde::Deserialize;
use miniserde::json::Value;
use serde::Serialize;
use stripe::StripeRequest;
use stripe_client_core::{RequestBuilder, StripeMethod};
use url::Url;
use wardesk_core::ports::{
    Invoice, InvoiceStatus, Money, Payable, PaymentError, Preview, PriceChange,
};

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

/// Reads one.
pub(crate) struct Read<'a>(pub &'a str);

#[derive(Serialize)]
struct ReadQuery {
    expand: [&'static str; 1],
}

impl StripeRequest for Read<'_> {
    type Output = Object;

    fn build(&self) -> RequestBuilder {
        RequestBuilder::new(StripeMethod::Get, format!("/invoices/{}", self.0))
            .query(&ReadQuery { expand: ["payments"] })
    }
}

/// Takes one back.
pub(crate) struct Void<'a>(pub &'a str);

impl StripeRequest for Void<'_> {
    type Output = Value;

    fn build(&self) -> RequestBuilder {
        RequestBuilder::new(StripeMethod::Post, format!("/invoices/{}/void", self.0))
    }
}

/// How the payment of one goes.
pub(crate) struct Intent<'a>(pub &'a str);

impl StripeRequest for Intent<'_> {
    type Output = IntentObject;

    fn build(&self) -> RequestBuilder {
        RequestBuilder::new(StripeMethod::Get, format!("/payment_intents/{}", self.0))
    }
}

#[derive(Deserialize)]
pub(crate) struct IntentObject {
    status: Option<String>,
    last_payment_error: Option<ErrorObject>,
}

#[derive(Deserialize)]
struct ErrorObject {
    code: Option<String>,
}

impl IntentObject {
    /// Whether the card was refused. One that only wants its person to be asked was not. Source: Stripe documentation,
    /// "Decline codes".
    pub fn declined(&self) -> bool {
        let why = self.last_payment_error.as_ref().and_then(|error| error.code.as_deref());
        self.status.as_deref() == Some("requires_payment_method")
            && why != Some("authentication_required")
    }
}

#[derive(Deserialize)]
pub(crate) struct Object {
    id: Option<String>,
    status: Option<String>,
    amount_remaining: Option<i64>,
    currency: Option<String>,
    created: Option<i64>,
    billing_reason: Option<String>,
    hosted_invoice_url: Option<String>,
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

fn status(word: &str) -> Option<InvoiceStatus> {
    Some(match word {
        "draft" => InvoiceStatus::Draft,
        "open" => InvoiceStatus::Open,
        "paid" => InvoiceStatus::Paid,
        "uncollectible" => InvoiceStatus::Uncollectible,
        "void" => InvoiceStatus::Void,
        _ => return None,
    })
}

impl Object {
    /// The newest payment intent by which it is to be paid.
    pub fn intent(&self) -> Option<String> {
        let parts = self.payments.as_ref().map_or(&[][..], |list| list.data.as_slice());
        parts
            .iter()
            .find_map(|part| id_of(part.payment.as_ref()?.payment_intent.as_ref()))
            .or_else(|| id_of(self.payment_intent.as_ref()))
    }

    /// The invoice for whoever is to pay it. Its page is Stripe's, or that of the stand-in at `api`.
    pub fn payable(self, api: &Url, declined: bool) -> Result<Payable, PaymentError> {
        let own = |page: &str| {
            Url::parse(page)
                .is_ok_and(|page| page.scheme() == "https" || page.origin() == api.origin())
        };
        let status = self.status.as_deref().and_then(status).ok_or(PaymentError::Unreadable)?;
        let amount = self.amount_remaining.ok_or(PaymentError::Unreadable)?;
        let currency = self.currency.ok_or(PaymentError::Unreadable)?;
        let page = self.hosted_invoice_url.filter(|page| own(page));
        Ok(Payable { status, due: Money { amount, currency }, page, declined })
    }

    pub fn read(self) -> Option<Invoice> {
        let status = status(self.status.as_deref()?)?;
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
            of_change: self.billing_reason.as_deref() == Some("subscription_update"),
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
