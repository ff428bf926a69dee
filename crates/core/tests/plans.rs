//! What a plan allows of panels: the oldest work, the newest say why they do not, and all come back.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use domain::ids::{LicenceId, PanelId, UserId};
use domain::licences::MAX_PANELS;
use domain::tickets::Refusal;
use domain::validation::{FieldError, Problem};
use wardesk_core::licences::operator::{self, NewLicence, OperatorAccess};
use wardesk_core::testing::{Desk, desks};
use wardesk_core::tickets::open::{Start, start};
use wardesk_core::tickets::{TicketError, panels};

async fn make(desk: &Desk, count: usize) -> Vec<PanelId> {
    let manager = desk.manager().await;
    let mut made = Vec::new();
    for _ in 0..count {
        made.push(panels::create(&manager, desk.panel_settings()).await.unwrap());
        desk.clock.advance(1);
    }
    made
}

async fn give(desk: &Desk, plan: &str) -> LicenceId {
    let new = NewLicence {
        id: LicenceId::new(desk.w.new_uuid()),
        plan: plan.parse().unwrap(),
        gift: false,
        contact: UserId::new(50).unwrap(),
        seats: None,
        expires: None,
        server: Some(desk.guild),
        server_name: None,
    };
    operator::issue(&OperatorAccess::of_console(&desk.w), new).await.unwrap()
}

fn too_many(result: Result<PanelId, TicketError>) -> u32 {
    match result {
        Err(TicketError::Invalid(errors)) => match errors.as_slice() {
            [FieldError { problem: Problem::TooMany { limit, .. }, .. }] => *limit,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_plan_says_how_many_panels_can_be_made() {
    for mut desk in desks().await {
        desk.sell_shipped();
        make(&desk, 5).await;
        let manager = desk.manager().await;
        let create = || panels::create(&manager, desk.panel_settings());
        assert_eq!(too_many(create().await), 5, "{}", desk.store.engine);
        give(&desk, "plus").await;
        make(&desk, 10).await;
        assert_eq!(too_many(create().await), 15);
        give(&desk, "pro").await;
        make(&desk, 35).await;
        assert_eq!(too_many(create().await), MAX_PANELS);
        // A removed one makes room.
        let oldest = panels::list(&manager).await.unwrap()[0].id;
        panels::remove(&manager, oldest).await.unwrap();
        make(&desk, 1).await;
    }
}

#[tokio::test]
async fn two_at_once_do_not_pass_the_limit() {
    for mut desk in desks().await {
        desk.sell_shipped();
        make(&desk, 4).await;
        let manager = desk.manager().await;
        let tries: Vec<_> = (0..6)
            .map(|_| {
                let (manager, settings) = (manager.clone(), desk.panel_settings());
                tokio::spawn(async move { panels::create(&manager, settings).await.is_ok() })
            })
            .collect();
        let mut made = 0;
        for task in tries {
            made += usize::from(task.await.unwrap());
        }
        assert_eq!(made, 1, "{}", desk.store.engine);
        assert_eq!(panels::list(&manager).await.unwrap().len(), 5);
    }
}

#[tokio::test]
async fn a_lower_plan_switches_the_newest_panels_off_and_a_higher_one_on_again() {
    for mut desk in desks().await {
        desk.sell_shipped();
        let licence = give(&desk, "pro").await;
        let made = make(&desk, 7).await;
        let off = async |desk: &Desk| -> Vec<PanelId> {
            let all = panels::list(&desk.manager().await).await.unwrap();
            all.into_iter().filter(|p| p.switched_off).map(|p| p.id).collect()
        };
        assert_eq!(off(&desk).await, []);
        let console = OperatorAccess::of_console(&desk.w);
        operator::suspend(&console, licence).await.unwrap();
        assert_eq!(off(&desk).await, made[5..], "{}", desk.store.engine);
        assert!(panels::get(&desk.manager().await, made[6]).await.unwrap().switched_off);
        assert!(!panels::get(&desk.manager().await, made[4]).await.unwrap().switched_off);
        let member = desk.member(8).await;
        assert_eq!(start(&member, made[6]).await, Err(Refusal::PanelOff));
        // Also with a form that was open before.
        let refused = desk.wish(made[6], 8, 80).await;
        assert!(matches!(refused, Err(TicketError::Refused(Refusal::PanelOff))), "{refused:?}");
        assert!(matches!(start(&member, made[4]).await, Ok(Start::Form { .. })));
        desk.wish(made[4], 8, 81).await.unwrap();
        // An older one is removed: the next in line works.
        panels::remove(&desk.manager().await, made[0]).await.unwrap();
        assert_eq!(off(&desk).await, made[6..]);
        desk.wish(made[5], 8, 82).await.unwrap();
        operator::resume(&console, licence).await.unwrap();
        assert_eq!(off(&desk).await, []);
        desk.wish(made[6], 8, 83).await.unwrap();
        // Nothing was deleted.
        assert_eq!(panels::list(&desk.manager().await).await.unwrap().len(), 6);
    }
}
