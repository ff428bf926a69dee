//! Payment intents, charges, refunds, disputes, events.

use super::super::error::{Answer, StripeError};
use super::super::provider::Provider;
use super::{Call, list};

pub(super) fn list_intents(stripe: &Provider, call: &Call) -> Answer {
    list::only(&call.params, &["customer"])?;
    let customer = call.params.text("customer");
    let rows = stripe
        .intents
        .newest()
        .filter(|row| customer.is_none() || row.customer.as_deref() == customer);
    list::page("/v1/payment_intents", &call.params, rows, |row| stripe.intent_json(row))
}

pub(super) fn list_charges(stripe: &Provider, call: &Call) -> Answer {
    list::only(&call.params, &["customer", "payment_intent"])?;
    let params = &call.params;
    let customer = params.text("customer");
    let rows = stripe
        .charges
        .newest()
        .filter(|row| customer.is_none() || row.customer.as_deref() == customer)
        .filter(|row| params.text("payment_intent").is_none_or(|wanted| row.intent == wanted));
    list::page("/v1/charges", params, rows, |row| stripe.charge_json(row))
}

pub(super) fn refund(stripe: &mut Provider, call: &Call) -> Answer {
    let params = &call.params;
    params.only(&["charge", "payment_intent", "amount", "reason", "metadata"])?;
    let charge = match (params.text("charge"), params.text("payment_intent")) {
        (Some(charge), None) => charge.to_owned(),
        (None, Some(intent)) => {
            let row = stripe.intents.get(intent).ok_or_else(|| {
                StripeError::no_such_param("payment_intent", intent, "payment_intent")
            })?;
            row.latest_charge.clone().ok_or_else(|| {
                StripeError::invalid(format!(
                    "This PaymentIntent ({intent}) has no charge to refund."
                ))
            })?
        }
        _ => {
            return Err(StripeError::invalid(
                "One of the following params should be provided for this request: payment_intent or charge.",
            ));
        }
    };
    let reason = params.text("reason");
    let known = ["duplicate", "fraudulent", "requested_by_customer"];
    if reason.is_some_and(|reason| !known.contains(&reason)) {
        return Err(StripeError::invalid(format!("Invalid reason: must be one of {known:?}")));
    }
    let (amount, metadata) = (params.integer("amount")?, params.new_metadata()?);
    let refund = stripe.refund(&charge, amount, reason, metadata, call.now)?;
    super::retrieve(stripe, "refund", "re_", &refund)
}

pub(super) fn list_refunds(stripe: &Provider, call: &Call) -> Answer {
    list::only(&call.params, &["charge", "payment_intent"])?;
    let params = &call.params;
    let rows = stripe
        .refunds
        .newest()
        .filter(|row| params.text("charge").is_none_or(|wanted| row.charge == wanted))
        .filter(|row| params.text("payment_intent").is_none_or(|wanted| row.intent == wanted));
    list::page("/v1/refunds", params, rows, |row| stripe.refund_json(row))
}

pub(super) fn list_disputes(stripe: &Provider, call: &Call) -> Answer {
    list::only(&call.params, &["charge", "payment_intent"])?;
    let params = &call.params;
    let rows = stripe
        .disputes
        .newest()
        .filter(|row| params.text("charge").is_none_or(|wanted| row.charge == wanted))
        .filter(|row| params.text("payment_intent").is_none_or(|wanted| row.intent == wanted));
    list::page("/v1/disputes", params, rows, |row| stripe.dispute_json(row))
}

/// Events of the last 30 days, as Stripe keeps them.
pub(super) fn list_events(stripe: &Provider, call: &Call) -> Answer {
    list::only(&call.params, &["type", "types"])?;
    let params = &call.params;
    let types = params.texts("types");
    let fits = |wanted: &str, kind: &str| match wanted.strip_suffix('*') {
        Some(start) => kind.starts_with(start),
        None => kind == wanted,
    };
    let rows = stripe
        .events
        .newest()
        .filter(|row| row.created > call.now - super::super::calendar::DAY * 30)
        .filter(|row| params.text("type").is_none_or(|wanted| fits(wanted, &row.kind)))
        .filter(|row| types.is_empty() || types.iter().any(|wanted| fits(wanted, &row.kind)));
    list::page("/v1/events", params, rows, |row| stripe.event_json(row))
}

pub(super) fn retrieve_event(stripe: &Provider, id: &str) -> Answer {
    let event = stripe.events.get(id).ok_or_else(|| StripeError::no_such("event", id))?;
    Ok(stripe.event_json(event))
}
