//! Checkout, plan changes, refunds and disputes: what is bought and what it costs.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{DAY, DECLINED, FAILS_LATER, GOOD, POOR, SECURE, setup, text};

#[tokio::test]
async fn a_paid_session_makes_a_subscription_with_everything() {
    let setup = setup().await;
    let session = setup
        .session(&[
            ("client_reference_id", "guild-1"),
            ("metadata[guild]", "1"),
            ("subscription_data[metadata][licence]", "L1"),
        ])
        .await;
    assert_eq!(
        (&session["status"], &session["payment_status"]),
        (&json!("open"), &json!("unpaid"))
    );
    assert_eq!((&session["amount_total"], &session["currency"]), (&json!(499), &json!("eur")));
    assert!(text(&session["id"]).starts_with("cs_test_"));
    let paid = setup.pay(&session, GOOD).await["session"].clone();
    assert_eq!((&paid["status"], &paid["payment_status"]), (&json!("complete"), &json!("paid")));
    assert!(paid["url"].is_null());
    let it = setup.get(&format!("subscriptions/{}", text(&paid["subscription"]))).await;
    assert_eq!((&it["status"], &it["metadata"]["licence"]), (&json!("active"), &json!("L1")));
    assert_eq!(it["customer"], paid["customer"]);
    let invoice =
        setup.get(&format!("invoices/{}?expand[]=payments", text(&it["latest_invoice"]))).await;
    assert_eq!((&invoice["status"], &invoice["amount_paid"]), (&json!("paid"), &json!(499)));
    assert_eq!(invoice["billing_reason"], "subscription_create");
    let intent = text(&invoice["payments"]["data"][0]["payment"]["payment_intent"]);
    let intent = setup.get(&format!("payment_intents/{intent}?expand[]=latest_charge")).await;
    assert_eq!(
        (&intent["status"], &intent["latest_charge"]["paid"]),
        (&json!("succeeded"), &json!(true))
    );
    let events = setup.events().await;
    let place = |kind: &str| {
        events.iter().position(|it| it == kind).unwrap_or_else(|| panic!("no {kind} in {events:?}"))
    };
    let order = [
        "customer.created",
        "payment_method.attached",
        "payment_intent.created",
        "invoice.created",
        "customer.subscription.created",
        "invoice.finalized",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice.paid",
        "invoice.payment_succeeded",
        "checkout.session.completed",
    ]
    .map(place);
    assert!(order.is_sorted(), "{events:?}");
    let again = setup
        .try_control(
            Method::POST,
            &format!("/stripe/checkout/{}", text(&session["id"])),
            json!({"card": GOOD}),
        )
        .await;
    assert_eq!(again.status, 400);
}

#[tokio::test]
async fn a_card_that_is_refused_leaves_the_session_open_for_another() {
    let setup = setup().await;
    let session = setup.session(&[]).await;
    for (card, words) in [
        (DECLINED, "Your card was declined."),
        (POOR, "Your card has insufficient funds."),
        (FAILS_LATER, "Your card was declined."),
        ("4242 4242 4242 4241", "Your card number is invalid."),
    ] {
        let refused = setup.pay(&session, card).await;
        assert_eq!((&refused["state"], &refused["message"]), (&json!("refused"), &json!(words)));
        assert_eq!(refused["session"]["status"], "open");
    }
    assert!(setup.get("subscriptions?status=all").await["data"].as_array().unwrap().is_empty());
    let failed = setup.get("charges").await["data"].as_array().unwrap().clone();
    assert_eq!(failed.len(), 3);
    assert_eq!(failed[1]["outcome"]["reason"], "insufficient_funds");
    assert_eq!(setup.pay(&session, GOOD).await["state"], "paid");
    // One payment intent all along.
    let intents = setup.get("payment_intents").await["data"].as_array().unwrap().clone();
    assert_eq!((intents.len(), &intents[0]["status"]), (1, &json!("succeeded")));
}

#[tokio::test]
async fn the_bank_is_asked_by_3d_secure() {
    let setup = setup().await;
    let session = setup.session(&[]).await;
    let path = format!("/stripe/checkout/{}", text(&session["id"]));
    let failed =
        setup.control(Method::POST, &path, json!({"card": SECURE, "authenticate": false})).await;
    assert_eq!(failed["state"], "refused");
    assert_eq!(
        setup.get("payment_intents").await["data"][0]["last_payment_error"]["code"],
        "payment_intent_authentication_failure"
    );
    let paid = setup.control(Method::POST, &path, json!({"card": SECURE})).await;
    assert_eq!(paid["state"], "paid");
    // Set up once, it is charged without the person from then on.
    let it = setup.get(&format!("subscriptions/{}", text(&paid["session"]["subscription"]))).await;
    setup.advance_to(&it["items"]["data"][0]["current_period_end"]).await;
    setup.advance(2 * 3_600).await;
    assert_eq!(setup.again(&it).await["status"], "active");
}

#[tokio::test]
async fn a_trial_costs_nothing_until_it_ends() {
    let setup = setup().await;
    let session = setup.session(&[("subscription_data[trial_period_days]", "14")]).await;
    assert_eq!(session["amount_total"], 0);
    let paid = setup.pay(&session, FAILS_LATER).await["session"].clone();
    assert_eq!(paid["payment_status"], "no_payment_required");
    let it = setup.get(&format!("subscriptions/{}", text(&paid["subscription"]))).await;
    assert_eq!(it["status"], "trialing");
    let end = it["trial_end"].as_i64().unwrap();
    assert_eq!(end - it["trial_start"].as_i64().unwrap(), 14 * DAY);
    assert_eq!(it["items"]["data"][0]["current_period_end"], end);
    let invoice = setup.get(&format!("invoices/{}", text(&it["latest_invoice"]))).await;
    assert_eq!((&invoice["status"], &invoice["total"]), (&json!("paid"), &json!(0)));
    assert!(setup.get("charges").await["data"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn a_promotion_code_counts_once() {
    let setup = setup().await;
    let session = setup.session(&[("allow_promotion_codes", "true")]).await;
    let path = format!("/stripe/checkout/{}", text(&session["id"]));
    let wrong = setup
        .try_control(Method::POST, &path, json!({"card": GOOD, "promotion_code": "NOPE"}))
        .await;
    assert_eq!(wrong.status, 400);
    let paid = setup
        .control(Method::POST, &path, json!({"card": GOOD, "promotion_code": "welcome20"}))
        .await;
    assert_eq!(
        (&paid["session"]["amount_total"], &paid["session"]["total_details"]["amount_discount"]),
        (&json!(399), &json!(100))
    );
    let it = setup.get(&format!("subscriptions/{}", text(&paid["session"]["subscription"]))).await;
    let first = setup.get(&format!("invoices/{}", text(&it["latest_invoice"]))).await;
    assert_eq!((&first["subtotal"], &first["total"]), (&json!(499), &json!(399)));
    setup.advance_to(&it["items"]["data"][0]["current_period_end"]).await;
    setup.advance(2 * 3_600).await;
    let second =
        setup.get(&format!("invoices/{}", text(&setup.again(&it).await["latest_invoice"]))).await;
    assert_eq!((&second["total"], &second["status"]), (&json!(499), &json!("paid")));
    // Without the session's leave no code is taken.
    let strict = setup.session(&[]).await;
    let path = format!("/stripe/checkout/{}", text(&strict["id"]));
    let refused = setup
        .try_control(Method::POST, &path, json!({"card": GOOD, "promotion_code": "WELCOME20"}))
        .await;
    assert_eq!(refused.status, 400);
}

#[tokio::test]
async fn tax_is_inside_the_price_and_needs_an_address() {
    let setup = setup().await;
    let customer = text(&setup.post("customers", &[("email", "o@example.test")]).await["id"]);
    let price = setup.price("wardesk_plus_month").await;
    let mut fields = vec![
        ("mode", "subscription"),
        ("line_items[0][price]", price.as_str()),
        ("line_items[0][quantity]", "1"),
        ("success_url", "http://localhost:8080/"),
        ("customer", customer.as_str()),
        ("automatic_tax[enabled]", "true"),
    ];
    let refused = setup.try_post("checkout/sessions", &fields).await;
    assert_eq!(refused.body["error"]["code"], "customer_tax_location_invalid");
    fields.push(("customer_update[address]", "auto"));
    let session = setup.post("checkout/sessions", &fields).await;
    let path = format!("/stripe/checkout/{}", text(&session["id"]));
    let paid = setup.control(Method::POST, &path, json!({"card": GOOD, "country": "AT"})).await;
    assert_eq!(paid["session"]["customer"], json!(customer));
    let it = setup
        .get(&format!(
            "subscriptions/{}?expand[]=latest_invoice",
            text(&paid["session"]["subscription"])
        ))
        .await;
    let invoice = &it["latest_invoice"];
    assert_eq!(
        (&invoice["total"], &invoice["total_taxes"][0]["amount"]),
        (&json!(499), &json!(83))
    );
    assert_eq!(setup.get(&format!("customers/{customer}")).await["address"]["country"], "AT");
}

#[tokio::test]
async fn a_donation_is_paid_once() {
    let setup = setup().await;
    let session = setup
        .post(
            "checkout/sessions",
            &[
                ("mode", "payment"),
                ("submit_type", "donate"),
                ("line_items[0][price_data][currency]", "usd"),
                ("line_items[0][price_data][unit_amount]", "1234"),
                ("line_items[0][price_data][product_data][name]", "Donation"),
                ("line_items[0][quantity]", "1"),
                ("payment_intent_data[metadata][kind]", "donation"),
                ("success_url", "http://localhost:8080/thanks"),
            ],
        )
        .await;
    let items = setup.get(&format!("checkout/sessions/{}/line_items", text(&session["id"]))).await;
    assert_eq!(
        (&items["data"][0]["description"], &items["data"][0]["amount_total"]),
        (&json!("Donation"), &json!(1234))
    );
    let paid = setup.pay(&session, GOOD).await["session"].clone();
    assert_eq!((&paid["mode"], &paid["payment_status"]), (&json!("payment"), &json!("paid")));
    assert!(paid["customer"].is_null() && paid["subscription"].is_null());
    let intent = setup.get(&format!("payment_intents/{}", text(&paid["payment_intent"]))).await;
    assert_eq!(
        (&intent["amount_received"], &intent["metadata"]["kind"]),
        (&json!(1234), &json!("donation"))
    );
    let small = setup
        .try_post(
            "checkout/sessions",
            &[
                ("mode", "payment"),
                ("line_items[0][price_data][currency]", "eur"),
                ("line_items[0][price_data][unit_amount]", "10"),
                ("line_items[0][quantity]", "1"),
                ("line_items[0][price_data][product_data][name]", "Donation"),
                ("success_url", "http://localhost:8080/thanks"),
            ],
        )
        .await;
    assert_eq!(small.body["error"]["code"], "amount_too_small");
}

#[tokio::test]
async fn sessions_are_checked_and_expire() {
    let setup = setup().await;
    let price = setup.price("wardesk_plus_month").await;
    let good = [
        ("mode", "subscription"),
        ("line_items[0][price]", price.as_str()),
        ("line_items[0][quantity]", "1"),
        ("success_url", "http://localhost:8080/"),
    ];
    for (name, value) in [
        ("mode", "payment"),
        ("mode", "setup"),
        ("line_items[0][price]", "price_none"),
        ("line_items[0][quantity]", "0"),
        ("success_url", "javascript:alert(1)"),
        ("currency", "jpy"),
        ("currency", "USD"),
        ("customer", "cus_nobody"),
        ("subscription_data[trial_period_days]", "0"),
        ("expires_at", "1"),
        ("line_items[1][price]", "price_none"),
        ("discounts[0][coupon]", "OTHER"),
    ] {
        let mut fields: Vec<_> = good.iter().copied().filter(|(known, _)| *known != name).collect();
        fields.push((name, value));
        let refused = setup.try_post("checkout/sessions", &fields).await;
        assert_eq!(refused.status, 400, "{name}={value}: {}", refused.body);
    }
    let session = setup.session(&[("currency", "usd")]).await;
    assert_eq!(session["amount_total"], 549);
    let closed =
        setup.post(&format!("checkout/sessions/{}/expire", text(&session["id"])), &[]).await;
    assert_eq!(closed["status"], "expired");
    let other = setup.session(&[]).await;
    setup.advance(DAY + 1).await;
    assert_eq!(setup.again(&other).await["status"], "expired");
    assert_eq!(setup.events().await, ["checkout.session.expired", "checkout.session.expired"]);
}

async fn switch(
    setup: &crate::support::Setup,
    it: &Value,
    key: &str,
    more: &[(&str, &str)],
) -> Value {
    let (item, price) = (text(&it["items"]["data"][0]["id"]), setup.price(key).await);
    let mut fields = vec![("items[0][id]", item.as_str()), ("items[0][price]", price.as_str())];
    fields.extend_from_slice(more);
    setup.post(&format!("subscriptions/{}", text(&it["id"])), &fields).await
}

async fn preview(setup: &crate::support::Setup, it: &Value, key: &str, how: &str) -> Value {
    let (item, price) = (text(&it["items"]["data"][0]["id"]), setup.price(key).await);
    let id = text(&it["id"]);
    let fields = [
        ("subscription", id.as_str()),
        ("subscription_details[items][0][id]", item.as_str()),
        ("subscription_details[items][0][price]", price.as_str()),
        ("subscription_details[proration_behavior]", how),
    ];
    setup.post("invoices/create_preview", &fields).await
}

/// Half a period of 30 days (November) is left.
async fn half_way(setup: &crate::support::Setup, it: &Value) {
    let item = &it["items"]["data"][0];
    let (start, end) = (
        item["current_period_start"].as_i64().unwrap(),
        item["current_period_end"].as_i64().unwrap(),
    );
    setup.advance(i64::midpoint(start, end) - setup.now()).await;
}

#[tokio::test]
async fn an_upgrade_costs_what_the_preview_said() {
    let setup = setup().await;
    let it = setup.subscribe(GOOD, &[]).await;
    half_way(&setup, &it).await;
    let seen = preview(&setup, &it, "wardesk_pro_month", "always_invoice").await;
    let due = seen["amount_due"].as_i64().unwrap();
    // Half of the difference, give or take a second's worth.
    assert!((due - (1_299 - 499) / 2).abs() <= 1, "{due}");
    let lines = seen["lines"]["data"].as_array().unwrap();
    assert!(
        lines.iter().all(|line| line["parent"]["subscription_item_details"]["proration"] == true)
    );
    assert_eq!(lines.len(), 2);
    let after =
        switch(&setup, &it, "wardesk_pro_month", &[("proration_behavior", "always_invoice")]).await;
    let invoice = setup.get(&format!("invoices/{}", text(&after["latest_invoice"]))).await;
    assert_eq!(
        (&invoice["billing_reason"], &invoice["status"]),
        (&json!("subscription_update"), &json!("paid"))
    );
    assert!((invoice["amount_paid"].as_i64().unwrap() - due).abs() <= 1);
    assert_eq!(after["items"]["data"][0]["price"]["lookup_key"], "wardesk_pro_month");
    assert_eq!(
        after["items"]["data"][0]["current_period_end"],
        it["items"]["data"][0]["current_period_end"]
    );
}

#[tokio::test]
async fn a_downgrade_gives_credit_on_the_next_invoice() {
    let setup = setup().await;
    let it = setup.subscribe(GOOD, &[]).await;
    let it =
        switch(&setup, &it, "wardesk_pro_month", &[("proration_behavior", "always_invoice")]).await;
    half_way(&setup, &it).await;
    let seen = preview(&setup, &it, "wardesk_plus_month", "create_prorations").await;
    let after = switch(&setup, &it, "wardesk_plus_month", &[]).await;
    assert_eq!(after["latest_invoice"], it["latest_invoice"]);
    setup.advance_to(&after["items"]["data"][0]["current_period_end"]).await;
    setup.advance(2 * 3_600).await;
    let invoice =
        setup.get(&format!("invoices/{}", text(&setup.again(&it).await["latest_invoice"]))).await;
    assert_eq!(invoice["lines"]["data"].as_array().unwrap().len(), 3);
    let (said, paid) = (seen["total"].as_i64().unwrap(), invoice["total"].as_i64().unwrap());
    assert!((said - paid).abs() <= 1 && (paid - (499 - 400)).abs() <= 2, "{said} {paid}");
}

#[tokio::test]
async fn another_interval_begins_a_new_period() {
    let setup = setup().await;
    let it = setup.subscribe(GOOD, &[]).await;
    half_way(&setup, &it).await;
    let after = switch(&setup, &it, "wardesk_plus_year", &[]).await;
    let item = &after["items"]["data"][0];
    let days = (item["current_period_end"].as_i64().unwrap() - setup.now()) / DAY;
    assert!((364..=366).contains(&days), "{days}");
    let invoice = setup.get(&format!("invoices/{}", text(&after["latest_invoice"]))).await;
    assert!((invoice["amount_paid"].as_i64().unwrap() - (4_990 - 250)).abs() <= 2, "{invoice}");
    // The way back leaves credit.
    let back = switch(&setup, &after, "wardesk_plus_month", &[]).await;
    let customer = setup.get(&format!("customers/{}", text(&back["customer"]))).await;
    assert!(customer["balance"].as_i64().unwrap() < -4_000, "{customer}");
    let invoice = setup.get(&format!("invoices/{}", text(&back["latest_invoice"]))).await;
    assert_eq!((&invoice["status"], &invoice["amount_due"]), (&json!("paid"), &json!(0)));
}

#[tokio::test]
async fn a_change_whose_payment_fails_may_be_refused_whole() {
    let setup = setup().await;
    let it = setup.subscribe(FAILS_LATER, &[("subscription_data[trial_period_days]", "1")]).await;
    setup.advance_to(&it["trial_end"]).await;
    let (item, price) =
        (text(&it["items"]["data"][0]["id"]), setup.price("wardesk_pro_month").await);
    let fields = [
        ("items[0][id]", item.as_str()),
        ("items[0][price]", price.as_str()),
        ("proration_behavior", "always_invoice"),
        ("payment_behavior", "error_if_incomplete"),
    ];
    let refused = setup.try_post(&format!("subscriptions/{}", text(&it["id"])), &fields).await;
    assert_eq!((refused.status, &refused.body["error"]["code"]), (402, &json!("card_declined")));
    assert_eq!(
        setup.again(&it).await["items"]["data"][0]["price"]["lookup_key"],
        "wardesk_plus_month"
    );
}

#[tokio::test]
async fn money_goes_back_in_parts_and_only_once() {
    let setup = setup().await;
    let it = setup.subscribe(GOOD, &[]).await;
    let charge = text(&setup.get("charges").await["data"][0]["id"]);
    let part = setup.post("refunds", &[("charge", &charge), ("amount", "99")]).await;
    assert_eq!((&part["status"], &part["amount"]), (&json!("succeeded"), &json!(99)));
    let shown = setup.get(&format!("charges/{charge}?expand[]=refunds")).await;
    assert_eq!((&shown["amount_refunded"], &shown["refunded"]), (&json!(99), &json!(false)));
    assert_eq!(shown["refunds"]["data"][0]["id"], part["id"]);
    let body = json!({"subscription": it["id"]});
    assert_eq!(setup.control(Method::POST, "/stripe/refunds", body).await["amount"], 400);
    assert_eq!(setup.get(&format!("charges/{charge}")).await["refunded"], true);
    let again = setup.try_post("refunds", &[("charge", &charge)]).await;
    assert_eq!(again.body["error"]["code"], "charge_already_refunded");
    let events = setup.events().await;
    assert_eq!(events.iter().filter(|kind| *kind == "charge.refunded").count(), 2);
}

#[tokio::test]
async fn disputes_open_and_are_won_or_lost() {
    let setup = setup().await;
    for (verdict, last) in
        [("won", "charge.dispute.funds_reinstated"), ("lost", "charge.dispute.closed")]
    {
        let it = setup.subscribe(GOOD, &[]).await;
        let dispute = setup
            .control(Method::POST, "/stripe/disputes", json!({"subscription": it["id"]}))
            .await;
        let id = text(&dispute["id"]);
        assert!(id.starts_with("dp_"));
        assert_eq!(dispute["status"], "needs_response");
        let charge = text(&dispute["charge"]);
        assert_eq!(setup.get(&format!("charges/{charge}")).await["disputed"], true);
        let refused = setup.try_post("refunds", &[("charge", &charge)]).await;
        assert_eq!(refused.body["error"]["code"], "charge_disputed");
        setup
            .control(Method::POST, &format!("/stripe/disputes/{id}"), json!({"status": verdict}))
            .await;
        let listed = setup.get(&format!("disputes?charge={charge}")).await;
        assert_eq!(listed["data"][0]["status"], verdict);
        assert_eq!(setup.events().await.last().unwrap(), last);
        let twice = setup
            .try_control(Method::POST, &format!("/stripe/disputes/{id}"), json!({"status": "won"}))
            .await;
        assert_eq!(twice.status, 400);
    }
}
