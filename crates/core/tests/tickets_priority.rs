//! How urgent tickets are, on every engine.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use domain::tickets::{Priority, Refusal};
use wardesk_core::testing::{Desk, desks};
use wardesk_core::tickets::{self, TicketError, TicketEvent, TicketFilter};
use wardesk_core::{audit, outbox};

/// The numbers of the tickets that a list shows, page by page of two.
async fn listed(desk: &Desk, priority: Option<Priority>) -> Vec<i64> {
    let staff = desk.staff(60).await;
    let filter = TicketFilter { priority, ..TicketFilter::default() };
    let (mut numbers, mut cursor) = (Vec::new(), None);
    loop {
        let page = tickets::list(&staff, &filter, cursor, 2).await.unwrap();
        numbers.extend(page.items.iter().map(|ticket| ticket.number));
        cursor = page.next;
        if cursor.is_none() {
            return numbers;
        }
    }
}

#[tokio::test]
async fn staff_say_how_urgent_a_ticket_is_and_everybody_is_told_once() {
    for desk in desks().await {
        let engine = desk.store.engine;
        let panel = desk.panel().await;
        let (ticket, channel) = desk.open_ticket(panel, 7).await;
        let staff = desk.staff(60).await;
        assert_eq!(tickets::get(&staff, ticket).await.unwrap().summary.priority, Priority::Normal);
        tickets::set_priority(&staff, ticket, Priority::Urgent).await.unwrap();
        desk.settle().await;
        let again = tickets::set_priority(&staff, ticket, Priority::Urgent).await;
        assert!(matches!(again, Err(TicketError::Refused(Refusal::Unchanged))), "{engine}");
        desk.settle().await;

        let said = desk.discord.messages(channel);
        assert_eq!(said.len(), 2, "the welcome and one notice: {said:?}");
        assert_eq!(said[1]["content"], "<@60> has marked this ticket as urgent.");
        assert_eq!(said[1]["allowed_mentions"]["users"].as_array().unwrap().len(), 0);
        let detail = tickets::get(&staff, ticket).await.unwrap();
        assert_eq!(detail.summary.priority, Priority::Urgent);
        assert!(detail.may.sort);
        let told: Vec<_> = detail
            .events
            .iter()
            .filter(|entry| matches!(entry.event, TicketEvent::PriorityChanged { .. }))
            .collect();
        assert_eq!(told.len(), 1, "{engine}");
        let (from, to) = (Priority::Normal, Priority::Urgent);
        assert_eq!(told[0].event, TicketEvent::PriorityChanged { from, to });
        assert_eq!(told[0].actor.as_ref().unwrap().name.as_deref(), Some("User 60"));
        let log = audit::list(&desk.manager().await, None).await.unwrap();
        let noted: Vec<_> = log.iter().filter(|e| e.action == "ticket.priority").collect();
        assert_eq!(noted.len(), 1, "{engine}");
        let (before, after) = (noted[0].before.as_deref(), noted[0].after.as_deref());
        assert_eq!(before, Some(r#"{"number":1,"priority":"normal"}"#));
        assert_eq!(after, Some(r#"{"number":1,"priority":"urgent"}"#));
        assert_eq!(noted[0].actor, Some(staff.user()));
    }
}

#[tokio::test]
async fn only_staff_of_the_panel_say_so_and_only_while_it_is_open() {
    for desk in desks().await {
        let sales = desk.discord.add_role(3000);
        let mut settings = desk.panel_settings();
        settings.support_roles = vec![sales];
        let panel = tickets::panels::create(&desk.manager().await, settings).await.unwrap();
        let opening = desk.wish(panel, 9, 9_000).await.unwrap();
        let manager = desk.manager().await;
        let early = tickets::set_priority(&manager, opening, Priority::High).await;
        assert!(matches!(early, Err(TicketError::Refused(Refusal::NotOpen))));
        let (ticket, _) = desk.open_ticket(panel, 7).await;
        for other in [desk.member(7).await, desk.member(8).await, desk.staff(60).await] {
            let refused = tickets::set_priority(&other, ticket, Priority::High).await;
            assert!(matches!(refused, Err(TicketError::Refused(Refusal::StaffOnly))));
        }
        // Whoever opened it sees how urgent it is, and cannot change it.
        assert!(!tickets::get(&desk.member(7).await, ticket).await.unwrap().may.sort);
        tickets::close(&manager, ticket, None).await.unwrap();
        let late = tickets::set_priority(&manager, ticket, Priority::High).await;
        assert!(matches!(late, Err(TicketError::Refused(Refusal::NotOpen))));
        desk.settle().await;
        let row = storage::tickets::get(desk.w.store().read(), ticket).await.unwrap().unwrap();
        assert_eq!(row.life.priority, Priority::Normal, "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn of_two_who_say_the_same_at_once_one_is_told_that_it_is_so() {
    for desk in desks().await {
        let panel = desk.panel().await;
        let (ticket, channel) = desk.open_ticket(panel, 7).await;
        let (one, two) = (desk.staff(60).await, desk.staff(61).await);
        let (a, b) = tokio::join!(
            tickets::set_priority(&one, ticket, Priority::Low),
            tickets::set_priority(&two, ticket, Priority::Low)
        );
        assert_ne!(a.is_ok(), b.is_ok(), "{}", desk.store.engine);
        desk.settle().await;
        assert_eq!(desk.discord.messages(channel).len(), 2, "one notice");
    }
}

#[tokio::test]
async fn a_list_of_one_priority_loses_nothing_between_its_pages() {
    for desk in desks().await {
        let engine = desk.store.engine;
        let panel = desk.panel().await;
        let staff = desk.staff(60).await;
        let order = [
            Priority::Urgent,
            Priority::Normal,
            Priority::Urgent,
            Priority::High,
            Priority::Urgent,
            Priority::Low,
            Priority::Urgent,
            Priority::Urgent,
        ];
        for (member, priority) in (100..).zip(order) {
            // Each is newer than the one before.
            desk.clock.advance(1000);
            let (ticket, _) = desk.open_ticket(panel, member).await;
            if priority != Priority::Normal {
                tickets::set_priority(&staff, ticket, priority).await.unwrap();
            }
        }
        assert_eq!(listed(&desk, None).await, [8, 7, 6, 5, 4, 3, 2, 1], "{engine}");
        assert_eq!(listed(&desk, Some(Priority::Urgent)).await, [8, 7, 5, 3, 1], "{engine}");
        assert_eq!(listed(&desk, Some(Priority::High)).await, [4], "{engine}");
        assert_eq!(listed(&desk, Some(Priority::Low)).await, [6], "{engine}");
        assert_eq!(listed(&desk, Some(Priority::Normal)).await, [2], "{engine}");
        // A page that was read a moment ago follows what changes.
        let third = tickets::list(&staff, &TicketFilter::default(), None, 10).await.unwrap();
        let third = third.items.iter().find(|ticket| ticket.number == 3).unwrap().id;
        tickets::set_priority(&staff, third, Priority::Normal).await.unwrap();
        assert_eq!(listed(&desk, Some(Priority::Urgent)).await, [8, 7, 5, 1], "{engine}");
        assert_eq!(listed(&desk, Some(Priority::Normal)).await, [3, 2], "{engine}");
        assert_eq!(outbox::stats(&desk.w).await.unwrap().dead, 0);
    }
}
