//! Invoices, their lines and payments.

use serde_json::{Value, json};

use super::super::invoice::{Invoice, InvoiceStatus, Line};
use super::super::model::IntentStatus;
use super::super::provider::Provider;
use super::inner_list;

impl Provider {
    pub(crate) fn invoice_json(&self, it: &Invoice) -> Value {
        let customer = self.customers.get(&it.customer);
        let subscription = self.subscriptions.get(&it.subscription);
        let sums = it.sums;
        let url = |end: &str| {
            let finalized = it.finalized_at.is_some();
            finalized.then(|| format!("{}/stripe/invoices/{}{end}", self.base_url, it.id))
        };
        let mut shown = json!({
            "id": it.id,
            "object": "invoice",
            "account_country": "DE",
            "account_name": "Sandbox",
            "account_tax_ids": null,
            "amount_due": it.amount_due,
            "amount_overpaid": 0,
            "amount_paid": it.amount_paid,
            "amount_remaining": it.amount_due - it.amount_paid,
            "amount_shipping": 0,
            "attempt_count": it.attempts,
            "attempted": it.attempts > 0 || it.status == InvoiceStatus::Paid,
            "auto_advance": it.next_attempt.is_some() || it.finalizes_at.is_some(),
            "automatic_tax": {
                "disabled_reason": null,
                "enabled": it.automatic_tax,
                "liability": it.automatic_tax.then(|| json!({"type": "self"})),
                "provider": it.automatic_tax.then_some("stripe"),
                "status": it.automatic_tax.then_some("complete"),
            },
            "automatically_finalizes_at": it.finalizes_at,
            "billing_reason": it.reason.name(),
            "collection_method": "charge_automatically",
            "created": it.created,
            "currency": it.currency,
            "custom_fields": null,
            "customer": it.customer,
            "customer_email": customer.and_then(|customer| customer.email.as_deref()),
            "customer_name": customer.and_then(|customer| customer.name.as_deref()),
            "default_payment_method": null,
            "default_tax_rates": [],
            "description": null,
            "discounts": it.discount.iter().map(|discount| discount.id.as_str()).collect::<Vec<_>>(),
            "due_date": null,
            "effective_at": it.finalized_at,
            "ending_balance": it.ending_balance,
            "hosted_invoice_url": url(""),
            "invoice_pdf": null,
            "issuer": {"type": "self"},
            "lines": inner_list(
                &format!("/v1/invoices/{}/lines", it.id),
                it.lines.iter().map(|line| self.line_json(it, line)).collect(),
            ),
            "livemode": false,
            "metadata": {},
            "next_payment_attempt": it.next_attempt,
            "number": it.number,
            "parent": {
                "quote_details": null,
                "subscription_details": {
                    "metadata": subscription.map(|it| &it.metadata),
                    "subscription": it.subscription,
                },
                "type": "subscription_details",
            },
            "payment_settings": {
                "default_mandate": null, "payment_method_options": null, "payment_method_types": null,
            },
            "period_end": it.period.end,
            "period_start": it.period.start,
            "post_payment_credit_notes_amount": 0,
            "pre_payment_credit_notes_amount": 0,
        });
        let rest = json!({
            "receipt_number": null,
            "starting_balance": it.starting_balance,
            "statement_descriptor": null,
            "status": it.status.name(),
            "status_transitions": {
                "finalized_at": it.finalized_at, "marked_uncollectible_at": null,
                "paid_at": it.paid_at, "voided_at": it.voided_at,
            },
            "subtotal": sums.subtotal,
            "subtotal_excluding_tax": sums.subtotal - sums.tax,
            "test_clock": null,
            "total": sums.total,
            "total_discount_amounts": it.discount.iter()
                .map(|discount| json!({"amount": sums.discount, "discount": discount.id}))
                .collect::<Vec<_>>(),
            "total_excluding_tax": sums.total - sums.tax,
            "total_taxes": tax_json(it, sums.total),
            "webhooks_delivered_at": it.finalized_at,
        });
        if let (Value::Object(shown), Value::Object(rest)) = (&mut shown, rest) {
            shown.extend(rest);
        }
        shown
    }

    fn line_json(&self, it: &Invoice, line: &Line) -> Value {
        let product = self.prices.get(&line.price).map(|price| price.product.as_str());
        let unit = if line.quantity == 0 { 0 } else { line.amount / line.quantity };
        let subscription = self.subscriptions.get(&it.subscription);
        json!({
            "id": line.id,
            "object": "line_item",
            "amount": line.amount,
            "currency": it.currency,
            "description": line.description,
            "discount_amounts": [],
            "discountable": line.proration.is_none(),
            "discounts": [],
            "invoice": it.id,
            "livemode": false,
            "metadata": {},
            "parent": {
                "invoice_item_details": null,
                "subscription_item_details": {
                    "invoice_item": line.proration,
                    "proration": line.proration.is_some(),
                    "proration_details": {"credited_items": null},
                    "subscription": it.subscription,
                    "subscription_item": subscription.map(|it| it.item.as_str()),
                },
                "type": "subscription_item_details",
            },
            "period": {"end": line.period.end, "start": line.period.start},
            "pretax_credit_amounts": [],
            "pricing": {
                "price_details": {"price": line.price, "product": product},
                "type": "price_details",
                "unit_amount_decimal": unit.to_string(),
            },
            "quantity": line.quantity,
            "subtotal": line.amount,
            "taxes": [],
        })
    }

    /// The payments of an invoice: none, or that by its payment intent.
    pub(crate) fn invoice_payments_json(&self, it: &Invoice) -> Vec<Value> {
        let (Some(id), Some(intent)) =
            (&it.payment, it.intent.as_deref().and_then(|id| self.intents.get(id)))
        else {
            return Vec::new();
        };
        let paid = intent.status == IntentStatus::Succeeded;
        vec![json!({
            "id": id,
            "object": "invoice_payment",
            "amount_paid": paid.then_some(intent.amount),
            "amount_requested": intent.amount,
            "created": intent.created,
            "currency": intent.currency,
            "invoice": it.id,
            "is_default": true,
            "livemode": false,
            "payment": {"payment_intent": intent.id, "type": "payment_intent"},
            "status": match intent.status {
                IntentStatus::Succeeded => "paid",
                IntentStatus::Canceled => "canceled",
                _ => "open",
            },
            "status_transitions": {"canceled_at": null, "paid_at": it.paid_at},
        })]
    }
}

fn tax_json(it: &Invoice, total: i64) -> Value {
    if !it.automatic_tax {
        return json!([]);
    }
    json!([{
        "amount": it.sums.tax,
        "tax_behavior": "inclusive",
        "tax_rate_details": null,
        "taxability_reason": "standard_rated",
        "taxable_amount": total - it.sums.tax,
        "type": "tax_rate_details",
    }])
}
