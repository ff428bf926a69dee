//! The worker of the outbox, on every engine.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Duration;

use domain::ids::{GuildId, InteractionId};
use domain::permissions::Permissions;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use wardesk_core::guilds;
use wardesk_core::ports::DiscordError;
use wardesk_core::testing::{Call, Desk, desks};
use wardesk_core::tickets::open::SubmitOpen;
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
        for ticket in tickets::list(&staff, &filter, None, 100).await.unwrap().items.clone() {
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
        let stop = CancellationToken::new();
        // A page is read, listens, and only then does the other process look for the first time.
        let mut live = other.live();
        let seen = storage::events::heads(other.store().read()).await.unwrap()[0].1;
        desk.wish(panel, 100, 100).await.unwrap();
        let following = tokio::spawn(tickets::follow(other.clone(), stop.clone()));
        let mut seen_by = async |least: i64| {
            let heard = tokio::time::timeout(Duration::from_secs(20), async {
                loop {
                    let event = live.recv().await.unwrap();
                    assert_eq!(event.guild, desk.guild, "{}", desk.store.engine);
                    if event.seq > least {
                        return event.seq;
                    }
                }
            });
            heard.await.expect("the other process's event is heard")
        };
        let seen = seen_by(seen).await;
        desk.wish(panel, 101, 101).await.unwrap();
        seen_by(seen).await;
        stop.cancel();
        following.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_has_to_wait_holds_up_no_other() {
    for desk in desks().await {
        let panel = desk.panel().await;
        desk.discord.hold(desk.guild, true);
        for member in 100..170 {
            desk.wish(panel, member, member).await.unwrap();
        }
        // Asked for last, on another server.
        let other = GuildId::new(1001).unwrap();
        guilds::arrived(&desk.w, other, "Other", None).await.unwrap();
        let manager = desk.acting(50, &[], Permissions::MANAGE_GUILD);
        let manager = guilds::authorize_member(&desk.w, other, &manager).await.unwrap();
        let panel = tickets::panels::create(&manager, desk.panel_settings()).await.unwrap();
        let opener = desk.acting(7, &[], Permissions::default());
        let access = guilds::authorize_member(&desk.w, other, &opener).await.unwrap();
        let wish = SubmitOpen {
            panel,
            answers: vec!["Quick, please".into()],
            interaction: InteractionId::new(7).unwrap(),
            token: "token".to_owned().into(),
            opener,
        };
        let ticket = tickets::open::submit(&access, wish).await.unwrap();

        let stop = CancellationToken::new();
        let worker = tokio::spawn(outbox::run(desk.w.clone(), stop.clone()));
        let lead = desk.w.lead();
        until("the other server's ticket to be open", async || {
            let row = storage::tickets::get(desk.w.store().read(), ticket).await.unwrap().unwrap();
            row.life.channel.is_some()
        })
        .await;
        assert_eq!(desk.discord.ticket_channels().len(), 1, "{}", desk.store.engine);
        desk.discord.hold(desk.guild, false);
        until("nothing to be left", async || pending(&desk).await == 0).await;
        drop(lead);
        stop.cancel();
        worker.await.unwrap();
    }
}

#[tokio::test]
async fn a_channel_that_no_ticket_needs_is_removed() {
    for desk in desks().await {
        let panel = desk.panel().await;
        let (_, channel) = desk.open_ticket(panel, 7).await;
        // Made by an attempt whose answer never came, after the next one had looked.
        desk.discord.copy_channel(channel);
        tickets::compare_all(&desk.w, desk.w.now()).await.unwrap();
        desk.settle().await;
        let left: Vec<_> = desk.discord.ticket_channels().iter().map(|c| c.id).collect();
        assert_eq!(left, [channel], "{}", desk.store.engine);
        assert!(desk.discord.messages(desk.log).is_empty(), "staff need not know");
    }
}

#[tokio::test]
async fn the_channel_of_a_ticket_that_failed_is_removed() {
    for desk in desks().await {
        let panel = desk.panel().await;
        // Made, but nothing was heard of it, nor of anything else for a quarter of an hour.
        desk.discord.lose_answer(Call::CreateChannel);
        let ticket = desk.wish(panel, 7, 1).await.unwrap();
        outbox::drain(&desk.w).await.unwrap();
        desk.discord.outage(true);
        desk.clock.advance(16 * 60_000);
        desk.settle().await;
        let row = storage::tickets::get(desk.w.store().read(), ticket).await.unwrap().unwrap();
        assert_eq!(row.life.state, domain::tickets::TicketState::Failed, "{}", desk.store.engine);
        desk.discord.outage(false);
        assert_eq!(desk.discord.ticket_channels().len(), 1);
        tickets::compare_all(&desk.w, desk.w.now()).await.unwrap();
        desk.settle().await;
        assert!(desk.discord.ticket_channels().is_empty());
    }
}

#[tokio::test]
async fn a_channel_that_goes_while_channels_are_compared_needs_nothing_more() {
    for desk in desks().await {
        let panel = desk.panel().await;
        let (ticket, _) = desk.open_ticket(panel, 7).await;
        desk.discord.answer_late();
        tickets::close(&desk.staff(60).await, ticket, None).await.unwrap();
        desk.settle().await;
        assert!(desk.discord.ticket_channels().is_empty());
        tickets::reconcile(&desk.w, desk.guild).await.unwrap();
        assert_eq!(pending(&desk).await, 0, "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn a_channel_in_which_somebody_wrote_is_left_to_staff() {
    for desk in desks().await {
        let panel = desk.panel().await;
        let (ticket, channel) = desk.open_ticket(panel, 7).await;
        let copy = desk.discord.copy_channel(channel);
        desk.discord.say(copy, 60, "Internal: do not tell them", &json!({}));
        let staff = desk.staff(60).await;
        tickets::close(&staff, ticket, None).await.unwrap();
        desk.settle().await;
        for _ in 0..3 {
            tickets::reconcile(&desk.w, desk.guild).await.unwrap();
            desk.settle().await;
        }
        let left: Vec<_> = desk.discord.ticket_channels().iter().map(|c| c.id).collect();
        assert_eq!(left, [copy], "{}", desk.store.engine);
        assert_eq!(desk.discord.messages(desk.log).len(), 1, "staff are told, once");
        let manager = desk.manager().await;
        let words = words::Words::new(domain::locale::Locale::En);
        assert_eq!(guilds::alerts(&manager, words).await.unwrap().len(), 1);
        desk.discord.remove_channel(copy);
        tickets::reconcile(&desk.w, desk.guild).await.unwrap();
        assert!(guilds::alerts(&manager, words).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn what_another_bot_says_is_not_taken_for_our_own() {
    for desk in desks().await {
        let panel = desk.panel().await;
        let (ticket, channel) = desk.open_ticket(panel, 7).await;
        let staff = desk.staff(60).await;
        tickets::claim(&staff, ticket).await.unwrap();
        // The call never reaches Discord; another bot says what it would have said.
        let outage = DiscordError::Unavailable { retry_after_ms: Some(120_000) };
        desk.discord.fail(Call::CreateMessage, outage);
        outbox::drain(&desk.w).await.unwrap();
        let text = words::Words::new(domain::locale::Locale::En).bot_claimed_notice("<@60>");
        let parrot = json!({ "author": { "id": "4711", "username": "parrot", "bot": true } });
        desk.discord.say(channel, 4711, &text, &parrot);
        desk.settle().await;
        let said = desk.discord.messages(channel);
        let authors: Vec<_> = said
            .iter()
            .filter(|m| m["content"] == json!(text))
            .map(|m| m["author"]["id"].as_str().unwrap_or("900"))
            .collect();
        assert_eq!(authors, ["4711", "900"], "{}", desk.store.engine);
    }
}

/// A limit is no failure: its end is known, so its wait does not grow and nothing is given up for it.
#[tokio::test]
async fn who_waits_for_a_limit_comes_back_when_it_ends() {
    const LIMIT_MS: u64 = 2_000;
    const TIMES: usize = 25;
    for desk in desks().await {
        let panel = desk.panel().await;
        let (ticket, _) = desk.open_ticket(panel, 7).await;
        for _ in 0..TIMES {
            let limit = DiscordError::Unavailable { retry_after_ms: Some(LIMIT_MS) };
            desk.discord.fail(Call::DmChannel, limit);
        }
        tickets::close(&desk.member(7).await, ticket, None).await.unwrap();
        let asked = |desk: &Desk| TIMES - desk.discord.faults_left(Call::DmChannel);
        // What a close does first comes first.
        for _ in 0..20 {
            outbox::drain(&desk.w).await.unwrap();
            if asked(&desk) > 0 {
                break;
            }
            desk.clock.advance(1_000);
        }
        for round in 1..=TIMES {
            outbox::drain(&desk.w).await.unwrap();
            assert_eq!(asked(&desk), round, "{}", desk.store.engine);
            // Not before the limit's end, and at most a second after it.
            desk.clock.advance(1_999);
            outbox::drain(&desk.w).await.unwrap();
            assert_eq!(asked(&desk), round, "{}", desk.store.engine);
            desk.clock.advance(1_001);
        }
        desk.settle().await;
        assert!(desk.discord.calls().contains(&Call::DmChannel));
        assert_eq!(outbox::stats(&desk.w).await.unwrap().dead, 0);
    }
}
