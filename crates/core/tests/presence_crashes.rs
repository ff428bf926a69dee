//! The program dies while it notes that somebody left a server, or came back to it, and is told again.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use domain::ids::UserId;
use wardesk_core::failpoints::presence;
use wardesk_core::testing::{Desk, desks};
use wardesk_core::tickets::{self, TicketEvent};

/// Tells it until the program survives it; answers how often it died.
async fn told(desk: &mut Desk, left: bool) -> usize {
    for crashes in 0..3 {
        let (w, guild, user) = (desk.w.clone(), desk.guild, UserId::new(7).unwrap());
        let telling = tokio::spawn(async move {
            if left {
                tickets::member_left(&w, guild, user).await.unwrap();
            } else {
                tickets::member_joined(&w, guild, user).await.unwrap();
            }
        });
        if telling.await.is_ok() {
            return crashes;
        }
        desk.restart(25_000);
    }
    panic!("dies again and again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_noted_once_wherever_the_program_dies() {
    let scenario = fail::FailScenario::setup();
    for point in presence::ALL {
        for left_dies in [true, false] {
            for mut desk in desks().await {
                let engine = desk.store.engine;
                eprintln!("{point} ({engine})");
                let panel = desk.panel().await;
                let (ticket, channel) = desk.open_ticket(panel, 7).await;
                let mut crashes = 0;
                for left in [true, false] {
                    if left == left_dies {
                        fail::cfg(*point, "1*panic").unwrap();
                    }
                    crashes += told(&mut desk, left).await;
                }
                fail::remove(*point);
                assert_eq!(crashes, 1, "{point} was passed");
                desk.settle().await;
                let staff = desk.staff(60).await;
                let events = tickets::get(&staff, ticket).await.unwrap().events;
                let noted: Vec<_> = events.into_iter().map(|e| e.event).skip(2).collect();
                assert_eq!(
                    noted,
                    [
                        TicketEvent::MemberLeft { noticed: false },
                        TicketEvent::MemberReturned { noticed: false }
                    ],
                    "{point} ({engine})"
                );
                assert_eq!(desk.discord.messages(channel).len(), 3, "the welcome, and each once");
            }
        }
    }
    scenario.teardown();
}
