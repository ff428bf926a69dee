//! What is offered for money. Source: Stripe API reference, "Prices".

use miniserde::Deserialize;
use serde::Serialize;
use stripe::StripeRequest;
use stripe_client_core::{RequestBuilder, StripeMethod};
use wardesk_core::ports::Price;

/// The active prices under these lookup keys; some of any, for no keys.
pub(crate) struct List<'a> {
    pub lookup_keys: &'a [&'a str],
}

#[derive(Serialize)]
struct Query<'a> {
    active: bool,
    limit: u8,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    lookup_keys: &'a [&'a str],
}

impl StripeRequest for List<'_> {
    type Output = Found;

    fn build(&self) -> RequestBuilder {
        // Stripe takes ten lookup keys at once, and each names one price at most.
        let query = Query { active: true, limit: 10, lookup_keys: self.lookup_keys };
        RequestBuilder::new(StripeMethod::Get, "/prices").query(&query)
    }
}

#[derive(Deserialize)]
pub(crate) struct Found {
    data: Vec<Object>,
}

#[derive(Deserialize)]
struct Object {
    id: String,
    lookup_key: Option<String>,
    unit_amount: Option<i64>,
    currency: String,
    livemode: bool,
}

impl From<Found> for Vec<Price> {
    fn from(found: Found) -> Self {
        let price = |object: Object| Price {
            id: object.id,
            lookup_key: object.lookup_key,
            amount: object.unit_amount,
            currency: object.currency,
            live: object.livemode,
        };
        found.data.into_iter().map(price).collect()
    }
}
