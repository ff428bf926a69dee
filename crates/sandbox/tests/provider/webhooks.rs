//! Webhooks: signed, retried, held, shuffled, repeated, forged, dropped.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{DAY, GOOD, Receiver, Setup, setup, text};

const SECRET: &str = "whsec_sandbox";

async fn listening() -> (Setup, Receiver, String) {
    let setup = setup().await;
    let (receiver, url) = Receiver::start().await;
    let made = setup
        .control(Method::POST, "/stripe/webhooks", json!({"url": url, "secret": SECRET}))
        .await;
    (setup, receiver, text(&made["id"]))
}

async fn act(setup: &Setup, body: Value) -> Value {
    setup.control(Method::POST, "/stripe/deliveries", body).await
}

async fn emit(setup: &Setup, kind: &str) -> String {
    text(&setup.control(Method::POST, "/stripe/events", json!({"type": kind})).await["id"])
}

#[tokio::test]
async fn what_happens_is_told_in_order_and_signed() {
    let (setup, receiver, _) = listening().await;
    setup.subscribe(GOOD, &[]).await;
    setup.settled().await;
    assert_eq!(receiver.types(), setup.events().await);
    let now = setup.now();
    for hook in receiver.hooks() {
        assert!(hook.is_signed(SECRET, now), "{hook:?}");
        assert!(!hook.is_signed("whsec_other", now));
        let event = hook.event();
        let kept = setup.get(&format!("events/{}", text(&event["id"]))).await;
        assert_eq!((&kept["type"], &kept["data"]), (&event["type"], &event["data"]));
        assert_eq!((&event["object"], &event["livemode"]), (&json!("event"), &json!(false)));
    }
}

#[tokio::test]
async fn the_signature_follows_the_moved_clock() {
    let (setup, receiver, _) = listening().await;
    setup.subscribe(GOOD, &[]).await;
    setup.advance(40 * DAY).await;
    setup.settled().await;
    let last = receiver.hooks().pop().unwrap();
    // Happened ten days ago, sent now.
    assert!(last.event()["created"].as_i64().unwrap() < setup.now() - 5 * DAY);
    assert!(last.is_signed(SECRET, setup.now()));
}

#[tokio::test]
async fn while_a_secret_is_rotated_both_sign() {
    let (setup, receiver, endpoint) = listening().await;
    let body = json!({"secret": "whsec_new", "keep_old_ms": DAY * 1_000});
    setup.control(Method::PATCH, &format!("/stripe/webhooks/{endpoint}"), body).await;
    emit(&setup, "ping").await;
    setup.settled().await;
    let hook = receiver.hooks().pop().unwrap();
    assert!(hook.is_signed(SECRET, setup.now()) && hook.is_signed("whsec_new", setup.now()));
    assert_eq!(hook.signature.unwrap().matches("v1=").count(), 2);
    setup.advance(DAY + 1).await;
    emit(&setup, "ping").await;
    setup.settled().await;
    let hook = receiver.hooks().pop().unwrap();
    assert!(!hook.is_signed(SECRET, setup.now()) && hook.is_signed("whsec_new", setup.now()));
}

#[tokio::test]
async fn what_is_refused_is_sent_again_until_it_is_taken() {
    let (setup, receiver, _) = listening().await;
    receiver.answer_with(&[500, 302]);
    let event = emit(&setup, "invoice.paid").await;
    setup.look(&format!("/wait?for=stripe_event&event={event}")).await;
    for (attempts, seconds) in [(1, 6), (2, 61)] {
        let path =
            format!("/wait?for=stripe_delivery&event={event}&attempts={attempts}&state=waiting");
        setup.look(&path).await;
        setup.advance(seconds).await;
    }
    let done = setup.look(&format!("/wait?for=stripe_delivery&event={event}")).await;
    assert_eq!(done["state"], "delivered");
    let statuses: Vec<_> =
        done["attempts"].as_array().unwrap().iter().map(|it| it["status"].clone()).collect();
    assert_eq!(statuses, [json!(500), json!(302), json!(200)]);
    assert_eq!(receiver.hooks().len(), 3);
}

#[tokio::test]
async fn after_three_days_it_is_given_up() {
    let setup = setup().await;
    // Nobody listens there.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    setup
        .control(Method::POST, "/stripe/webhooks", json!({"url": format!("http://{nobody}/")}))
        .await;
    let event = emit(&setup, "invoice.paid").await;
    for attempts in 1..=20 {
        let path = format!("/stripe/deliveries?event={event}&state=failed");
        if !setup.look(&path).await["deliveries"].as_array().unwrap().is_empty() {
            break;
        }
        setup
            .look(&format!("/wait?for=stripe_delivery&event={event}&attempts={attempts}&state=any"))
            .await;
        setup.advance(11 * 3_600).await;
    }
    let given_up = setup.look(&format!("/wait?for=stripe_delivery&event={event}")).await;
    assert_eq!(given_up["state"], "failed");
    let tries = given_up["attempts"].as_array().unwrap();
    let (first, last) =
        (tries[0]["at"].as_i64().unwrap(), tries.last().unwrap()["at"].as_i64().unwrap());
    assert!(last - first <= 3 * DAY * 1_000 && last - first >= 2 * DAY * 1_000, "{given_up}");
    assert!(tries[0]["error"].is_string());
}

#[tokio::test]
async fn held_back_and_released_in_any_order() {
    let (setup, receiver, _) = listening().await;
    act(&setup, json!({"do": "hold"})).await;
    let mut events = Vec::new();
    for kind in ["one", "two", "three", "four"] {
        events.push(emit(&setup, kind).await);
    }
    setup.settled().await;
    assert!(receiver.hooks().is_empty());
    let body = json!({"do": "release", "order": [events[2], events[0]], "holding": true});
    assert_eq!(act(&setup, body).await["count"], 2);
    setup.settled().await;
    assert_eq!(receiver.types(), ["three", "one"]);
    act(&setup, json!({"do": "drop", "event": events[1]})).await;
    act(&setup, json!({"do": "release"})).await;
    setup.settled().await;
    assert_eq!(receiver.types(), ["three", "one", "four"]);
    let dropped = setup.look("/stripe/deliveries?state=dropped").await;
    assert_eq!(dropped["deliveries"][0]["event"], json!(events[1]));
    emit(&setup, "five").await;
    setup.settled().await;
    assert_eq!(receiver.types().last().unwrap(), "five");
}

#[tokio::test]
async fn a_shuffle_is_the_same_for_the_same_seed() {
    let mut orders = Vec::new();
    for seed in [1, 1, 2] {
        let (setup, receiver, _) = listening().await;
        act(&setup, json!({"do": "hold"})).await;
        for number in 0..20 {
            emit(&setup, &format!("e{number}")).await;
        }
        act(&setup, json!({"do": "release", "order": "shuffled", "seed": seed})).await;
        setup.settled().await;
        orders.push(receiver.types());
    }
    assert_eq!(orders[0].len(), 20);
    assert_eq!(orders[0], orders[1]);
    assert_ne!(orders[0], orders[2]);
}

#[tokio::test]
async fn repeats_are_the_same_event() {
    let (setup, receiver, _) = listening().await;
    let event = emit(&setup, "invoice.paid").await;
    act(&setup, json!({"do": "repeat", "event": event, "times": 3})).await;
    setup.settled().await;
    let hooks = receiver.hooks();
    assert_eq!(hooks.len(), 4);
    assert!(
        hooks
            .iter()
            .all(|hook| hook.event()["id"] == json!(event) && hook.is_signed(SECRET, setup.now()))
    );
}

#[tokio::test]
async fn forgeries_are_not_signed_as_they_should_be() {
    let (setup, receiver, _) = listening().await;
    let event = emit(&setup, "invoice.paid").await;
    setup.settled().await;
    receiver.answer_with(&[400; 6]);
    for how in [
        "wrong_secret",
        "altered_body",
        "old_timestamp",
        "future_timestamp",
        "unsigned",
        "other_scheme",
    ] {
        act(&setup, json!({"do": "forge", "event": event, "how": how})).await;
        setup.settled().await;
        let hook = receiver.hooks().pop().unwrap();
        assert!(!hook.is_signed(SECRET, setup.now()), "{how}: {hook:?}");
        assert_eq!(hook.event()["id"], json!(event), "{how}");
    }
    // A forger does not try again.
    setup.advance(DAY).await;
    setup.settled().await;
    assert_eq!(receiver.hooks().len(), 7);
}

#[tokio::test]
async fn events_of_any_kind_can_be_had() {
    let (setup, receiver, _) = listening().await;
    let body = json!({"type": "unicorn.seen", "object": {"id": "uni_1", "object": "unicorn"}, "livemode": true,
        "api_version": "2030-01-01.future"});
    setup.control(Method::POST, "/stripe/events", body).await;
    setup.settled().await;
    let event = receiver.hooks().pop().unwrap().event();
    assert_eq!((&event["type"], &event["livemode"]), (&json!("unicorn.seen"), &json!(true)));
    assert_eq!(
        (&event["api_version"], &event["data"]["object"]["id"]),
        (&json!("2030-01-01.future"), &json!("uni_1"))
    );
    let listed = setup.get("events?type=unicorn.*").await;
    assert_eq!(listed["data"][0]["id"], event["id"]);
    let found = setup.look("/wait?for=stripe_event&event=unicorn.*&object=uni_1").await;
    assert_eq!(found["id"], event["id"]);
}

#[tokio::test]
async fn only_this_machine_is_told() {
    let setup = setup().await;
    for url in
        ["http://192.0.2.1/hook", "https://localhost/hook", "http://example.test/", "nonsense"]
    {
        let refused =
            setup.try_control(Method::POST, "/stripe/webhooks", json!({"url": url})).await;
        assert_eq!(refused.status, 400, "{url}");
    }
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_told_nothing() {
    let (setup, receiver, endpoint) = listening().await;
    setup.control(Method::DELETE, &format!("/stripe/webhooks/{endpoint}"), json!({})).await;
    emit(&setup, "ping").await;
    setup.settled().await;
    assert!(receiver.hooks().is_empty());
    assert!(setup.look("/stripe/webhooks").await.as_array().unwrap().is_empty());
}
