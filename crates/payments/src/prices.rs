//! What is offered for money. Source: Stripe API reference, "Prices".

use std::collections::BTreeMap;

use miniserde::Deserialize;
use serde::Serialize;
use stripe::StripeRequest;
use stripe_client_core::{RequestBuilder, StripeMethod};
use wardesk_core::ports::{Money, Price};

use crate::form::is_currency;

/// Currencies of one price that are read at most. Stripe knows fewer.
const MOST_CURRENCIES: usize = 200;

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
    expand: [&'static str; 1],
}

impl StripeRequest for List<'_> {
    type Output = Found;

    fn build(&self) -> RequestBuilder {
        // Stripe takes ten lookup keys at once, and each names one price at most.
        let query = Query {
            active: true,
            limit: 10,
            lookup_keys: self.lookup_keys,
            expand: ["data.currency_options"],
        };
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
    currency_options: Option<BTreeMap<String, CurrencyOption>>,
    livemode: bool,
}

/// The price in another currency. The main one stands among them as well.
#[derive(Deserialize)]
struct CurrencyOption {
    unit_amount: Option<i64>,
}

impl Object {
    fn read(self) -> Price {
        let Self { id, lookup_key, unit_amount, currency, currency_options, livemode } = self;
        let others: Vec<Money> = currency_options
            .unwrap_or_default()
            .into_iter()
            .filter(|(code, _)| *code != currency && is_currency(code))
            .filter_map(|(currency, option)| Some(Money { amount: option.unit_amount?, currency }))
            .take(MOST_CURRENCIES - 1)
            .collect();
        // Without a main amount there is no fixed one in any currency.
        let amounts = match unit_amount {
            Some(amount) => std::iter::once(Money { amount, currency }).chain(others).collect(),
            None => Vec::new(),
        };
        Price { id, lookup_key, amounts, live: livemode }
    }
}

impl From<Found> for Vec<Price> {
    fn from(found: Found) -> Self {
        found.data.into_iter().map(Object::read).collect()
    }
}
