//! Subscriptions and invoices.

use serde_json::json;

use super::super::billing::{Change, End, IfUnpaid, Settle};
use super::super::cards::Decline;
use super::super::error::{Answer, StripeError};
use super::super::invoice::InvoiceStatus;
use super::super::params::Params;
use super::super::provider::Provider;
use super::super::subscription::Subscription;
use super::{Call, list, whole_list};

/// What `status` may ask for.
const KNOWN: [&str; 9] = [
    "all",
    "active",
    "canceled",
    "ended",
    "incomplete",
    "incomplete_expired",
    "past_due",
    "trialing",
    "unpaid",
];

pub(super) fn list_subscriptions(stripe: &Provider, call: &Call) -> Answer {
    list::only(&call.params, &["customer", "price", "status"])?;
    let params = &call.params;
    let status = params.text("status");
    if status.is_some_and(|status| !KNOWN.contains(&status)) {
        return Err(StripeError::invalid(format!("Invalid status: must be one of {KNOWN:?}")));
    }
    let rows = stripe
        .subscriptions
        .newest()
        .filter(|it| match status {
            None => !it.is_over(),
            Some("all") => true,
            Some("ended") => it.is_over(),
            Some(wanted) => it.status.name() == wanted,
        })
        .filter(|it| params.text("customer").is_none_or(|wanted| it.customer == wanted))
        .filter(|it| params.text("price").is_none_or(|wanted| it.price == wanted));
    list::page("/v1/subscriptions", params, rows, |it| stripe.subscription_json(it))
}

/// A subscription that is not over.
fn running<'s>(stripe: &'s Provider, id: &str) -> Result<&'s Subscription, StripeError> {
    let it = stripe.subscriptions.get(id);
    let it = it.ok_or_else(|| StripeError::no_such("subscription", id))?;
    if it.is_over() {
        return Err(StripeError::invalid(
            "A canceled subscription can only update its cancellation_details and metadata.",
        ));
    }
    Ok(it)
}

/// The wish for another price or quantity in `items` of `group`, if there is one.
fn change_in(
    it: &Subscription,
    group: &Params,
    call: &Call,
) -> Result<Option<Change>, StripeError> {
    let items: Vec<&Params> = group.items("items").collect();
    let item = match items.as_slice() {
        [] => return Ok(None),
        [item] => *item,
        _ => return Err(StripeError::invalid("The sandbox's subscriptions have one item.")),
    };
    item.only(&["id", "price", "quantity"])?;
    match item.text("id") {
        Some(id) if id == it.item => {}
        Some(other) => {
            return Err(StripeError::no_such_param("subscription item", other, "items[0][id]"));
        }
        // Without it Stripe adds an item instead of changing the one that is there.
        None => return Err(StripeError::missing_param("items[0][id]")),
    }
    Ok(Some(Change {
        price: item.text("price").unwrap_or(&it.price).to_owned(),
        quantity: item.integer("quantity")?.unwrap_or(it.quantity),
        settle: Settle::read(group.text("proration_behavior"))?,
        date: group.integer("proration_date")?.unwrap_or(call.now),
        if_unpaid: IfUnpaid::read(group.text("payment_behavior"))?,
    }))
}

pub(super) fn update_subscription(stripe: &mut Provider, call: &Call, id: &str) -> Answer {
    let params = &call.params;
    params.only(&[
        "items",
        "proration_behavior",
        "proration_date",
        "payment_behavior",
        "cancel_at_period_end",
        "metadata",
        "default_payment_method",
    ])?;
    if params.text("payment_behavior") == Some("pending_if_incomplete") {
        pending_only(params)?;
    }
    let it = running(stripe, id)?;
    let change = change_in(it, params, call)?;
    let mut metadata = it.metadata.clone();
    params.metadata(&mut metadata)?;
    let cancel = params.boolean("cancel_at_period_end")?;
    let method = params.text("default_payment_method").map(str::to_owned);
    if let Some(method) = &method {
        let known = stripe.methods.get(method).and_then(|row| row.customer.as_ref());
        if known != Some(&it.customer) {
            return Err(StripeError::no_such_param(
                "PaymentMethod",
                method,
                "default_payment_method",
            ));
        }
    }
    if let Some(change) = &change {
        stripe.change(id, change, call.now)?;
    }
    stripe.set_metadata(id, metadata, call.now);
    if let Some(method) = method {
        stripe.alter(id, call.now, |it| it.method = Some(method));
    }
    if let Some(cancel) = cancel {
        stripe.cancel_at_period_end(id, cancel, call.now);
    }
    super::retrieve(stripe, "subscription", "sub_", id)
}

/// A change that may wait takes nothing else with it. Newer versions take `metadata` (since 2026-05-27) and
/// `cancel_at_period_end` (since 2026-09-30) as well: whoever sends neither works with all.
/// Source: Stripe documentation, "Pending updates", "Supported attributes".
fn pending_only(params: &Params) -> Result<(), StripeError> {
    for name in ["cancel_at_period_end", "metadata", "default_payment_method"] {
        if params.given(name).is_some() || params.group(name).is_some() {
            return Err(StripeError::invalid(format!(
                "You can only pass supported attributes with `payment_behavior=pending_if_incomplete`, and \
                 `{name}` is none of them."
            )));
        }
    }
    Ok(())
}

pub(super) fn cancel_subscription(stripe: &mut Provider, call: &Call, id: &str) -> Answer {
    call.params.only(&[])?;
    let Some(it) = stripe.subscriptions.get(id) else {
        return Err(StripeError::no_such("subscription", id));
    };
    if it.is_over() {
        return Err(StripeError::no_such("subscription", id));
    }
    stripe.end(id, End::Requested, call.now);
    super::retrieve(stripe, "subscription", "sub_", id)
}

pub(super) fn list_invoices(stripe: &Provider, call: &Call) -> Answer {
    list::only(&call.params, &["customer", "subscription", "status"])?;
    let params = &call.params;
    let rows = stripe
        .invoices
        .newest()
        .filter(|row| params.text("customer").is_none_or(|wanted| row.customer == wanted))
        .filter(|row| params.text("subscription").is_none_or(|wanted| row.subscription == wanted))
        .filter(|row| params.text("status").is_none_or(|wanted| row.status.name() == wanted));
    list::page("/v1/invoices", params, rows, |row| stripe.invoice_json(row))
}

pub(super) fn preview(stripe: &mut Provider, call: &Call) -> Answer {
    let params = &call.params;
    params.only(&["customer", "subscription", "subscription_details"])?;
    let id = match (params.text("subscription"), params.text("customer")) {
        (Some(id), _) => id.to_owned(),
        (None, Some(customer)) => {
            let theirs =
                stripe.subscriptions.iter().find(|it| it.customer == customer && !it.is_over());
            theirs.map(|it| it.id.clone()).ok_or_else(|| {
                let words = format!("No upcoming invoices for customer: {customer}");
                let mut error = StripeError::coded("invoice_upcoming_none", "customer", words);
                error.status = 404;
                error
            })?
        }
        (None, None) => return Err(StripeError::missing_param("subscription")),
    };
    let Some(it) = stripe.subscriptions.get(&id) else {
        return Err(StripeError::no_such_param("subscription", &id, "subscription"));
    };
    let details = params.group("subscription_details");
    if let Some(details) = details {
        details.only(&["items", "proration_behavior", "proration_date"])?;
    }
    let change = details.map(|details| change_in(it, details, call)).transpose()?.flatten();
    let invoice = stripe.preview(&id, change.as_ref(), call.now)?;
    let mut shown = stripe.invoice_json(&invoice);
    shown["id"] = json!(format!("upcoming_{}", invoice.id));
    shown["next_payment_attempt"] = json!(invoice.created);
    Ok(shown)
}

pub(super) fn pay_invoice(stripe: &mut Provider, call: &Call, id: &str) -> Answer {
    call.params.only(&[])?;
    let Some(row) = stripe.invoices.get(id) else {
        return Err(StripeError::no_such("invoice", id));
    };
    match row.status {
        InvoiceStatus::Paid => {
            return Err(StripeError::coded(
                "invoice_already_paid",
                "id",
                "Invoice is already paid",
            ));
        }
        InvoiceStatus::Void => {
            return Err(StripeError::invalid("This invoice can no longer be paid."));
        }
        InvoiceStatus::Draft => stripe.finalize(id, call.now),
        InvoiceStatus::Open => {}
    }
    let paid: Result<(), Decline> = stripe.collect(id, call.now);
    paid.map_err(StripeError::card)?;
    super::retrieve(stripe, "invoice", "in_", id)
}

/// Takes an invoice back. With that of a change that waits, the change is given up.
pub(super) fn void_invoice(stripe: &mut Provider, call: &Call, id: &str) -> Answer {
    call.params.only(&[])?;
    let Some(row) = stripe.invoices.get(id) else {
        return Err(StripeError::no_such("invoice", id));
    };
    if row.status != InvoiceStatus::Open {
        return Err(StripeError::invalid(format!(
            "You can only void open invoices. This one is {}.",
            row.status.name()
        )));
    }
    match stripe.update_of_invoice(id) {
        Some(subscription) => stripe.discard_update(&subscription, call.now),
        None => stripe.void(id, call.now),
    }
    super::retrieve(stripe, "invoice", "in_", id)
}

/// Which invoice a payment intent paid, and the reverse.
pub(super) fn list_invoice_payments(stripe: &Provider, call: &Call) -> Answer {
    list::only(&call.params, &["invoice", "payment", "status"])?;
    let params = &call.params;
    let intent = params.group("payment").and_then(|payment| payment.text("payment_intent"));
    let limit = list::limit(params)?;
    let mut data: Vec<_> = stripe
        .invoices
        .newest()
        .filter(|row| params.text("invoice").is_none_or(|wanted| row.id == wanted))
        .filter(|row| intent.is_none_or(|wanted| row.intent.as_deref() == Some(wanted)))
        .flat_map(|row| stripe.invoice_payments_json(row))
        .filter(|payment| params.text("status").is_none_or(|wanted| payment["status"] == wanted))
        .collect();
    let has_more = data.len() > limit;
    data.truncate(limit);
    let mut shown = whole_list("/v1/invoice_payments", data);
    shown["has_more"] = json!(has_more);
    Ok(shown)
}
