//! Customers, their cards, portal sessions.

use serde_json::{Value, json};

use super::super::model::{Customer, Method, Portal};
use super::super::provider::Provider;
use super::super::subscription::Status;

impl Provider {
    pub(crate) fn customer_json(&self, customer: &Customer) -> Value {
        if customer.deleted {
            return json!({"id": customer.id, "object": "customer", "deleted": true});
        }
        let owes = self
            .subscriptions
            .iter()
            .any(|it| it.customer == customer.id && it.status == Status::PastDue);
        json!({
            "id": customer.id,
            "object": "customer",
            "address": customer.country.as_ref().map(|country| json!({
                "city": null, "country": country, "line1": null, "line2": null, "postal_code": null,
                "state": null,
            })),
            "balance": customer.balance(customer.currency.as_deref().unwrap_or_default()),
            "created": customer.created,
            "currency": customer.currency,
            "default_source": null,
            "delinquent": owes,
            "description": customer.description,
            "discount": null,
            "email": customer.email,
            "invoice_prefix": invoice_prefix(&customer.id),
            "invoice_settings": {
                "custom_fields": null,
                "default_payment_method": customer.default_method,
                "footer": null,
                "rendering_options": null,
            },
            "livemode": false,
            "metadata": customer.metadata,
            "name": customer.name,
            "next_invoice_sequence": customer.invoices + 1,
            "phone": null,
            "preferred_locales": [],
            "shipping": null,
            "tax_exempt": "none",
            "test_clock": null,
        })
    }

    #[expect(clippy::unused_self, reason = "every object is shown by the provider")]
    pub(crate) fn method_json(&self, method: &Method) -> Value {
        json!({
            "id": method.id,
            "object": "payment_method",
            "allow_redisplay": "limited",
            "billing_details": billing_details(Some(method)),
            "card": card_json(method),
            "created": method.created,
            "customer": method.customer,
            "livemode": false,
            "metadata": {},
            "type": "card",
        })
    }

    pub(crate) fn portal_json(&self, portal: &Portal) -> Value {
        json!({
            "id": portal.id,
            "object": "billing_portal.session",
            "configuration": "bpc_1SandboxDefaultConfiguration",
            "created": portal.created,
            "customer": portal.customer,
            "flow": null,
            "livemode": false,
            "locale": portal.locale,
            "on_behalf_of": null,
            "return_url": portal.return_url,
            "url": format!("{}/stripe/portal/{}", self.base_url, portal.id),
        })
    }
}

/// Eight letters and digits, from the id: invoices are numbered with it.
pub(crate) fn invoice_prefix(customer: &str) -> String {
    customer.trim_start_matches("cus_").chars().take(8).collect::<String>().to_uppercase()
}

/// The address, mail address and name of a card's holder.
pub(super) fn billing_details(method: Option<&Method>) -> Value {
    json!({
        "address": {
            "city": null, "country": method.and_then(|it| it.country.as_deref()), "line1": null,
            "line2": null, "postal_code": null, "state": null,
        },
        "email": method.and_then(|it| it.email.as_deref()),
        "name": method.map(|it| it.name.as_str()),
        "phone": null,
        "tax_id": null,
    })
}

pub(super) fn card_json(method: &Method) -> Value {
    let card = &method.card;
    json!({
        "brand": card.brand,
        "country": "US",
        "display_brand": card.brand,
        "exp_month": card.exp_month,
        "exp_year": card.exp_year,
        "funding": "credit",
        "last4": card.last4,
        "checks": {"address_line1_check": null, "address_postal_code_check": null, "cvc_check": "pass"},
    })
}
