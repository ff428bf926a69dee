//! The clock: what is due happens, each thing at its own moment and in order.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{DAY, FAILS_LATER, GOOD, Setup, setup, text};

fn period_end(it: &Value) -> i64 {
    it["items"]["data"][0]["current_period_end"].as_i64().unwrap()
}

async fn invoices(setup: &Setup, it: &Value) -> Vec<Value> {
    let path = format!("invoices?limit=100&subscription={}", text(&it["id"]));
    setup.get(&path).await["data"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_year_goes_by_with_twelve_renewals() {
    let setup = setup().await;
    let it = setup.subscribe(GOOD, &[]).await;
    let first_end = period_end(&it);
    // One jump, and everything on the way happens.
    setup.advance(366 * DAY).await;
    let all = invoices(&setup, &it).await;
    assert!(all.iter().all(|row| row["status"] == "paid"));
    assert_eq!(all.len(), 13);
    // Oldest renewal: drafted at the period's end, final and paid an hour later.
    let renewal = &all[11];
    assert_eq!(
        (&renewal["created"], &renewal["billing_reason"]),
        (&json!(first_end), &json!("subscription_cycle"))
    );
    assert_eq!(renewal["status_transitions"]["paid_at"], first_end + 3_600);
    let numbers: Vec<_> = all.iter().map(|row| text(&row["number"])).collect();
    assert!(numbers.is_sorted_by(|newer, older| newer > older), "{numbers:?}");
    let state = setup.look("/stripe").await;
    let times: Vec<i64> = state["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["created"].as_i64().unwrap())
        .collect();
    assert!(times.is_sorted_by(|newer, older| newer >= older));
    assert!(period_end(&setup.again(&it).await) > setup.now());
}

#[tokio::test]
async fn a_trial_is_announced_and_becomes_paid() {
    let setup = setup().await;
    let it = setup.subscribe(GOOD, &[("subscription_data[trial_period_days]", "14")]).await;
    let end = it["trial_end"].as_i64().unwrap();
    setup.advance(11 * DAY - 60).await;
    assert!(!setup.events().await.contains(&"customer.subscription.trial_will_end".to_owned()));
    setup.advance(120).await;
    assert!(setup.events().await.contains(&"customer.subscription.trial_will_end".to_owned()));
    setup.advance_to(&it["trial_end"]).await;
    let now = setup.again(&it).await;
    assert_eq!(now["status"], "active");
    assert_eq!(now["items"]["data"][0]["current_period_start"], end);
    assert_eq!(invoices(&setup, &it).await[0]["status"], "draft");
    setup.advance(3_600).await;
    let paid = invoices(&setup, &it).await[0].clone();
    assert_eq!((&paid["status"], &paid["amount_paid"]), (&json!("paid"), &json!(499)));
    let notices = setup.events().await;
    assert_eq!(
        notices.iter().filter(|kind| *kind == "customer.subscription.trial_will_end").count(),
        1
    );
}

#[tokio::test]
async fn a_payment_that_fails_is_tried_on_fixed_days_and_then_it_is_over() {
    let setup = setup().await;
    let it = setup.subscribe(FAILS_LATER, &[("subscription_data[trial_period_days]", "7")]).await;
    let failed = it["trial_end"].as_i64().unwrap() + 3_600;
    setup.advance(failed + 60 - setup.now()).await;
    assert_eq!(setup.again(&it).await["status"], "past_due");
    for (attempts, day) in (1..).zip([1, 3, 5, 7]) {
        let open = invoices(&setup, &it).await[0].clone();
        assert_eq!((&open["status"], &open["attempt_count"]), (&json!("open"), &json!(attempts)));
        assert_eq!(open["next_payment_attempt"], failed + day * DAY);
        setup.advance_to(&open["next_payment_attempt"]).await;
    }
    let end = setup.again(&it).await;
    assert_eq!((&end["status"], &end["ended_at"]), (&json!("canceled"), &json!(failed + 7 * DAY)));
    assert_eq!(end["cancellation_details"]["reason"], "payment_failed");
    let open = invoices(&setup, &it).await[0].clone();
    assert_eq!((&open["attempt_count"], &open["next_payment_attempt"]), (&json!(5), &Value::Null));
    let events = setup.events().await;
    assert_eq!(events.iter().filter(|kind| *kind == "invoice.payment_failed").count(), 5);
    assert_eq!(events.last().unwrap(), "customer.subscription.deleted");
    // And nothing more, ever.
    setup.advance(400 * DAY).await;
    assert_eq!(setup.events().await.len(), events.len());
}

#[tokio::test]
async fn another_card_ends_the_trouble() {
    let setup = setup().await;
    let it = setup.subscribe(FAILS_LATER, &[("subscription_data[trial_period_days]", "7")]).await;
    setup.advance_to(&it["trial_end"]).await;
    setup.advance(2 * 3_600).await;
    assert_eq!(setup.again(&it).await["status"], "past_due");
    let portal =
        setup.post("billing_portal/sessions", &[("customer", &text(&it["customer"]))]).await;
    let card = [("number", GOOD), ("expiry", "12/40"), ("cvc", "123"), ("name", "Olivia")];
    let url = format!("{}/card", text(&portal["url"]));
    assert_eq!(setup.client.post(url).form(&card).send().await.unwrap().status(), 303);
    setup.advance(DAY).await;
    assert_eq!(setup.again(&it).await["status"], "active");
    assert_eq!(invoices(&setup, &it).await[0]["status"], "paid");
}

#[tokio::test]
async fn a_cancelled_plan_lasts_until_its_period_ends() {
    let setup = setup().await;
    let it = setup.subscribe(GOOD, &[]).await;
    let path = format!("subscriptions/{}", text(&it["id"]));
    let cancelled = setup.post(&path, &[("cancel_at_period_end", "true")]).await;
    assert_eq!(
        (&cancelled["status"], &cancelled["cancel_at"]),
        (&json!("active"), &json!(period_end(&it)))
    );
    let none =
        setup.try_post("invoices/create_preview", &[("subscription", &text(&it["id"]))]).await;
    assert_eq!((none.status, &none.body["error"]["code"]), (404, &json!("invoice_upcoming_none")));
    setup.advance(period_end(&it) - 60 - setup.now()).await;
    assert_eq!(setup.again(&it).await["status"], "active");
    setup.advance(120).await;
    let end = setup.again(&it).await;
    assert_eq!((&end["status"], &end["ended_at"]), (&json!("canceled"), &json!(period_end(&it))));
    assert_eq!(invoices(&setup, &it).await.len(), 1);
    assert!(setup.get("subscriptions").await["data"].as_array().unwrap().is_empty());
    let all =
        setup.get(&format!("subscriptions?status=all&customer={}", text(&it["customer"]))).await;
    assert_eq!(all["data"][0]["id"], it["id"]);
    assert_eq!(setup.try_post(&path, &[("cancel_at_period_end", "false")]).await.status, 400);
}

#[tokio::test]
async fn a_cancellation_can_be_taken_back() {
    let setup = setup().await;
    let it = setup.subscribe(GOOD, &[]).await;
    let path = format!("subscriptions/{}", text(&it["id"]));
    setup.post(&path, &[("cancel_at_period_end", "true")]).await;
    let back = setup.post(&path, &[("cancel_at_period_end", "false")]).await;
    assert!(back["cancel_at"].is_null() && back["canceled_at"].is_null());
    setup.advance(40 * DAY).await;
    assert_eq!(setup.again(&it).await["status"], "active");
}

#[tokio::test]
async fn a_plan_cancelled_now_ends_now() {
    let setup = setup().await;
    let it = setup.subscribe(GOOD, &[]).await;
    let path = format!("subscriptions/{}", text(&it["id"]));
    let end = setup.delete(&path).await;
    assert_eq!(end["status"], "canceled");
    assert_eq!(setup.delete(&path).await["error"]["code"], "resource_missing");
    assert_eq!(setup.events().await.last().unwrap(), "customer.subscription.deleted");
}

#[tokio::test]
async fn the_next_invoice_is_known_beforehand() {
    let setup = setup().await;
    let it = setup.subscribe(GOOD, &[]).await;
    let next = setup.post("invoices/create_preview", &[("subscription", &text(&it["id"]))]).await;
    assert_eq!(
        (&next["amount_due"], &next["period_start"]),
        (&json!(499), &json!(period_end(&it)))
    );
    assert_eq!(setup.get("invoices").await["data"].as_array().unwrap().len(), 1);
    let customer = text(&it["customer"]);
    let same = setup.post("invoices/create_preview", &[("customer", &customer)]).await;
    assert_eq!(same["total"], next["total"]);
}

#[tokio::test]
async fn time_does_not_run_backwards() {
    let setup = setup().await;
    let refused = setup.try_control(Method::POST, "/clock", json!({"advance_ms": -1})).await;
    assert_eq!(refused.status, 400);
}
