//! The API: authentication, idempotency, faults, and which request does what.

mod auth;
mod billing;
mod catalogue;
mod checkout;
mod customers;
mod expand;
pub(crate) mod idempotency;
mod list;
pub(crate) mod outage;
mod payments;
mod versions;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::error::{Answer, StripeError};
use super::id;
use super::params::Params;
use super::provider::Provider;
use super::{API_VERSION, params};
use crate::Shared;
use crate::faults::FaultKind;
use crate::journal::Entry;
use crate::server::Cut;

/// A request that passed authentication.
pub(crate) struct Call {
    pub(crate) method: Method,
    /// Below `/v1/`.
    pub(crate) path: String,
    pub(crate) params: Params,
    /// Seconds UTC of the sandbox's clock.
    pub(crate) now: i64,
}

/// Everything under `/stripe/v1/`.
pub(crate) async fn handle(
    State(shared): State<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path().trim_start_matches("/stripe/v1/").trim_end_matches('/').to_owned();
    let route = format!("/stripe/v1/{}", template(&path));
    let (struck, outage) = {
        let mut world = shared.world();
        let now = world.now();
        let struck = world.faults.strike(method.as_str(), &route, uri.path(), now);
        (struck, world.stripe.outage.as_ref().and_then(|outage| outage.at(now)))
    };
    let faulty = !struck.is_empty() || outage.is_some();
    let mut disturbance = Disturbance::of(struck);
    if let Some(kind) = outage {
        disturbance.early = Some(FaultKind::Status { status: 503 });
        if kind == outage::Kind::Timeout {
            outage::hang(&shared).await;
            disturbance.early = Some(FaultKind::CutBefore);
        }
    }
    let key = headers.get("idempotency-key").and_then(|value| value.to_str().ok());
    let key = key.filter(|_| method == Method::POST).map(str::to_owned);
    let (response, request_id) = {
        let mut world = shared.world();
        let at = world.now();
        let stripe = &mut world.stripe;
        stripe.run_until(at.div_euclid(1_000));
        let request_id = stripe.ids.next(id::REQUEST);
        let response = match &disturbance.early {
            Some(fault) => early(fault),
            None => answer(stripe, &method, &uri, &path, &headers, &body, key.as_deref(), at),
        };
        let lost = disturbance.cut();
        world.journal.note(Entry {
            seq: 0,
            at,
            method: method.to_string(),
            route,
            path: uri.path().to_owned(),
            actor: None,
            status: if lost { 0 } else { response.status().as_u16() },
            code: 0,
            result: None,
            nonce: key,
            effect: disturbance.early.is_none() && response.status().is_success(),
            faulty,
        });
        (response, request_id)
    };
    disturbance.apply(response, &request_id).await
}

/// Authenticates, looks for a remembered answer, does it.
#[expect(clippy::too_many_arguments, reason = "the parts of one request")]
fn answer(
    stripe: &mut Provider,
    method: &Method,
    uri: &Uri,
    path: &str,
    headers: &HeaderMap,
    body: &Bytes,
    key: Option<&str>,
    at: i64,
) -> Response {
    if let Err(error) = auth::check(headers) {
        return respond(Err(error), false);
    }
    let encoded =
        if method == Method::POST { &body[..] } else { uri.query().unwrap_or("").as_bytes() };
    let fingerprint = idempotency::fingerprint(method.as_str(), path, encoded);
    if let Some(key) = key {
        match stripe.answers.find(key, &fingerprint, at) {
            Ok(Some((status, body))) => {
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
                return written(status, &body, true);
            }
            Ok(None) => {}
            Err(error) => return respond(Err(error), false),
        }
    }
    let done = params::Params::parse(encoded).and_then(|params| {
        let call = Call {
            method: method.clone(),
            path: path.to_owned(),
            params,
            now: at.div_euclid(1_000),
        };
        let mut value = dispatch(stripe, &call)?;
        for wish in call.params.texts("expand") {
            expand::expand(stripe, &mut value, wish)?;
        }
        versions::adapt(stripe, &mut value, headers);
        Ok(value)
    });
    if let Some(key) = key {
        let (status, body) = match &done {
            Ok(value) => (200, value.to_string()),
            Err(error) => (error.status, error.body().to_string()),
        };
        stripe.answers.keep(key, fingerprint, (status, body), at);
    }
    respond(done, false)
}

fn respond(answer: Answer, replayed: bool) -> Response {
    match answer {
        Ok(value) => written(StatusCode::OK, &value.to_string(), replayed),
        Err(error) => {
            let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
            written(status, &error.body().to_string(), replayed)
        }
    }
}

fn written(status: StatusCode, body: &str, replayed: bool) -> Response {
    let mut response =
        (status, [(header::CONTENT_TYPE, "application/json")], body.to_owned()).into_response();
    if replayed {
        response.headers_mut().insert("idempotent-replayed", HeaderValue::from_static("true"));
    }
    response
}

/// The one table of requests.
fn dispatch(stripe: &mut Provider, call: &Call) -> Answer {
    let segments: Vec<&str> = call.path.split('/').collect();
    let found = match (call.method.as_str(), segments.as_slice()) {
        ("POST", ["customers"]) => customers::create(stripe, call),
        ("GET", ["customers"]) => customers::list(stripe, call),
        ("GET", ["customers", "search"]) => customers::search(stripe, call),
        ("GET", ["customers", id]) => customers::retrieve(stripe, id),
        ("POST", ["customers", id]) => customers::update(stripe, call, id),
        ("DELETE", ["customers", id]) => customers::delete(stripe, call, id),
        ("GET", ["payment_methods", id]) => retrieve(stripe, "PaymentMethod", "pm_", id),
        ("POST", ["billing_portal", "sessions"]) => customers::portal(stripe, call),
        ("POST", ["products"]) => catalogue::create_product(stripe, call),
        ("GET", ["products"]) => catalogue::list_products(stripe, call),
        ("GET", ["products", id]) => retrieve(stripe, "product", "prod_", id),
        ("POST", ["prices"]) => catalogue::create_price(stripe, call),
        ("GET", ["prices"]) => catalogue::list_prices(stripe, call),
        ("GET", ["prices", id]) => retrieve(stripe, "price", "price_", id),
        ("POST", ["prices", id]) => catalogue::update_price(stripe, call, id),
        ("GET", ["promotion_codes"]) => catalogue::list_promotions(stripe, call),
        ("POST", ["checkout", "sessions"]) => checkout::create(stripe, call),
        ("GET", ["checkout", "sessions"]) => checkout::list(stripe, call),
        ("GET", ["checkout", "sessions", id]) => retrieve(stripe, "checkout.session", "cs_", id),
        ("GET", ["checkout", "sessions", id, "line_items"]) => checkout::line_items(stripe, id),
        ("POST", ["checkout", "sessions", id, "expire"]) => checkout::expire(stripe, call, id),
        ("GET", ["subscriptions"]) => billing::list_subscriptions(stripe, call),
        ("GET", ["subscriptions", id]) => retrieve(stripe, "subscription", "sub_", id),
        ("POST", ["subscriptions", id]) => billing::update_subscription(stripe, call, id),
        ("DELETE", ["subscriptions", id]) => billing::cancel_subscription(stripe, call, id),
        ("GET", ["invoices"]) => billing::list_invoices(stripe, call),
        ("POST", ["invoices", "create_preview"]) => billing::preview(stripe, call),
        ("GET", ["invoices", id]) => retrieve(stripe, "invoice", "in_", id),
        ("POST", ["invoices", id, "pay"]) => billing::pay_invoice(stripe, call, id),
        ("POST", ["invoices", id, "void"]) => billing::void_invoice(stripe, call, id),
        ("GET", ["invoice_payments"]) => billing::list_invoice_payments(stripe, call),
        ("GET", ["payment_intents"]) => payments::list_intents(stripe, call),
        ("GET", ["payment_intents", id]) => retrieve(stripe, "payment_intent", "pi_", id),
        ("GET", ["charges"]) => payments::list_charges(stripe, call),
        ("GET", ["charges", id]) => retrieve(stripe, "charge", "ch_", id),
        ("POST", ["refunds"]) => payments::refund(stripe, call),
        ("GET", ["refunds"]) => payments::list_refunds(stripe, call),
        ("GET", ["refunds", id]) => retrieve(stripe, "refund", "re_", id),
        ("GET", ["disputes"]) => payments::list_disputes(stripe, call),
        ("GET", ["disputes", id]) => retrieve(stripe, "dispute", "dp_", id),
        ("GET", ["events"]) => payments::list_events(stripe, call),
        ("GET", ["events", id]) => payments::retrieve_event(stripe, id),
        (method, _) => Err(StripeError::unrecognized(method, &call.path)),
    };
    stripe.webhooks.touch();
    found
}

/// An object by its id; 404 where there is none of this kind.
fn retrieve(stripe: &Provider, what: &str, prefix: &str, id: &str) -> Answer {
    let found = if id.starts_with(prefix) { stripe.object(id) } else { None };
    found.ok_or_else(|| StripeError::no_such(what, id))
}

/// A path with its ids replaced, for faults and the journal: `customers/{id}`.
fn template(path: &str) -> String {
    const PREFIXES: [&str; 14] = [
        "cus_", "pm_", "prod_", "price_", "cs_", "sub_", "in_", "pi_", "ch_", "re_", "dp_", "evt_",
        "bps_", "promo_",
    ];
    let part = |part: &str| {
        let is_id = PREFIXES.iter().any(|prefix| part.starts_with(prefix));
        if is_id { "{id}".to_owned() } else { part.to_owned() }
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// What faults do to one request.
struct Disturbance {
    delay: std::time::Duration,
    cut_after: bool,
    broken: bool,
    /// Answers instead of the API.
    early: Option<FaultKind>,
}

impl Disturbance {
    fn of(struck: Vec<FaultKind>) -> Self {
        let delay = std::time::Duration::ZERO;
        let mut all = Self { delay, cut_after: false, broken: false, early: None };
        for fault in struck {
            match fault {
                FaultKind::Delay { ms } => all.delay += std::time::Duration::from_millis(ms),
                FaultKind::CutAfter => all.cut_after = true,
                FaultKind::BrokenJson => all.broken = true,
                other => all.early = all.early.or(Some(other)),
            }
        }
        all
    }

    fn cut(&self) -> bool {
        self.cut_after || self.early == Some(FaultKind::CutBefore)
    }

    async fn apply(self, mut response: Response, request_id: &str) -> Response {
        tokio::time::sleep(self.delay).await;
        if self.broken && self.early.is_none() {
            response =
                ([(header::CONTENT_TYPE, "application/json")], "{\"id\": \"").into_response();
        }
        let headers = response.headers_mut();
        if let Ok(value) = HeaderValue::from_str(request_id) {
            headers.insert("request-id", value);
        }
        headers.insert("stripe-version", HeaderValue::from_static(API_VERSION));
        if self.cut() {
            response.extensions_mut().insert(Cut);
        }
        response
    }
}

/// The answer of a fault that keeps the request from doing anything.
fn early(fault: &FaultKind) -> Response {
    match fault {
        FaultKind::RateLimit { .. } => respond(Err(StripeError::rate_limit()), false),
        FaultKind::Status { status } => respond(Err(StripeError::api(*status)), false),
        FaultKind::Html => axum::response::Html("<html>hello</html>").into_response(),
        // The connection is cut; the others are not early.
        _ => StatusCode::OK.into_response(),
    }
}

/// A list answer of values that are there already.
fn whole_list(url: &str, data: Vec<Value>) -> Value {
    serde_json::json!({"object": "list", "data": Value::Array(data), "has_more": false, "url": url})
}
