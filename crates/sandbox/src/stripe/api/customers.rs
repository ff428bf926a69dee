//! Customers and their portal.

use serde_json::json;

use super::super::billing::End;
use super::super::error::{Answer, StripeError};
use super::super::id;
use super::super::model::{Customer, Metadata, Portal};
use super::super::params::Params;
use super::super::provider::Provider;
use super::{Call, list};

const FIELDS: [&str; 7] = [
    "email",
    "name",
    "description",
    "metadata",
    "address",
    "invoice_settings",
    "preferred_locales",
];

pub(super) fn create(stripe: &mut Provider, call: &Call) -> Answer {
    call.params.only(&FIELDS)?;
    let mut customer = Customer { created: call.now, ..Customer::default() };
    lay_over(stripe, &mut customer, &call.params)?;
    customer.id = stripe.ids.next(id::CUSTOMER);
    let id = customer.id.clone();
    stripe.customers.insert(customer);
    stripe.emit_object("customer.created", &id, call.now);
    retrieve(stripe, &id)
}

pub(super) fn retrieve(stripe: &Provider, id: &str) -> Answer {
    super::retrieve(stripe, "customer", "cus_", id)
}

/// A customer who is there and not deleted.
pub(super) fn living<'s>(
    stripe: &'s Provider,
    id: &str,
    param: Option<&str>,
) -> Result<&'s Customer, StripeError> {
    stripe.customers.get(id).filter(|customer| !customer.deleted).ok_or_else(|| match param {
        Some(param) => StripeError::no_such_param("customer", id, param),
        None => StripeError::no_such("customer", id),
    })
}

pub(super) fn update(stripe: &mut Provider, call: &Call, id: &str) -> Answer {
    call.params.only(&FIELDS)?;
    let mut customer = living(stripe, id, None)?.clone();
    lay_over(stripe, &mut customer, &call.params)?;
    let before = stripe.object(id);
    if let Some(row) = stripe.customers.get_mut(id) {
        *row = customer;
    }
    if before != stripe.object(id) {
        stripe.emit_changed("customer.updated", before, id, call.now);
    }
    retrieve(stripe, id)
}

fn lay_over(
    stripe: &Provider,
    customer: &mut Customer,
    params: &Params,
) -> Result<(), StripeError> {
    let set = |field: &mut Option<String>, name: &str| {
        if let Some(text) = params.given(name) {
            *field = Some(text.to_owned()).filter(|text| !text.is_empty());
        }
    };
    set(&mut customer.email, "email");
    set(&mut customer.name, "name");
    set(&mut customer.description, "description");
    if customer.email.as_deref().is_some_and(|email| !email.contains('@')) {
        let words = format!("Invalid email address: {}", customer.email.as_deref().unwrap_or(""));
        return Err(StripeError::coded("email_invalid", "email", words));
    }
    if let Some(address) = params.group("address") {
        customer.country = address.text("country").map(str::to_owned);
    }
    if let Some(method) =
        params.group("invoice_settings").and_then(|group| group.text("default_payment_method"))
    {
        let known = stripe.methods.get(method).and_then(|it| it.customer.as_deref());
        if known != Some(customer.id.as_str()) {
            return Err(StripeError::no_such_param("PaymentMethod", method, "invoice_settings"));
        }
        customer.default_method = Some(method.to_owned());
    }
    params.metadata(&mut customer.metadata)
}

/// Deletes a customer for good: their subscriptions end at once.
pub(super) fn delete(stripe: &mut Provider, call: &Call, id: &str) -> Answer {
    call.params.only(&[])?;
    living(stripe, id, None)?;
    let theirs: Vec<String> = stripe
        .subscriptions
        .iter()
        .filter(|it| it.customer == id && !it.is_over())
        .map(|it| it.id.clone())
        .collect();
    for subscription in theirs {
        stripe.end(&subscription, End::Requested, call.now);
    }
    stripe.emit_object("customer.deleted", id, call.now);
    if let Some(row) = stripe.customers.get_mut(id) {
        row.deleted = true;
        row.email = None;
        row.name = None;
        row.description = None;
        row.metadata = Metadata::new();
        row.country = None;
    }
    retrieve(stripe, id)
}

pub(super) fn list(stripe: &Provider, call: &Call) -> Answer {
    list::only(&call.params, &["email"])?;
    let email = call.params.text("email");
    let rows = stripe
        .customers
        .newest()
        .filter(|row| !row.deleted && (email.is_none() || row.email.as_deref() == email));
    list::page("/v1/customers", &call.params, rows, |row| stripe.customer_json(row))
}

/// Search by clauses `field:'value'` and `metadata['key']:'value'`, joined by `AND`. Stripe's own index lags
/// by up to a minute; this one does not.
pub(super) fn search(stripe: &Provider, call: &Call) -> Answer {
    call.params.only(&["query", "limit", "page"])?;
    let query = call.params.required("query")?;
    let limit = list::limit(&call.params)?;
    let skip =
        call.params.integer("page")?.and_then(|page| usize::try_from(page).ok()).unwrap_or(0);
    let clauses: Vec<(Field, String)> = query
        .split(" AND ")
        .map(|clause| read_clause(clause.trim()))
        .collect::<Option<_>>()
        .ok_or_else(|| StripeError::invalid("We were unable to parse your search query."))?;
    let fits = |row: &&Customer| {
        clauses.iter().all(|(field, value)| match field {
            Field::Email => row.email.as_ref() == Some(value),
            Field::Name => row.name.as_ref() == Some(value),
            Field::Metadata(key) => row.metadata.get(key) == Some(value),
        })
    };
    let found: Vec<&Customer> =
        stripe.customers.newest().filter(|row| !row.deleted).filter(fits).collect();
    let more = found.len() > skip + limit;
    let data: Vec<_> =
        found.iter().skip(skip).take(limit).map(|row| stripe.customer_json(row)).collect();
    Ok(json!({
        "object": "search_result", "data": data, "has_more": more, "url": "/v1/customers/search",
        "next_page": more.then(|| (skip + limit).to_string()),
    }))
}

enum Field {
    Email,
    Name,
    Metadata(String),
}

fn read_clause(clause: &str) -> Option<(Field, String)> {
    let unquote = |text: &str| {
        let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
        (!inner.contains(quote)).then(|| inner.to_owned())
    };
    let (field, value) = match clause.strip_prefix("metadata[") {
        Some(rest) => {
            let (key, value) = rest.split_once("]:")?;
            (Field::Metadata(unquote(key)?), value)
        }
        None => match clause.split_once(':')? {
            ("email", value) => (Field::Email, value),
            ("name", value) => (Field::Name, value),
            _ => return None,
        },
    };
    Some((field, unquote(value)?))
}

/// `POST /v1/billing_portal/sessions`.
pub(super) fn portal(stripe: &mut Provider, call: &Call) -> Answer {
    call.params.only(&["customer", "return_url", "locale"])?;
    let customer = living(stripe, call.params.required("customer")?, Some("customer"))?.id.clone();
    let return_url = call.params.text("return_url").map(str::to_owned);
    if let Some(url) = &return_url {
        super::checkout::web_address(url, "return_url")?;
    }
    let portal = Portal {
        id: stripe.ids.next(id::PORTAL),
        created: call.now,
        customer,
        return_url,
        locale: call.params.text("locale").map(str::to_owned),
    };
    let shown = stripe.portal_json(&portal);
    stripe.portals.insert(portal);
    Ok(shown)
}
