//! Products, prices, the promotion.

use serde_json::{Map, Value, json};

use super::super::invoice::PERCENT_OFF;
use super::super::model::{Price, Product};
use super::super::provider::Provider;
use super::super::seed::{COUPON, CREATED, PROMOTION, PROMOTION_CODE};

#[expect(clippy::unused_self, reason = "every object is shown by the provider")]
impl Provider {
    pub(crate) fn product_json(&self, product: &Product) -> Value {
        json!({
            "id": product.id,
            "object": "product",
            "active": product.active,
            "created": product.created,
            "default_price": null,
            "description": product.description,
            "images": [],
            "livemode": false,
            "marketing_features": [],
            "metadata": product.metadata,
            "name": product.name,
            "package_dimensions": null,
            "shippable": null,
            "statement_descriptor": null,
            "tax_code": null,
            "type": "service",
            "unit_label": null,
            "updated": product.created,
            "url": null,
        })
    }

    pub(crate) fn price_json(&self, price: &Price) -> Value {
        json!({
            "id": price.id,
            "object": "price",
            "active": price.active,
            "billing_scheme": "per_unit",
            "created": price.created,
            "currency": price.currency,
            "custom_unit_amount": null,
            "livemode": false,
            "lookup_key": price.lookup_key,
            "metadata": price.metadata,
            "nickname": null,
            "product": price.product,
            "recurring": price.interval.map(|interval| json!({
                "interval": interval.name(), "interval_count": 1, "meter": null,
                "trial_period_days": null, "usage_type": "licensed",
            })),
            "tax_behavior": "inclusive",
            "tiers_mode": null,
            "transform_quantity": null,
            "type": if price.interval.is_some() { "recurring" } else { "one_time" },
            "unit_amount": price.amount,
            "unit_amount_decimal": price.amount.to_string(),
        })
    }

    /// The price in every currency it has; shown when it is asked for.
    pub(crate) fn currency_options_json(&self, price: &Price) -> Value {
        let own = (price.currency.clone(), price.amount);
        let all = std::iter::once(own).chain(price.options.clone());
        let options: Map<String, Value> = all
            .map(|(currency, amount)| {
                let option = json!({
                    "custom_unit_amount": null, "tax_behavior": "inclusive", "unit_amount": amount,
                    "unit_amount_decimal": amount.to_string(),
                });
                (currency, option)
            })
            .collect();
        Value::Object(options)
    }

    pub(crate) fn coupon_json(&self) -> Value {
        json!({
            "id": COUPON,
            "object": "coupon",
            "amount_off": null,
            "created": CREATED,
            "currency": null,
            "duration": "once",
            "duration_in_months": null,
            "livemode": false,
            "max_redemptions": null,
            "metadata": {},
            "name": "Welcome",
            "percent_off": PERCENT_OFF,
            "redeem_by": null,
            "times_redeemed": self.redemptions,
            "valid": true,
        })
    }

    pub(crate) fn promotion_json(&self) -> Value {
        json!({
            "id": PROMOTION,
            "object": "promotion_code",
            "active": true,
            "code": PROMOTION_CODE,
            "created": CREATED,
            "customer": null,
            "expires_at": null,
            "livemode": false,
            "max_redemptions": null,
            "metadata": {},
            "promotion": {"coupon": COUPON, "type": "coupon"},
            "restrictions": {
                "first_time_transaction": false, "minimum_amount": null, "minimum_amount_currency": null,
            },
            "times_redeemed": self.redemptions,
        })
    }
}
