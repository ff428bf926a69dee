//! Subscriptions.

use serde_json::{Value, json};

use super::super::provider::Provider;
use super::super::seed::{COUPON, PROMOTION};
use super::super::subscription::{Discount, Subscription};
use super::inner_list;

impl Provider {
    /// Since version 2025-03-31 the current period stands on the items.
    pub(crate) fn subscription_json(&self, it: &Subscription) -> Value {
        json!({
            "id": it.id,
            "object": "subscription",
            "application": null,
            "application_fee_percent": null,
            "automatic_tax": {
                "disabled_reason": null,
                "enabled": it.automatic_tax,
                "liability": it.automatic_tax.then(|| json!({"type": "self"})),
            },
            "billing_cycle_anchor": it.anchor,
            "billing_cycle_anchor_config": null,
            "billing_mode": {"flexible": null, "type": "classic"},
            "billing_schedules": [],
            "billing_thresholds": null,
            "cancel_at": it.cancel_at_period_end.then_some(it.period.end),
            "cancel_at_period_end": it.cancel_at_period_end,
            "canceled_at": it.canceled_at,
            "cancellation_details": {"comment": null, "feedback": null, "reason": it.cancel_reason},
            "collection_method": "charge_automatically",
            "created": it.created,
            "currency": it.currency,
            "customer": it.customer,
            "days_until_due": null,
            "default_payment_method": it.method,
            "default_source": null,
            "default_tax_rates": [],
            "description": null,
            "discounts": it.discount.iter().map(|discount| discount.id.as_str()).collect::<Vec<_>>(),
            "ended_at": it.ended_at,
            "invoice_settings": {"account_tax_ids": null, "issuer": {"type": "self"}},
            "items": inner_list(
                &format!("/v1/subscription_items?subscription={}", it.id),
                vec![self.item_json(it, &it.price, it.quantity)],
            ),
            "latest_invoice": it.latest_invoice,
            "livemode": false,
            "metadata": it.metadata,
            "next_pending_invoice_item_invoice": null,
            "on_behalf_of": null,
            "pause_collection": null,
            "payment_settings": {
                "payment_method_options": null, "payment_method_types": ["card"],
                "save_default_payment_method": "off",
            },
            "pending_invoice_item_interval": null,
            "pending_setup_intent": null,
            "pending_update": self.pending_update_json(it),
            "schedule": null,
            "start_date": it.created,
            "status": it.status.name(),
            "test_clock": null,
            "transfer_data": null,
            "trial_end": it.trial.map(|trial| trial.end),
            "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
            "trial_start": it.trial.map(|trial| trial.start),
        })
    }

    /// A change that waits for its payment.
    fn pending_update_json(&self, it: &Subscription) -> Value {
        let Some(update) = it.update.as_ref().filter(|update| update.waits) else {
            return Value::Null;
        };
        json!({
            "billing_cycle_anchor": (update.anchor != it.anchor).then_some(update.anchor),
            "cancel_at_period_end": null,
            "expires_at": update.expires_at,
            "metadata": null,
            "subscription_items": [self.item_json(it, &update.price, update.quantity)],
            "trial_end": null,
            "trial_from_plan": null,
        })
    }

    fn item_json(&self, it: &Subscription, price: &str, quantity: i64) -> Value {
        let price = self.prices.get(price);
        let interval = price.and_then(|price| price.interval).unwrap_or(it.interval);
        let amount = price.and_then(|price| price.amount_in(&it.currency));
        json!({
            "id": it.item,
            "object": "subscription_item",
            "billing_thresholds": null,
            "created": it.created,
            "current_period_end": it.period.end,
            "current_period_start": it.period.start,
            "discounts": [],
            "metadata": {},
            // The older name of a recurring price.
            "plan": price.map(|price| json!({
                "id": price.id, "object": "plan", "active": price.active, "amount": amount,
                "amount_decimal": amount.map(|amount| amount.to_string()), "billing_scheme": "per_unit",
                "created": price.created, "currency": it.currency, "interval": interval.name(),
                "interval_count": 1, "livemode": false, "metadata": {}, "meter": null, "nickname": null,
                "product": price.product, "tiers_mode": null, "transform_usage": null,
                "trial_period_days": null, "usage_type": "licensed",
            })),
            "price": price.map(|price| self.price_json(price)),
            "quantity": quantity,
            "subscription": it.id,
            "tax_rates": [],
        })
    }

    /// A discount of a subscription or invoice.
    pub(crate) fn discount_json(&self, discount: &Discount, subscription: &str) -> Value {
        json!({
            "id": discount.id,
            "object": "discount",
            "checkout_session": discount.session,
            "customer": self.subscriptions.get(subscription).map(|it| it.customer.as_str()),
            "end": null,
            "invoice": null,
            "invoice_item": null,
            "promotion_code": PROMOTION,
            "source": {"coupon": COUPON, "type": "coupon"},
            "start": discount.start,
            "subscription": subscription,
            "subscription_item": null,
        })
    }
}
