//! The adapter against a stand-in that answers as Stripe does.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use payments::Stripe;
use tokio::net::TcpListener;
use wardesk_core::ports::{Money, PaymentError, Payments, Price};

const KEY: &str = "sk_test_of_nobody";

/// What was asked: method, path with query, and the key.
type Asked = Arc<Mutex<Vec<(String, String, String)>>>;

async fn stand_in(status: StatusCode, body: &'static str) -> (Stripe, Asked) {
    let asked = Asked::default();
    let seen = Arc::clone(&asked);
    let answer = move |request: Request<Body>| {
        let key = request.headers().get(header::AUTHORIZATION).unwrap().to_str().unwrap();
        let asked = (request.method().to_string(), request.uri().to_string(), key.to_owned());
        seen.lock().unwrap().push(asked);
        let answer = Response::builder().status(status).header("stripe-should-retry", "false");
        std::future::ready(answer.body(Body::from(body)).unwrap())
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let api = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    (Stripe::new(&KEY.to_owned().into(), &api, true).unwrap(), asked)
}

const PRICES: &str = r#"{
    "object": "list", "has_more": false, "url": "/v1/prices", "new_field": { "x": [1] },
    "data": [{
        "id": "price_1", "object": "price", "active": true, "billing_scheme": "a scheme to come",
        "currency": "eur", "unit_amount": 990, "lookup_key": "plus_month", "livemode": false,
        "recurring": { "interval": "fortnight" }, "metadata": {}, "currency_options": {
            "usd": { "unit_amount": 1090, "unit_amount_decimal": "1090", "tax_behavior": "inclusive" },
            "eur": { "unit_amount": 990, "custom_unit_amount": null },
            "chf": { "unit_amount": null, "unit_amount_decimal": "950.5" },
            "gbp": { "unit_amount": 890, "a_field_to_come": [] },
            "not a code": { "unit_amount": 1 }
        }
    }, {
        "id": "price_2", "currency": "usd", "unit_amount": null, "lookup_key": null, "livemode": true,
        "currency_options": { "eur": { "unit_amount": 5 } }
    }, {
        "id": "price_3", "currency": "usd", "unit_amount": 300, "livemode": true, "currency_options": null
    }]
}"#;

fn money(amount: i64, currency: &str) -> Money {
    Money { amount, currency: currency.to_owned() }
}

#[tokio::test]
async fn prices_are_found_by_their_lookup_keys() {
    let (stripe, asked) = stand_in(StatusCode::OK, PRICES).await;
    let prices = stripe.prices(&["plus_month", "plus_year"]).await.unwrap();
    let price = Price {
        id: "price_1".into(),
        lookup_key: Some("plus_month".into()),
        // Its own first. What is no whole amount, or in no currency, is not among them.
        amounts: vec![money(990, "eur"), money(890, "gbp"), money(1090, "usd")],
        live: false,
    };
    assert_eq!(prices[0], price);
    assert_eq!(
        (prices[0].main(), prices[0].amount_in("usd")),
        (Some(&money(990, "eur")), Some(&money(1090, "usd")))
    );
    assert_eq!(prices[0].amount_in("chf"), None);
    // Without a fixed amount of its own it has none.
    assert_eq!((prices[1].main(), prices.len()), (None, 3));
    assert_eq!(prices[2].amounts, [money(300, "usd")]);
    let (method, address, key) = asked.lock().unwrap()[0].clone();
    assert_eq!(method, "GET");
    let address = address.replace("%5B", "[").replace("%5D", "]");
    assert!(address.starts_with("/v1/prices?"), "{address}");
    for part in [
        "active=true",
        "lookup_keys[0]=plus_month",
        "lookup_keys[1]=plus_year",
        "expand[0]=data.currency_options",
    ] {
        assert!(address.contains(part), "{address}");
    }
    assert_eq!(key, format!("Bearer {KEY}"));
}

#[tokio::test]
async fn no_more_currencies_are_read_than_there_can_be() {
    let letters = || ('a'..='z').map(String::from);
    let codes = letters().flat_map(|one| letters().map(move |two| format!("x{one}{two}")));
    let options = codes.map(|code| format!(r#""{code}": {{ "unit_amount": 1 }}"#));
    let options: Vec<String> = options.collect();
    let body = format!(
        r#"{{ "data": [ {{ "id": "price_1", "currency": "eur", "unit_amount": 2, "livemode": false,
             "currency_options": {{ {} }} }} ] }}"#,
        options.join(", ")
    );
    let (stripe, _) = stand_in(StatusCode::OK, body.leak()).await;
    let prices = stripe.prices(&[]).await.unwrap();
    assert_eq!((options.len(), prices[0].amounts.len()), (676, 200));
    assert_eq!(prices[0].main(), Some(&money(2, "eur")));
}

#[tokio::test]
async fn errors_are_sorted_by_what_can_be_done() {
    let refusal = r#"{ "error": { "type": "invalid_request_error", "message": "no" } }"#;
    for (status, body, wanted) in [
        (401, refusal, PaymentError::BadKey),
        (403, refusal, PaymentError::Refused { status: 403 }),
        (400, refusal, PaymentError::Refused { status: 400 }),
        (429, refusal, PaymentError::Unavailable),
        (503, refusal, PaymentError::Unavailable),
        // What stands before Stripe answers in a form of its own.
        (502, "<html>", PaymentError::Unavailable),
        (503, "", PaymentError::Unavailable),
        (500, "{}", PaymentError::Unavailable),
        (200, "<html>", PaymentError::Unreadable),
        (200, "{}", PaymentError::Unreadable),
    ] {
        let (stripe, asked) = stand_in(StatusCode::from_u16(status).unwrap(), body).await;
        assert_eq!(stripe.prices(&[]).await, Err(wanted), "{status} {body}");
        assert_eq!(asked.lock().unwrap().len(), 1, "what is told not to be repeated is not");
    }
}

#[tokio::test]
async fn nobody_there_is_an_outage() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let api = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    drop(listener);
    let stripe = Stripe::new(&KEY.to_owned().into(), &api, true).unwrap();
    assert_eq!(stripe.prices(&[]).await, Err(PaymentError::Unavailable));
}

#[test]
fn a_key_that_is_no_header_is_refused_without_naming_it() {
    let api = "https://api.stripe.com/".parse().unwrap();
    let error = Stripe::new(&"sk_with\nnewline".to_owned().into(), &api, true).unwrap_err();
    assert!(!error.to_string().contains("newline"));
}
