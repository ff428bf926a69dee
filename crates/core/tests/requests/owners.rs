//! The owner of a server answers.

use wardesk_core::privacy::requests::{answer, hand_over, of_server, show};

use super::*;

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
        // Nothing of hers is kept on that server: whether the bot is there is not hers to know.
        let told = of_session(&desk.w, &mia, late.id).await.unwrap();
        assert_eq!((told.request.state, told.request.owner_until), (RequestState::Open, None));
        assert!(told.steps.iter().all(|taken| taken.step != Step::HandedOver), "{:?}", told.steps);
        let access = operator(&desk).await;
        let seen = show(&access, late.id).await.unwrap().request;
        assert_eq!(seen.state, RequestState::WithOwner);
        assert_eq!(seen.owner_until.map(|at| at.since(made)), Some(25 * DAY));
        desk.clock.advance(8 * DAY);
        let mia = desk.sign_in(MIA, "Firefox").await;
        verify(&desk.w, &mia, token(&later)).await.unwrap();
        let seen = of_session(&desk.w, &mia, later.id).await.unwrap().request;
        assert_eq!((seen.state, seen.owner_until), (RequestState::Open, None));
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
async fn what_an_owner_agrees_to_restrict_is_restricted_on_their_server() {
    for desk in desks().await {
        let mia = desk.sign_in(MIA, "Firefox").await;
        let form = about_server(&desk, RequestKind::Restrict);
        let asked = ask(&desk.w, Some(&mia), form).await.unwrap();
        let here = async || restrict::is_restricted(&desk.w, desk.guild, mia.user).await.unwrap();
        assert!(!here().await);
        answer(&desk.manager().await, asked.id, Outcome::Done, "").await.unwrap();
        assert!(here().await, "{}", desk.store.engine);
        let elsewhere = domain::ids::GuildId::new(999_999).unwrap();
        assert!(!restrict::is_restricted(&desk.w, elsewhere, mia.user).await.unwrap());
        let seen = of_session(&desk.w, &mia, asked.id).await.unwrap();
        let taken = steps(&seen);
        assert!(taken.ends_with(&[(Step::CarriedOut, Role::Owner), (Step::Decided, Role::Owner)]));
    }
}
