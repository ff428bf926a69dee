//! Sessions of Checkout.

use url::Url;

use super::super::calendar::{DAY, HOUR};
use super::super::error::{Answer, StripeError};
use super::super::model::{Session, SessionStatus};
use super::super::params::Params;
use super::super::provider::Provider;
use super::super::{id, seed};
use super::{Call, catalogue, customers, list};

const FIELDS: [&str; 21] = [
    "mode",
    "line_items",
    "success_url",
    "cancel_url",
    "customer",
    "customer_email",
    "customer_creation",
    "customer_update",
    "client_reference_id",
    "metadata",
    "subscription_data",
    "payment_intent_data",
    "automatic_tax",
    "allow_promotion_codes",
    "discounts",
    "currency",
    "locale",
    "expires_at",
    "submit_type",
    "payment_method_types",
    "ui_mode",
];

/// Longest trial, in days.
const LONGEST_TRIAL: i64 = 730;

pub(super) fn create(stripe: &mut Provider, call: &Call) -> Answer {
    let params = &call.params;
    params.only(&FIELDS)?;
    let recurring = match params.required("mode")? {
        "subscription" => true,
        "payment" => false,
        other => {
            return Err(StripeError::invalid(format!(
                "Invalid mode: must be one of payment or subscription in the sandbox, not {other}"
            )));
        }
    };
    hosted_card_page(params)?;
    let data = params.group(if recurring { "subscription_data" } else { "payment_intent_data" });
    if let Some(data) = data {
        data.only(if recurring { &["metadata", "trial_period_days"] } else { &["metadata"] })?;
    }
    let customer = params.text("customer").map(str::to_owned);
    if let Some(customer) = &customer {
        customers::living(stripe, customer, Some("customer"))?;
        if params.text("customer_email").is_some() {
            return Err(StripeError::invalid(
                "You may only specify one of these parameters: customer, customer_email.",
            ));
        }
    }
    let automatic_tax = params.enabled("automatic_tax")?;
    if automatic_tax {
        has_location(stripe, customer.as_deref(), params)?;
    }
    let allow_promotion_codes = params.boolean("allow_promotion_codes")?.unwrap_or(false);
    let session = Session {
        id: String::new(),
        created: call.now,
        expires_at: expiry(params, call.now)?,
        status: SessionStatus::Open,
        recurring,
        price: String::new(),
        quantity: 1,
        currency: String::new(),
        success_url: address(params, "success_url")?
            .ok_or_else(|| StripeError::missing_param("success_url"))?,
        cancel_url: address(params, "cancel_url")?,
        creates_customer: creates_customer(params, recurring)?,
        customer,
        customer_email: params.text("customer_email").map(str::to_owned),
        client_reference_id: params.text("client_reference_id").map(str::to_owned),
        metadata: params.new_metadata()?,
        passed_on: data.map(Params::new_metadata).transpose()?.unwrap_or_default(),
        trial_days: if recurring { trial(data)? } else { None },
        automatic_tax,
        allow_promotion_codes,
        discounted: discounted(params, allow_promotion_codes)?,
        donation: params.text("submit_type") == Some("donate"),
        locale: params.text("locale").map(str::to_owned),
        country: None,
        intent: None,
        subscription: None,
        invoice: None,
        awaiting: None,
        problem: None,
    };
    let session = with_line_item(stripe, session, call)?;
    let id = session.id.clone();
    stripe.sessions.insert(session);
    super::retrieve(stripe, "checkout.session", "cs_", &id)
}

/// What the sandbox's page is: hosted, and for cards.
fn hosted_card_page(params: &Params) -> Result<(), StripeError> {
    if !matches!(params.text("ui_mode"), None | Some("hosted" | "hosted_page")) {
        return Err(StripeError::invalid("The sandbox's checkout page is hosted_page only."));
    }
    if params.texts("payment_method_types").iter().any(|kind| *kind != "card") {
        return Err(StripeError::invalid("The sandbox takes cards only."));
    }
    Ok(())
}

/// Tax needs to know where the customer is: a new one says so on the page.
fn has_location(
    stripe: &Provider,
    customer: Option<&str>,
    params: &Params,
) -> Result<(), StripeError> {
    let Some(customer) = customer.and_then(|id| stripe.customers.get(id)) else { return Ok(()) };
    let update = params.group("customer_update").and_then(|group| group.text("address"));
    if customer.country.is_some() || update == Some("auto") {
        return Ok(());
    }
    Err(StripeError::coded(
        "customer_tax_location_invalid",
        "customer",
        "Automatic tax calculation in Checkout requires a valid address on the Customer. Add a valid \
         address to the Customer or set `customer_update[address]` to 'auto'.",
    ))
}

fn creates_customer(params: &Params, recurring: bool) -> Result<bool, StripeError> {
    match params.text("customer_creation") {
        Some(_) if recurring => {
            Err(StripeError::invalid("`customer_creation` can only be used in `payment` mode."))
        }
        None | Some("if_required") => Ok(false),
        Some("always") => Ok(true),
        Some(other) => Err(StripeError::invalid(format!("Invalid customer_creation: {other}"))),
    }
}

fn expiry(params: &Params, now: i64) -> Result<i64, StripeError> {
    match params.integer("expires_at")? {
        None => Ok(now + DAY),
        Some(at) if (now + HOUR / 2..=now + DAY).contains(&at) => Ok(at),
        Some(_) => Err(StripeError::coded(
            "parameter_invalid_integer",
            "expires_at",
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session \
             creation.",
        )),
    }
}

fn trial(data: Option<&Params>) -> Result<Option<i64>, StripeError> {
    let days = data.map(|data| data.integer("trial_period_days")).transpose()?.flatten();
    match days {
        Some(days) if !(1..=LONGEST_TRIAL).contains(&days) => Err(StripeError::coded(
            "parameter_invalid_integer",
            "subscription_data[trial_period_days]",
            format!("Invalid trial_period_days: 1 to {LONGEST_TRIAL}, not {days}."),
        )),
        days => Ok(days),
    }
}

fn discounted(params: &Params, allow_promotion_codes: bool) -> Result<bool, StripeError> {
    let discounts: Vec<&Params> = params.items("discounts").collect();
    let [discount] = discounts.as_slice() else {
        return if discounts.is_empty() {
            Ok(false)
        } else {
            Err(StripeError::invalid("You can only use one discount."))
        };
    };
    if allow_promotion_codes {
        return Err(StripeError::invalid(
            "You may only specify one of these parameters: allow_promotion_codes, discounts.",
        ));
    }
    match (discount.text("promotion_code"), discount.text("coupon")) {
        (Some(seed::PROMOTION), None) | (None, Some(seed::COUPON)) => Ok(true),
        (Some(other), _) => {
            Err(StripeError::no_such_param("promotion code", other, "discounts[0][promotion_code]"))
        }
        (_, other) => {
            Err(StripeError::no_such_param("coupon", other.unwrap_or(""), "discounts[0][coupon]"))
        }
    }
}

/// The one thing that is bought, in a currency.
fn with_line_item(
    stripe: &mut Provider,
    mut session: Session,
    call: &Call,
) -> Result<Session, StripeError> {
    let items: Vec<&Params> = call.params.items("line_items").collect();
    let item = match items.as_slice() {
        [item] => *item,
        [] => return Err(StripeError::missing_param("line_items")),
        _ => return Err(StripeError::invalid("The sandbox sells one line item at a time.")),
    };
    item.only(&["price", "price_data", "quantity"])?;
    let quantity = item.integer("quantity")?;
    session.quantity =
        quantity.ok_or_else(|| StripeError::missing_param("line_items[0][quantity]"))?;
    if !(1..=999).contains(&session.quantity) {
        return Err(StripeError::invalid_integer(
            "line_items[0][quantity]",
            &session.quantity.to_string(),
        ));
    }
    session.price = match (item.text("price"), item.group("price_data")) {
        (Some(price), _) => price.to_owned(),
        (None, Some(data)) => catalogue::new_price(stripe, data, false, call.now)?,
        (None, None) => return Err(StripeError::missing_param("line_items[0][price]")),
    };
    let given = item.text("price").is_some();
    let price = stripe.prices.get(&session.price).ok_or_else(|| {
        StripeError::no_such_param("price", &session.price, "line_items[0][price]")
    })?;
    if given && !price.active {
        return Err(StripeError::invalid(
            "The price specified is inactive. This field only accepts \
            active prices.",
        ));
    }
    if price.interval.is_some() != session.recurring {
        return Err(StripeError::invalid(if session.recurring {
            "You must provide at least one recurring price in `subscription` mode when using prices."
        } else {
            "You specified `payment` mode but passed a recurring price. Either switch to `subscription` \
             mode or use only one-time prices."
        }));
    }
    let bound = session.customer.as_deref().and_then(|id| stripe.bound_currency(id));
    session.currency = match call.params.text("currency") {
        Some(wanted) => catalogue::currency(wanted)?,
        // Stripe would look where the customer is; that of the sandbox is at home.
        None => bound
            .filter(|bound| price.amount_in(bound).is_some())
            .unwrap_or(&price.currency)
            .to_owned(),
    };
    one_currency(&session, bound)?;
    let Some(amount) = price.amount_in(&session.currency) else {
        return Err(StripeError::invalid(format!(
            "The price specified only supports `{}`. This doesn't match the expected currency: `{}`.",
            price.currency, session.currency
        )));
    };
    if !session.recurring && amount * session.quantity < 50 {
        return Err(StripeError::coded(
            "amount_too_small",
            "line_items",
            "The Checkout Session's total amount due must add up to at least 0.50.",
        ));
    }
    session.id = stripe.ids.next(id::SESSION);
    Ok(session)
}

/// A customer keeps to one currency as long as something recurring is in it. Source: the error message of Stripe's API.
fn one_currency(session: &Session, bound: Option<&str>) -> Result<(), StripeError> {
    match bound {
        Some(bound) if session.recurring && session.currency != bound => {
            Err(StripeError::invalid(format!(
                "You cannot combine currencies on a single customer. This customer has an active subscription, \
                 subscription schedule, discount, quote, invoice item or active subscription mode checkout \
                 session with currency {bound}."
            )))
        }
        _ => Ok(()),
    }
}

fn address(params: &Params, name: &str) -> Result<Option<String>, StripeError> {
    let Some(text) = params.text(name) else { return Ok(None) };
    web_address(text, name)?;
    Ok(Some(text.to_owned()))
}

/// An absolute http address. The placeholder for the session's id is not part of it yet.
pub(super) fn web_address(text: &str, name: &str) -> Result<(), StripeError> {
    let good = Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if good {
        return Ok(());
    }
    Err(StripeError::coded("url_invalid", name, "Not a valid URL."))
}

pub(super) fn list(stripe: &Provider, call: &Call) -> Answer {
    list::only(&call.params, &["customer", "subscription", "payment_intent", "status"])?;
    let fits = |name: &str, value: Option<&str>| {
        call.params.text(name).is_none_or(|wanted| value == Some(wanted))
    };
    let status = |session: &Session| match session.status {
        SessionStatus::Open => "open",
        SessionStatus::Complete => "complete",
        SessionStatus::Expired => "expired",
    };
    let rows = stripe.sessions.newest().filter(|row| {
        fits("customer", row.customer.as_deref())
            && fits("subscription", row.subscription.as_deref())
            && fits("payment_intent", row.intent.as_deref().filter(|_| !row.recurring))
            && fits("status", Some(status(row)))
    });
    list::page("/v1/checkout/sessions", &call.params, rows, |row| stripe.session_json(row))
}

pub(super) fn line_items(stripe: &Provider, id: &str) -> Answer {
    let session = stripe.sessions.get(id);
    session
        .map(|session| stripe.line_items_json(session))
        .ok_or_else(|| StripeError::no_such("checkout.session", id))
}

pub(super) fn expire(stripe: &mut Provider, call: &Call, id: &str) -> Answer {
    call.params.only(&[])?;
    stripe.open_session(id)?;
    stripe.expire_session(id, call.now);
    super::retrieve(stripe, "checkout.session", "cs_", id)
}
