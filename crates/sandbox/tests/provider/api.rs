//! The API's own rules: keys, errors, idempotency, lists, expansion, versions, search.

use serde_json::json;

use crate::support::{GOOD, setup, text};

#[tokio::test]
async fn only_the_test_key_opens_it() {
    let setup = setup().await;
    let url = format!("{}v1/customers", setup.sandbox.stripe_url());
    let none = setup.raw(setup.client.get(&url)).await;
    assert_eq!(none.status, 401);
    assert_eq!(none.body["error"]["type"], "invalid_request_error");
    for wrong in ["sk_test_other", "sk_live_sandbox", "pk_test_sandbox", ""] {
        let refused = setup.raw(setup.client.get(&url).bearer_auth(wrong)).await;
        assert_eq!(refused.status, 401, "{wrong}");
    }
    let basic = setup.raw(setup.client.get(&url).basic_auth("sk_test_sandbox", Some(""))).await;
    assert_eq!(basic.status, 200);
}

#[tokio::test]
async fn errors_have_stripes_shape() {
    let setup = setup().await;
    let missing = setup.try_get("customers/cus_nobody").await;
    assert_eq!(missing.status, 404);
    assert_eq!(missing.body["error"]["code"], "resource_missing");
    assert_eq!(missing.body["error"]["param"], "id");
    assert_eq!(missing.body["error"]["message"], "No such customer: 'cus_nobody'");
    let unknown = setup.try_post("customers", &[("colour", "red")]).await;
    assert_eq!(
        (unknown.status, &unknown.body["error"]["code"]),
        (400, &json!("parameter_unknown"))
    );
    let bare = setup.try_post("checkout/sessions", &[("mode", "payment")]).await;
    assert_eq!((bare.status, &bare.body["error"]["code"]), (400, &json!("parameter_missing")));
    let nowhere = setup.try_get("unicorns").await;
    assert_eq!(nowhere.status, 404);
    assert!(nowhere.headers.contains_key("request-id"));
    // An id of another kind names nothing here.
    let price = setup.price("wardesk_pro_year").await;
    assert_eq!(setup.try_get(&format!("subscriptions/{price}")).await.status, 404);
}

#[tokio::test]
async fn a_key_makes_a_request_happen_once() {
    let setup = setup().await;
    let fields = [("email", "olivia@example.test")];
    let first = setup.keyed("customers", &fields, "key-1").await;
    let second = setup.keyed("customers", &fields, "key-1").await;
    assert_eq!(first.body, second.body);
    assert!(first.headers.get("idempotent-replayed").is_none());
    assert_eq!(second.headers["idempotent-replayed"], "true");
    assert_eq!(setup.get("customers").await["data"].as_array().unwrap().len(), 1);
    let other = setup.keyed("customers", &[("email", "sam@example.test")], "key-1").await;
    assert_eq!((other.status, &other.body["error"]["type"]), (400, &json!("idempotency_error")));
    let elsewhere = setup.keyed("products", &fields, "key-1").await;
    assert_eq!(elsewhere.body["error"]["type"], "idempotency_error");
    // A day later the key is forgotten.
    setup.advance(86_401).await;
    let later = setup.keyed("customers", &fields, "key-1").await;
    assert_ne!(later.body["id"], first.body["id"]);
}

#[tokio::test]
async fn an_answer_that_was_lost_is_given_again() {
    let setup = setup().await;
    let fault =
        json!({"kind": "cut_after", "method": "POST", "route": "/stripe/v1/customers", "count": 1});
    setup.control(reqwest::Method::POST, "/faults", fault).await;
    let url = format!("{}v1/customers", setup.sandbox.stripe_url());
    let lost = setup
        .client
        .post(url)
        .bearer_auth("sk_test_sandbox")
        .header("Idempotency-Key", "once")
        .form(&[("name", "Olivia")])
        .send()
        .await;
    assert!(lost.is_err());
    let again = setup.keyed("customers", &[("name", "Olivia")], "once").await;
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_eq!(setup.get("customers").await["data"].as_array().unwrap().len(), 1);
    let journal = setup.look("/journal?route=/stripe/v1/customers&method=POST").await;
    assert_eq!(journal["entries"][0]["nonce"], "once");
    assert_eq!(
        (&journal["entries"][0]["status"], &journal["entries"][0]["effect"]),
        (&json!(0), &json!(true))
    );
}

#[tokio::test]
async fn lists_come_newest_first_in_pages() {
    let setup = setup().await;
    let mut made = Vec::new();
    for count in 0..5 {
        let email = format!("person{count}@example.test");
        made.push(text(&setup.post("customers", &[("email", &email)]).await["id"]));
    }
    made.reverse();
    let mut seen = Vec::new();
    let mut path = "customers?limit=2".to_owned();
    loop {
        let page = setup.get(&path).await;
        assert_eq!((&page["object"], &page["url"]), (&json!("list"), &json!("/v1/customers")));
        seen.extend(page["data"].as_array().unwrap().iter().map(|row| text(&row["id"])));
        if page["has_more"] == false {
            break;
        }
        path = format!("customers?limit=2&starting_after={}", seen.last().unwrap());
    }
    assert_eq!(seen, made);
    let before = setup.get(&format!("customers?limit=2&ending_before={}", made[3])).await;
    let ids: Vec<_> =
        before["data"].as_array().unwrap().iter().map(|row| text(&row["id"])).collect();
    assert_eq!((ids.as_slice(), &before["has_more"]), (&made[1..3], &json!(true)));
    for wrong in ["limit=0", "limit=101", "limit=x", "starting_after=cus_nobody"] {
        assert_eq!(setup.try_get(&format!("customers?{wrong}")).await.status, 400, "{wrong}");
    }
    let by_email = setup.get("customers?email=person3@example.test&limit=1").await;
    assert_eq!(text(&by_email["data"][0]["id"]), made[1]);
    let future = setup.get(&format!("customers?created[gt]={}", setup.now() + 5)).await;
    assert!(future["data"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn customers_are_made_changed_found_and_deleted() {
    let setup = setup().await;
    let fields = [
        ("email", "mia@example.test"),
        ("metadata[user]", "200000000000000003"),
        ("metadata[a]", "b"),
    ];
    let made = setup.post("customers", &fields).await;
    let id = text(&made["id"]);
    assert!(id.starts_with("cus_"));
    assert_eq!((&made["livemode"], &made["object"]), (&json!(false), &json!("customer")));
    let changed =
        setup.post(&format!("customers/{id}"), &[("name", "Mia"), ("metadata[a]", "")]).await;
    assert_eq!(changed["metadata"], json!({"user": "200000000000000003"}));
    assert_eq!((&changed["name"], &changed["email"]), (&json!("Mia"), &json!("mia@example.test")));
    let query =
        "customers/search?query=metadata['user']:'200000000000000003' AND email:'mia@example.test'";
    let found = setup.get(query).await;
    assert_eq!((&found["object"], &found["data"][0]["id"]), (&json!("search_result"), &json!(id)));
    let none = setup.get("customers/search?query=metadata['user']:'2'").await;
    assert!(none["data"].as_array().unwrap().is_empty());
    assert_eq!(setup.try_get("customers/search?query=whatever").await.status, 400);
    let gone = setup.delete(&format!("customers/{id}")).await;
    assert_eq!(gone, json!({"id": id, "object": "customer", "deleted": true}));
    assert_eq!(setup.get(&format!("customers/{id}")).await["deleted"], true);
    assert_eq!(setup.try_post(&format!("customers/{id}"), &[("name", "x")]).await.status, 404);
    assert_eq!(setup.events().await, ["customer.created", "customer.updated", "customer.deleted"]);
}

#[tokio::test]
async fn the_plans_are_for_sale() {
    let setup = setup().await;
    let keys = "lookup_keys[]=wardesk_plus_month&lookup_keys[]=wardesk_plus_year\
        &lookup_keys[]=wardesk_pro_month&lookup_keys[]=wardesk_pro_year";
    let path =
        format!("prices?active=true&{keys}&expand[]=data.currency_options&expand[]=data.product");
    let found = setup.get(&path).await;
    let mut prices: Vec<_> = found["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|price| {
            let options = price["currency_options"].as_object().unwrap();
            assert_eq!(options.keys().collect::<Vec<_>>(), ["chf", "eur", "gbp", "usd"]);
            assert!(options.values().all(|one| one["unit_amount"].as_i64().unwrap() > 0));
            (
                text(&price["lookup_key"]),
                price["unit_amount"].as_i64().unwrap(),
                text(&price["currency"]),
                text(&price["product"]["name"]),
                text(&price["recurring"]["interval"]),
            )
        })
        .collect();
    prices.sort();
    let wanted = [
        ("wardesk_plus_month", 499, "Plus", "month"),
        ("wardesk_plus_year", 4_990, "Plus", "year"),
        ("wardesk_pro_month", 1_299, "Pro", "month"),
        ("wardesk_pro_year", 12_990, "Pro", "year"),
    ]
    .map(|(key, amount, name, every)| {
        (key.to_owned(), amount, "eur".to_owned(), name.to_owned(), every.to_owned())
    });
    assert_eq!(prices, wanted);
    let plain = setup.get("prices?lookup_keys[]=wardesk_plus_month").await;
    assert!(plain["data"][0].get("currency_options").is_none());
    assert_eq!(setup.get("products").await["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_lookup_key_moves_to_another_price() {
    let setup = setup().await;
    let old = setup.price("wardesk_plus_month").await;
    let product = text(&setup.get(&format!("prices/{old}")).await["product"]);
    let fields = [
        ("currency", "eur"),
        ("unit_amount", "599"),
        ("recurring[interval]", "month"),
        ("product", &product),
        ("lookup_key", "wardesk_plus_month"),
    ];
    assert_eq!(setup.try_post("prices", &fields).await.status, 400);
    let mut fields = fields.to_vec();
    fields.push(("transfer_lookup_key", "true"));
    let new = setup.post("prices", &fields).await;
    assert_eq!(setup.price("wardesk_plus_month").await, text(&new["id"]));
    assert!(setup.get(&format!("prices/{old}")).await["lookup_key"].is_null());
    setup.post(&format!("prices/{old}"), &[("active", "false")]).await;
    assert_eq!(setup.get("prices?active=false").await["data"][0]["id"], json!(old));
}

#[tokio::test]
async fn what_is_asked_for_is_expanded() {
    let setup = setup().await;
    let it = setup.subscribe(GOOD, &[]).await;
    let path = format!(
        "subscriptions/{}?expand[]=customer&expand[]=latest_invoice.payments&expand[]=default_payment_method\
         &expand[]=items.data.price.product",
        text(&it["id"])
    );
    let shown = setup.get(&path).await;
    assert_eq!(shown["customer"]["object"], "customer");
    let payment = &shown["latest_invoice"]["payments"]["data"][0];
    assert_eq!(payment["payment"]["type"], "payment_intent");
    assert_eq!(shown["default_payment_method"]["card"]["last4"], "4242");
    assert_eq!(shown["items"]["data"][0]["price"]["product"]["name"], "Plus");
    let wrong = setup.try_get(&format!("subscriptions/{}?expand[]=colour", text(&it["id"]))).await;
    assert_eq!(wrong.status, 400);
}

#[tokio::test]
async fn older_versions_find_things_in_their_old_places() {
    let setup = setup().await;
    let it = setup.subscribe(GOOD, &[]).await;
    let item = &it["items"]["data"][0];
    assert!(it.get("current_period_end").is_none());
    assert!(item["current_period_end"].as_i64().unwrap() > setup.now());
    let id = text(&it["id"]);
    let old = setup.get_in_version(&format!("subscriptions/{id}"), "2024-06-20").await;
    assert_eq!(old["current_period_end"], item["current_period_end"]);
    let new = setup.get_in_version(&format!("subscriptions/{id}"), "2026-09-30.endive").await;
    assert!(new.get("current_period_end").is_none());
    let invoice = text(&it["latest_invoice"]);
    let shown = setup.get(&format!("invoices/{invoice}")).await;
    assert_eq!(shown["parent"]["subscription_details"]["subscription"], json!(id));
    let old = setup.get_in_version(&format!("invoices/{invoice}"), "2024-06-20").await;
    assert_eq!((&old["subscription"], &old["paid"]), (&json!(id), &json!(true)));
    assert!(
        text(&old["payment_intent"]).starts_with("pi_") && text(&old["charge"]).starts_with("ch_")
    );
    // From a charge to its invoice, in the way of the new versions.
    let payments = setup
        .get(&format!(
            "invoice_payments?payment[type]=payment_intent&payment[payment_intent]={}",
            text(&old["payment_intent"])
        ))
        .await;
    assert_eq!(payments["data"][0]["invoice"], json!(invoice));
}

#[tokio::test]
async fn two_worlds_in_which_the_same_happens_have_the_same_ids() {
    let (one, other) = (setup().await, setup().await);
    let first = one.subscribe(GOOD, &[]).await;
    let second = other.subscribe(GOOD, &[]).await;
    assert_eq!(first["id"], second["id"]);
    assert_eq!(first["latest_invoice"], second["latest_invoice"]);
}
