//! Older versions of the API. Version 2025-03-31 moved the current period of a subscription to its items, the
//! subscription of an invoice under `parent`, and took the invoice from charges and payment intents; a request
//! with an older `Stripe-Version` gets both places.
//! Source: Stripe changelog, 2025-03-31.basil.

use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::super::model::IntentStatus;
use super::super::provider::Provider;

/// The version that moved things.
const BASIL: &str = "2025-03-31";

/// Adds the old places, where the request asks for an old version.
pub(super) fn adapt(stripe: &Provider, value: &mut Value, headers: &HeaderMap) {
    let version = headers.get("stripe-version").and_then(|value| value.to_str().ok());
    // Versions are dates, so they compare as texts.
    if version.is_some_and(|version| version < BASIL) {
        add_old_places(stripe, value);
    }
}

fn add_old_places(stripe: &Provider, value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| add_old_places(stripe, item)),
        Value::Object(fields) => {
            fields.values_mut().for_each(|field| add_old_places(stripe, field));
            let id = value["id"].as_str().unwrap_or_default().to_owned();
            match value["object"].as_str().unwrap_or_default() {
                "subscription" => subscription(value),
                "invoice" => invoice(stripe, value, &id),
                "payment_intent" => {
                    value["invoice"] = json!(stripe.intents.get(&id).map(|row| &row.invoice));
                }
                "charge" => {
                    let charge = stripe.charges.get(&id);
                    let intent = charge.and_then(|charge| stripe.intents.get(&charge.intent));
                    value["invoice"] = json!(intent.map(|row| &row.invoice));
                }
                _ => {}
            }
        }
        _ => {}
    }
}

fn subscription(value: &mut Value) {
    for name in ["current_period_start", "current_period_end"] {
        value[name] = value["items"]["data"][0][name].clone();
    }
}

fn invoice(stripe: &Provider, value: &mut Value, id: &str) {
    value["subscription"] = value["parent"]["subscription_details"]["subscription"].clone();
    value["paid"] = json!(value["status"] == "paid");
    value["tax"] = value["total_taxes"][0]["amount"].clone();
    let intent = stripe.invoices.get(id).and_then(|row| row.intent.as_deref());
    let intent = intent.and_then(|id| stripe.intents.get(id));
    value["payment_intent"] = json!(intent.map(|intent| &intent.id));
    let charge = intent.filter(|it| it.status == IntentStatus::Succeeded);
    value["charge"] = json!(charge.and_then(|intent| intent.latest_charge.as_ref()));
}
