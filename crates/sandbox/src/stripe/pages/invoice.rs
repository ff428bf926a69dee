//! The page of an invoice, on which it can be paid. As at Stripe there is no way back on it.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::super::billing::Outcome;
use super::super::calendar;
use super::super::error::StripeError;
use super::super::invoice::{Invoice, InvoiceStatus};
use super::super::provider::Provider;
use super::parts::{Typed, bank_asks, card_fields, document, money, test_cards};
use super::{due, go, page, refused};
use crate::Shared;
use crate::oauth::html::Html;

/// `GET /stripe/invoices/{invoice}`.
pub(super) async fn show(State(shared): State<Shared>, Path(id): Path<String>) -> Response {
    let mut world = shared.world();
    let (stripe, _) = due(&mut world);
    shown(stripe, &id, StatusCode::OK, &Typed::default(), None)
}

fn shown(
    stripe: &Provider,
    id: &str,
    status: StatusCode,
    typed: &Typed,
    problem: Option<&str>,
) -> Response {
    match stripe.invoices.get(id).filter(|row| row.finalized_at.is_some()) {
        Some(row) => page(status, draw(stripe, row, typed, problem)),
        None => refused(&StripeError::no_such("invoice", id)),
    }
}

/// `POST …/pay`: with the card that was typed in, or without one with the card that is kept.
pub(super) async fn pay(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    typed: Typed,
) -> Response {
    let mut world = shared.world();
    let (stripe, now) = due(&mut world);
    let form = typed.form();
    let given = (!typed.number.trim().is_empty()).then_some(&form);
    let outcome = stripe.pay_hosted(&id, given, now);
    after(stripe, &id, outcome, &typed)
}

/// Where an attempt leads.
fn after(
    stripe: &Provider,
    id: &str,
    outcome: Result<Outcome, StripeError>,
    typed: &Typed,
) -> Response {
    match outcome {
        Ok(Outcome::Paid) => go(&format!("/stripe/invoices/{id}")),
        Ok(Outcome::Authenticate) => go(&format!("/stripe/invoices/{id}/confirm")),
        Ok(Outcome::Refused(words)) => {
            shown(stripe, id, StatusCode::PAYMENT_REQUIRED, typed, Some(&words))
        }
        Err(error) => refused(&error),
    }
}

/// `GET …/confirm`: 3-D Secure, as a bank would show it.
pub(super) async fn ask(State(shared): State<Shared>, Path(id): Path<String>) -> Response {
    let mut world = shared.world();
    let (stripe, _) = due(&mut world);
    match (stripe.asked(&id), stripe.invoices.get(&id)) {
        (Ok(Some(_)), Some(row)) => {
            let amount = money(row.amount_due, &row.currency);
            let words = format!("The sandbox's bank asks whether to pay {amount}.");
            let path = format!("/stripe/invoices/{id}/confirm");
            page(StatusCode::OK, bank_asks(&path, &words))
        }
        (Ok(_), _) => go(&format!("/stripe/invoices/{id}")),
        (Err(error), _) => refused(&error),
    }
}

/// `POST …/confirm`.
pub(super) async fn confirm(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    typed: Typed,
) -> Response {
    let mut world = shared.world();
    let (stripe, now) = due(&mut world);
    let outcome = stripe.confirmed(&id, typed.decision == "complete", now);
    after(stripe, &id, outcome, &Typed::default())
}

fn draw(stripe: &Provider, row: &Invoice, typed: &Typed, problem: Option<&str>) -> String {
    let number = row.number.as_deref().unwrap_or("draft");
    document(&format!("Invoice {number}"), "consent", |html| {
        html.element("main", &[("class", "consent-card pay-card")], |html| {
            html.line("h1", &[], &format!("Invoice {number}"));
            html.line("p", &[], &format!("{}, {}", calendar::day(row.created), row.status.name()));
            if let Some(problem) = problem {
                html.line("p", &[("class", "consent-problem"), ("role", "alert")], problem);
            }
            sums(html, row);
            if row.status == InvoiceStatus::Open {
                ways_to_pay(html, stripe, row, typed);
            }
        });
    })
}

fn sums(html: &mut Html, row: &Invoice) {
    let show = |amount: i64| money(amount, &row.currency);
    html.element("dl", &[("class", "pay-sums")], |html| {
        let mut line = |name: &str, value: &str| {
            html.line("dt", &[], name);
            html.line("dd", &[], value);
        };
        for it in &row.lines {
            line(&it.description, &show(it.amount));
        }
        if row.sums.discount > 0 {
            line("Discount", &show(-row.sums.discount));
        }
        if row.automatic_tax {
            line("VAT (included)", &show(row.sums.tax));
        }
        if row.starting_balance != 0 {
            line("Credit before", &show(row.starting_balance));
        }
        line("Amount due", &show(row.amount_due));
    });
}

/// The card that is kept, and another one.
fn ways_to_pay(html: &mut Html, stripe: &Provider, row: &Invoice, typed: &Typed) {
    let path = format!("/stripe/invoices/{}/pay", row.id);
    let kept = stripe.method_for(&row.subscription, &row.customer);
    if let Some(method) = kept.and_then(|id| stripe.methods.get(&id)) {
        let card = &method.card;
        html.line("p", &[], &format!("{} •••• {}", card.brand, card.last4));
        html.element("form", &[("method", "post"), ("action", &path)], |html| {
            let label = format!("Pay {}", money(row.amount_due, &row.currency));
            html.line("button", &[("class", "button primary")], &label);
        });
    }
    html.element("details", &[], |html| {
        html.line("summary", &[], "Pay with another card");
        html.element("form", &[("method", "post"), ("action", &path)], |html| {
            card_fields(html, typed);
            html.line("button", &[("class", "button pay-submit")], "Pay with this card");
        });
        test_cards(html);
    });
}
