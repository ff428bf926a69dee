//! Products and prices.

use std::collections::BTreeMap;

use super::super::calendar::Interval;
use super::super::error::{Answer, StripeError};
use super::super::model::{Metadata, Price, Product};
use super::super::params::Params;
use super::super::provider::Provider;
use super::super::{id, seed};
use super::{Call, list, whole_list};

pub(super) fn create_product(stripe: &mut Provider, call: &Call) -> Answer {
    call.params.only(&["name", "description", "metadata", "active"])?;
    let name = call.params.required("name")?.to_owned();
    let description = call.params.text("description").map(str::to_owned);
    let metadata = call.params.new_metadata()?;
    let active = call.params.boolean("active")?.unwrap_or(true);
    let product = new_product(stripe, name, description, active, metadata, call.now);
    stripe.emit_object("product.created", &product, call.now);
    super::retrieve(stripe, "product", "prod_", &product)
}

fn new_product(
    stripe: &mut Provider,
    name: String,
    description: Option<String>,
    active: bool,
    metadata: Metadata,
    created: i64,
) -> String {
    let id = stripe.ids.next(id::PRODUCT);
    stripe.products.insert(Product {
        id: id.clone(),
        created,
        name,
        description,
        active,
        metadata,
    });
    id
}

pub(super) fn list_products(stripe: &Provider, call: &Call) -> Answer {
    list::only(&call.params, &["active", "ids"])?;
    let active = call.params.boolean("active")?;
    let ids = call.params.texts("ids");
    let rows = stripe
        .products
        .newest()
        .filter(|row| active.is_none_or(|active| row.active == active))
        .filter(|row| ids.is_empty() || ids.contains(&row.id.as_str()));
    list::page("/v1/products", &call.params, rows, |row| stripe.product_json(row))
}

const PRICE_FIELDS: [&str; 10] = [
    "currency",
    "unit_amount",
    "product",
    "product_data",
    "recurring",
    "lookup_key",
    "active",
    "metadata",
    "currency_options",
    "transfer_lookup_key",
];

pub(super) fn create_price(stripe: &mut Provider, call: &Call) -> Answer {
    call.params.only(&PRICE_FIELDS)?;
    let active = call.params.boolean("active")?.unwrap_or(true);
    let key = call.params.text("lookup_key").map(str::to_owned);
    free_lookup_key(stripe, &call.params, key.as_deref())?;
    let price = new_price(stripe, &call.params, active, call.now)?;
    if let Some(row) = stripe.prices.get_mut(&price) {
        row.lookup_key = key;
    }
    stripe.emit_object("price.created", &price, call.now);
    super::retrieve(stripe, "price", "price_", &price)
}

/// A lookup key names one price: it moves when the request says so.
fn free_lookup_key(
    stripe: &mut Provider,
    params: &Params,
    key: Option<&str>,
) -> Result<(), StripeError> {
    let Some(key) = key else { return Ok(()) };
    let holder = stripe.prices.iter().find(|row| row.lookup_key.as_deref() == Some(key));
    let Some(holder) = holder.map(|row| row.id.clone()) else { return Ok(()) };
    if params.boolean("transfer_lookup_key")? != Some(true) {
        let words = format!("A price (`{holder}`) already uses that lookup key.");
        return Err(StripeError::coded("resource_already_exists", "lookup_key", words));
    }
    if let Some(row) = stripe.prices.get_mut(&holder) {
        row.lookup_key = None;
    }
    Ok(())
}

/// A price from `currency`, `unit_amount`, `recurring`, `product` or `product_data`.
pub(super) fn new_price(
    stripe: &mut Provider,
    params: &Params,
    active: bool,
    at: i64,
) -> Result<String, StripeError> {
    let currency = currency(params.required("currency")?)?;
    let amount = unit_amount(params)?;
    let interval = match params.group("recurring") {
        None => None,
        Some(recurring) => Some(match recurring.required("interval")? {
            "month" => Interval::Month,
            "year" => Interval::Year,
            other => {
                return Err(StripeError::invalid(format!(
                    "The sandbox charges by month or year, not by {other}."
                )));
            }
        }),
    };
    let options = options(params, &currency)?;
    let metadata = params.new_metadata()?;
    let product = match (params.text("product"), params.group("product_data")) {
        (Some(id), _) => stripe
            .products
            .get(id)
            .ok_or_else(|| StripeError::no_such_param("product", id, "product"))?
            .id
            .clone(),
        (None, Some(data)) => {
            let name = data.required("name")?.to_owned();
            let description = data.text("description").map(str::to_owned);
            new_product(stripe, name, description, active, Metadata::new(), at)
        }
        (None, None) => return Err(StripeError::missing_param("product")),
    };
    let id = stripe.ids.next(id::PRICE);
    stripe.prices.insert(Price {
        id: id.clone(),
        created: at,
        product,
        currency,
        amount,
        options,
        interval,
        lookup_key: None,
        active,
        metadata,
    });
    Ok(id)
}

fn unit_amount(params: &Params) -> Result<i64, StripeError> {
    let amount = params.integer("unit_amount")?;
    let amount = amount.ok_or_else(|| StripeError::missing_param("unit_amount"))?;
    if (0..=99_999_999).contains(&amount) {
        return Ok(amount);
    }
    let words = format!("Invalid unit_amount: {amount}");
    Err(StripeError::coded("parameter_invalid_integer", "unit_amount", words))
}

/// `currency_options[usd][unit_amount]`: the price in currencies besides its own.
fn options(params: &Params, own: &str) -> Result<BTreeMap<String, i64>, StripeError> {
    let all = params.groups("currency_options").map(|(code, option)| {
        option.only(&["unit_amount", "tax_behavior"])?;
        Ok((currency(code)?, unit_amount(option)?))
    });
    let mut all: BTreeMap<String, i64> = all.collect::<Result<_, StripeError>>()?;
    all.remove(own);
    Ok(all)
}

/// Three letters, in lower case.
pub(super) fn currency(text: &str) -> Result<String, StripeError> {
    let known = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_lowercase());
    known.then(|| text.to_owned()).ok_or_else(|| {
        StripeError::coded("parameter_invalid", "currency", format!("Invalid currency: {text}."))
    })
}

pub(super) fn update_price(stripe: &mut Provider, call: &Call, id: &str) -> Answer {
    call.params.only(&[
        "active",
        "lookup_key",
        "transfer_lookup_key",
        "metadata",
        "currency_options",
    ])?;
    let Some(mut price) = stripe.prices.get(id).cloned() else {
        return Err(StripeError::no_such("price", id));
    };
    call.params.metadata(&mut price.metadata)?;
    price.options.extend(options(&call.params, &price.currency)?);
    price.active = call.params.boolean("active")?.unwrap_or(price.active);
    if let Some(key) = call.params.given("lookup_key").map(str::to_owned) {
        let key = Some(key).filter(|key| !key.is_empty());
        if key != price.lookup_key {
            free_lookup_key(stripe, &call.params, key.as_deref())?;
        }
        price.lookup_key = key;
    }
    let before = stripe.object(id);
    if let Some(row) = stripe.prices.get_mut(id) {
        *row = price;
    }
    stripe.emit_changed("price.updated", before, id, call.now);
    super::retrieve(stripe, "price", "price_", id)
}

pub(super) fn list_prices(stripe: &Provider, call: &Call) -> Answer {
    list::only(&call.params, &["active", "lookup_keys", "product", "currency", "type"])?;
    let params = &call.params;
    let active = params.boolean("active")?;
    let keys = params.texts("lookup_keys");
    if keys.len() > 10 {
        return Err(StripeError::invalid("You can specify up to 10 lookup_keys."));
    }
    let recurring = match params.text("type") {
        None => None,
        Some("recurring") => Some(true),
        Some("one_time") => Some(false),
        Some(other) => return Err(StripeError::invalid(format!("Invalid type: {other}"))),
    };
    let rows = stripe
        .prices
        .newest()
        .filter(|row| active.is_none_or(|active| row.active == active))
        .filter(|row| recurring.is_none_or(|wanted| row.interval.is_some() == wanted))
        .filter(|row| params.text("product").is_none_or(|wanted| row.product == wanted))
        .filter(|row| params.text("currency").is_none_or(|wanted| row.currency == wanted))
        .filter(|row| {
            keys.is_empty() || row.lookup_key.as_deref().is_some_and(|key| keys.contains(&key))
        });
    list::page("/v1/prices", params, rows, |row| stripe.price_json(row))
}

/// There is one promotion code.
pub(super) fn list_promotions(stripe: &Provider, call: &Call) -> Answer {
    list::only(&call.params, &["code", "active"])?;
    let params = &call.params;
    let code =
        params.text("code").is_none_or(|code| code.eq_ignore_ascii_case(seed::PROMOTION_CODE));
    let fits = code && params.boolean("active")? != Some(false);
    let data = if fits { vec![stripe.promotion_json()] } else { Vec::new() };
    Ok(whole_list("/v1/promotion_codes", data))
}
