//! The worker of the outbox, on every engine.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use wardesk_core::ports::DiscordError;
use wardesk_core::testing::{Call, Desk, desks};
use wardesk_core::{outbox, tickets};

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waited = tokio::time::timeout(Duration::from_secs(20), async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    assert!(waited.await.is_ok(), "waited in vain for {what}");
}

async fn pending(desk: &Desk) -> i64 {
    outbox::stats(&desk.w).await.unwrap().pending
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_worker_wakes_carries_out_and_stops() {
    for desk in desks().await {
        let stop = CancellationToken::new();
        let worker = tokio::spawn(outbox::run(desk.w.clone(), stop.clone()));
        let panel = desk.panel().await;
        for member in 100..110 {
            desk.wish(panel, member, member).await.unwrap();
        }
        // A process without the lease leaves the work to the one that has it.
        assert_eq!(pending(&desk).await, 10);
        let lead = desk.w.lead();
        until("every ticket to be open", async || pending(&desk).await == 0).await;
        assert_eq!(desk.discord.ticket_channels().len(), 10, "{}", desk.store.engine);
        assert_eq!(desk.discord.answers().len(), 10);
        drop(lead);
        stop.cancel();
        worker.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_workers_on_one_database_do_nothing_twice() {
    for desk in desks().await {
        let stop = CancellationToken::new();
        // The lease of one has run out without its noticing: for a moment both believe to lead.
        let both = [desk.w.clone(), desk.restarted()];
        let leads = both.each_ref().map(wardesk_core::Wardesk::lead);
        let workers = both.map(|w| tokio::spawn(outbox::run(w, stop.clone())));
        let panel = desk.panel().await;
        let staff = desk.staff(60).await;
        for member in 100..106 {
            desk.wish(panel, member, member).await.unwrap();
        }
        until("every ticket to be open", async || pending(&desk).await == 0).await;
        let filter = tickets::TicketFilter::default();
        for ticket in tickets::list(&staff, &filter, None, 100).await.unwrap().items {
            tickets::close(&staff, ticket.id, None).await.unwrap();
        }
        until("every ticket to be closed", async || pending(&desk).await == 0).await;
        let made = desk.discord.calls().iter().filter(|c| **c == Call::CreateChannel).count();
        assert_eq!(made, 6, "{}", desk.store.engine);
        assert!(desk.discord.ticket_channels().is_empty());
        assert_eq!(desk.discord.messages(desk.transcripts).len(), 6);
        drop(leads);
        stop.cancel();
        for worker in workers {
            worker.await.unwrap();
        }
    }
}

#[tokio::test]
async fn effects_of_a_ticket_keep_their_order_while_one_waits() {
    for desk in desks().await {
        let panel = desk.panel().await;
        let (ticket, channel) = desk.open_ticket(panel, 7).await;
        let staff = desk.staff(60).await;
        // The notice of the claim cannot be posted yet; nothing of this ticket overtakes it.
        let outage = DiscordError::Unavailable { retry_after_ms: Some(60_000) };
        desk.discord.fail(Call::CreateMessage, outage);
        tickets::claim(&staff, ticket).await.unwrap();
        tickets::unclaim(&staff, ticket).await.unwrap();
        outbox::drain(&desk.w).await.unwrap();
        assert_eq!(desk.discord.messages(channel).len(), 1, "{}", desk.store.engine);
        assert_eq!(pending(&desk).await, 3);
        // Another ticket does not wait for it.
        desk.wish(panel, 8, 8).await.unwrap();
        outbox::drain(&desk.w).await.unwrap();
        assert_eq!(desk.discord.ticket_channels().len(), 2);
        // Not before the time that Discord named.
        desk.clock.advance(59_000);
        outbox::drain(&desk.w).await.unwrap();
        assert_eq!(pending(&desk).await, 3);
        desk.settle().await;
        let said: Vec<_> = desk.discord.messages(channel).iter().skip(1).cloned().collect();
        assert!(said[0]["content"].as_str().unwrap().contains("has claimed"));
        assert!(said[1]["content"].as_str().unwrap().contains("given this ticket back"));
    }
}

#[tokio::test]
async fn what_cannot_be_done_is_given_up_and_told() {
    for desk in desks().await {
        let panel = desk.panel().await;
        let (ticket, _) = desk.open_ticket(panel, 7).await;
        let staff = desk.staff(60).await;
        tickets::close(&staff, ticket, None).await.unwrap();
        desk.discord.fail(Call::DeleteChannel, DiscordError::Forbidden { code: 50_013 });
        desk.settle().await;
        let found = outbox::stats(&desk.w).await.unwrap();
        assert_eq!((found.pending, found.dead), (0, 1), "{}", desk.store.engine);
        let alerts = desk.discord.messages(desk.log);
        assert_eq!(alerts.len(), 1);
        assert!(alerts[0]["embeds"][0]["description"].as_str().unwrap().contains("ticket 1"));
        // Once the permission is there, comparing the server's channels removes what was left.
        tickets::reconcile(&desk.w, desk.guild).await.unwrap();
        desk.settle().await;
        assert!(desk.discord.ticket_channels().is_empty());
    }
}

#[tokio::test]
async fn a_ticket_nobody_waits_for_any_more_fails_instead_of_opening_late() {
    for desk in desks().await {
        let panel = desk.panel().await;
        for _ in 0..60 {
            let outage = DiscordError::Unavailable { retry_after_ms: None };
            desk.discord.fail(Call::CreateChannel, outage);
        }
        let ticket = desk.wish(panel, 7, 1).await.unwrap();
        desk.settle().await;
        let row = storage::tickets::get(desk.w.store().read(), ticket).await.unwrap().unwrap();
        assert_eq!(row.life.state, domain::tickets::TicketState::Failed, "{}", desk.store.engine);
        assert_eq!(desk.discord.messages(desk.log).len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_one_process_see_what_another_did() {
    for desk in desks().await {
        let panel = desk.panel().await;
        desk.open_ticket(panel, 7).await;
        let other = desk.restarted();
        let mut live = other.live();
        let stop = CancellationToken::new();
        let following = tokio::spawn(tickets::follow(other.clone(), stop.clone()));
        let heard = tokio::time::timeout(Duration::from_secs(20), async {
            // Whatever happens after the follower's first look is heard; it looks every two seconds.
            let mut member = 100;
            loop {
                desk.wish(panel, member, member).await.unwrap();
                member += 1;
                let next = tokio::time::timeout(Duration::from_millis(500), live.recv()).await;
                if let Ok(event) = next {
                    return event.unwrap();
                }
            }
        });
        let event = heard.await.expect("the other process's event is heard");
        assert_eq!(event.guild, desk.guild, "{}", desk.store.engine);
        stop.cancel();
        following.await.unwrap();
    }
}
