//! Sessions of Checkout.

use serde_json::{Value, json};

use super::super::invoice::{Sums, tax_percent};
use super::super::model::{Session, SessionStatus};
use super::super::provider::Provider;
use super::super::seed::PROMOTION;
use super::inner_list;

impl Provider {
    /// What a session costs when it is paid, and what is due today: nothing with a trial.
    pub(crate) fn session_sums(&self, session: &Session) -> (Sums, i64) {
        let price = self.prices.get(&session.price);
        let amount = price.and_then(|price| price.amount_in(&session.currency)).unwrap_or(0);
        let tax = session.automatic_tax.then(|| tax_percent(session.country.as_deref()));
        let sums = Sums::of(amount * session.quantity, session.discounted, tax);
        (sums, if session.trial_days.is_some() { 0 } else { sums.total })
    }

    pub(crate) fn session_json(&self, session: &Session) -> Value {
        let (sums, due) = self.session_sums(session);
        let today = if session.trial_days.is_some() { Sums::default() } else { sums };
        let paid = session.status == SessionStatus::Complete;
        let status = match session.status {
            SessionStatus::Open => "open",
            SessionStatus::Complete => "complete",
            SessionStatus::Expired => "expired",
        };
        let tax_status = if paid { "complete" } else { "requires_location_inputs" };
        json!({
            "id": session.id,
            "object": "checkout.session",
            "allow_promotion_codes": session.allow_promotion_codes.then_some(true),
            "amount_subtotal": today.subtotal,
            "amount_total": due,
            "automatic_tax": {
                "enabled": session.automatic_tax,
                "liability": session.automatic_tax.then(|| json!({"type": "self"})),
                "provider": session.automatic_tax.then_some("stripe"),
                "status": session.automatic_tax.then_some(tax_status),
            },
            "billing_address_collection": null,
            "cancel_url": session.cancel_url,
            "client_reference_id": session.client_reference_id,
            "client_secret": null,
            "created": session.created,
            "currency": session.currency,
            "custom_fields": [],
            "custom_text": {
                "after_submit": null, "shipping_address": null, "submit": null,
                "terms_of_service_acceptance": null,
            },
            "customer": session.customer,
            "customer_creation": (!session.recurring)
                .then_some(if session.creates_customer { "always" } else { "if_required" }),
            "customer_details": self.customer_details(session),
            "customer_email": session.customer_email,
            "discounts": if session.discounted {
                json!([{"coupon": null, "promotion_code": PROMOTION}])
            } else {
                json!([])
            },
            "expires_at": session.expires_at,
            "invoice": session.invoice,
            "invoice_creation": null,
            "livemode": false,
            "locale": session.locale,
            "metadata": session.metadata,
            "mode": if session.recurring { "subscription" } else { "payment" },
            "payment_intent": if session.recurring { None } else { session.intent.as_deref() },
            "payment_link": null,
            "payment_method_collection": if session.recurring { "always" } else { "if_required" },
            "payment_method_types": ["card"],
            "payment_status": match (paid, due) {
                (true, 0) => "no_payment_required",
                (true, _) => "paid",
                (false, _) => "unpaid",
            },
            "setup_intent": null,
            "shipping_options": [],
            "status": status,
            "submit_type": session.donation.then_some("donate"),
            "subscription": session.subscription,
            "success_url": session.success_url,
            "total_details": {
                "amount_discount": today.discount, "amount_shipping": 0, "amount_tax": today.tax,
            },
            "ui_mode": "hosted_page",
            "url": (session.status == SessionStatus::Open)
                .then(|| format!("{}/stripe/pay/{}", self.base_url, session.id)),
        })
    }

    fn customer_details(&self, session: &Session) -> Value {
        let customer = session.customer.as_deref().and_then(|id| self.customers.get(id));
        let email = customer
            .and_then(|customer| customer.email.clone())
            .or_else(|| session.customer_email.clone());
        if customer.is_none() && email.is_none() && session.country.is_none() {
            return Value::Null;
        }
        let country = session.country.as_deref();
        json!({
            "address": country.map(|country| json!({
                "city": null, "country": country, "line1": null, "line2": null, "postal_code": null,
                "state": null,
            })),
            "business_name": null,
            "email": email,
            "individual_name": null,
            "name": customer.and_then(|customer| customer.name.clone()),
            "phone": null,
            "tax_exempt": "none",
            "tax_ids": [],
        })
    }

    /// What is bought; shown when it is asked for, and under the session's `line_items`.
    pub(crate) fn line_items_json(&self, session: &Session) -> Value {
        let (sums, _) = self.session_sums(session);
        let sums = if session.trial_days.is_some() { Sums::default() } else { sums };
        let price = self.prices.get(&session.price);
        let product = price.and_then(|price| self.products.get(&price.product));
        let item = json!({
            "id": format!("li_{}", session.id.get(10..24).unwrap_or_default()),
            "object": "item",
            "amount_discount": sums.discount,
            "amount_subtotal": sums.subtotal,
            "amount_tax": sums.tax,
            "amount_total": sums.total,
            "currency": session.currency,
            "description": product.map(|product| product.name.as_str()),
            "price": price.map(|price| self.price_json(price)),
            "quantity": session.quantity,
        });
        inner_list(&format!("/v1/checkout/sessions/{}/line_items", session.id), vec![item])
    }
}
