//! What is for sale in every world: the plans of the product, under the lookup keys that it looks for.

use super::calendar::Interval;
use super::id;
use super::model::{Metadata, Price, Product};
use super::provider::Provider;

/// The promotion code that every checkout page takes once: 20 % off.
pub(crate) const PROMOTION_CODE: &str = "WELCOME20";
/// Its id, and that of the coupon behind it.
pub(crate) const PROMOTION: &str = "promo_1WelcomeTwentyPercentOff";
pub(crate) const COUPON: &str = "WELCOME20";
/// When the catalogue was made: 2026-01-01.
pub(crate) const CREATED: i64 = 1_767_225_600;

/// The main currency of each price.
const MAIN: &str = "eur";
/// The others.
const OTHERS: [&str; 3] = ["usd", "gbp", "chf"];

/// Lookup key, interval, amount in the main currency, amounts in the others.
type Offer = (&'static str, Interval, i64, [i64; 3]);

const PRODUCTS: [(&str, [Offer; 2]); 2] = [
    (
        "Plus",
        [
            ("wardesk_plus_month", Interval::Month, 499, [549, 449, 479]),
            ("wardesk_plus_year", Interval::Year, 4_990, [5_490, 4_490, 4_790]),
        ],
    ),
    (
        "Pro",
        [
            ("wardesk_pro_month", Interval::Month, 1_299, [1_399, 1_149, 1_249]),
            ("wardesk_pro_year", Interval::Year, 12_990, [13_990, 11_490, 12_490]),
        ],
    ),
];

/// Puts the products and prices in.
pub(crate) fn catalogue(provider: &mut Provider) {
    for (name, offers) in PRODUCTS {
        let product = provider.ids.next(id::PRODUCT);
        provider.products.insert(Product {
            id: product.clone(),
            created: CREATED,
            name: name.to_owned(),
            description: None,
            active: true,
            metadata: Metadata::new(),
        });
        for (key, interval, amount, others) in offers {
            let id = provider.ids.next(id::PRICE);
            provider.prices.insert(Price {
                id,
                created: CREATED,
                product: product.clone(),
                currency: MAIN.to_owned(),
                amount,
                options: OTHERS.map(str::to_owned).into_iter().zip(others).collect(),
                interval: Some(interval),
                lookup_key: Some(key.to_owned()),
                active: true,
                metadata: Metadata::new(),
            });
        }
    }
}
