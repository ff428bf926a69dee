//! Requests about personal data: from being asked to being answered.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use domain::ids::{RequestId, UserId};
use domain::privacy::{Outcome, Reason, RequestKind, RequestState, Role, Step, Via, WORDS_LIMIT};
use storage::privacy::requests as rows;
use wardesk_core::licences::operator::{self, OperatorAccess};
use wardesk_core::privacy::requests::{
    self, Answer, Asked, NewRequest, Said, answer, ask, decide, extend, follow, hand_over,
    of_person, of_server, of_session, open, settle, show, sort, turn, verify,
};
use wardesk_core::privacy::{PrivacyError, Refusal, erase, restrict};
use wardesk_core::testing::{Desk, OPERATOR, desks};

const DAY: i64 = 86_400_000;
/// The account that asks.
const MIA: i64 = 7;
const SOMEBODY: i64 = 8;

fn new(kind: RequestKind, words: &str) -> NewRequest {
    let said = Said { words: words.into(), ..Said::default() };
    NewRequest { kind, via: Via::Form, said, once: "form".into() }
}

/// A request about the content of the desk's server.
fn about_server(desk: &Desk, kind: RequestKind) -> NewRequest {
    let mut new = new(kind, "My name stands in ticket 3.");
    new.said.server = desk.guild.to_string();
    new
}

fn refusal<T: std::fmt::Debug>(result: Result<T, PrivacyError>) -> Refusal {
    match result.unwrap_err() {
        PrivacyError::Refused(refusal) => refusal,
        other => panic!("{other:?}"),
    }
}

fn token(asked: &Asked) -> &str {
    asked.path.strip_prefix("/privacy/requests/").expect("an address with a secret")
}

async fn operator(desk: &Desk) -> OperatorAccess {
    operator::authorize(&desk.w, &desk.sign_in(OPERATOR, "Firefox").await).unwrap()
}

async fn state(desk: &Desk, id: RequestId) -> RequestState {
    rows::get(desk.w.store().read(), id).await.unwrap().unwrap().state
}

fn decision(outcome: Outcome, words: &str) -> Answer {
    Answer { outcome, words: words.into(), account: None }
}

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
        assert!(restrict::is_restricted(w, mia.user).await.unwrap(), "it is done all the same");
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

#[tokio::test]
async fn the_owner_of_a_server_is_told_once_and_answers() {
    for desk in desks().await {
        let mia = desk.sign_in(MIA, "Firefox").await;
        let form = about_server(&desk, RequestKind::Erase);
        let asked = ask(&desk.w, Some(&mia), form.clone()).await.unwrap();
        ask(&desk.w, Some(&mia), form).await.unwrap();
        assert_eq!(state(&desk, asked.id).await, RequestState::WithOwner);
        let alerts = async || {
            let told = sqlx::query("SELECT COUNT(*) AS n FROM outbox WHERE kind = 'staff_alert'")
                .fetch_one(desk.w.store().read())
                .await
                .unwrap();
            sqlx::Row::get::<i64, _>(&told, "n")
        };
        assert_eq!(alerts().await, 1, "one notice, however often it is asked");
        let subject = format!("privacy:{}", asked.id);
        let raised = storage::alerts::is_raised(desk.w.store().read(), desk.guild, &subject);
        assert!(raised.await.unwrap());

        let owner = desk.manager().await;
        let listed = of_server(&owner).await.unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].followed.said.as_ref().unwrap().words, "My name stands in ticket 3.");
        let staff = desk.staff(MIA + 2).await;
        assert!(matches!(of_server(&staff).await, Err(PrivacyError::NotFound)));
        // The operators leave it to the owner.
        let access = operator(&desk).await;
        let early = decide(&access, asked.id, &decision(Outcome::Done, "")).await;
        assert!(matches!(refusal(early), Refusal::NotBefore { .. }));

        let why = Outcome::Partly(Reason::LegalHold);
        answer(&owner, asked.id, why, "Ticket 3 is done, 4 is held.").await.unwrap();
        let seen = of_session(&desk.w, &mia, asked.id).await.unwrap();
        assert_eq!(seen.request.reason, Some(Reason::LegalHold));
        assert_eq!(seen.answer.as_deref(), Some("Ticket 3 is done, 4 is held."));
        let raised = storage::alerts::is_raised(desk.w.store().read(), desk.guild, &subject);
        assert!(!raised.await.unwrap(), "what is answered is mended");
        let again = answer(&owner, asked.id, Outcome::Done, "").await;
        assert_eq!(refusal(again), Refusal::Decided);
    }
}

#[tokio::test]
async fn an_owner_who_does_not_answer_loses_it_to_the_operators() {
    for desk in desks().await {
        let mia = desk.sign_in(MIA, "Firefox").await;
        let asked =
            ask(&desk.w, Some(&mia), about_server(&desk, RequestKind::Access)).await.unwrap();
        desk.clock.advance(14 * DAY - 1);
        turn(&desk.w).await.unwrap();
        assert_eq!(state(&desk, asked.id).await, RequestState::WithOwner);
        desk.clock.advance(1);
        turn(&desk.w).await.unwrap();
        turn(&desk.w).await.unwrap();
        assert_eq!(state(&desk, asked.id).await, RequestState::Open);
        let owner = desk.manager().await;
        assert_eq!(refusal(answer(&owner, asked.id, Outcome::Done, "").await), Refusal::Decided);
        let access = operator(&desk).await;
        assert_eq!(refusal(hand_over(&access, asked.id).await), Refusal::OwnerTime, "once");
        assert_eq!(state(&desk, asked.id).await, RequestState::Open);
        let seen = show(&access, asked.id).await.unwrap();
        let steps: Vec<Step> = seen.steps.iter().map(|taken| taken.step).collect();
        assert_eq!(steps, [Step::Received, Step::HandedOver, Step::CameBack]);
    }
}

#[tokio::test]
async fn an_owner_has_no_longer_than_leaves_the_operators_time() {
    for desk in desks().await {
        let made = desk.w.now();
        let late = ask(&desk.w, None, about_server(&desk, RequestKind::Erase)).await.unwrap();
        let later = ask(&desk.w, None, about_server(&desk, RequestKind::Access)).await.unwrap();
        desk.clock.advance(20 * DAY);
        let mia = desk.sign_in(MIA, "Firefox").await;
        verify(&desk.w, &mia, token(&late)).await.unwrap();
        let seen = of_session(&desk.w, &mia, late.id).await.unwrap().request;
        assert_eq!(seen.state, RequestState::WithOwner);
        assert_eq!(seen.owner_until.map(|at| at.since(made)), Some(25 * DAY));
        desk.clock.advance(8 * DAY);
        let mia = desk.sign_in(MIA, "Firefox").await;
        verify(&desk.w, &mia, token(&later)).await.unwrap();
        let seen = of_session(&desk.w, &mia, later.id).await.unwrap().request;
        assert_eq!((seen.state, seen.owner_until), (RequestState::Open, None));
        let access = operator(&desk).await;
        assert_eq!(refusal(hand_over(&access, later.id).await), Refusal::OwnerTime);
        // What the operators have with days to spare, they may give away.
        let asked =
            ask(&desk.w, Some(&mia), about_server(&desk, RequestKind::Correct)).await.unwrap();
        let text = "UPDATE privacy_requests SET state = 'open' WHERE id = $1";
        let mut tx = desk.w.store().begin().await.unwrap();
        sqlx::query(text).bind(asked.id.to_string()).execute(tx.conn()).await.unwrap();
        tx.commit().await.unwrap();
        hand_over(&access, asked.id).await.unwrap();
        assert_eq!(state(&desk, asked.id).await, RequestState::WithOwner);
    }
}

#[tokio::test]
async fn operators_are_not_written_to_while_somebody_has_to_sign_in() {
    for desk in desks().await {
        let asked = ask(&desk.w, None, new(RequestKind::Access, "Mine.")).await.unwrap();
        let written = async || {
            turn(&desk.w).await.unwrap();
            desk.settle().await;
            desk.discord.direct_messages(UserId::new(OPERATOR).unwrap()).len()
        };
        desk.clock.advance(26 * DAY);
        assert_eq!(written().await, 0);
        let mia = desk.sign_in(MIA, "Firefox").await;
        verify(&desk.w, &mia, token(&asked)).await.unwrap();
        assert_eq!(written().await, 1, "now it is theirs to answer");
    }
}

#[tokio::test]
async fn operators_are_written_to_on_their_days_once() {
    for desk in desks().await {
        let asked = ask(&desk.w, None, new(RequestKind::Other, "Hello?")).await.unwrap();
        let operator_id = UserId::new(OPERATOR).unwrap();
        let mut written = Vec::new();
        for day in 1..=31 {
            for _ in 0..4 {
                desk.clock.advance(DAY / 4);
                turn(&desk.w).await.unwrap();
                turn(&desk.w).await.unwrap();
                desk.settle().await;
                let messages = desk.discord.direct_messages(operator_id).len();
                if messages > written.len() {
                    written.push(day);
                }
            }
        }
        assert_eq!(written, [7, 25]);
        let message = desk.discord.direct_messages(operator_id)[0].to_string();
        assert!(message.contains(&format!("/operator/privacy/{}", asked.id)), "{message}");
        assert!(!message.contains("Hello?"));
        let late = rows::overdue(desk.w.store().read(), desk.w.now()).await.unwrap();
        assert_eq!(late, 1);
    }
}

#[tokio::test]
async fn more_time_needs_a_reason_and_is_taken_once() {
    use domain::privacy::Delay;
    for desk in desks().await {
        let asked = ask(&desk.w, None, new(RequestKind::Other, "All of it.")).await.unwrap();
        let made = desk.w.now();
        let access = operator(&desk).await;
        let at = |days: i64| made.plus_seconds(days * 86_400);
        for wrong in [29, 30, 91] {
            let refused = extend(&access, asked.id, Delay::Complex, at(wrong)).await;
            assert_eq!(refusal(refused), Refusal::Extension, "{wrong} days");
        }
        extend(&access, asked.id, Delay::Complex, at(90)).await.unwrap();
        let again = extend(&access, asked.id, Delay::Many, at(89)).await;
        assert_eq!(refusal(again), Refusal::Extension);
        let seen = follow(&desk.w, token(&asked)).await.unwrap();
        assert_eq!((seen.request.due, seen.request.delay), (at(90), Some(Delay::Complex)));
        desk.clock.advance(31 * DAY);
        assert_eq!(rows::overdue(desk.w.store().read(), desk.w.now()).await.unwrap(), 0);
        let other = ask(&desk.w, None, new(RequestKind::Other, "Another.")).await.unwrap();
        desk.clock.advance(31 * DAY);
        let until = desk.w.now().plus_seconds(86_400);
        let late = extend(&access, other.id, Delay::Many, until).await;
        assert_eq!(refusal(late), Refusal::Extension, "too late to be told in time");
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

#[tokio::test]
async fn somebody_too_young_leaves_a_number_and_nothing_else() {
    for desk in desks().await {
        let mut form = new(RequestKind::UnderAge, "My child is ten.");
        form.said.account = SOMEBODY.to_string();
        let asked = ask(&desk.w, None, form).await.unwrap();
        let access = operator(&desk).await;
        let unknown = decide(&access, asked.id, &decision(Outcome::Done, "")).await;
        assert_eq!(refusal(unknown), Refusal::Unverified);
        let child = UserId::new(SOMEBODY).unwrap();
        let done = Answer { outcome: Outcome::Done, words: String::new(), account: Some(child) };
        decide(&access, asked.id, &done).await.unwrap();
        assert!(
            erase::state_of(&desk.w, child).await.unwrap().is_some(),
            "the erasure is asked for"
        );
        let db = desk.w.store().read();
        for table in ["privacy_requests", "privacy_request_words", "privacy_request_steps"] {
            let text = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) AS n FROM {table}"));
            let row = sqlx::query(text).fetch_one(db).await.unwrap();
            assert_eq!(sqlx::Row::get::<i64, _>(&row, "n"), 0, "{table}");
        }
        assert_eq!(rows::counted(db, RequestKind::UnderAge).await.unwrap(), 1);
        assert!(matches!(follow(&desk.w, token(&asked)).await, Err(PrivacyError::NotFound)));
    }
}

#[tokio::test]
async fn a_decision_to_erase_or_to_restrict_is_carried_out() {
    for desk in desks().await {
        let mia = desk.sign_in(MIA, "Firefox").await;
        let access = operator(&desk).await;
        let form = new(RequestKind::Restrict, "Leave it alone.");
        let restrict = ask(&desk.w, Some(&mia), form).await.unwrap();
        decide(&access, restrict.id, &decision(Outcome::Done, "")).await.unwrap();
        let restricted = wardesk_core::privacy::restrict::is_restricted(&desk.w, mia.user).await;
        assert!(restricted.unwrap());
        let erased = ask(&desk.w, Some(&mia), new(RequestKind::Erase, "Go.")).await.unwrap();
        decide(&access, erased.id, &decision(Outcome::Done, "Good bye.")).await.unwrap();
        assert!(erase::state_of(&desk.w, mia.user).await.unwrap().is_some());
        assert_eq!(state(&desk, erased.id).await, RequestState::Done);
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
async fn each_look_and_act_of_an_operator_is_in_their_log_without_words() {
    for desk in desks().await {
        let asked = ask(&desk.w, None, new(RequestKind::Other, "canary-words")).await.unwrap();
        let access = operator(&desk).await;
        requests::list(&access, RequestState::Open, None).await.unwrap();
        desk.clock.advance(1);
        show(&access, asked.id).await.unwrap();
        desk.clock.advance(1);
        decide(&access, asked.id, &decision(Outcome::Done, "canary-answer")).await.unwrap();
        let entries = operator::log(&access, None).await.unwrap().entries;
        let acts: Vec<&str> = entries.iter().rev().map(|entry| entry.action.as_str()).collect();
        assert_eq!(acts, ["requests.listed", "request.seen", "request.decided"]);
        assert!(entries.iter().all(|entry| entry.actor == Some(UserId::new(OPERATOR).unwrap())));
        assert!(!format!("{entries:?}").contains("canary"));
        assert!(operator::authorize(&desk.w, &desk.sign_in(MIA, "Firefox").await).is_err());
    }
}
