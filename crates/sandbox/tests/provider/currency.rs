//! Prices in several currencies, and a customer's one.

use serde_json::{Value, json};

use crate::support::{ASKS_ALWAYS, DAY, GOOD, Setup, setup, text};

async fn customer(setup: &Setup) -> String {
    text(&setup.post("customers", &[("email", "olivia@example.test")]).await["id"])
}

/// A session for Plus by the month of a customer, which may be refused.
async fn session(setup: &Setup, customer: &str, currency: Option<&str>) -> (u16, Value) {
    let price = setup.price("wardesk_plus_month").await;
    let mut fields = vec![
        ("mode", "subscription"),
        ("customer", customer),
        ("line_items[0][price]", price.as_str()),
        ("line_items[0][quantity]", "1"),
        ("success_url", "http://localhost:8080/done"),
    ];
    fields.extend(currency.map(|currency| ("currency", currency)));
    let reply = setup.try_post("checkout/sessions", &fields).await;
    (reply.status, reply.body)
}

fn is_combined(refused: &(u16, Value), with: &str) {
    let words = text(&refused.1["error"]["message"]);
    assert_eq!(refused.0, 400, "{words}");
    assert!(words.starts_with("You cannot combine currencies on a single customer."), "{words}");
    assert!(words.ends_with(&format!("with currency {with}.")), "{words}");
}

#[tokio::test]
async fn a_price_gets_more_currencies_when_it_is_made_and_later() {
    let setup = setup().await;
    let fields = [
        ("currency", "eur"),
        ("unit_amount", "700"),
        ("recurring[interval]", "month"),
        ("product_data[name]", "Other"),
        ("currency_options[sek][unit_amount]", "7900"),
    ];
    let made = setup.post("prices", &fields).await;
    assert!(made.get("currency_options").is_none(), "only where it is asked for");
    let id = text(&made["id"]);
    setup.post(&format!("prices/{id}"), &[("currency_options[usd][unit_amount]", "750")]).await;
    let shown = setup.get(&format!("prices/{id}?expand[]=currency_options")).await;
    let amounts: Vec<_> = shown["currency_options"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(code, option)| (code.as_str(), option["unit_amount"].as_i64().unwrap()))
        .collect();
    assert_eq!(amounts, [("eur", 700), ("sek", 7900), ("usd", 750)]);
    for (name, value) in [
        ("currency_options[US][unit_amount]", "1"),
        ("currency_options[usd][unit_amount]", "-1"),
        ("currency_options[usd][tiers]", "1"),
    ] {
        let refused = setup.try_post(&format!("prices/{id}"), &[(name, value)]).await;
        assert_eq!(refused.status, 400, "{name}={value}");
    }
}

#[tokio::test]
async fn everything_that_comes_of_a_session_is_in_its_currency() {
    let setup = setup().await;
    for (code, plus, sign) in
        [("usd", 549, "$5.49"), ("gbp", 449, "£4.49"), ("chf", 479, "4.79 CHF")]
    {
        let session = setup.session(&[("currency", code)]).await;
        assert_eq!((&session["amount_total"], &session["currency"]), (&json!(plus), &json!(code)));
        let page = setup.client.get(text(&session["url"])).send().await.unwrap();
        assert!(page.text().await.unwrap().contains(sign), "{sign}");
        let paid = setup.pay(&session, GOOD).await;
        let id = text(&paid["session"]["subscription"]);
        let it = setup
            .get(&format!("subscriptions/{id}?expand[]=latest_invoice&expand[]=customer"))
            .await;
        assert_eq!((&it["currency"], &it["customer"]["currency"]), (&json!(code), &json!(code)));
        let invoice = &it["latest_invoice"];
        assert_eq!((&invoice["amount_paid"], &invoice["currency"]), (&json!(plus), &json!(code)));
        let charge = &setup.get("charges").await["data"][0];
        assert_eq!((&charge["amount"], &charge["currency"]), (&json!(plus), &json!(code)));
        let of_customer = [("customer", it["customer"]["id"].as_str().unwrap())];
        let portal = setup.post("billing_portal/sessions", &of_customer).await;
        let page = setup.client.get(text(&portal["url"])).send().await.unwrap();
        assert!(page.text().await.unwrap().contains(&format!("{sign} per month")), "{sign}");
    }
}

#[tokio::test]
async fn a_change_of_plan_stays_in_its_currency() {
    let setup = setup().await;
    let it = setup.subscribe(ASKS_ALWAYS, &[("currency", "usd")]).await;
    let (id, item) = (text(&it["id"]), text(&it["items"]["data"][0]["id"]));
    let year = setup.price("wardesk_pro_year").await;
    let fields = [
        ("subscription", id.as_str()),
        ("subscription_details[items][0][id]", item.as_str()),
        ("subscription_details[items][0][price]", year.as_str()),
        ("subscription_details[proration_behavior]", "always_invoice"),
    ];
    let shown = setup.post("invoices/create_preview", &fields).await;
    // A new period of Pro, less the month that is paid already.
    assert_eq!((&shown["amount_due"], &shown["currency"]), (&json!(13_990 - 549), &json!("usd")));
    let fields = [
        ("currency", "eur"),
        ("unit_amount", "700"),
        ("recurring[interval]", "month"),
        ("product_data[name]", "Other"),
    ];
    let euro = text(&setup.post("prices", &fields).await["id"]);
    let fields = [("items[0][id]", item.as_str()), ("items[0][price]", euro.as_str())];
    let refused = setup.try_post(&format!("subscriptions/{id}"), &fields).await;
    assert_eq!(refused.status, 400);
    let words = text(&refused.body["error"]["message"]);
    assert!(words.contains("only supports `eur`"), "{words}");
}

#[tokio::test]
async fn a_customer_keeps_to_one_currency_as_long_as_something_recurring_is_in_it() {
    let setup = setup().await;
    let customer = customer(&setup).await;
    // A page that can still be paid on counts.
    let (_, dollars) = session(&setup, &customer, Some("usd")).await;
    is_combined(&session(&setup, &customer, Some("eur")).await, "usd");
    let (_, same) = session(&setup, &customer, None).await;
    assert_eq!(same["currency"], "usd", "without a wish it is the customer's");
    for it in [&dollars, &same] {
        setup.post(&format!("checkout/sessions/{}/expire", text(&it["id"])), &[]).await;
    }
    let (_, euros) = session(&setup, &customer, None).await;
    assert_eq!(euros["currency"], "eur", "and else the price's own");
    setup.advance(DAY + 1).await;
    // So does a subscription, until it is over.
    let (_, pounds) = session(&setup, &customer, Some("gbp")).await;
    let paid = setup.pay(&pounds, GOOD).await;
    is_combined(&session(&setup, &customer, Some("eur")).await, "gbp");
    // What is paid once is in whichever currency.
    let fields = [
        ("mode", "payment"),
        ("customer", customer.as_str()),
        ("line_items[0][price_data][currency]", "usd"),
        ("line_items[0][price_data][unit_amount]", "2500"),
        ("line_items[0][price_data][product_data][name]", "A gift"),
        ("line_items[0][quantity]", "1"),
        ("success_url", "http://localhost:8080/"),
    ];
    assert_eq!(setup.post("checkout/sessions", &fields).await["currency"], "usd");
    setup.delete(&format!("subscriptions/{}", text(&paid["session"]["subscription"]))).await;
    let (status, francs) = session(&setup, &customer, Some("chf")).await;
    assert_eq!((status, &francs["amount_total"]), (200, &json!(479)));
    setup.pay(&francs, GOOD).await;
    assert_eq!(setup.get(&format!("customers/{customer}")).await["currency"], "chf");
}

#[tokio::test]
async fn credit_lowers_invoices_in_its_own_currency_alone() {
    let setup = setup().await;
    let customer = customer(&setup).await;
    let (_, session_in_euro) = session(&setup, &customer, Some("eur")).await;
    let paid = setup.pay(&session_in_euro, GOOD).await;
    let id = text(&paid["session"]["subscription"]);
    let item = text(&setup.get(&format!("subscriptions/{id}")).await["items"]["data"][0]["id"]);
    // Up to the year and down again: what was paid and is not used is credit.
    for key in ["wardesk_plus_year", "wardesk_plus_month"] {
        let price = setup.price(key).await;
        let fields = [("items[0][id]", item.as_str()), ("items[0][price]", price.as_str())];
        setup.post(&format!("subscriptions/{id}"), &fields).await;
    }
    let path = format!("customers/{customer}?expand[]=invoice_credit_balance");
    let credit = setup.get(&path).await["balance"].as_i64().unwrap();
    assert!(credit < -4_000, "{credit}");
    setup.delete(&format!("subscriptions/{id}")).await;
    let (_, dollars) = session(&setup, &customer, Some("usd")).await;
    let paid = setup.pay(&dollars, GOOD).await;
    let invoice = setup.get(&format!("invoices/{}", text(&paid["session"]["invoice"]))).await;
    assert_eq!((&invoice["amount_paid"], &invoice["starting_balance"]), (&json!(549), &json!(0)));
    let shown = setup.get(&path).await;
    assert_eq!((&shown["balance"], &shown["currency"]), (&json!(0), &json!("usd")));
    assert_eq!(shown["invoice_credit_balance"]["eur"], json!(credit));
}
