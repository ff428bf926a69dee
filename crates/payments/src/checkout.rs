//! The page on which somebody pays. Source: Stripe API reference, "Checkout Sessions".

use std::collections::BTreeMap;

use miniserde::Deserialize;
use serde::Serialize;
use stripe::StripeRequest;
use stripe_client_core::{RequestBuilder, StripeMethod};
use wardesk_core::ports::{Checkout, CheckoutStatus, Money, NewCheckout, PaymentError, Purchase};

use crate::form::seconds;

/// Makes the page.
pub(crate) struct Create<'a> {
    pub new: &'a NewCheckout,
    pub automatic_tax: bool,
}

#[derive(Serialize)]
struct Form<'a> {
    mode: &'static str,
    customer: &'a str,
    client_reference_id: &'a str,
    success_url: &'a str,
    cancel_url: &'a str,
    locale: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<&'a str>,
    expires_at: i64,
    metadata: &'a BTreeMap<String, String>,
    line_items: [Item<'a>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    allow_promotion_codes: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    automatic_tax: Option<Enabled>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_update: Option<CustomerUpdate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subscription_data: Option<SubscriptionData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_intent_data: Option<PaymentData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    submit_type: Option<&'static str>,
}

#[derive(Serialize)]
struct Item<'a> {
    quantity: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    price_data: Option<PriceData<'a>>,
}

#[derive(Serialize)]
struct PriceData<'a> {
    currency: &'a str,
    unit_amount: i64,
    product_data: Product<'a>,
}

#[derive(Serialize)]
struct Product<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct Enabled {
    enabled: bool,
}

#[derive(Serialize)]
struct CustomerUpdate {
    address: &'static str,
}

#[derive(Serialize)]
struct SubscriptionData<'a> {
    metadata: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trial_period_days: Option<u32>,
}

#[derive(Serialize)]
struct PaymentData<'a> {
    metadata: &'a BTreeMap<String, String>,
}

impl StripeRequest for Create<'_> {
    type Output = Object;

    fn build(&self) -> RequestBuilder {
        let NewCheckout { purchase, metadata, .. } = self.new;
        let mut form = Form {
            mode: "payment",
            customer: &self.new.customer,
            client_reference_id: &self.new.reference,
            success_url: &self.new.success_url,
            cancel_url: &self.new.cancel_url,
            locale: self.new.locale.tag(),
            currency: None,
            expires_at: seconds(self.new.expires),
            metadata,
            line_items: [Item { quantity: 1, price: None, price_data: None }],
            allow_promotion_codes: None,
            automatic_tax: None,
            customer_update: None,
            subscription_data: None,
            payment_intent_data: None,
            submit_type: None,
        };
        match purchase {
            Purchase::Subscription { price, currency, trial_days } => {
                form.mode = "subscription";
                // Without it Stripe takes the one of the place from which the page is looked at, which need not be
                // what was shown. Source: Stripe documentation, "Manual currency prices", "Specify a currency".
                form.currency = currency.as_deref();
                form.line_items[0].price = Some(price);
                form.allow_promotion_codes = Some(true);
                if self.automatic_tax {
                    form.automatic_tax = Some(Enabled { enabled: true });
                    // Tax depends on where the customer is, which is typed on the page.
                    form.customer_update = Some(CustomerUpdate { address: "auto" });
                }
                let trial_period_days = *trial_days;
                form.subscription_data = Some(SubscriptionData { metadata, trial_period_days });
            }
            Purchase::Donation { money, name } => {
                let product_data = Product { name };
                let (currency, unit_amount) = (money.currency.as_str(), money.amount);
                form.line_items[0].price_data =
                    Some(PriceData { currency, unit_amount, product_data });
                form.payment_intent_data = Some(PaymentData { metadata });
                form.submit_type = Some("donate");
            }
        }
        RequestBuilder::new(StripeMethod::Post, "/checkout/sessions").form(&form)
    }
}

/// Reads the page's state.
pub(crate) struct Read<'a>(pub &'a str);

impl StripeRequest for Read<'_> {
    type Output = Object;

    fn build(&self) -> RequestBuilder {
        RequestBuilder::new(StripeMethod::Get, format!("/checkout/sessions/{}", self.0))
    }
}

/// Ends the page.
pub(crate) struct Expire<'a>(pub &'a str);

impl StripeRequest for Expire<'_> {
    type Output = Object;

    fn build(&self) -> RequestBuilder {
        RequestBuilder::new(StripeMethod::Post, format!("/checkout/sessions/{}/expire", self.0))
    }
}

#[derive(Deserialize)]
pub(crate) struct Object {
    id: String,
    url: Option<String>,
    status: Option<String>,
    payment_status: Option<String>,
    amount_total: Option<i64>,
    currency: Option<String>,
}

impl Object {
    pub fn read(self) -> Result<Checkout, PaymentError> {
        let status = match self.status.as_deref() {
            Some("open") => CheckoutStatus::Open,
            Some("complete") => CheckoutStatus::Complete,
            Some("expired") => CheckoutStatus::Expired,
            _ => return Err(PaymentError::Unreadable),
        };
        let paid = matches!(self.payment_status.as_deref(), Some("paid" | "no_payment_required"));
        let total = self
            .amount_total
            .zip(self.currency)
            .map(|(amount, currency)| Money { amount, currency });
        Ok(Checkout { id: self.id, url: self.url, status, paid, total })
    }
}
