//! What tests and people do to the provider: pay, refund, dispute, take it out of reach.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::api::outage::{Kind, Outage};
use super::super::billing::{Form, Outcome};
use super::super::error::StripeError;
use super::super::model::Metadata;
use super::super::provider::Provider;
use crate::Shared;
use crate::control::reply::{Refusal, Reply, done};

/// A refusal in Stripe's words.
pub(super) fn refused(error: &StripeError) -> Refusal {
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
    Refusal::own(status, error.body())
}

/// `GET /control/stripe`: everything that the provider keeps, newest first.
pub(crate) async fn state(State(shared): State<Shared>) -> Json<Value> {
    Json(shared.world().stripe.to_json())
}

/// Body of `POST /control/stripe/checkout/{session}`. All but the card may be left out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Payment {
    /// A number of the test set.
    card: String,
    email: Option<String>,
    promotion_code: Option<String>,
    country: Option<String>,
    /// The answer to 3-D Secure, if it is asked for: `true` without.
    authenticate: Option<bool>,
}

/// `POST /control/stripe/checkout/{session}`: pays as a person would on the page. The answer says `paid` or
/// `refused`, with the words for the person.
pub(crate) async fn pay(
    State(shared): State<Shared>,
    Path(session): Path<String>,
    Json(body): Json<Payment>,
) -> Reply {
    let mut world = shared.world();
    let at = world.now().div_euclid(1_000);
    let stripe = &mut world.stripe;
    stripe.run_until(at);
    if let Some(code) = &body.promotion_code {
        stripe.promote(&session, code).map_err(|error| refused(&error))?;
    }
    let form = Form {
        number: &body.card,
        expiry: "12 / 40",
        cvc: "123",
        name: "Olivia Example",
        email: body.email.as_deref().unwrap_or("olivia@example.test"),
        country: body.country.as_deref().unwrap_or("DE"),
    };
    let mut outcome = stripe.pay(&session, &form, at).map_err(|error| refused(&error))?;
    if outcome == Outcome::Authenticate {
        let confirmed = body.authenticate.unwrap_or(true);
        outcome = stripe.authenticated(&session, confirmed, at).map_err(|error| refused(&error))?;
    }
    let shown = stripe.object(&session);
    Ok(Json(match outcome {
        Outcome::Refused(words) => json!({"state": "refused", "message": words, "session": shown}),
        Outcome::Paid | Outcome::Authenticate => json!({"state": "paid", "session": shown}),
    }))
}

/// Which payment: a charge, or what leads to its newest one.
#[derive(Debug, Deserialize)]
pub(crate) struct Payee {
    charge: Option<String>,
    payment_intent: Option<String>,
    invoice: Option<String>,
    subscription: Option<String>,
    /// Minor units; all that is left without.
    amount: Option<i64>,
    /// For disputes: `fraudulent` without.
    reason: Option<String>,
}

impl Payee {
    fn charge(&self, stripe: &Provider) -> Result<String, Refusal> {
        let of_intent = |id: &String| stripe.intents.get(id)?.latest_charge.clone();
        let of_invoice = |id: &String| of_intent(stripe.invoices.get(id)?.intent.as_ref()?);
        let of_subscription = |id: &String| {
            let paid = stripe.invoices.newest().filter(|row| row.subscription == *id);
            paid.filter_map(|row| of_intent(row.intent.as_ref()?)).find(|charge| {
                stripe.charges.get(charge).is_some_and(|charge| charge.failure.is_none())
            })
        };
        self.charge
            .clone()
            .or_else(|| self.payment_intent.as_ref().and_then(of_intent))
            .or_else(|| self.invoice.as_ref().and_then(of_invoice))
            .or_else(|| self.subscription.as_ref().and_then(of_subscription))
            .ok_or_else(|| {
                Refusal::misuse(
                    "Name a charge, payment_intent, invoice or subscription that was paid.",
                )
            })
    }
}

/// `POST /control/stripe/refunds`.
pub(crate) async fn refund(State(shared): State<Shared>, Json(body): Json<Payee>) -> Reply {
    let mut world = shared.world();
    let at = world.now().div_euclid(1_000);
    let stripe = &mut world.stripe;
    let charge = body.charge(stripe)?;
    let made = stripe.refund(&charge, body.amount, None, Metadata::new(), at);
    let id = made.map_err(|error| refused(&error))?;
    Ok(Json(json!(stripe.object(&id))))
}

/// `POST /control/stripe/disputes`.
pub(crate) async fn dispute(State(shared): State<Shared>, Json(body): Json<Payee>) -> Reply {
    let mut world = shared.world();
    let at = world.now().div_euclid(1_000);
    let stripe = &mut world.stripe;
    let charge = body.charge(stripe)?;
    let reason = body.reason.as_deref().unwrap_or("fraudulent");
    let id = stripe.dispute(&charge, reason, at).map_err(|error| refused(&error))?;
    Ok(Json(json!(stripe.object(&id))))
}

/// How a dispute ends.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// The money comes back.
    Won,
    /// It is gone.
    Lost,
}

/// Body of `POST /control/stripe/disputes/{dispute}`.
#[derive(Debug, Deserialize)]
pub(crate) struct Close {
    status: Verdict,
}

/// `POST /control/stripe/disputes/{dispute}`: `{"status": "won"}` or `"lost"`.
pub(crate) async fn close_dispute(
    State(shared): State<Shared>,
    Path(dispute): Path<String>,
    Json(body): Json<Close>,
) -> Reply {
    let mut world = shared.world();
    let at = world.now().div_euclid(1_000);
    let won = matches!(body.status, Verdict::Won);
    world.stripe.close_dispute(&dispute, won, at).map_err(|error| refused(&error))?;
    Ok(Json(json!(world.stripe.object(&dispute))))
}

/// Body of `PUT /control/stripe/outage`. Moments are milliseconds UTC of the sandbox's clock.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trouble {
    #[serde(default)]
    kind: Kind,
    /// Now without.
    from_ms: Option<i64>,
    /// For ever without it and `for_ms`.
    until_ms: Option<i64>,
    for_ms: Option<i64>,
}

/// `PUT /control/stripe/outage`: the API is out of reach.
pub(crate) async fn outage(State(shared): State<Shared>, Json(body): Json<Trouble>) -> Reply {
    let mut world = shared.world();
    let from_ms = body.from_ms.unwrap_or_else(|| world.now());
    let until_ms = body.until_ms.or(body.for_ms.map(|ms| from_ms.saturating_add(ms)));
    if until_ms.is_some_and(|until| until <= from_ms) {
        return Err(Refusal::misuse("The outage ends before it begins."));
    }
    let outage = Outage { kind: body.kind, from_ms, until_ms };
    let shown = json!(outage);
    world.stripe.outage = Some(outage);
    Ok(Json(shown))
}

/// `DELETE /control/stripe/outage`.
pub(crate) async fn end_outage(State(shared): State<Shared>) -> Reply {
    shared.world().stripe.outage = None;
    Ok(done())
}
