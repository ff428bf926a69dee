//! The provider's pages: checkout, portal, invoices, desk. Plain HTML and forms, no JavaScript.

mod checkout;
mod desk;
mod desk_tables;
mod invoice;
mod parts;
mod portal;

use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use super::error::StripeError;
use super::provider::Provider;
use crate::Shared;
use crate::control::guard;
use crate::oauth::html::Html;
use crate::world::World;

/// No `form-action`: a browser checks it on redirects too, and a payment leads back to the product.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; \
    frame-ancestors 'none'";

/// Every page.
pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/stripe", get(|| async { Redirect::permanent("/stripe/") }))
        .route("/stripe/", get(desk::show))
        .route("/stripe/desk/clock", post(desk::clock))
        .route("/stripe/desk/refund", post(desk::refund))
        .route("/stripe/desk/dispute", post(desk::dispute))
        .route("/stripe/desk/verdict", post(desk::verdict))
        .route("/stripe/pay/{session}", get(checkout::show).post(checkout::pay))
        .route("/stripe/pay/{session}/code", post(checkout::code))
        .route("/stripe/pay/{session}/confirm", get(checkout::ask).post(checkout::confirm))
        .route("/stripe/portal/{portal}", get(portal::show))
        .route("/stripe/portal/{portal}/card", post(portal::card))
        .route("/stripe/portal/{portal}/cancel", post(portal::cancel))
        .route("/stripe/portal/{portal}/resume", post(portal::resume))
        .route("/stripe/portal/{portal}/pay", post(portal::pay))
        .route("/stripe/invoices/{invoice}", get(invoice::show))
        .route("/stripe/invoices/{invoice}/pay", post(invoice::pay))
        .route("/stripe/invoices/{invoice}/confirm", get(invoice::ask).post(invoice::confirm))
        .layer(axum::middleware::from_fn(guard::same_machine))
}

/// The provider with all done that is due, and its time in seconds.
fn due(world: &mut World) -> (&mut Provider, i64) {
    let now = world.now().div_euclid(1_000);
    world.stripe.run_until(now);
    (&mut world.stripe, now)
}

/// A page as an answer.
fn page(status: StatusCode, html: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    ];
    (status, headers, html).into_response()
}

/// A page that says what cannot be done.
fn refused(error: &StripeError) -> Response {
    let html = parts::document("This page cannot go on", "consent", |html| {
        html.element("main", &[("class", "consent-card")], |html| {
            html.line("h1", &[], "This page cannot go on");
            html.line("p", &[("role", "alert")], error.message());
            html.line("a", &[("href", "/stripe/")], "To the provider's desk");
        });
    });
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
    page(status, html)
}

/// On to an address by GET.
fn go(url: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(url) else {
        return (StatusCode::BAD_REQUEST, "Not an address.\n").into_response();
    };
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

/// A button that does something by a form of its own.
fn action(html: &mut Html, path: &str, fields: &[(&'static str, &str)], label: &str) {
    html.element("form", &[("method", "post"), ("action", path)], |html| {
        for (name, value) in fields {
            html.open("input", &[("type", "hidden"), ("name", name), ("value", value)]);
        }
        html.line("button", &[("class", "button")], label);
    });
}
