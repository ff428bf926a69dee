//! The program dies while it erases somebody, at every place, and starts again: the rest goes then.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "erasing/person.rs"]
mod person;

use person::{Place, WORDS, found};
use wardesk_core::failpoints::erasing::ALL;
use wardesk_core::privacy::erase::{self, Reason};
use wardesk_core::testing::desks;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_is_erased_wherever_the_program_dies() {
    let scenario = fail::FailScenario::setup();
    for point in ALL {
        for mut desk in desks().await {
            let engine = desk.store.engine;
            eprintln!("{point} ({engine})");
            let story = person::everywhere(&desk).await;
            erase::ask(&desk.w, story.user, Reason::Asked).await.unwrap();

            fail::cfg(*point, "1*panic").unwrap();
            let mut died = false;
            for _ in 0..2 {
                let w = desk.w.clone();
                died |= tokio::spawn(async move { erase::carry_out_all(&w).await }).await.is_err();
                if died {
                    break;
                }
                desk.settle().await;
            }
            assert!(died, "{point} ({engine}) was passed");
            fail::remove(*point);
            // Another process waits until it takes the one that died for dead.
            desk.restart(61_000);
            erase::carry_out_all(&desk.w).await.unwrap();
            desk.settle().await;
            erase::carry_out_all(&desk.w).await.unwrap();

            let left = erase::state_of(&desk.w, story.user).await.unwrap();
            assert_eq!(left, None, "{point} ({engine})");
            desk.w.store().keys().forget_destroyed().await.unwrap();
            desk.w.store().forget_overwritten().await.unwrap();
            let id = found(&desk, &Place::Id).await;
            assert_eq!(id, [] as [String; 0], "{point} ({engine})");
            for word in WORDS {
                let left = found(&desk, &Place::Word(word)).await;
                assert_eq!(left, [] as [String; 0], "{point} ({engine}): {word}");
            }
            let alerts =
                storage::alerts::list(desk.w.store().read(), desk.guild, 10).await.unwrap();
            let told = alerts.iter().filter(|alert| alert.alert.contains("erased"));
            let told: Vec<_> = told.map(|alert| alert.times).collect();
            assert_eq!(told, [1], "{point} ({engine}): the owner is told once");
            let chain = storage::audit::first_break(desk.w.store().read(), desk.guild).await;
            assert_eq!(chain.unwrap(), None, "{point} ({engine})");
        }
    }
    scenario.teardown();
}
