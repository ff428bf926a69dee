//! Somebody is to be erased while a legal hold lies on a ticket.

use super::*;

#[tokio::test]
async fn a_legal_hold_keeps_one_server_waiting_and_says_so() {
    for desk in desks().await {
        let engine = desk.store.engine;
        let story = person::everywhere(&desk).await;
        desk.discord.add_member(1, &[]);
        let owner = desk.sign_in(1, "Test").await;
        let access = transcripts::authorize(&desk.w, &owner, story.held).await.unwrap();
        hold::place(&access, "a lawsuit").await.unwrap();

        erase::ask_self(&desk.w, &story.session, YES).await.unwrap();
        carried_out(&desk).await;
        let state = erase::state_of(&desk.w, story.user).await.unwrap().unwrap();
        assert_eq!(state.waiting, [(desk.guild, Waiting::Hold)], "{engine}");
        // The account went already, and the words are there until the hold is lifted.
        assert!(!desk.w.store().keys().exists(&KeyScope::account(story.user)).await.unwrap());
        let kept = said(&desk, 1, story.held).await;
        assert!(kept.iter().flatten().any(|said| said.contains(WORDS[0])), "{engine}: {kept:?}");

        let access = transcripts::authorize(&desk.w, &owner, story.held).await.unwrap();
        hold::lift(&access, "over").await.unwrap();
        carried_out(&desk).await;
        assert_eq!(erase::state_of(&desk.w, story.user).await.unwrap(), None, "{engine}");
        assert_eq!(found(&desk, &Place::Id).await, [] as [String; 0], "{engine}");
    }
}

/// What somebody did in a ticket is part of what a hold keeps, whatever it is.
#[tokio::test]
async fn what_somebody_did_in_a_held_ticket_waits_with_it() {
    for deed in ["claimed", "let in", "named by an event", "shared"] {
        for desk in desks().await {
            let engine = desk.store.engine;
            let user = UserId::new(person::PERSON).unwrap();
            let panel = desk.panel().await;
            let (ticket, channel) = desk.open_ticket(panel, 8).await;
            person::say(&desk, channel, 8, "I am somebody else").await;
            let manager = desk.manager().await;
            match deed {
                "claimed" => {
                    tickets::claim(&desk.staff(person::PERSON).await, ticket).await.unwrap();
                }
                "shared" => {}
                _ => {
                    desk.discord.add_member(person::PERSON, &[]);
                    tickets::add_member(&manager, ticket, user).await.unwrap();
                }
            }
            if deed == "named by an event" {
                tickets::remove_member(&manager, ticket, user).await.unwrap();
            }
            desk.settle().await;
            tickets::close(&desk.member(8).await, ticket, None).await.unwrap();
            desk.clock.advance(30_000);
            desk.settle().await;
            if deed == "shared" {
                let mut tx = desk.w.store().begin().await.unwrap();
                let text =
                    "INSERT INTO share_links (id, ticket_id, made_by, made_at, expires_at, views)
                            VALUES ('link', $1, $2, 1, 4000000000000, 0)";
                let query = sqlx::query(text).bind(ticket.to_string()).bind(user.get());
                query.execute(tx.conn()).await.unwrap();
                tx.commit().await.unwrap();
            }
            desk.discord.add_member(1, &[]);
            let owner = desk.sign_in(1, "Test").await;
            let access = transcripts::authorize(&desk.w, &owner, ticket).await.unwrap();
            hold::place(&access, "a lawsuit").await.unwrap();

            erase::ask(&desk.w, user, Reason::Asked).await.unwrap();
            let there = async || {
                let text = match deed {
                    "claimed" => "SELECT COUNT(*) FROM tickets WHERE claimed_by = $1",
                    "let in" => "SELECT COUNT(*) FROM ticket_members WHERE user_id = $1",
                    "shared" => "SELECT COUNT(*) FROM share_links WHERE made_by = $1",
                    _ => "SELECT COUNT(*) FROM domain_events WHERE payload LIKE '%' || $1 || '%'",
                };
                let query = sqlx::query_scalar::<_, i64>(text);
                let query = match deed {
                    "named by an event" => query.bind(person::PERSON.to_string()),
                    _ => query.bind(person::PERSON),
                };
                query.fetch_one(desk.w.store().read()).await.unwrap()
            };
            let before = there().await;
            assert!(before > 0, "{deed} ({engine})");
            carried_out(&desk).await;
            let state = erase::state_of(&desk.w, user).await.unwrap().unwrap();
            assert_eq!(state.waiting, [(desk.guild, Waiting::Hold)], "{deed} ({engine})");
            assert_eq!(there().await, before, "{deed} ({engine}): it is all there");

            let access = transcripts::authorize(&desk.w, &owner, ticket).await.unwrap();
            hold::lift(&access, "over").await.unwrap();
            carried_out(&desk).await;
            assert_eq!(erase::state_of(&desk.w, user).await.unwrap(), None, "{deed} ({engine})");
            assert_eq!(found(&desk, &Place::Id).await, [] as [String; 0], "{deed} ({engine})");
        }
    }
}

#[tokio::test]
async fn asking_again_while_a_hold_waits_takes_what_came_since() {
    for desk in desks().await {
        let engine = desk.store.engine;
        let story = person::everywhere(&desk).await;
        desk.discord.add_member(1, &[]);
        let owner = desk.sign_in(1, "Test").await;
        let access = transcripts::authorize(&desk.w, &owner, story.held).await.unwrap();
        hold::place(&access, "a lawsuit").await.unwrap();
        restrict::restrict(&desk.w, story.user).await.unwrap();
        erase::ask_self(&desk.w, &story.session, YES).await.unwrap();
        carried_out(&desk).await;
        // What waits is still restricted.
        assert_eq!(restrict::of(&desk.w, story.user).await.unwrap().len(), 1, "{engine}");

        // They sign in again, and have that erased too.
        let account = KeyScope::account(story.user);
        desk.clock.advance(60_000);
        let session = desk.sign_in(story.user.get(), "Test").await;
        assert!(desk.w.store().keys().exists(&account).await.unwrap(), "{engine}");
        erase::ask_self(&desk.w, &session, YES).await.unwrap();
        carried_out(&desk).await;
        assert!(!desk.w.store().keys().exists(&account).await.unwrap(), "{engine}");
        let sessions: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sessions WHERE user_id = $1")
            .bind(story.user.get())
            .fetch_one(desk.w.store().read())
            .await
            .unwrap();
        assert_eq!(sessions, 0, "{engine}");
        let state = erase::state_of(&desk.w, story.user).await.unwrap().unwrap();
        assert_eq!(state.waiting, [(desk.guild, Waiting::Hold)], "{engine}");

        let access = transcripts::authorize(&desk.w, &owner, story.held).await.unwrap();
        hold::lift(&access, "over").await.unwrap();
        carried_out(&desk).await;
        assert_eq!(erase::state_of(&desk.w, story.user).await.unwrap(), None, "{engine}");
        assert_eq!(restrict::of(&desk.w, story.user).await.unwrap(), [], "{engine}");
        assert_eq!(found(&desk, &Place::Id).await, [] as [String; 0], "{engine}");
    }
}
