//! Requests about personal data at the edge: mails by the signed webhook, and how often the form may be sent.

use reqwest::Response;
use serde_json::Value;
use wardesk_core::licences::payments::signature::sign;
use wardesk_core::ports::{Clock as _, SystemClock};

use crate::desk::{Desk, Engine, PUBLIC_URL, engines};
use crate::program::Program;
use crate::silence::{everything_kept, holds};

const SECRET: &str = "the-new-secret-of-the-mail-service-0123";
const OLD_SECRET: &str = "the-old-secret-of-the-mail-service-0123";
const MAIL: &str = r#"{"id":"<canary-id@example.org>","from":"canary-from@example.org","subject":"Erase","text":"canary-text"}"#;

async fn deliver(program: &Program, header: Option<&str>, body: impl Into<String>) -> Response {
    let request = program.http.post(format!("{}/webhooks/mail", program.web));
    let request = match header {
        Some(header) => request.header("wardesk-signature", header),
        None => request,
    };
    request.body(body.into()).send().await.unwrap()
}

fn signed(body: &str, secret: &str) -> String {
    sign(body.as_bytes(), &[secret], SystemClock.now())
}

#[tokio::test]
async fn a_signed_mail_is_one_request_and_nothing_of_it_is_readable() {
    for engine in engines() {
        let desk = Desk::new(engine.store().await).await;
        let program = desk
            .start(&[
                ("WARDESK_MAIL_WEBHOOK_SECRET", SECRET),
                ("WARDESK_MAIL_WEBHOOK_SECRET_OLD", OLD_SECRET),
            ])
            .await;
        let mut addresses = Vec::new();
        for secret in [SECRET, OLD_SECRET] {
            let answer = deliver(&program, Some(&signed(MAIL, secret)), MAIL).await;
            assert_eq!(answer.status(), 200, "{}", engine.name());
            assert_eq!(answer.headers()["cache-control"], "no-store");
            let json: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
            addresses.push(json["address"].as_str().unwrap().to_owned());
        }
        assert_eq!(addresses[0], addresses[1], "delivered twice, it is one request");
        let path = addresses[0].strip_prefix(PUBLIC_URL).expect("an address of this site");
        let page = program.http.get(format!("{}{path}", program.web)).send().await.unwrap();
        assert_eq!(page.status(), 200);
        assert!(page.text().await.unwrap().contains("canary-text"));

        let other = MAIL.replace("canary-from", "somebody-else");
        let answer = deliver(&program, Some(&signed(&other, SECRET)), other).await;
        let json: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert_ne!(json["address"].as_str(), Some(addresses[0].as_str()), "another mail");
        let long = format!(r#"{{"id":"x","from":"y","text":"{}"}}"#, "z".repeat(100 * 1024));
        assert_eq!(deliver(&program, Some(&signed(&long, SECRET)), long).await.status(), 200);

        let large = format!(r#"{{"id":"x","from":"y","text":"{}"}}"#, "z".repeat(256 * 1024));
        let changed = MAIL.replace("Erase", "Keep");
        for (header, body) in [
            (None, MAIL.to_owned()),
            (Some(signed(MAIL, "another-secret-of-nobody-0123456789")), MAIL.to_owned()),
            (Some(signed(MAIL, SECRET)), changed),
            (Some(signed("{}", SECRET)), "{}".to_owned()),
            (Some(signed(&large, SECRET)), large),
        ] {
            let answer = deliver(&program, header.as_deref(), body).await;
            assert_eq!(answer.status(), 400);
            assert_eq!(answer.text().await.unwrap(), "refused\n");
        }
        program.stop().await;
        let kept = everything_kept(&desk).await;
        let token = path.rsplit('/').next().unwrap();
        for canary in ["canary-id", "canary-from", "canary-text", token] {
            for (place, bytes) in &kept {
                assert!(!holds(bytes, canary), "{}: {canary} in {place}", engine.name());
            }
            assert!(!program.log().contains(canary), "{canary} in the log");
        }
    }
}

#[tokio::test]
async fn without_a_secret_there_is_no_such_webhook() {
    let desk = Desk::new(Engine::Sqlite.store().await).await;
    let program = desk.start(&[]).await;
    assert_eq!(deliver(&program, Some(&signed(MAIL, "")), MAIL).await.status(), 404);
    program.stop().await;
}

#[tokio::test]
async fn one_network_does_not_flood_the_desk() {
    let desk = Desk::new(Engine::Sqlite.store().await).await;
    let program = desk.start(&[("WARDESK_TRUSTED_PROXIES", "127.0.0.1")]).await;
    let send = async |from: &str, number: usize| {
        let form = format!("kind=other&request_words=Thing+{number}&once={number}");
        let request = program.http.post(format!("{}/privacy/request", program.web));
        let request = request
            .header("origin", PUBLIC_URL)
            .header("x-forwarded-for", from)
            .header("content-type", "application/x-www-form-urlencoded");
        request.body(form).send().await.unwrap().status()
    };
    for number in 0..6 {
        assert_ne!(send("203.0.113.7", number).await, 429, "the {number}th");
    }
    assert_eq!(send("203.0.113.7", 6).await, 429);
    assert_ne!(send("198.51.100.7", 7).await, 429, "others have their own share");
    program.stop().await;
}
