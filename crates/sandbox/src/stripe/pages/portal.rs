//! The customer portal: plan, card, invoices, cancelling and going on.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::super::calendar;
use super::super::cards::{Behaviour, Decline};
use super::super::error::StripeError;
use super::super::invoice::InvoiceStatus;
use super::super::model::Portal;
use super::super::provider::Provider;
use super::super::subscription::{Status, Subscription};
use super::parts::{Typed, card_fields, document, money, test_cards};
use super::{action, due, go, page, refused};
use crate::Shared;
use crate::oauth::html::Html;

/// A portal session is good for an hour after it was last made; a person who stays longer asks again.
const GOOD_FOR: i64 = calendar::HOUR;

fn good<'s>(stripe: &'s Provider, id: &str, now: i64) -> Result<&'s Portal, StripeError> {
    let portal = stripe.portals.get(id);
    let portal = portal.ok_or_else(|| StripeError::no_such("billing_portal.session", id))?;
    if now > portal.created + GOOD_FOR {
        return Err(StripeError::invalid(
            "This page has expired. Open it again from where you came.",
        ));
    }
    Ok(portal)
}

/// Does something on a page that is still good, at the provider's time.
fn at_portal(
    shared: &Shared,
    id: &str,
    act: impl FnOnce(&mut Provider, &Portal, i64) -> Response,
) -> Response {
    let mut world = shared.world();
    let now = world.now().div_euclid(1_000);
    let stripe = &mut world.stripe;
    match good(stripe, id, now).cloned() {
        Ok(portal) => act(stripe, &portal, now),
        Err(error) => refused(&error),
    }
}

/// `GET /stripe/portal/{portal}`.
pub(super) async fn show(State(shared): State<Shared>, Path(id): Path<String>) -> Response {
    let mut world = shared.world();
    let (stripe, now) = due(&mut world);
    match good(stripe, &id, now) {
        Ok(portal) => page(StatusCode::OK, draw(stripe, portal, &Typed::default(), None)),
        Err(error) => refused(&error),
    }
}

/// `POST …/card`: keeps another card, as a checkout page would take it.
pub(super) async fn card(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    typed: Typed,
) -> Response {
    at_portal(&shared, &id, |stripe, portal, now| {
        let payer = Provider::payer(&typed.form(), now);
        let payer = payer.and_then(|payer| match payer.card.behaviour {
            Behaviour::Declines(decline) => Err(Decline::message(decline).to_owned()),
            _ => Ok(payer),
        });
        match payer {
            Ok(payer) => {
                let method = stripe.new_method(&payer, Some(&portal.customer), now);
                stripe.change_card(&portal.customer, &method, now);
                go(&format!("/stripe/portal/{id}"))
            }
            Err(words) => {
                page(StatusCode::PAYMENT_REQUIRED, draw(stripe, portal, &typed, Some(&words)))
            }
        }
    })
}

/// `POST …/cancel`: for the end of the period.
pub(super) async fn cancel(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    typed: Typed,
) -> Response {
    set_cancel(&shared, &id, &typed.id, true)
}

/// `POST …/resume`: takes the cancellation back.
pub(super) async fn resume(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    typed: Typed,
) -> Response {
    set_cancel(&shared, &id, &typed.id, false)
}

fn set_cancel(shared: &Shared, id: &str, subscription: &str, cancel: bool) -> Response {
    at_portal(shared, id, |stripe, portal, now| {
        let theirs = stripe
            .subscriptions
            .get(subscription)
            .is_some_and(|it| it.customer == portal.customer && !it.is_over());
        if theirs {
            stripe.cancel_at_period_end(subscription, cancel, now);
        }
        go(&format!("/stripe/portal/{id}"))
    })
}

/// `POST …/pay`: pays an open invoice with the card that is kept.
pub(super) async fn pay(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    typed: Typed,
) -> Response {
    at_portal(&shared, &id, |stripe, portal, now| {
        let theirs = stripe.invoices.get(&typed.id).is_some_and(|row| {
            row.customer == portal.customer && row.status == InvoiceStatus::Open
        });
        if theirs && let Err(decline) = stripe.collect(&typed.id, now) {
            let html = draw(stripe, portal, &Typed::default(), Some(decline.message()));
            return page(StatusCode::PAYMENT_REQUIRED, html);
        }
        go(&format!("/stripe/portal/{id}"))
    })
}

fn draw(stripe: &Provider, portal: &Portal, typed: &Typed, problem: Option<&str>) -> String {
    document("Billing", "consent pay-wide", |html| {
        html.element("main", &[("class", "consent-card pay-card")], |html| {
            if let Some(url) = &portal.return_url {
                html.line("a", &[("class", "pay-back"), ("href", url)], "← Back");
            }
            html.line("h1", &[], "Your plan");
            if let Some(problem) = problem {
                html.line("p", &[("class", "consent-problem"), ("role", "alert")], problem);
            }
            let mut none = true;
            for it in stripe.subscriptions.newest().filter(|it| it.customer == portal.customer) {
                none = false;
                plan(html, stripe, portal, it);
            }
            if none {
                html.line("p", &[], "There is no subscription.");
            }
            kept_card(html, stripe, portal, typed);
            invoices(html, stripe, portal);
        });
    })
}

fn plan(html: &mut Html, stripe: &Provider, portal: &Portal, it: &Subscription) {
    let price = stripe.prices.get(&it.price).and_then(|price| price.amount_in(&it.currency));
    let amount = money(price.unwrap_or(0) * it.quantity, &it.currency);
    html.element("section", &[("class", "pay-plan")], |html| {
        html.element("p", &[], |html| {
            html.line("strong", &[], &stripe.product_name(&it.price));
            html.text(&format!(" {amount} per {}", it.interval.name()));
        });
        let end = calendar::day(it.period.end);
        let words = match it.status {
            Status::Canceled => "Cancelled.".to_owned(),
            _ if it.cancel_at_period_end => format!("Cancelled for {end}; good until then."),
            Status::Trialing => format!("Free trial until {end}, then it is charged."),
            Status::PastDue => "The last payment failed. Change the card, or pay below.".to_owned(),
            Status::Active => format!("Renews on {end}."),
        };
        html.line("p", &[], &words);
        if it.is_over() {
            return;
        }
        let (verb, label) = if it.cancel_at_period_end {
            ("resume", "Keep the plan")
        } else {
            ("cancel", "Cancel the plan")
        };
        let path = format!("/stripe/portal/{}/{verb}", portal.id);
        action(html, &path, &[("id", &it.id)], label);
    });
}

fn kept_card(html: &mut Html, stripe: &Provider, portal: &Portal, typed: &Typed) {
    html.line("h2", &[], "Card");
    let default =
        stripe.customers.get(&portal.customer).and_then(|row| row.default_method.as_deref());
    let of_plan = stripe
        .subscriptions
        .newest()
        .find(|it| it.customer == portal.customer && it.method.is_some())
        .and_then(|it| it.method.as_deref());
    let kept = of_plan.or(default).and_then(|id| stripe.methods.get(id));
    let words = kept.map_or("No card is kept.".to_owned(), |method| {
        let card = &method.card;
        format!("{} •••• {}, {:02}/{}", card.brand, card.last4, card.exp_month, card.exp_year)
    });
    html.line("p", &[], &words);
    html.element("details", &[], |html| {
        html.line("summary", &[], "Change the card");
        let path = format!("/stripe/portal/{}/card", portal.id);
        html.element("form", &[("method", "post"), ("action", &path)], |html| {
            card_fields(html, typed);
            html.line("button", &[("class", "button primary pay-submit")], "Keep this card");
        });
        test_cards(html);
    });
}

fn invoices(html: &mut Html, stripe: &Provider, portal: &Portal) {
    html.line("h2", &[], "Invoices");
    html.element("ul", &[("class", "pay-list")], |html| {
        for row in stripe.invoices.newest().filter(|row| row.customer == portal.customer) {
            html.element("li", &[], |html| {
                let address = format!("/stripe/invoices/{}", row.id);
                html.line("a", &[("href", &address)], &calendar::day(row.created));
                html.line("span", &[], &money(row.amount_due, &row.currency));
                html.line("span", &[("class", "tag")], row.status.name());
                if row.status == InvoiceStatus::Open {
                    let path = format!("/stripe/portal/{}/pay", portal.id);
                    action(html, &path, &[("id", &row.id)], "Pay now");
                }
            });
        }
    });
}
