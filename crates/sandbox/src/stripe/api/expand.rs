//! `expand[]`: ids become objects, and what is left out by default is shown.
//! Source: Stripe API reference, "Expanding responses".

use serde_json::{Value, json};

use super::super::error::StripeError;
use super::super::provider::Provider;
use super::super::render::inner_list;

/// Deepest expansion.
const DEEPEST: usize = 4;

/// Expands one wish, for example `data.latest_invoice.payments`.
pub(super) fn expand(stripe: &Provider, value: &mut Value, wish: &str) -> Result<(), StripeError> {
    let path: Vec<&str> = wish.split('.').collect();
    if path.len() > DEEPEST + 1 {
        return Err(StripeError::invalid(format!(
            "You cannot expand more than {DEEPEST} levels of a property. Property: {wish}"
        )));
    }
    follow(stripe, value, &path).map_err(|part| {
        StripeError::coded(
            "parameter_unknown",
            "expand",
            format!("This property cannot be expanded ({part})."),
        )
    })
}

fn follow<'p>(stripe: &Provider, value: &mut Value, path: &[&'p str]) -> Result<(), &'p str> {
    let Some((part, rest)) = path.split_first() else { return Ok(()) };
    if let Value::Array(items) = value {
        return items.iter_mut().try_for_each(|item| follow(stripe, item, path));
    }
    if let Some(shown) = includable(stripe, value, part) {
        if value[*part].is_null() {
            value[*part] = shown;
        }
    } else {
        let field = value.get_mut(*part).ok_or(*part)?;
        match field {
            Value::Null => return Ok(()),
            Value::String(id) => *field = stripe.object(id).ok_or(*part)?,
            Value::Array(items) => {
                for item in items {
                    if let Some(object) = item.as_str().and_then(|id| discount(stripe, id)) {
                        *item = object;
                    }
                }
            }
            Value::Object(_) => {}
            _ => return Err(part),
        }
    }
    follow(stripe, &mut value[*part], rest)
}

/// What an object leaves out unless it is asked for.
fn includable(stripe: &Provider, value: &Value, part: &str) -> Option<Value> {
    let id = value["id"].as_str()?;
    match (value["object"].as_str()?, part) {
        ("price", "currency_options") => {
            stripe.prices.get(id).map(|row| stripe.currency_options_json(row))
        }
        ("checkout.session", "line_items") => {
            stripe.sessions.get(id).map(|row| stripe.line_items_json(row))
        }
        ("invoice", "payments") => stripe
            .invoices
            .get(id)
            .map(|row| inner_list("/v1/invoice_payments", stripe.invoice_payments_json(row))),
        ("charge", "refunds") => {
            let url = format!("/v1/charges/{id}/refunds");
            Some(inner_list(&url, stripe.refunds_of(id)))
        }
        ("customer", "subscriptions") => {
            let theirs =
                stripe.subscriptions.newest().filter(|it| it.customer == id && !it.is_over());
            let data = theirs.map(|it| stripe.subscription_json(it)).collect();
            Some(inner_list(&format!("/v1/customers/{id}/subscriptions"), data))
        }
        ("customer", "invoice_credit_balance") => {
            stripe.customers.get(id).map(|row| json!(row.balances))
        }
        ("customer", "tax") => Some(json!({
            "automatic_tax": if value["address"].is_null() { "unrecognized_location" } else { "supported" },
            "ip_address": null, "location": null, "provider": "stripe",
        })),
        _ => None,
    }
}

/// A discount has no address of its own.
fn discount(stripe: &Provider, id: &str) -> Option<Value> {
    let of_subscription = stripe.subscriptions.iter().find_map(|it| {
        let discount = it.discount.as_ref().filter(|discount| discount.id == id)?;
        Some(stripe.discount_json(discount, &it.id))
    });
    of_subscription.or_else(|| {
        stripe.invoices.iter().find_map(|row| {
            let discount = row.discount.as_ref().filter(|discount| discount.id == id)?;
            Some(stripe.discount_json(discount, &row.subscription))
        })
    })
}
