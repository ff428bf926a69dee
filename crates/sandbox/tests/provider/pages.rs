//! The pages as a browser without JavaScript uses them: links, forms, redirects.

use reqwest::header;
use serde_json::json;

use crate::support::{DAY, DECLINED, GOOD, SECURE, Setup, setup, text};

struct Page {
    status: u16,
    location: Option<String>,
    text: String,
}

async fn read(answer: reqwest::Response) -> Page {
    let status = answer.status().as_u16();
    if status == 200 {
        let policy = answer.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    }
    let location =
        answer.headers().get(header::LOCATION).map(|value| value.to_str().unwrap().to_owned());
    let text = answer.text().await.unwrap();
    assert!(!text.contains("<script"), "{text}");
    Page { status, location, text }
}

impl Setup {
    async fn open(&self, url: &str) -> Page {
        read(self.client.get(self.whole(url)).send().await.unwrap()).await
    }

    async fn submit(&self, url: &str, fields: &[(&str, &str)]) -> Page {
        read(self.client.post(self.whole(url)).form(fields).send().await.unwrap()).await
    }

    fn whole(&self, url: &str) -> String {
        if url.starts_with('/') {
            format!("{}{url}", self.sandbox.base_url())
        } else {
            url.to_owned()
        }
    }
}

fn card(number: &str) -> Vec<(&str, &str)> {
    vec![
        ("number", number),
        ("expiry", "12 / 40"),
        ("cvc", "123"),
        ("name", "Olivia <b>"),
        ("email", "olivia@example.test"),
        ("country", "DE"),
    ]
}

#[tokio::test]
async fn declined_and_then_paid_on_the_page() {
    let setup = setup().await;
    let session = setup.session(&[("automatic_tax[enabled]", "true")]).await;
    let url = text(&session["url"]);
    let page = setup.open(&url).await;
    assert_eq!(page.status, 200);
    for words in [
        "Plus",
        "€4.99 per month",
        "VAT (19%, included)",
        "€0.80",
        "Subscribe",
        "Test cards",
        "href=\"http://localhost:8080/plans\"",
    ] {
        assert!(page.text.contains(words), "{words} in {}", page.text);
    }
    assert!(!page.text.contains("Promotion code"));
    let refused = setup.submit(&url, &card(DECLINED)).await;
    assert_eq!(refused.status, 402);
    assert!(refused.text.contains("Your card was declined."));
    // What was typed is there still, and is only text; the security code is not.
    assert!(refused.text.contains("Olivia &lt;b&gt;") && !refused.text.contains("value=\"123\""));
    let paid = setup.submit(&url, &card(GOOD)).await;
    assert_eq!(paid.status, 303);
    let wanted = format!("http://localhost:8080/done?session={}", text(&session["id"]));
    assert_eq!(paid.location.as_deref(), Some(wanted.as_str()));
    assert_eq!(setup.open(&url).await.status, 400);
    assert_eq!(setup.open("/stripe/pay/cs_test_nothing").await.status, 404);
}

#[tokio::test]
async fn a_code_lowers_the_amount_on_the_page() {
    let setup = setup().await;
    let session = setup.session(&[("allow_promotion_codes", "true")]).await;
    let url = text(&session["url"]);
    assert!(setup.open(&url).await.text.contains("Promotion code"));
    let wrong = setup.submit(&format!("{url}/code"), &[("code", "NOPE")]).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.text.contains("This code is invalid."));
    assert_eq!(setup.submit(&format!("{url}/code"), &[("code", "WELCOME20")]).await.status, 303);
    let page = setup.open(&url).await.text;
    assert!(page.contains("−€1.00") && page.contains("€3.99") && !page.contains("name=\"code\""));
}

#[tokio::test]
async fn the_bank_has_a_page_of_its_own() {
    let setup = setup().await;
    let session = setup.session(&[]).await;
    let url = text(&session["url"]);
    let to_bank = setup.submit(&url, &card(SECURE)).await;
    let bank = to_bank.location.unwrap();
    assert!(setup.open(&bank).await.text.contains("3-D Secure"));
    let failed = setup.submit(&bank, &[("decision", "fail")]).await;
    let checkout = failed.location.unwrap();
    assert!(setup.open(&checkout).await.text.contains("unable to authenticate"));
    // Nothing waits for the bank any more.
    assert_eq!(setup.open(&bank).await.status, 303);
    setup.submit(&url, &card(SECURE)).await;
    let done = setup.submit(&bank, &[("decision", "complete")]).await;
    assert!(done.location.unwrap().starts_with("http://localhost:8080/done"));
    assert_eq!(setup.again(&session).await["status"], "complete");
}

#[tokio::test]
async fn the_portal_shows_changes_cancels_and_resumes() {
    let setup = setup().await;
    let it = setup.subscribe(GOOD, &[]).await;
    let customer = text(&it["customer"]);
    let fields = [("customer", customer.as_str()), ("return_url", "http://localhost:8080/billing")];
    let portal = setup.post("billing_portal/sessions", &fields).await;
    assert!(text(&portal["id"]).starts_with("bps_"));
    let url = text(&portal["url"]);
    let page = setup.open(&url).await.text;
    for words in [
        "Plus",
        "€4.99 per month",
        "visa •••• 4242",
        "Renews on",
        "Cancel the plan",
        "href=\"http://localhost:8080/billing\"",
    ] {
        assert!(page.contains(words), "{words} in {page}");
    }
    let id = text(&it["id"]);
    setup.submit(&format!("{url}/cancel"), &[("id", &id)]).await;
    assert_eq!(setup.again(&it).await["cancel_at_period_end"], true);
    assert!(setup.open(&url).await.text.contains("Keep the plan"));
    setup.submit(&format!("{url}/resume"), &[("id", &id)]).await;
    assert_eq!(setup.again(&it).await["cancel_at_period_end"], false);
    let refused = setup.submit(&format!("{url}/card"), &card(DECLINED)).await;
    assert_eq!(refused.status, 402);
    let fields = card("5555 5555 5555 4444");
    assert_eq!(setup.submit(&format!("{url}/card"), &fields).await.status, 303);
    assert!(setup.open(&url).await.text.contains("mastercard •••• 4444"));
    // Another customer's portal does not reach it.
    let other = text(&setup.post("customers", &[]).await["id"]);
    let theirs = text(&setup.post("billing_portal/sessions", &[("customer", &other)]).await["url"]);
    setup.submit(&format!("{theirs}/cancel"), &[("id", &id)]).await;
    assert_eq!(setup.again(&it).await["cancel_at_period_end"], false);
    let invoice = setup.get(&format!("invoices/{}", text(&it["latest_invoice"]))).await;
    let hosted = setup.open(&text(&invoice["hosted_invoice_url"])).await;
    assert!(hosted.text.contains(&text(&invoice["number"])));
    setup.advance(3_700).await;
    assert_eq!(setup.open(&url).await.status, 400);
}

#[tokio::test]
async fn the_desk_moves_the_year_and_the_money() {
    let setup = setup().await;
    let chat = setup.client.get(setup.whole("/")).send().await.unwrap().text().await.unwrap();
    assert!(chat.contains("href=\"/stripe/\""));
    let it = setup.subscribe(GOOD, &[]).await;
    let desk = setup.open("/stripe/").await.text;
    for words in ["Olivia Example", &text(&it["id"]), "a year", "Refund", "Dispute", "invoice.paid"]
    {
        assert!(desk.contains(words), "{words} in {desk}");
    }
    let before = setup.now();
    for (by, least, most) in [("day", 1, 1), ("week", 7, 7), ("month", 28, 31), ("year", 365, 366)]
    {
        let from = setup.now();
        assert_eq!(setup.submit("/stripe/desk/clock", &[("by", by)]).await.status, 303);
        let days = (setup.now() - from) / DAY;
        assert!((least..=most).contains(&days), "{by}: {days}");
    }
    assert!(setup.now() - before > 400 * DAY);
    let paid = setup.get("invoices?status=paid&limit=100").await;
    assert!(paid["data"].as_array().unwrap().len() >= 13);
    let charges = setup.get("charges").await;
    let (first, second) = (text(&charges["data"][0]["id"]), text(&charges["data"][1]["id"]));
    setup.submit("/stripe/desk/refund", &[("id", &first)]).await;
    assert_eq!(setup.get(&format!("charges/{first}")).await["refunded"], true);
    setup.submit("/stripe/desk/dispute", &[("id", &second)]).await;
    let dispute = setup.get("disputes").await["data"][0].clone();
    assert_eq!(
        (&dispute["charge"], &dispute["status"]),
        (&json!(second), &json!("needs_response"))
    );
    setup
        .submit("/stripe/desk/verdict", &[("id", &text(&dispute["id"])), ("decision", "lost")])
        .await;
    assert_eq!(setup.get("disputes").await["data"][0]["status"], "lost");
}

#[tokio::test]
async fn another_site_cannot_press_the_buttons() {
    let setup = setup().await;
    let url = setup.whole("/stripe/desk/clock");
    let forged = setup
        .client
        .post(url)
        .header("sec-fetch-site", "cross-site")
        .form(&[("by", "year")])
        .send()
        .await
        .unwrap();
    assert_eq!(forged.status(), 403);
}
