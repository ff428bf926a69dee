//! Operators decide.

use domain::ids::GuildId;
use wardesk_core::accounts::Session;
use wardesk_core::privacy::requests::{extend, show, sort};

use super::*;

/// The account that is too young; whoever reports it has another one.
const CHILD: i64 = 9;

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
async fn somebody_too_young_leaves_a_number_and_nothing_else() {
    for desk in desks().await {
        let mut form = new(RequestKind::UnderAge, "My child is ten.");
        form.said.account = SOMEBODY.to_string();
        let asked = ask(&desk.w, None, form).await.unwrap();
        let access = operator(&desk).await;
        let unknown = decide(&access, asked.id, &decision(Outcome::Done, "")).await;
        assert_eq!(refusal(unknown), Refusal::NoAccount);
        let child = UserId::new(SOMEBODY).unwrap();
        let done = Answer { account: Some(child), ..decision(Outcome::Done, "") };
        let unsure = decide(&access, asked.id, &Answer { sure: false, ..done.clone() }).await;
        assert_eq!(refusal(unsure), Refusal::Acknowledge);
        assert!(erase::state_of(&desk.w, child).await.unwrap().is_none(), "nothing is erased");
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

/// Who is erased when an operator answers a report with `child` as the account, and who reported it is `reporter`.
async fn only_the_child_goes(desk: &Desk, id: RequestId, reporter: UserId) {
    let engine = desk.store.engine;
    let access = operator(desk).await;
    let unnamed = decide(&access, id, &decision(Outcome::Done, "")).await;
    assert_eq!(refusal(unnamed), Refusal::NoAccount, "{engine}");
    assert!(erase::state_of(&desk.w, reporter).await.unwrap().is_none(), "{engine}");
    assert_eq!(state(desk, id).await, RequestState::Open, "{engine}: it waits for a decision");
    let child = UserId::new(CHILD).unwrap();
    let done = Answer { account: Some(child), ..decision(Outcome::Done, "") };
    decide(&access, id, &done).await.unwrap();
    assert!(erase::state_of(&desk.w, child).await.unwrap().is_some(), "{engine}");
    assert!(erase::state_of(&desk.w, reporter).await.unwrap().is_none(), "{engine}");
    erase::carry_out_all(&desk.w).await.unwrap();
    let sessions = sqlx::query("SELECT COUNT(*) AS n FROM sessions WHERE user_id = $1")
        .bind(reporter.get())
        .fetch_one(desk.w.store().read())
        .await
        .unwrap();
    assert!(sqlx::Row::get::<i64, _>(&sessions, "n") > 0, "{engine}: they are signed in still");
}

#[tokio::test]
async fn who_reports_somebody_too_young_from_their_own_account_is_not_erased() {
    for desk in desks().await {
        let moderator = desk.sign_in(SOMEBODY, "Firefox").await;
        let form = new(RequestKind::UnderAge, "A member of my server says that he is ten.");
        let asked = ask(&desk.w, Some(&moderator), form).await.unwrap();
        let seen = of_session(&desk.w, &moderator, asked.id).await.unwrap();
        let named = seen.said.and_then(|said| said.account_named());
        assert_eq!(named, None, "whoever reports it is not offered to be erased");
        only_the_child_goes(&desk, asked.id, moderator.user).await;
    }
}

#[tokio::test]
async fn who_reports_somebody_too_young_by_mail_and_signs_in_is_not_erased() {
    use secrecy::SecretString;
    use wardesk_core::licences::payments::signature::sign;
    for desk in desks().await {
        let secrets = [SecretString::from("of the mail service")];
        let body =
            br#"{"id":"1","from":"parent@example.org","subject":"My son","text":"He is ten."}"#;
        let header = sign(body, &["of the mail service"], desk.w.now());
        let path = requests::mail::receive(&desk.w, &secrets, &header, body).await.unwrap();
        let parent = desk.sign_in(SOMEBODY, "Firefox").await;
        let token = path.strip_prefix("/privacy/requests/").unwrap();
        let id = verify(&desk.w, &parent, token).await.unwrap();
        sort(&operator(&desk).await, id, RequestKind::UnderAge).await.unwrap();
        only_the_child_goes(&desk, id, parent.user).await;
    }
}

#[tokio::test]
async fn who_says_that_they_are_too_young_themselves_is_erased_when_an_operator_names_them() {
    for desk in desks().await {
        let child = desk.sign_in(MIA, "Firefox").await;
        let mut form = new(RequestKind::UnderAge, "I am ten.");
        form.said.account = MIA.to_string();
        let asked = ask(&desk.w, Some(&child), form).await.unwrap();
        let access = operator(&desk).await;
        let named = show(&access, asked.id).await.unwrap().said.and_then(|s| s.account_named());
        assert_eq!(named, Some(child.user), "they named themselves");
        let partly = decision(Outcome::Partly(Reason::Unfounded), "");
        let done = Answer { account: named, ..decision(Outcome::Done, "") };
        assert_eq!(
            refusal(decide(&access, asked.id, &decision(Outcome::Done, "")).await),
            Refusal::NoAccount
        );
        decide(&access, asked.id, &done).await.unwrap();
        assert!(erase::state_of(&desk.w, child.user).await.unwrap().is_some());
        assert!(matches!(decide(&access, asked.id, &partly).await, Err(PrivacyError::NotFound)));
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
        assert!(restrict::is_restricted(&desk.w, desk.guild, mia.user).await.unwrap());
        let erased = ask(&desk.w, Some(&mia), new(RequestKind::Erase, "Go.")).await.unwrap();
        decide(&access, erased.id, &decision(Outcome::Done, "Good bye.")).await.unwrap();
        assert!(erase::state_of(&desk.w, mia.user).await.unwrap().is_some());
        assert_eq!(state(&desk, erased.id).await, RequestState::UnderWay, "it is not done yet");
        erase::carry_out_all(&desk.w).await.unwrap();
        assert_eq!(state(&desk, erased.id).await, RequestState::Done);
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

/// A request about the desk's server that its owner did not answer in time.
async fn of_one_server(desk: &Desk, mia: &Session, kind: RequestKind) -> RequestId {
    let asked = ask(&desk.w, Some(mia), about_server(desk, kind)).await.unwrap();
    desk.clock.advance(14 * DAY);
    turn(&desk.w).await.unwrap();
    assert_eq!(state(desk, asked.id).await, RequestState::Open);
    asked.id
}

#[tokio::test]
async fn to_restrict_on_one_server_is_carried_out_there_and_nowhere_else() {
    let partly = Outcome::Partly(Reason::Enforcement);
    let declined = Outcome::Declined(Reason::Unfounded);
    for (outcome, restricts) in [(Outcome::Done, true), (partly, true), (declined, false)] {
        for desk in desks().await {
            let (w, at) = (&desk.w, format!("{} {outcome:?}", desk.store.engine));
            let mia = desk.sign_in(MIA, "Firefox").await;
            let id = of_one_server(&desk, &mia, RequestKind::Restrict).await;
            let elsewhere = GuildId::new(999_999).unwrap();
            let here = async || restrict::is_restricted(w, desk.guild, mia.user).await.unwrap();
            assert!(!here().await, "{at}: nobody agreed to it");
            decide(&operator(&desk).await, id, &decision(outcome, "")).await.unwrap();
            assert_eq!(here().await, restricts, "{at}");
            assert!(!restrict::is_restricted(w, elsewhere, mia.user).await.unwrap(), "{at}");
            let brought = restrict::of(w, mia.user).await.unwrap();
            let wanted = restricts.then_some((Some(id), Some(RequestKind::Restrict)));
            let found: Vec<_> = brought.iter().map(|row| (row.request, row.kind)).collect();
            assert_eq!(found, Vec::from_iter(wanted), "{at}");
            let mia = desk.sign_in(MIA, "Firefox").await;
            let seen = of_session(w, &mia, id).await.unwrap();
            let carried = steps(&seen).contains(&(Step::CarriedOut, Role::Operator));
            assert_eq!(carried, restricts, "{at}");
            // The person lifts it, as any other.
            restrict::lift(w, mia.user).await.unwrap();
            assert!(!here().await, "{at}");
        }
    }
}

#[tokio::test]
async fn to_erase_on_one_server_is_not_answered_as_done_by_operators() {
    for desk in desks().await {
        let engine = desk.store.engine;
        let mia = desk.sign_in(MIA, "Firefox").await;
        let named = of_one_server(&desk, &mia, RequestKind::Erase).await;
        // A name finds no server, and is none of everything all the same.
        let mia = desk.sign_in(MIA, "Firefox").await;
        let access = operator(&desk).await;
        let mut form = new(RequestKind::Erase, "What I said there.");
        form.said.server = "The Harbour Lights".into();
        let written = ask(&desk.w, Some(&mia), form).await.unwrap().id;
        for id in [named, written] {
            let done = decide(&access, id, &decision(Outcome::Done, "")).await;
            assert_eq!(refusal(done), Refusal::OneServer, "{engine}");
            assert_eq!(state(&desk, id).await, RequestState::Open, "{engine}");
        }
        assert!(erase::state_of(&desk.w, mia.user).await.unwrap().is_none(), "{engine}");
        let partly = decision(Outcome::Partly(Reason::LegalHold), "By hand.");
        decide(&access, named, &partly).await.unwrap();
        let declined = decision(Outcome::Declined(Reason::NoData), "Which server is it?");
        decide(&access, written, &declined).await.unwrap();
        assert!(erase::state_of(&desk.w, mia.user).await.unwrap().is_none(), "{engine}");
    }
}
