//! The provider out of reach, and faults on its API.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use crate::support::{DAY, GOOD, setup};

#[tokio::test]
async fn out_of_reach_from_until() {
    let setup = setup().await;
    let it = setup.subscribe(GOOD, &[]).await;
    let from = (setup.now() + DAY) * 1_000;
    let outage = json!({"from_ms": from, "for_ms": 4 * DAY * 1_000});
    setup.control(Method::PUT, "/stripe/outage", outage).await;
    assert_eq!(setup.try_get("customers").await.status, 200);
    setup.advance(DAY + 60).await;
    let down = setup.try_get("customers").await;
    assert_eq!((down.status, &down.body["error"]["type"]), (503, &json!("api_error")));
    assert_eq!(setup.try_post("customers", &[]).await.status, 503);
    setup.advance(4 * DAY).await;
    assert_eq!(setup.try_get("customers").await.status, 200);
    // What it is out of reach for did not stop it: time went on.
    setup.advance(30 * DAY).await;
    assert_eq!(setup.again(&it).await["status"], "active");
    let wrong = setup.try_control(Method::PUT, "/stripe/outage", json!({"until_ms": 1})).await;
    assert_eq!(wrong.status, 400);
}

#[tokio::test]
async fn no_answer_until_it_is_over() {
    let setup = setup().await;
    setup.control(Method::PUT, "/stripe/outage", json!({"kind": "timeout"})).await;
    let url = format!("{}v1/customers", setup.sandbox.stripe_url());
    let asked = setup
        .client
        .get(&url)
        .bearer_auth("sk_test_sandbox")
        .timeout(Duration::from_millis(300))
        .send()
        .await;
    assert!(asked.unwrap_err().is_timeout());
    setup.control(Method::DELETE, "/stripe/outage", json!({})).await;
    assert_eq!(setup.try_get("customers").await.status, 200);
}

#[tokio::test]
async fn faults_strike_a_route_of_the_provider() {
    let setup = setup().await;
    let it = setup.subscribe(GOOD, &[]).await;
    let path = format!("subscriptions/{}", it["id"].as_str().unwrap());
    let faults = |kind: serde_json::Value| {
        let mut fault = kind;
        fault["route"] = json!("/stripe/v1/subscriptions/{id}");
        fault["count"] = json!(1);
        fault
    };
    for (kind, status) in [
        (json!({"kind": "status", "status": 500}), 500),
        (json!({"kind": "rate_limit", "retry_after": 1}), 429),
    ] {
        setup.control(Method::POST, "/faults", faults(kind)).await;
        assert_eq!(setup.try_get("customers").await.status, 200);
        assert_eq!(setup.try_get(&path).await.status, status);
        assert_eq!(setup.try_get(&path).await.status, 200);
    }
    setup.control(Method::POST, "/faults", faults(json!({"kind": "broken_json"}))).await;
    assert!(setup.try_get(&path).await.body.is_string());
}
