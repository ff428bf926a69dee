//! Somebody is erased at the very moment in which something of theirs is under way.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "erasing/person.rs"]
#[allow(dead_code, reason = "this file plants a part of it")]
mod person;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::ids::UserId;
use person::{Place, WORDS, found};
use storage::KeyScope;
use tokio::runtime::Handle;
use wardesk_core::failpoints::CHUNK_OPENED;
use wardesk_core::privacy::erase::{self, Reason};
use wardesk_core::testing::desks;
use wardesk_core::tickets;

/// A chunk is opened while the key is there and sealed when it is gone: no key is made for somebody who was erased.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_moves_into_a_chunk_while_its_key_goes_is_not_sealed_anew() {
    let scenario = fail::FailScenario::setup();
    for desk in desks().await {
        let engine = desk.store.engine;
        let user = UserId::new(person::PERSON).unwrap();
        let scope = KeyScope::person(desk.guild, user);
        let panel = desk.panel().await;
        let (ticket, channel) = desk.open_ticket(panel, 9).await;
        person::say(&desk, channel, 9, "I am somebody else").await;
        person::say(&desk, channel, person::PERSON, WORDS[0]).await;
        tickets::close(&desk.member(9).await, ticket, None).await.unwrap();

        let (w, runtime) = (desk.w.clone(), Handle::current());
        let passed = Arc::new(AtomicBool::new(false));
        let pass = Arc::clone(&passed);
        fail::cfg_callback(CHUNK_OPENED, move || {
            let destroyed = async { w.store().keys().destroy(&scope).await };
            tokio::task::block_in_place(|| runtime.block_on(destroyed)).unwrap();
            pass.store(true, Ordering::SeqCst);
        })
        .unwrap();
        for _ in 0..10 {
            desk.clock.advance(30_000);
            let w = desk.w.clone();
            // Its own task, where blocking is possible.
            let drained =
                tokio::spawn(async move { wardesk_core::outbox::drain(&w).await.is_ok() });
            assert!(drained.await.unwrap(), "{engine}");
            if passed.load(Ordering::SeqCst) {
                break;
            }
        }
        assert!(passed.load(Ordering::SeqCst), "{engine}: it was passed");
        fail::remove(CHUNK_OPENED);
        desk.settle().await;

        assert!(!desk.w.store().keys().exists(&scope).await.unwrap(), "{engine}: no new key");
        let parts: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM transcript_parts WHERE subject_id = $1")
                .bind(person::PERSON)
                .fetch_one(desk.w.store().read())
                .await
                .unwrap();
        assert_eq!(parts, 0, "{engine}: nor anything under it");
        let closed = storage::tickets::get(desk.w.store().read(), ticket).await.unwrap().unwrap();
        assert_eq!(closed.life.state, domain::tickets::TicketState::Closed, "{engine}");
        erase::ask(&desk.w, user, Reason::UnderAge).await.unwrap();
        erase::carry_out_all(&desk.w).await.unwrap();
        assert_eq!(found(&desk, &Place::Id).await, [] as [String; 0], "{engine}");
        assert_eq!(found(&desk, &Place::Word(WORDS[0])).await, [] as [String; 0], "{engine}");
    }
    scenario.teardown();
}
