//! What is sent to Stripe, and how its answers are read, old and new.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response};
use domain::ids::UserId;
use domain::locale::Locale;
use domain::time::Millis;
use payments::Stripe;
use tokio::net::TcpListener;
use wardesk_core::ports::{
    CheckoutStatus, DisputeStatus, InvoiceStatus, Money, NewCheckout, PaymentError, Payments,
    PriceChange, Purchase, SubscriptionStatus,
};

/// What was asked.
#[derive(Debug, Clone, Default)]
struct Asked {
    line: String,
    key: Option<String>,
    form: BTreeMap<String, String>,
}

type Log = Arc<Mutex<Vec<Asked>>>;

/// A stand-in that answers by path; what it does not know is not there.
async fn stand_in(answers: &'static [(&'static str, &'static str)]) -> (Stripe, Log) {
    let log = Log::default();
    let seen = Arc::clone(&log);
    let answer = move |request: Request<Body>| {
        let seen = Arc::clone(&seen);
        async move {
            let (parts, body) = request.into_parts();
            let body = to_bytes(body, 1 << 20).await.unwrap();
            let text = String::from_utf8(body.to_vec()).unwrap();
            let query = parts.uri.query().unwrap_or_default();
            let pairs = url::form_urlencoded::parse(query.as_bytes())
                .chain(url::form_urlencoded::parse(text.as_bytes()));
            let key = parts.headers.get("idempotency-key");
            let path = parts.uri.path().to_owned();
            seen.lock().unwrap().push(Asked {
                line: format!("{} {path}", parts.method),
                key: key.map(|key| key.to_str().unwrap().to_owned()),
                form: pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect(),
            });
            let missing = r#"{ "error": { "type": "invalid_request_error" } }"#;
            let found = answers.iter().find(|(known, _)| path == format!("/v1{known}"));
            let (status, body) = found.map_or((404, missing), |(_, body)| (200, *body));
            Response::builder().status(status).body(Body::from(body)).unwrap()
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let api = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    (Stripe::new(&"sk_test_of_nobody".to_owned().into(), &api, true).unwrap(), log)
}

fn last(log: &Log) -> Asked {
    log.lock().unwrap().last().cloned().unwrap()
}

fn checkout(purchase: Purchase) -> NewCheckout {
    NewCheckout {
        customer: "cus_1".into(),
        purchase,
        reference: "a licence".into(),
        metadata: BTreeMap::from([("licence".into(), "a licence".into())]),
        success_url: "https://desk.example/a?done=b".into(),
        cancel_url: "https://desk.example/a".into(),
        locale: Locale::De,
        expires: Millis(1_800_000_000_999),
    }
}

const PAGE: &[(&str, &str)] = &[
    (
        "/checkout/sessions",
        r#"{ "id": "cs_1", "url": "https://pay.example/1", "status": "open",
             "payment_status": "unpaid", "amount_total": 499, "currency": "eur" }"#,
    ),
    (
        "/checkout/sessions/cs_2",
        r#"{ "id": "cs_2", "status": "complete", "payment_status": "paid" }"#,
    ),
];

#[tokio::test]
async fn a_subscription_is_asked_for_with_all_that_belongs_to_it() {
    let (stripe, log) = stand_in(PAGE).await;
    let purchase = Purchase::Subscription {
        price: "price_1".into(),
        currency: Some("usd".into()),
        trial_days: Some(14),
    };
    let made = stripe.create_checkout("a key", &checkout(purchase)).await.unwrap();
    assert_eq!(
        (made.status, made.url.as_deref()),
        (CheckoutStatus::Open, Some("https://pay.example/1"))
    );
    let asked = last(&log);
    assert_eq!(
        (asked.line.as_str(), asked.key.as_deref()),
        ("POST /v1/checkout/sessions", Some("a key"))
    );
    for (name, value) in [
        ("mode", "subscription"),
        ("customer", "cus_1"),
        ("client_reference_id", "a licence"),
        ("line_items[0][price]", "price_1"),
        ("line_items[0][quantity]", "1"),
        ("metadata[licence]", "a licence"),
        ("subscription_data[metadata][licence]", "a licence"),
        ("subscription_data[trial_period_days]", "14"),
        ("automatic_tax[enabled]", "true"),
        ("customer_update[address]", "auto"),
        ("allow_promotion_codes", "true"),
        ("success_url", "https://desk.example/a?done=b"),
        ("cancel_url", "https://desk.example/a"),
        ("locale", "de"),
        ("currency", "usd"),
        ("expires_at", "1800000000"),
    ] {
        assert_eq!(asked.form.get(name).map(String::as_str), Some(value), "{name}: {asked:?}");
    }
    assert_eq!(asked.form.len(), 16, "{asked:?}");
    // What was asked for before there was a choice is sent again as it was.
    let before =
        Purchase::Subscription { price: "price_1".into(), currency: None, trial_days: None };
    stripe.create_checkout("an old key", &checkout(before)).await.unwrap();
    assert_eq!(last(&log).form.get("currency"), None);
    let done = stripe.checkout("cs_2").await.unwrap().unwrap();
    assert_eq!((done.status, done.paid, done.url), (CheckoutStatus::Complete, true, None));
    assert_eq!(stripe.checkout("cs_3").await.unwrap(), None);
}

#[tokio::test]
async fn a_donation_has_an_amount_and_neither_tax_nor_codes() {
    let (stripe, log) = stand_in(PAGE).await;
    let money = Money { amount: 2500, currency: "eur".into() };
    let purchase = Purchase::Donation { money, name: "Thank you".into() };
    stripe.create_checkout("another", &checkout(purchase)).await.unwrap();
    let asked = last(&log);
    for (name, value) in [
        ("mode", "payment"),
        ("submit_type", "donate"),
        ("line_items[0][price_data][currency]", "eur"),
        ("line_items[0][price_data][unit_amount]", "2500"),
        ("line_items[0][price_data][product_data][name]", "Thank you"),
        ("payment_intent_data[metadata][licence]", "a licence"),
    ] {
        assert_eq!(asked.form.get(name).map(String::as_str), Some(value), "{name}: {asked:?}");
    }
    assert_eq!(asked.form.get("currency"), None, "it is that of the amount");
    let none = |word: &str| !asked.form.keys().any(|name| name.contains(word));
    assert!(none("tax") && none("promotion") && none("subscription"), "{asked:?}");
}

const OBJECTS: &[(&str, &str)] = &[
    (
        "/subscriptions/sub_new",
        r#"{ "id": "sub_new", "customer": { "id": "cus_1", "object": "customer" }, "status": "past_due",
             "livemode": false, "currency": "usd", "cancel_at_period_end": false, "cancel_at": null, "field_to_come": [1],
             "metadata": { "licence": "x" }, "items": { "object": "list", "data": [ { "id": "si_1",
             "current_period_start": 100, "current_period_end": 200,
             "price": { "id": "price_1", "lookup_key": null } } ] } }"#,
    ),
    (
        "/subscriptions/sub_old",
        r#"{ "id": "sub_old", "customer": "cus_1", "status": "canceled", "livemode": true,
             "current_period_start": 100, "current_period_end": 200, "cancel_at_period_end": true,
             "ended_at": 150, "currency": "no code", "cancellation_details": { "reason": "payment_failed" }, "items":
             { "data": [ { "id": "si_1", "price": { "id": "price_1", "lookup_key": "plus" } } ] } }"#,
    ),
    (
        "/subscriptions/sub_odd",
        r#"{ "id": "sub_odd", "customer": "cus_1", "status": "a status to come", "livemode": true,
             "items": { "data": [] } }"#,
    ),
    (
        "/subscriptions",
        r#"{ "has_more": true, "data": [ { "id": "sub_odd", "status": "to come" },
             { "id": "sub_last", "customer": "cus_1", "status": "active", "livemode": false,
             "current_period_start": 1, "current_period_end": 2, "items": { "data": [ { "id": "si_1",
             "price": { "id": "price_1" } } ] } } ] }"#,
    ),
    (
        "/invoices",
        r#"{ "data": [
             { "id": "in_new", "status": "open", "amount_remaining": 499, "created": 7,
               "billing_reason": "subscription_update", "payments": { "data":
             [ { "payment": { "type": "payment_intent", "payment_intent": "pi_1" } },
               { "payment": { "type": "charge", "charge": { "id": "ch_1" } } } ] } },
             { "id": "in_old", "status": "paid", "created": 5, "payment_intent": "pi_0", "charge": "ch_0" } ] }"#,
    ),
    (
        "/charges",
        r#"{ "has_more": false, "data": [ { "id": "ch_1", "payment_intent": { "id": "pi_1" },
             "created": 9, "status": "succeeded", "amount": 499, "amount_refunded": 499,
             "disputed": true, "refunded": true } ] }"#,
    ),
    (
        "/disputes",
        r#"{ "data": [ { "status": "lost" }, { "status": "won" }, { "status": "needs_response" },
             { "status": "warning_needs_response" }, { "status": "a status to come" } ] }"#,
    ),
    (
        "/subscriptions/sub_waits",
        r#"{ "id": "sub_waits", "customer": "cus_1", "status": "active", "livemode": false,
             "latest_invoice": "in_waits", "pending_update": { "expires_at": 400, "subscription_items": [
             { "id": "si_1", "price": { "id": "price_2", "lookup_key": "pro" } } ] }, "items": { "data": [
             { "id": "si_1", "current_period_start": 100, "current_period_end": 200,
             "price": { "id": "price_1", "lookup_key": "plus" } } ] } }"#,
    ),
    (
        "/subscriptions/sub_short",
        r#"{ "id": "sub_short", "customer": "cus_1", "status": "active", "livemode": false,
             "latest_invoice": { "id": "in_waits" }, "pending_update": { "expires_at": 400,
             "subscription_items": [ { "id": "si_1", "price": "price_2" } ] }, "items": { "data": [
             { "id": "si_1", "current_period_start": 100, "current_period_end": 200,
             "price": { "id": "price_1" } } ] } }"#,
    ),
    (
        "/invoices/in_waits",
        r#"{ "id": "in_waits", "status": "open", "amount_remaining": 773, "currency": "usd", "created": 9,
             "hosted_invoice_url": "https://invoice.example/1", "payments": { "data":
             [ { "payment": { "type": "payment_intent", "payment_intent": "pi_asks" } } ] } }"#,
    ),
    (
        "/invoices/in_old",
        r#"{ "id": "in_old", "status": "open", "amount_remaining": 5, "currency": "eur",
             "hosted_invoice_url": "javascript:alert(1)", "payment_intent": "pi_declined" }"#,
    ),
    (
        "/invoices/in_alone",
        r#"{ "id": "in_alone", "status": "open", "amount_remaining": 5, "currency": "eur",
             "hosted_invoice_url": "http://elsewhere.example/", "payment_intent": "pi_alone" }"#,
    ),
    ("/payment_intents/pi_asks", r#"{ "id": "pi_asks", "status": "requires_action" }"#),
    (
        "/payment_intents/pi_declined",
        r#"{ "status": "requires_payment_method", "last_payment_error": { "code": "card_declined" } }"#,
    ),
    (
        "/payment_intents/pi_alone",
        r#"{ "status": "requires_payment_method", "last_payment_error": { "code": "authentication_required" } }"#,
    ),
    ("/invoices/in_waits/void", r#"{ "id": "in_waits", "status": "void" }"#),
    ("/disputes/du_1", r#"{ "id": "du_1", "charge": "ch_1" }"#),
    ("/charges/ch_1", r#"{ "id": "ch_1", "customer": "cus_1" }"#),
    ("/refunds/re_1", r#"{ "id": "re_1", "charge": null, "payment_intent": "pi_1" }"#),
    ("/payment_intents/pi_1", r#"{ "id": "pi_1", "customer": { "id": "cus_2" } }"#),
    ("/invoices/in_1", r#"{ "id": "in_1", "customer": null }"#),
    (
        "/invoices/create_preview",
        r#"{ "amount_due": 250, "total": 250, "currency": "eur", "next_payment_attempt": 300 }"#,
    ),
    ("/customers/search", r#"{ "object": "search_result", "data": [ { "id": "cus_7" } ] }"#),
    ("/customers", r#"{ "id": "cus_8" }"#),
    ("/billing_portal/sessions", r#"{ "url": "https://pay.example/portal" }"#),
];

#[tokio::test]
async fn subscriptions_are_read_in_the_form_of_any_version() {
    let (stripe, log) = stand_in(OBJECTS).await;
    let new = stripe.subscription("sub_new").await.unwrap().unwrap();
    assert_eq!((new.status, new.customer.as_str()), (SubscriptionStatus::PastDue, "cus_1"));
    assert_eq!((new.period_start, new.period_end), (Millis(100_000), Millis(200_000)));
    assert_eq!((new.cancel_at, new.lookup_key, new.live), (None, None, false));
    assert_eq!((new.pending, new.currency.as_deref()), (None, Some("usd")));
    assert_eq!(new.metadata["licence"], "x");
    let old = stripe.subscription("sub_old").await.unwrap().unwrap();
    assert_eq!((old.period_start, old.period_end), (Millis(100_000), Millis(200_000)));
    assert_eq!((old.cancel_at, old.ended_at), (Some(Millis(200_000)), Some(Millis(150_000))));
    assert!(old.ended_unpaid && old.live && old.metadata.is_empty());
    assert_eq!(old.currency, None, "what is no code is not believed");
    assert_eq!(stripe.subscription("sub_odd").await, Err(PaymentError::Unreadable));
    assert_eq!(stripe.subscription("sub_none").await, Ok(None));
    // One that cannot be read hides no other, and the next page begins after the last of this one.
    let page = stripe.subscriptions(Some("cus_1"), Some("sub_0")).await.unwrap();
    assert_eq!((page.items.len(), page.next.as_deref()), (1, Some("sub_last")));
    let form = last(&log).form;
    assert_eq!((form["status"].as_str(), form["customer"].as_str()), ("all", "cus_1"));
    assert_eq!(form["starting_after"], "sub_0");
}

#[tokio::test]
async fn money_is_read_in_the_form_of_any_version() {
    let (stripe, log) = stand_in(OBJECTS).await;
    let invoices = stripe.invoices("sub_1").await.unwrap();
    assert_eq!(last(&log).form["expand[0]"], "data.payments");
    assert_eq!((invoices[0].status, invoices[0].remaining), (InvoiceStatus::Open, 499));
    assert_eq!(invoices[0].payments, ["pi_1", "ch_1"]);
    assert_eq!(invoices[1].payments, ["pi_0", "ch_0"]);
    assert_eq!((invoices[0].of_change, invoices[1].of_change), (true, false));
    let charges = stripe.charges("cus_1", None).await.unwrap();
    let charge = &charges.items[0];
    assert_eq!((charge.payment_intent.as_deref(), charge.created), (Some("pi_1"), Millis(9000)));
    assert!(charge.succeeded && charge.disputed && charge.refunded == charge.amount);
    assert_eq!(
        stripe.disputes("ch_1").await.unwrap(),
        [
            DisputeStatus::Lost,
            DisputeStatus::Won,
            DisputeStatus::Open,
            DisputeStatus::Won,
            DisputeStatus::Open,
        ]
    );
}

#[tokio::test]
async fn the_customer_of_an_object_is_found_by_way_of_what_it_names() {
    let (stripe, log) = stand_in(OBJECTS).await;
    for (object, customer) in [
        ("cus_9", Some("cus_9")),
        ("sub_new", Some("cus_1")),
        ("du_1", Some("cus_1")),
        ("re_1", Some("cus_2")),
        ("in_1", None),
        ("in_gone", None),
        ("price_1", None),
        ("sub_1/../../x", None),
    ] {
        let found = stripe.customer_of(object).await.unwrap();
        assert_eq!(found.as_deref(), customer, "{object}");
    }
    let asked = log.lock().unwrap().iter().filter(|asked| asked.line.contains("price")).count();
    assert_eq!(asked, 0, "what concerns nobody is not asked for");
}

#[tokio::test]
async fn a_change_that_waits_is_read_with_its_invoice() {
    let (stripe, log) = stand_in(OBJECTS).await;
    for (id, lookup_key) in [("sub_waits", Some("pro")), ("sub_short", None)] {
        let read = stripe.subscription(id).await.unwrap().unwrap();
        assert_eq!(read.price, "price_1", "nothing of it counts yet");
        let pending = read.pending.unwrap();
        assert_eq!(
            (pending.price.as_str(), pending.lookup_key.as_deref()),
            ("price_2", lookup_key)
        );
        assert_eq!(
            (pending.expires, pending.invoice.as_deref()),
            (Millis(400_000), Some("in_waits"))
        );
    }
    let asks = stripe.payable("in_waits").await.unwrap().unwrap();
    assert_eq!((asks.status, asks.declined), (InvoiceStatus::Open, false));
    assert_eq!(asks.due, Money { amount: 773, currency: "usd".into() });
    assert_eq!(asks.page.as_deref(), Some("https://invoice.example/1"));
    let read = log.lock().unwrap().iter().find(|asked| asked.line.ends_with("in_waits")).cloned();
    assert_eq!(read.unwrap().form["expand[0]"], "payments");
    // An address that is no page of the provider's is none.
    let old = stripe.payable("in_old").await.unwrap().unwrap();
    assert_eq!((old.declined, old.page), (true, None));
    let alone = stripe.payable("in_alone").await.unwrap().unwrap();
    assert_eq!((alone.declined, alone.page), (false, None));
    assert_eq!(stripe.payable("in_gone").await.unwrap(), None);
    stripe.void_invoice("a key", "in_waits").await.unwrap();
    let asked = last(&log);
    assert_eq!(
        (asked.line.as_str(), asked.key.as_deref()),
        ("POST /v1/invoices/in_waits/void", Some("a key"))
    );
    let gone = stripe.void_invoice("a key", "in_gone").await;
    assert_eq!(gone, Err(PaymentError::Refused { status: 404 }));
}

#[tokio::test]
async fn whatever_changes_something_has_its_key() {
    let (stripe, log) = stand_in(OBJECTS).await;
    let account = UserId::new(50).unwrap();
    assert_eq!(stripe.find_customer(account).await.unwrap().as_deref(), Some("cus_7"));
    assert_eq!(last(&log).form["query"], "metadata['account']:'50'");
    assert_eq!(stripe.create_customer("k1", account).await.unwrap(), "cus_8");
    assert_eq!(last(&log).form["metadata[account]"], "50");
    let url = stripe.create_portal("k2", "cus_1", "https://desk.example/", Locale::En).await;
    assert_eq!(url.unwrap(), "https://pay.example/portal");
    let change = PriceChange {
        subscription: "sub_new".into(),
        item: "si_1".into(),
        price: "price_2".into(),
        at: Millis(1_000_999),
        invoice_now: true,
        metadata: BTreeMap::from([("price_2".into(), "pro".into())]),
    };
    let preview = stripe.preview("k3", "sub_new", Some(&change)).await.unwrap().unwrap();
    assert_eq!((preview.due.amount, preview.at), (250, Some(Millis(300_000))));
    let form = last(&log).form;
    assert_eq!(form["subscription_details[items][0][price]"], "price_2");
    assert_eq!(form["subscription_details[proration_date]"], "1000");
    stripe.change_price("k4", &change).await.unwrap();
    let asked = last(&log);
    assert_eq!(asked.line, "POST /v1/subscriptions/sub_new");
    for (name, value) in [
        ("items[0][id]", "si_1"),
        ("items[0][price]", "price_2"),
        ("proration_behavior", "always_invoice"),
        ("proration_date", "1000"),
        ("payment_behavior", "pending_if_incomplete"),
    ] {
        assert_eq!(asked.form.get(name).map(String::as_str), Some(value), "{name}");
    }
    // What may wait takes nothing else along: that was kept before.
    assert_eq!(asked.form.len(), 5, "{asked:?}");
    let kept = log.lock().unwrap().iter().rev().nth(1).cloned().unwrap();
    assert_eq!((kept.key.as_deref(), kept.form.len()), (Some("k4:kept"), 1), "{kept:?}");
    assert_eq!(kept.form["metadata[price_2]"], "pro");
    let later = PriceChange { invoice_now: false, ..change };
    stripe.change_price("k5", &later).await.unwrap();
    let asked = last(&log);
    for (name, value) in [
        ("proration_behavior", "create_prorations"),
        ("payment_behavior", "error_if_incomplete"),
        ("metadata[price_2]", "pro"),
    ] {
        assert_eq!(asked.form.get(name).map(String::as_str), Some(value), "{name}");
    }
    stripe.cancel("sub_new").await.unwrap();
    assert_eq!(last(&log).line, "DELETE /v1/subscriptions/sub_new");
    stripe.cancel("sub_gone").await.unwrap();
    let posts = log.lock().unwrap().clone();
    let keys: Vec<_> = posts.iter().filter(|asked| asked.line.starts_with("POST")).collect();
    assert_eq!(keys.len(), 6);
    assert!(keys.iter().all(|asked| asked.key.is_some()), "{keys:?}");
}

#[test]
fn a_key_says_whether_real_money_is_meant() {
    let api = "https://api.stripe.com/".parse().unwrap();
    for (key, live) in
        [("sk_test_x", false), ("sk_live_x", true), ("rk_live_x", true), ("rk_test_x", false)]
    {
        let stripe = Stripe::new(&key.to_owned().into(), &api, true).unwrap();
        assert_eq!(stripe.live(), live, "{key}");
    }
}
