//! Whose a request is.

use domain::privacy::WORDS_LIMIT;
use wardesk_core::privacy::requests::sort;

use super::*;

#[tokio::test]
async fn an_account_is_verified_by_signing_in_and_by_no_other() {
    for desk in desks().await {
        let mut form = new(RequestKind::Erase, "Erase me.");
        form.said.account = MIA.to_string();
        let asked = ask(&desk.w, None, form).await.unwrap();
        assert_eq!(state(&desk, asked.id).await, RequestState::Unverified);
        let access = operator(&desk).await;
        let early = decide(&access, asked.id, &decision(Outcome::Done, "")).await;
        assert_eq!(refusal(early), Refusal::Unverified, "nobody has shown that it is theirs");

        let (mia, somebody) =
            (desk.sign_in(MIA, "Firefox").await, desk.sign_in(SOMEBODY, "Firefox").await);
        for _ in 0..2 {
            let mismatch = verify(&desk.w, &somebody, token(&asked)).await;
            assert_eq!(refusal(mismatch), Refusal::SomebodyElse);
        }
        let steps = follow(&desk.w, token(&asked)).await.unwrap().steps;
        assert_eq!(steps.iter().filter(|taken| taken.step == Step::Mismatched).count(), 1);
        assert_eq!(state(&desk, asked.id).await, RequestState::Unverified);

        assert_eq!(verify(&desk.w, &mia, token(&asked)).await.unwrap(), asked.id);
        assert_eq!(verify(&desk.w, &mia, token(&asked)).await.unwrap(), asked.id, "and again");
        assert_eq!(refusal(verify(&desk.w, &somebody, token(&asked)).await), Refusal::SomebodyElse);
        let seen = of_session(&desk.w, &mia, asked.id).await.unwrap();
        assert_eq!(seen.request.state, RequestState::Open);
        assert_eq!(seen.said.unwrap().words, "Erase me.");
        let others = of_session(&desk.w, &somebody, asked.id).await;
        assert!(matches!(others, Err(PrivacyError::NotFound)));
    }
}

#[tokio::test]
async fn a_mail_that_asks_for_an_account_waits_for_its_owner() {
    use secrecy::SecretString;
    use wardesk_core::licences::payments::signature::sign;
    for desk in desks().await {
        let secrets = [SecretString::from("of the mail service")];
        let body = br#"{"id":"<1@example.org>","from":"mia@example.org","subject":"Erase","text":"Please"}"#;
        let header = sign(body, &["of the mail service"], desk.w.now());
        let path = requests::mail::receive(&desk.w, &secrets, &header, body).await.unwrap();
        let twice = requests::mail::receive(&desk.w, &secrets, &header, body).await.unwrap();
        assert_eq!(path, twice, "delivered twice, it is one request");
        let token = path.strip_prefix("/privacy/requests/").unwrap();
        let seen = follow(&desk.w, token).await.unwrap();
        assert_eq!(seen.request.state, RequestState::Unverified);
        assert_eq!(seen.said.unwrap().contact, "mia@example.org");
        // Whoever learns or guesses an id gets nobody's address by it.
        for (one, other) in [("mia@", "eve@"), ("Erase", "Hello"), ("Please", "Thanks")] {
            let body = String::from_utf8_lossy(body).replace(one, other);
            let header = sign(body.as_bytes(), &["of the mail service"], desk.w.now());
            let received = requests::mail::receive(&desk.w, &secrets, &header, body.as_bytes());
            assert_ne!(received.await.unwrap(), path, "{other}: another mail");
        }
        let long =
            format!(r#"{{"id":"2","from":"mia@example.org","text":"{}"}}"#, "ä".repeat(90_000));
        let signed = sign(long.as_bytes(), &["of the mail service"], desk.w.now());
        let long = requests::mail::receive(&desk.w, &secrets, &signed, long.as_bytes());
        let long = long.await.unwrap();
        let seen_long = follow(&desk.w, long.strip_prefix("/privacy/requests/").unwrap()).await;
        let words = seen_long.unwrap().said.unwrap().words;
        assert!(words.ends_with("ä…"), "it was cut, and says so");
        assert_eq!(domain::validation::discord_len(&words), WORDS_LIMIT);
        for (header, body) in [
            (sign(body, &["of nobody"], desk.w.now()), &body[..]),
            (header.clone(), b"{}"),
            (sign(b"{}", &["of the mail service"], desk.w.now()), b"{}"),
        ] {
            assert!(requests::mail::receive(&desk.w, &secrets, &header, body).await.is_err());
        }
        let access = operator(&desk).await;
        let id = seen.request.id;
        sort(&access, id, RequestKind::Erase).await.unwrap();
        assert_eq!(state(&desk, id).await, RequestState::Unverified);
        let early = decide(&access, id, &decision(Outcome::Done, "")).await;
        assert_eq!(refusal(early), Refusal::Unverified);
        let mia = desk.sign_in(MIA, "Firefox").await;
        verify(&desk.w, &mia, token).await.unwrap();
        let said = of_session(&desk.w, &mia, id).await.unwrap().said.unwrap();
        assert_eq!(said.words, "Erase\n\nPlease");
        assert_eq!(said.contact, "", "where it came from is not needed any more");
        decide(&access, id, &decision(Outcome::Done, "")).await.unwrap();
    }
}

#[tokio::test]
async fn what_nobody_verifies_is_closed_after_thirty_days() {
    for desk in desks().await {
        let asked = ask(&desk.w, None, new(RequestKind::Access, "Mine.")).await.unwrap();
        desk.clock.advance(30 * DAY);
        turn(&desk.w).await.unwrap();
        let seen = follow(&desk.w, token(&asked)).await.unwrap();
        assert_eq!(seen.request.reason, Some(Reason::NotVerified));
        let mia = desk.sign_in(MIA, "Firefox").await;
        assert_eq!(refusal(verify(&desk.w, &mia, token(&asked)).await), Refusal::Decided);
    }
}
