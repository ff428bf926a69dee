//! The provider's desk: what there is, and buttons for what a provider or time does.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::super::calendar::{self, DAY};
use super::super::error::StripeError;
use super::super::model::Metadata;
use super::desk_tables as tables;
use super::parts::{Typed, document};
use super::{action, due, go, page, refused};
use crate::Shared;

/// `GET /stripe/`.
pub(super) async fn show(State(shared): State<Shared>) -> Response {
    let mut world = shared.world();
    let (stripe, now) = due(&mut world);
    let html = document("The payment provider's desk", "consent pay-wide", |html| {
        html.element("main", &[("class", "consent-card pay-desk")], |html| {
            html.line("a", &[("class", "pay-back"), ("href", "/")], "← Chat");
            html.line("h1", &[], "The payment provider's desk");
            html.element("section", &[("class", "pay-clock")], |html| {
                html.element("p", &[], |html| {
                    html.text("It is ");
                    html.line("strong", &[], &calendar::minute(now));
                    html.text(" UTC in the sandbox. Move the clock by");
                });
                for (by, label) in
                    [("day", "a day"), ("week", "a week"), ("month", "a month"), ("year", "a year")]
                {
                    action(html, "/stripe/desk/clock", &[("by", by)], label);
                }
            });
            tables::subscriptions(html, stripe);
            tables::invoices(html, stripe);
            tables::charges(html, stripe);
            tables::disputes(html, stripe);
            tables::customers(html, stripe);
            tables::events(html, stripe);
        });
    });
    page(StatusCode::OK, html)
}

/// `POST /stripe/desk/clock`: moves the sandbox's clock, which everything in it follows.
pub(super) async fn clock(State(shared): State<Shared>, typed: Typed) -> Response {
    let mut world = shared.world();
    let now = world.now().div_euclid(1_000);
    let seconds = match typed.by.as_str() {
        "day" => DAY,
        "week" => 7 * DAY,
        "month" => calendar::plus_months(now, 1) - now,
        "year" => calendar::plus_months(now, 12) - now,
        _ => return refused(&StripeError::invalid("by: day, week, month or year.")),
    };
    world.advance(seconds * 1_000);
    go("/stripe/")
}

/// `POST /stripe/desk/refund`: all that is left of a charge.
pub(super) async fn refund(State(shared): State<Shared>, typed: Typed) -> Response {
    let mut world = shared.world();
    let now = world.now().div_euclid(1_000);
    back(world.stripe.refund(&typed.id, None, None, Metadata::new(), now).map(drop))
}

/// `POST /stripe/desk/dispute`: opens one.
pub(super) async fn dispute(State(shared): State<Shared>, typed: Typed) -> Response {
    let mut world = shared.world();
    let now = world.now().div_euclid(1_000);
    back(world.stripe.dispute(&typed.id, "fraudulent", now).map(drop))
}

/// `POST /stripe/desk/verdict`: ends one.
pub(super) async fn verdict(State(shared): State<Shared>, typed: Typed) -> Response {
    let mut world = shared.world();
    let now = world.now().div_euclid(1_000);
    back(world.stripe.close_dispute(&typed.id, typed.decision == "won", now))
}

fn back(done: Result<(), StripeError>) -> Response {
    match done {
        Ok(()) => go("/stripe/"),
        Err(error) => refused(&error),
    }
}
