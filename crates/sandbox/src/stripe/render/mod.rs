//! Objects as the API shows them, in the shape of [`API_VERSION`](super::API_VERSION).
//! Source: Stripe API reference, the page of each object. Fields of features that the sandbox has not
//! (Connect, bank debits, shipping) are left out or null.

mod billing;
mod catalogue;
mod checkout;
mod customers;
mod invoices;
mod payments;

pub(crate) use customers::invoice_prefix;

use serde_json::{Value, json};

use super::model::Event;
use super::provider::Provider;

/// A list inside an object, complete.
pub(crate) fn inner_list(url: &str, data: Vec<Value>) -> Value {
    json!({"object": "list", "data": Value::Array(data), "has_more": false, "url": url})
}

impl Provider {
    /// Any object by its id.
    pub(crate) fn object(&self, id: &str) -> Option<Value> {
        let prefix = id.split('_').next().unwrap_or_default();
        match prefix {
            "cus" => self.customers.get(id).map(|row| self.customer_json(row)),
            "pm" => self.methods.get(id).map(|row| self.method_json(row)),
            "prod" => self.products.get(id).map(|row| self.product_json(row)),
            "price" => self.prices.get(id).map(|row| self.price_json(row)),
            "cs" => self.sessions.get(id).map(|row| self.session_json(row)),
            "sub" => self.subscriptions.get(id).map(|row| self.subscription_json(row)),
            "in" => self.invoices.get(id).map(|row| self.invoice_json(row)),
            "pi" => self.intents.get(id).map(|row| self.intent_json(row)),
            "ch" => self.charges.get(id).map(|row| self.charge_json(row)),
            "re" => self.refunds.get(id).map(|row| self.refund_json(row)),
            "dp" => self.disputes.get(id).map(|row| self.dispute_json(row)),
            "promo" => (id == super::seed::PROMOTION).then(|| self.promotion_json()),
            _ => (id == super::seed::COUPON).then(|| self.coupon_json()),
        }
    }

    /// An event, in the account's version.
    pub(crate) fn event_json(&self, event: &Event) -> Value {
        let mut data = json!({"object": event.object});
        if let Some(previous) = &event.previous {
            data["previous_attributes"] = previous.clone();
        }
        json!({
            "id": event.id,
            "object": "event",
            "api_version": event.api_version,
            "created": event.created,
            "data": data,
            "livemode": event.livemode,
            "pending_webhooks": self.webhooks.pending_for(&event.id),
            "request": {"id": null, "idempotency_key": null},
            "type": event.kind,
        })
    }
}
