//! The checkout page, and the bank's question.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::super::billing::Outcome;
use super::super::calendar;
use super::super::error::StripeError;
use super::super::invoice::tax_percent;
use super::super::model::Session;
use super::super::provider::Provider;
use super::parts::{Typed, bank_asks, card_fields, document, field, money, test_cards};
use super::{due, go, page, refused};
use crate::Shared;
use crate::oauth::html::Html;

/// The countries that the page offers.
const COUNTRIES: [(&str, &str); 4] =
    [("DE", "Germany"), ("AT", "Austria"), ("FR", "France"), ("US", "United States")];

/// `GET /stripe/pay/{session}`.
pub(super) async fn show(State(shared): State<Shared>, Path(id): Path<String>) -> Response {
    let mut world = shared.world();
    let (stripe, now) = due(&mut world);
    match stripe.open_session(&id) {
        Ok(session) => {
            let problem = session.problem.as_deref();
            page(StatusCode::OK, draw(stripe, session, &Typed::default(), problem, now))
        }
        Err(error) => refused(&error),
    }
}

/// `POST /stripe/pay/{session}`: pays.
pub(super) async fn pay(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    typed: Typed,
) -> Response {
    let mut world = shared.world();
    let (stripe, now) = due(&mut world);
    let outcome = stripe.pay(&id, &typed.form(), now);
    after(stripe, &id, outcome, &typed, now)
}

/// Where an attempt leads.
fn after(
    stripe: &Provider,
    id: &str,
    outcome: Result<Outcome, StripeError>,
    typed: &Typed,
    now: i64,
) -> Response {
    let session = stripe.sessions.get(id);
    match (outcome, session) {
        (Ok(Outcome::Paid), Some(session)) => {
            go(&session.success_url.replace("{CHECKOUT_SESSION_ID}", id))
        }
        (Ok(Outcome::Authenticate), _) => go(&format!("/stripe/pay/{id}/confirm")),
        (Ok(Outcome::Refused(words)), Some(session)) => {
            page(StatusCode::PAYMENT_REQUIRED, draw(stripe, session, typed, Some(&words), now))
        }
        (Err(error), _) => refused(&error),
        (Ok(_), None) => refused(&StripeError::no_such("checkout.session", id)),
    }
}

/// `POST /stripe/pay/{session}/code`: takes a promotion code.
pub(super) async fn code(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    typed: Typed,
) -> Response {
    let mut world = shared.world();
    let now = world.now().div_euclid(1_000);
    let stripe = &mut world.stripe;
    let taken = stripe.promote(&id, &typed.code);
    match (taken, stripe.open_session(&id)) {
        (Ok(()), _) => go(&format!("/stripe/pay/{id}")),
        (Err(error), Ok(session)) => {
            let html = draw(stripe, session, &typed, Some(error.message()), now);
            page(StatusCode::BAD_REQUEST, html)
        }
        (Err(_), Err(error)) => refused(&error),
    }
}

/// `GET /stripe/pay/{session}/confirm`: 3-D Secure, as a bank would show it.
pub(super) async fn ask(State(shared): State<Shared>, Path(id): Path<String>) -> Response {
    let world = shared.world();
    let session = match world.stripe.open_session(&id) {
        Ok(session) => session,
        Err(error) => return refused(&error),
    };
    if session.awaiting.is_none() {
        return go(&format!("/stripe/pay/{id}"));
    }
    let (_, due) = world.stripe.session_sums(session);
    let words = if due > 0 {
        format!("The sandbox's bank asks whether to pay {}.", money(due, &session.currency))
    } else {
        "The sandbox's bank asks whether this card may be charged later.".to_owned()
    };
    page(StatusCode::OK, bank_asks(&format!("/stripe/pay/{id}/confirm"), &words))
}

/// `POST /stripe/pay/{session}/confirm`.
pub(super) async fn confirm(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    typed: Typed,
) -> Response {
    let mut world = shared.world();
    let now = world.now().div_euclid(1_000);
    let stripe = &mut world.stripe;
    let outcome = stripe.authenticated(&id, typed.decision == "complete", now);
    if let Ok(Outcome::Refused(_)) = outcome {
        return go(&format!("/stripe/pay/{id}"));
    }
    after(stripe, &id, outcome, &typed, now)
}

fn draw(
    stripe: &Provider,
    session: &Session,
    typed: &Typed,
    problem: Option<&str>,
    now: i64,
) -> String {
    let path = format!("/stripe/pay/{}", session.id);
    document("Checkout", "consent", |html| {
        html.element("main", &[("class", "consent-card pay-card")], |html| {
            if let Some(url) = &session.cancel_url {
                html.line("a", &[("class", "pay-back"), ("href", url)], "← Back");
            }
            summary(html, stripe, session, now);
            if session.allow_promotion_codes && !session.discounted {
                promotion(html, &path, typed);
            }
            if let Some(problem) = problem {
                html.line("p", &[("class", "consent-problem"), ("role", "alert")], problem);
            }
            html.element("form", &[("method", "post"), ("action", &path)], |html| {
                payer_fields(html, stripe, session, typed);
                let (_, due) = stripe.session_sums(session);
                let label = match (session.recurring, due) {
                    (true, 0) => "Start trial".to_owned(),
                    (true, _) => "Subscribe".to_owned(),
                    (false, due) if session.donation => {
                        format!("Donate {}", money(due, &session.currency))
                    }
                    (false, due) => format!("Pay {}", money(due, &session.currency)),
                };
                html.line("button", &[("class", "button primary pay-submit")], &label);
            });
            test_cards(html);
        });
    })
}

/// What is bought, and what it comes to.
fn summary(html: &mut Html, stripe: &Provider, session: &Session, now: i64) {
    let (sums, due) = stripe.session_sums(session);
    let show = |amount: i64| money(amount, &session.currency);
    let interval = stripe.prices.get(&session.price).and_then(|price| price.interval);
    let each = interval.map_or(String::new(), |interval| format!(" per {}", interval.name()));
    html.line("h1", &[], &stripe.product_name(&session.price));
    html.line("p", &[("class", "pay-amount")], &format!("{}{each}", show(sums.subtotal)));
    html.element("dl", &[("class", "pay-sums")], |html| {
        let mut row = |name: &str, value: &str| {
            html.line("dt", &[], name);
            html.line("dd", &[], value);
        };
        if session.quantity > 1 {
            row("Quantity", &session.quantity.to_string());
        }
        if let Some(days) = session.trial_days {
            let until = calendar::day(now + days * calendar::DAY);
            row("Free trial", &format!("{days} days, until {until}"));
        }
        if sums.discount > 0 {
            row("WELCOME20 (20% off)", &show(-sums.discount));
        }
        if session.automatic_tax {
            let percent = tax_percent(session.country.as_deref());
            row(&format!("VAT ({percent}%, included)"), &show(sums.tax));
        }
        row("Total due today", &show(due));
    });
}

fn promotion(html: &mut Html, path: &str, typed: &Typed) {
    let action = format!("{path}/code");
    let attributes = [("method", "post"), ("action", action.as_str()), ("class", "pay-code")];
    html.element("form", &attributes, |html| {
        let code =
            [("name", "code"), ("autocomplete", "off"), ("required", ""), ("value", &typed.code)];
        field(html, "Promotion code", &code);
        html.line("button", &[("class", "button")], "Apply");
    });
}

fn payer_fields(html: &mut Html, stripe: &Provider, session: &Session, typed: &Typed) {
    let customer = session.customer.as_deref().and_then(|id| stripe.customers.get(id));
    let known = customer
        .and_then(|customer| customer.email.as_deref())
        .or(session.customer_email.as_deref());
    if let Some(email) = known {
        html.element("p", &[("class", "pay-known")], |html| {
            html.text("Email ");
            html.line("strong", &[], email);
        });
    } else {
        let email = [
            ("name", "email"),
            ("type", "email"),
            ("autocomplete", "email"),
            ("required", ""),
            ("value", &typed.email),
        ];
        field(html, "Email", &email);
    }
    card_fields(html, typed);
    html.element("div", &[("class", "pay-field")], |html| {
        html.line("label", &[("for", "country")], "Country");
        let select = [("id", "country"), ("name", "country"), ("autocomplete", "country")];
        html.element("select", &select, |html| {
            for (code, name) in COUNTRIES {
                let mut attributes = vec![("value", code)];
                if typed.country == code {
                    attributes.push(("selected", ""));
                }
                html.line("option", &attributes, name);
            }
        });
    });
}
