//! A change that waits until it is paid: pending updates, as Stripe documents them.

use serde_json::{Value, json};

use crate::support::{ASKS_ALWAYS, DAY, DECLINED, FAILS_LATER, GOOD, Reply, Setup, setup, text};

const HOUR: i64 = 3_600;

fn price_of(it: &Value) -> &str {
    it["items"]["data"][0]["price"]["lookup_key"].as_str().unwrap()
}

async fn try_change(setup: &Setup, it: &Value, key: &str, more: &[(&str, &str)]) -> Reply {
    let (item, price) = (text(&it["items"]["data"][0]["id"]), setup.price(key).await);
    let mut fields = vec![
        ("items[0][id]", item.as_str()),
        ("items[0][price]", price.as_str()),
        ("proration_behavior", "always_invoice"),
        ("payment_behavior", "pending_if_incomplete"),
    ];
    fields.extend_from_slice(more);
    setup.try_post(&format!("subscriptions/{}", text(&it["id"])), &fields).await
}

async fn change(setup: &Setup, it: &Value, key: &str) -> Value {
    let reply = try_change(setup, it, key, &[]).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.body
}

/// The invoice that a change waits for.
async fn latest(setup: &Setup, it: &Value) -> Value {
    setup.get(&format!("invoices/{}?expand[]=payments", text(&it["latest_invoice"]))).await
}

async fn intent(setup: &Setup, invoice: &Value) -> Value {
    let id = text(&invoice["payments"]["data"][0]["payment"]["payment_intent"]);
    setup.get(&format!("payment_intents/{id}")).await
}

/// Sends a form of the invoice's page; its status, and where it leads or what it says.
async fn submit(setup: &Setup, url: &str, fields: &[(&str, &str)]) -> (u16, String) {
    let answer = setup.client.post(url).form(fields).send().await.unwrap();
    let status = answer.status().as_u16();
    let leads = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
    (status, leads.unwrap_or(answer.text().await.unwrap()))
}

fn card(number: &str) -> [(&str, &str); 4] {
    [("number", number), ("expiry", "12/40"), ("cvc", "123"), ("name", "Olivia")]
}

#[tokio::test]
async fn a_change_that_asks_for_the_person_waits_until_they_confirm() {
    let setup = setup().await;
    let it = setup.subscribe(ASKS_ALWAYS, &[]).await;
    assert_eq!(it["status"], "active");
    setup.advance(10 * DAY).await;
    let first = it["latest_invoice"].clone();
    let before = setup.events().await.len();
    let waits = change(&setup, &it, "wardesk_pro_month").await;
    assert_eq!(
        (waits["status"].as_str(), price_of(&waits)),
        (Some("active"), "wardesk_plus_month")
    );
    let update = &waits["pending_update"];
    assert_eq!(update["subscription_items"][0]["price"]["lookup_key"], "wardesk_pro_month");
    assert_eq!(update["expires_at"], json!(setup.now() + 23 * HOUR));
    assert_ne!(waits["latest_invoice"], first);
    let invoice = latest(&setup, &waits).await;
    let seen = [&invoice["status"], &invoice["billing_reason"], &invoice["next_payment_attempt"]];
    assert_eq!(seen, [&json!("open"), &json!("subscription_update"), &Value::Null]);
    assert_eq!(intent(&setup, &invoice).await["status"], "requires_action");
    let events = setup.events().await;
    let told: Vec<&str> = events[before..].iter().map(String::as_str).collect();
    assert_eq!(
        told,
        [
            "invoice.created",
            "invoice.finalized",
            "payment_intent.created",
            "payment_intent.requires_action",
            "invoice.payment_failed",
            "invoice.payment_action_required",
            "customer.subscription.updated",
        ]
    );
    // Refused by the bank it goes on waiting, and no longer than before.
    let url = text(&invoice["hosted_invoice_url"]);
    let (status, bank) = submit(&setup, &format!("{url}/pay"), &[]).await;
    assert_eq!((status, bank.ends_with("/confirm")), (303, true), "{bank}");
    let bank = format!("{}{bank}", setup.sandbox.base_url());
    let (status, said) = submit(&setup, &bank, &[("decision", "fail")]).await;
    assert_eq!((status, said.contains("unable to authenticate")), (402, true), "{said}");
    let after = setup.again(&it).await;
    assert_eq!((&after["pending_update"], price_of(&after)), (update, "wardesk_plus_month"));
    assert_eq!(intent(&setup, &invoice).await["status"], "requires_payment_method");
    // Confirmed it is there.
    submit(&setup, &format!("{url}/pay"), &[]).await;
    assert_eq!(submit(&setup, &bank, &[("decision", "complete")]).await.0, 303);
    let done = setup.again(&it).await;
    assert_eq!((&done["pending_update"], price_of(&done)), (&Value::Null, "wardesk_pro_month"));
    let paid = latest(&setup, &done).await;
    assert_eq!((&paid["status"], &paid["amount_paid"]), (&json!("paid"), &invoice["amount_due"]));
    let events = setup.events().await;
    let last = &events[events.len() - 2..];
    assert_eq!(
        last,
        ["customer.subscription.updated", "customer.subscription.pending_update_applied"]
    );
    // Once: a paid invoice is paid.
    assert_eq!(submit(&setup, &format!("{url}/pay"), &[]).await.0, 400);
}

#[tokio::test]
async fn a_change_costs_what_its_preview_said() {
    let setup = setup().await;
    let it = setup.subscribe(ASKS_ALWAYS, &[]).await;
    setup.advance(7 * DAY).await;
    let at = (setup.now() - 60).to_string();
    for key in ["wardesk_pro_month", "wardesk_plus_year"] {
        let (item, price) = (text(&it["items"]["data"][0]["id"]), setup.price(key).await);
        let fields = [
            ("subscription", it["id"].as_str().unwrap()),
            ("subscription_details[items][0][id]", item.as_str()),
            ("subscription_details[items][0][price]", price.as_str()),
            ("subscription_details[proration_behavior]", "always_invoice"),
            ("subscription_details[proration_date]", at.as_str()),
        ];
        let shown = setup.post("invoices/create_preview", &fields).await;
        let waits = try_change(&setup, &it, key, &[("proration_date", &at)]).await.body;
        let due = latest(&setup, &waits).await["amount_due"].clone();
        assert_eq!(due, shown["amount_due"], "{key}");
        assert!(due.as_i64().unwrap() > 100, "{key}: {due}");
    }
}

#[tokio::test]
async fn a_change_that_nobody_pays_is_given_up_after_23_hours() {
    let setup = setup().await;
    let it = setup.subscribe(ASKS_ALWAYS, &[]).await;
    let waits = change(&setup, &it, "wardesk_pro_month").await;
    let invoice = latest(&setup, &waits).await;
    setup.advance(23 * HOUR - 60).await;
    assert!(!setup.again(&it).await["pending_update"].is_null());
    setup.advance(120).await;
    let after = setup.again(&it).await;
    assert_eq!((&after["pending_update"], price_of(&after)), (&Value::Null, "wardesk_plus_month"));
    assert_eq!(after["status"], "active");
    assert_eq!(setup.again(&invoice).await["status"], "void");
    assert_eq!(intent(&setup, &invoice).await["status"], "canceled");
    let events = setup.events().await;
    let last = "customer.subscription.pending_update_expired";
    assert_eq!(events.last().unwrap(), last);
    let page = setup.client.get(text(&invoice["hosted_invoice_url"])).send().await.unwrap();
    let page = page.text().await.unwrap();
    assert!(page.contains("void") && !page.contains("<form"), "{page}");
    // Near the end of the period it is given up with that.
    let end = after["items"]["data"][0]["current_period_end"].as_i64().unwrap();
    setup.advance(end - 5 * HOUR - setup.now()).await;
    let late = change(&setup, &it, "wardesk_pro_month").await;
    assert_eq!(late["pending_update"]["expires_at"], json!(end));
    setup.advance(6 * HOUR + 120).await;
    let next = setup.again(&it).await;
    assert_eq!((&next["pending_update"], price_of(&next)), (&Value::Null, "wardesk_plus_month"));
    // The renewal asks for its person, too.
    assert_eq!(next["status"], "past_due");
    assert_eq!(intent(&setup, &latest(&setup, &next).await).await["status"], "requires_action");
}

#[tokio::test]
async fn a_void_invoice_takes_its_change_along_and_gives_credit_back() {
    let setup = setup().await;
    let it = setup.subscribe(GOOD, &[]).await;
    // Down to the month: credit.
    change(&setup, &it, "wardesk_plus_year").await;
    let it = change(&setup, &it, "wardesk_plus_month").await;
    let customer = text(&it["customer"]);
    let credit = setup.get(&format!("customers/{customer}")).await["balance"].clone();
    assert!(credit.as_i64().unwrap() < -4_000, "{credit}");
    let portal = setup.post("billing_portal/sessions", &[("customer", &customer)]).await;
    submit(&setup, &format!("{}/card", text(&portal["url"])), &card(ASKS_ALWAYS)).await;
    let waits = change(&setup, &it, "wardesk_pro_year").await;
    let invoice = latest(&setup, &waits).await;
    assert!(invoice["amount_due"].as_i64().unwrap() > 0, "{invoice}");
    assert_eq!(setup.get(&format!("customers/{customer}")).await["balance"], 0);
    let path = format!("invoices/{}/void", text(&invoice["id"]));
    assert_eq!(setup.post(&path, &[]).await["status"], "void");
    let after = setup.again(&it).await;
    assert_eq!((&after["pending_update"], price_of(&after)), (&Value::Null, "wardesk_plus_month"));
    assert_eq!(setup.get(&format!("customers/{customer}")).await["balance"], credit);
    assert_eq!(setup.try_post(&path, &[]).await.status, 400);
    assert_eq!(setup.try_post("invoices/in_nothing/void", &[]).await.status, 404);
}

#[tokio::test]
async fn another_change_takes_the_place_of_one_that_waits() {
    let setup = setup().await;
    let it = setup.subscribe(ASKS_ALWAYS, &[]).await;
    let first = change(&setup, &it, "wardesk_pro_month").await;
    setup.advance(HOUR).await;
    let second = change(&setup, &it, "wardesk_pro_year").await;
    let update = &second["pending_update"];
    assert_eq!(update["subscription_items"][0]["price"]["lookup_key"], "wardesk_pro_year");
    assert_eq!(update["expires_at"], json!(setup.now() + 23 * HOUR));
    assert_eq!(latest(&setup, &first).await["status"], "void");
    assert_eq!(latest(&setup, &second).await["status"], "open");
    // An end takes it along.
    setup.delete(&format!("subscriptions/{}", text(&it["id"]))).await;
    assert_eq!(latest(&setup, &second).await["status"], "void");
}

#[tokio::test]
async fn a_declined_change_waits_for_another_card() {
    let setup = setup().await;
    let trial = [("subscription_data[trial_period_days]", "1")];
    let it = setup.subscribe(FAILS_LATER, &trial).await;
    setup.advance_to(&it["trial_end"]).await;
    let waits = change(&setup, &it, "wardesk_pro_month").await;
    assert_eq!(waits["status"], "active");
    let invoice = latest(&setup, &waits).await;
    let failed = intent(&setup, &invoice).await;
    assert_eq!(failed["status"], "requires_payment_method");
    assert_eq!(failed["last_payment_error"]["code"], "card_declined");
    let pay = format!("{}/pay", text(&invoice["hosted_invoice_url"]));
    assert_eq!(submit(&setup, &pay, &card(DECLINED)).await.0, 402);
    assert_eq!(submit(&setup, &pay, &card(GOOD)).await.0, 303);
    assert_eq!(price_of(&setup.again(&it).await), "wardesk_pro_month");
}

#[tokio::test]
async fn a_change_that_is_paid_at_once_does_not_wait() {
    let setup = setup().await;
    let it = setup.subscribe(GOOD, &[]).await;
    let done = change(&setup, &it, "wardesk_pro_month").await;
    assert_eq!((&done["pending_update"], price_of(&done)), (&Value::Null, "wardesk_pro_month"));
    assert_eq!(latest(&setup, &done).await["status"], "paid");
    let waited = "customer.subscription.pending_update_applied".to_owned();
    assert!(!setup.events().await.contains(&waited));
    // Nothing else goes with it.
    for field in ["metadata[plan]", "cancel_at_period_end", "default_payment_method"] {
        let refused = try_change(&setup, &it, "wardesk_plus_month", &[(field, "true")]).await;
        assert_eq!(refused.status, 400, "{field}");
    }
}
