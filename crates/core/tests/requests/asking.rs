//! Somebody asks.

use wardesk_core::privacy::requests::{of_person, open, settle, show};

use super::*;

#[tokio::test]
async fn anybody_asks_and_sees_the_answer_and_why() {
    for desk in desks().await {
        let words = "The picture in your gallery is mine, see example.org.";
        let asked = ask(&desk.w, None, new(RequestKind::Takedown, words)).await.unwrap();
        let again = ask(&desk.w, None, new(RequestKind::Takedown, words)).await.unwrap();
        assert_eq!(asked, again, "sent twice, it is one");
        let other = ask(&desk.w, None, new(RequestKind::Takedown, "Another.")).await.unwrap();
        assert_ne!(asked.path, other.path);

        let seen = follow(&desk.w, token(&asked)).await.unwrap();
        assert_eq!(seen.request.state, RequestState::Open);
        assert_eq!(seen.request.due.since(seen.request.made), 30 * DAY);
        assert_eq!(seen.said.unwrap().words, words);
        for wrong in ["", "x", &token(&asked)[1..], &format!("{}A", token(&asked))] {
            let refused = follow(&desk.w, wrong).await;
            assert!(matches!(refused, Err(PrivacyError::NotFound)), "{wrong}");
        }

        let access = operator(&desk).await;
        let why = Outcome::Declined(Reason::Unfounded);
        decide(&access, asked.id, &decision(why, "Your page shows another picture."))
            .await
            .unwrap();
        let seen = follow(&desk.w, token(&asked)).await.unwrap();
        assert_eq!(seen.request.state, RequestState::Declined);
        assert_eq!(seen.request.reason, Some(Reason::Unfounded));
        assert_eq!(seen.answer.as_deref(), Some("Your page shows another picture."));
        let steps: Vec<Step> = seen.steps.iter().map(|taken| taken.step).collect();
        assert_eq!(steps, [Step::Received, Step::Decided]);
        let once_more = decide(&access, asked.id, &decision(Outcome::Done, "")).await;
        assert_eq!(refusal(once_more), Refusal::Decided);
    }
}

#[tokio::test]
async fn nothing_is_declined_without_a_reason_not_even_in_the_database() {
    for desk in desks().await {
        let asked = ask(&desk.w, None, new(RequestKind::Other, "Why?")).await.unwrap();
        for state in ["declined", "partly"] {
            let mut tx = desk.w.store().begin().await.unwrap();
            let text = "UPDATE privacy_requests SET state = $2, decided_at = 1 WHERE id = $1";
            let done =
                sqlx::query(text).bind(asked.id.to_string()).bind(state).execute(tx.conn()).await;
            assert!(done.is_err(), "{state} without a reason");
        }
        let mut tx = desk.w.store().begin().await.unwrap();
        let text = "UPDATE privacy_requests SET state = 'declined', reason = 'law', decided_at = 1
                    WHERE id = $1";
        sqlx::query(text).bind(asked.id.to_string()).execute(tx.conn()).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_kept_of_a_request_is_sealed() {
    for desk in desks().await {
        let asked = ask(&desk.w, None, new(RequestKind::Other, "canary-words")).await.unwrap();
        let kept = rows::words(desk.w.store().read(), asked.id).await.unwrap().said.unwrap();
        let kept = kept.into_bytes();
        assert!(!kept.windows(6).any(|part| part == b"canary"));
        let row = sqlx::query("SELECT token_hash FROM privacy_requests")
            .fetch_one(desk.w.store().read())
            .await
            .unwrap();
        let hash: Vec<u8> = sqlx::Row::get(&row, "token_hash");
        assert_eq!(hash.len(), 32);
    }
}

#[tokio::test]
async fn whoever_names_another_account_is_refused() {
    for desk in desks().await {
        let mia = desk.sign_in(MIA, "Firefox").await;
        let mut form = new(RequestKind::Access, "What is kept about them?");
        form.said.account = SOMEBODY.to_string();
        assert_eq!(refusal(ask(&desk.w, Some(&mia), form).await), Refusal::SomebodyElse);
        assert!(of_person(&desk.w, mia.user).await.unwrap().is_empty());
        for words in ["", "  ", &"x".repeat(4001)] {
            let refused = ask(&desk.w, Some(&mia), new(RequestKind::Other, words)).await;
            assert_eq!(refusal(refused), Refusal::Words);
        }
    }
}

#[tokio::test]
async fn asked_again_it_is_the_same_until_it_is_decided() {
    for desk in desks().await {
        let mia = desk.sign_in(MIA, "Firefox").await;
        let first = ask(&desk.w, Some(&mia), new(RequestKind::Correct, "A")).await.unwrap();
        let second = ask(&desk.w, Some(&mia), new(RequestKind::Correct, "B")).await.unwrap();
        assert_eq!(first.id, second.id);
        assert!(first.kept && !second.kept, "what was not kept is said");
        let mut once_more = new(RequestKind::Correct, "A");
        once_more.once = "a form opened anew".into();
        assert!(ask(&desk.w, Some(&mia), once_more).await.unwrap().kept, "the same words");
        // One that was made before signing in is found to be the same then.
        let hidden = ask(&desk.w, None, new(RequestKind::Correct, "C")).await.unwrap();
        assert_eq!(verify(&desk.w, &mia, token(&hidden)).await.unwrap(), first.id);
        let seen = follow(&desk.w, token(&hidden)).await.unwrap();
        assert_eq!(seen.request.reason, Some(Reason::Repeated));
        decide(&operator(&desk).await, first.id, &decision(Outcome::Done, "")).await.unwrap();
        let later = ask(&desk.w, Some(&mia), new(RequestKind::Correct, "A")).await.unwrap();
        assert_eq!(later, first, "the very same form, sent once more");
        let mut anew = new(RequestKind::Correct, "A");
        anew.once = "another form".into();
        assert_ne!(ask(&desk.w, Some(&mia), anew).await.unwrap().id, first.id);
    }
}

#[tokio::test]
async fn a_button_closes_no_request_that_somebody_wrote() {
    for desk in desks().await {
        let w = &desk.w;
        let mia = desk.sign_in(MIA, "Firefox").await;
        let wrote = new(RequestKind::Restrict, "Not my words in ticket 3, please.");
        let written = ask(w, Some(&mia), wrote).await.unwrap();
        for _ in 0..2 {
            restrict::restrict_self(w, mia.user).await.unwrap();
        }
        assert!(
            restrict::is_restricted(w, desk.guild, mia.user).await.unwrap(),
            "it is done all the same"
        );
        assert_eq!(state(&desk, written.id).await, RequestState::Open);
        let seen = of_session(w, &mia, written.id).await.unwrap();
        let steps: Vec<_> = seen.steps.iter().map(|taken| (taken.step, taken.role)).collect();
        let wanted = [(Step::Received, Role::Person), (Step::CarriedOut, Role::Person)];
        assert_eq!(steps, wanted, "noted once");
        assert_eq!(of_person(w, mia.user).await.unwrap().len(), 1);
        decide(&operator(&desk).await, written.id, &decision(Outcome::Done, "")).await.unwrap();

        // Without words there is nobody to answer: it is settled, also one that was left undecided.
        let own = open(w, mia.user, RequestKind::Restrict, Via::Site).await.unwrap();
        let again = open(w, mia.user, RequestKind::Restrict, Via::Site).await.unwrap();
        assert!(own.is_some() && own == again);
        settle(w, own, Outcome::Done).await.unwrap();
        settle(w, own, Outcome::Declined(Reason::Law)).await.unwrap();
        assert_eq!(state(&desk, own.unwrap()).await, RequestState::Done, "settled once");
        settle(w, None, Outcome::Done).await.unwrap();
    }
}

#[tokio::test]
async fn a_page_shows_the_server_as_it_was_written_and_no_name() {
    for desk in desks().await {
        let typed = format!("https://discord.com/channels/{}/1", desk.guild);
        let mut form = new(RequestKind::Takedown, "My picture.");
        form.said.server.clone_from(&typed);
        let asked = ask(&desk.w, None, form).await.unwrap();
        let seen = follow(&desk.w, token(&asked)).await.unwrap();
        assert_eq!(seen.request.guild, Some(desk.guild));
        assert_eq!(seen.server.as_deref(), Some(typed.as_str()));
        let shown = show(&operator(&desk).await, asked.id).await.unwrap();
        assert!(shown.server.is_some_and(|name| name != typed), "operators see its name");
        let other = ask(&desk.w, None, new(RequestKind::Other, "No server.")).await.unwrap();
        assert_eq!(follow(&desk.w, token(&other)).await.unwrap().server, None);
    }
}

#[tokio::test]
async fn nobody_has_more_than_ten_open() {
    for desk in desks().await {
        let mia = desk.sign_in(MIA, "Firefox").await;
        for number in 0..10 {
            let words = format!("Thing {number}");
            ask(&desk.w, Some(&mia), new(RequestKind::Other, &words)).await.unwrap();
        }
        let more = ask(&desk.w, Some(&mia), new(RequestKind::Other, "One more")).await;
        assert_eq!(refusal(more), Refusal::TooMany);
    }
}
