//! Who pays. Source: Stripe API reference, "Customers".

use domain::ids::UserId;
use miniserde::Deserialize;
use miniserde::json::Value;
use serde::Serialize;
use stripe::StripeRequest;
use stripe_client_core::{RequestBuilder, StripeMethod};
use wardesk_core::ports::PaymentError;

use crate::Stripe;
use crate::form::{List, id_of};

/// The customer with an account in its metadata.
pub(crate) struct Search {
    pub account: UserId,
}

#[derive(Serialize)]
struct Query<'a> {
    query: &'a str,
    limit: u8,
}

impl StripeRequest for Search {
    type Output = List<Object>;

    fn build(&self) -> RequestBuilder {
        let query = format!("metadata['account']:'{}'", self.account);
        RequestBuilder::new(StripeMethod::Get, "/customers/search")
            .query(&Query { query: &query, limit: 1 })
    }
}

#[derive(Deserialize)]
pub(crate) struct Object {
    pub id: String,
}

impl List<Object> {
    pub fn first(self) -> Option<String> {
        self.data.into_iter().next().map(|object| object.id)
    }
}

/// A customer of an account. Name and address are typed on Stripe's page, never here.
pub(crate) struct Create {
    pub account: UserId,
}

#[derive(Serialize)]
struct Form {
    metadata: Account,
}

#[derive(Serialize)]
struct Account {
    account: String,
}

impl StripeRequest for Create {
    type Output = Object;

    fn build(&self) -> RequestBuilder {
        let metadata = Account { account: self.account.to_string() };
        RequestBuilder::new(StripeMethod::Post, "/customers").form(&Form { metadata })
    }
}

/// Any object, for what it says about others.
struct Any {
    path: String,
}

impl StripeRequest for Any {
    type Output = Related;

    fn build(&self) -> RequestBuilder {
        RequestBuilder::new(StripeMethod::Get, self.path.as_str())
    }
}

#[derive(Deserialize)]
struct Related {
    customer: Option<Value>,
    charge: Option<Value>,
    payment_intent: Option<Value>,
}

/// Where an object is, by the prefix of its id; `None` for kinds that concern nobody.
fn path(object: &str) -> Option<String> {
    // An id is made of letters, digits and underscores: nothing else gets into an address.
    if !object.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return None;
    }
    let folder = match object.split_once('_')?.0 {
        "sub" => "subscriptions",
        "in" => "invoices",
        "ch" | "py" => "charges",
        "pi" => "payment_intents",
        "re" | "pyr" => "refunds",
        "dp" | "du" => "disputes",
        "cs" => "checkout/sessions",
        _ => return None,
    };
    Some(format!("/{folder}/{object}"))
}

/// The customer whom an object concerns, by way of its charge or payment where it does not say so itself.
pub(crate) async fn of(stripe: &Stripe, object: &str) -> Result<Option<String>, PaymentError> {
    let mut object = object.to_owned();
    // A dispute or a refund, its charge, the charge's payment.
    for _ in 0..3 {
        if object.starts_with("cus_") {
            return Ok(Some(object));
        }
        let Some(path) = path(&object) else { return Ok(None) };
        let Some(found) = stripe.find(&Any { path }).await? else { return Ok(None) };
        let next = id_of(found.customer.as_ref())
            .or_else(|| id_of(found.charge.as_ref()))
            .or_else(|| id_of(found.payment_intent.as_ref()));
        match next {
            Some(next) if next != object => object = next,
            _ => return Ok(None),
        }
    }
    Ok(object.starts_with("cus_").then_some(object))
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn kinds_are_told_by_their_prefix() {
        assert_eq!(path("sub_1").as_deref(), Some("/subscriptions/sub_1"));
        assert_eq!(path("cs_test_a1").as_deref(), Some("/checkout/sessions/cs_test_a1"));
        for none in ["price_1", "prod_1", "evt", "", "sub_1/../../customers", "in_1?x"] {
            assert_eq!(path(none), None, "{none}");
        }
    }
}
