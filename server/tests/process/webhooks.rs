//! The payment provider's webhooks as they come to the edge, and the sandbox's clock, which drives the program.

use domain::time::Millis;
use reqwest::Response;
use sandbox::world::example::MIA;
use storage::payments::events::waiting;
use wardesk_core::licences::payments::signature::sign;
use wardesk_core::ports::{Clock as _, SystemClock};

use crate::browser::Browser;
use crate::desk::{Desk, Engine, engines};
use crate::program::Program;
use crate::silence::{everything_kept, holds};

const SECRET: &str = "whsec_the_new_one";
const OLD_SECRET: &str = "whsec_the_old_one";
const YEAR_MS: i64 = 365 * 86_400_000;

/// A program that takes webhooks, with the sandbox's time.
async fn start(desk: &Desk) -> Program {
    let base = desk.sandbox.base_url();
    desk.start(&[
        ("STRIPE_SECRET_KEY", "sk_test_sandbox"),
        ("STRIPE_WEBHOOK_SECRET", SECRET),
        ("STRIPE_WEBHOOK_SECRET_OLD", OLD_SECRET),
        ("STRIPE_API_BASE", &format!("{base}/stripe/")),
        ("WARDESK_SANDBOX_CLOCK", &format!("{base}/control/clock")),
    ])
    .await
}

/// An event that names no object, so that nobody is asked about it.
fn event(number: usize) -> String {
    format!(r#"{{"id":"evt_{number}","type":"a.kind.to.come","livemode":false}}"#)
}

async fn deliver(program: &Program, header: Option<&str>, body: impl Into<String>) -> Response {
    let request = program.http.post(format!("{}/webhooks/stripe", program.web));
    let request = match header {
        Some(header) => request.header("stripe-signature", header),
        None => request,
    };
    request.body(body.into()).send().await.unwrap()
}

/// All that an answer says, but for its time and number.
async fn said(answer: Response) -> String {
    let status = answer.status();
    let mut headers: Vec<String> = answer
        .headers()
        .iter()
        .filter(|(name, _)| !["date", "x-correlation-id"].contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {value:?}"))
        .filter(|line| !line.contains("nonce-"))
        .collect();
    headers.sort();
    format!("{status}\n{}\n{}", headers.join("\n"), answer.text().await.unwrap())
}

#[tokio::test]
async fn a_signed_webhook_is_taken_and_everything_else_is_answered_alike() {
    for engine in engines() {
        let desk = Desk::new(engine.store().await).await;
        let program = start(&desk).await;
        let now = SystemClock.now();
        let body = event(1);
        for secrets in [&[SECRET][..], &[OLD_SECRET], &["whsec_of_nobody", SECRET]] {
            let answer = deliver(&program, Some(&sign(body.as_bytes(), secrets, now)), &body).await;
            assert_eq!(answer.status(), 200, "{secrets:?}");
        }
        let db = desk.store.store.read();
        let row = sqlx::query("SELECT COUNT(*) AS n FROM payment_events").fetch_one(db).await;
        let kept: i64 = sqlx::Row::get(&row.unwrap(), "n");
        assert_eq!(kept, 1, "{}: three deliveries of one event", engine.name());

        let mut answers = Vec::new();
        let large = format!("{body}{}", " ".repeat(256 * 1024));
        let live = body.replace("false", "true");
        let good = sign(body.as_bytes(), &[SECRET], now);
        for (header, body) in [
            (None, body.clone()),
            (Some(String::new()), body.clone()),
            (Some("t=1,v1=00".into()), body.clone()),
            (Some(sign(body.as_bytes(), &["whsec_of_nobody"], now)), body.clone()),
            (Some(good.clone()), body.replace("evt_1", "evt_2")),
            (Some(sign(body.as_bytes(), &[SECRET], Millis(now.0 - 301_000))), body.clone()),
            (Some(sign(live.as_bytes(), &[SECRET], now)), live),
            (Some(sign(b"{}", &[SECRET], now)), "{}".into()),
            (Some(sign(b"no json", &[SECRET], now)), "no json".into()),
            (Some(sign(large.as_bytes(), &[SECRET], now)), large),
        ] {
            answers.push(said(deliver(&program, header.as_deref(), body).await).await);
        }
        assert!(answers[0].starts_with("400"), "{}", answers[0]);
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
        // Only delivered, nothing can be read there.
        let read = program.http.get(format!("{}/webhooks/stripe", program.web)).send().await;
        assert_eq!(read.unwrap().status(), 405);
        program.stop().await;
    }
}

#[tokio::test]
async fn the_sandboxs_clock_drives_the_program() {
    let desk = Desk::new(Engine::Sqlite.store().await).await;
    let program = start(&desk).await;
    let body = event(1);
    for _ in 0..2 {
        desk.sandbox.world().advance(YEAR_MS);
        // At once, before the next look at the clock is due.
        let then = Millis(desk.sandbox.world().now());
        let answer = deliver(&program, Some(&sign(body.as_bytes(), &[SECRET], then)), &body).await;
        assert_eq!(answer.status(), 200);
    }
    let now = SystemClock.now();
    let answer = deliver(&program, Some(&sign(body.as_bytes(), &[SECRET], now)), &body).await;
    assert_eq!(answer.status(), 400, "that was two years ago");
    crate::wait::until("events are done", async || {
        let (number, _) = waiting(desk.store.store.read()).await.unwrap();
        (number == 0).then_some(())
    })
    .await;
    program.stop().await;
}

/// A card that nobody has; Stripe's documentation uses it.
const CARD: [&str; 2] = ["4242424242424242", "4242 4242 4242 4242"];

#[tokio::test]
async fn a_card_that_is_sent_all_the_same_is_kept_nowhere() {
    for engine in engines() {
        let desk = Desk::new(engine.store().await).await;
        let program = start(&desk).await;
        let [number, spaced] = CARD;
        // In an event, in a form that opens a page of the provider, and in one that is refused.
        let card = format!(r#"{{"id":"pm_1","card":{{"number":"{number}","cvc":"123"}}}}"#);
        let body = event(1).replace('}', &format!(r#","data":{{"object":{card}}}}}"#));
        let now = SystemClock.now();
        let answer = deliver(&program, Some(&sign(body.as_bytes(), &[SECRET], now)), &body).await;
        assert_eq!(answer.status(), 200);
        let mut mia = Browser::new(&program);
        mia.sign_in(&desk.sandbox, MIA).await;
        let typed = format!("number={number}&card={}", spaced.replace(' ', "+"));
        let given = mia.post("/donate", &format!("amount=5&currency=eur&{typed}")).await;
        assert!(given.forwards_to().contains("/stripe/"), "{given:?}");
        mia.post("/donate", &format!("amount=-1&currency={number}&{typed}")).await;
        mia.post("/account/licences/portal", &typed).await;
        program.stop().await;
        let kept = everything_kept(&desk).await;
        for card in CARD {
            let found = kept.iter().find(|(_, bytes)| holds(bytes, card));
            assert!(found.is_none(), "{}: in {}", engine.name(), found.unwrap().0);
            let line = program.lines().into_iter().find(|line| line.contains(card));
            assert!(line.is_none(), "{line:?}");
        }
        assert!(kept.iter().any(|(_, bytes)| holds(bytes, "pm_1")), "the search finds nothing");
    }
}

#[tokio::test]
async fn without_a_secret_no_webhook_is_taken() {
    let desk = Desk::new(Engine::Sqlite.store().await).await;
    let address = format!("{}/stripe/", desk.sandbox.base_url());
    let api = ("STRIPE_API_BASE", address.as_str());
    for settings in [&[][..], &[("STRIPE_SECRET_KEY", "sk_test_sandbox"), api]] {
        let program = desk.start(settings).await;
        let body = event(1);
        let header = sign(body.as_bytes(), &[""], SystemClock.now());
        assert_eq!(deliver(&program, Some(&header), body).await.status(), 400);
        program.stop().await;
    }
}
