//! Staff see on the server's page what needs a hand, also without a channel for alerts.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use domain::guilds::GuildSettings;
use domain::locale::Locale;
use wardesk_core::guilds::{self, StaffAlert};
use wardesk_core::ports::{ChannelKind, DiscordError};
use wardesk_core::testing::{Call, Desk, desks};
use wardesk_core::{outbox, retention, tickets};
use words::Words;

async fn alerts(desk: &Desk) -> Vec<StaffAlert> {
    let staff = desk.staff(60).await;
    guilds::alerts(&staff, Words::new(Locale::En)).await.unwrap()
}

/// A server without channels for alerts and summaries.
async fn without_log(desk: &Desk) {
    let manager = desk.manager().await;
    let seen = guilds::settings(&manager).await.unwrap();
    let quiet =
        GuildSettings { transcript_channel: None, log_channel: None, ..seen.settings.clone() };
    guilds::save_settings(&manager, quiet, seen.revision).await.unwrap();
}

#[tokio::test]
async fn a_full_category_is_told_until_a_ticket_opens_again() {
    for desk in desks().await {
        without_log(&desk).await;
        let panel = desk.panel().await;
        let mut filling = Vec::new();
        for _ in 0..50 {
            filling.push(desk.discord.add_channel(ChannelKind::Text, Some(desk.category)));
        }
        assert_eq!(alerts(&desk).await, []);
        for number in 1..=2 {
            desk.wish(panel, 7, number).await.unwrap();
            desk.settle().await;
            let told = alerts(&desk).await;
            assert_eq!(told.len(), 1, "{}", desk.store.engine);
            assert!(told[0].text.contains("50 channels"), "{}", told[0].text);
            assert!(told[0].text.contains("choose another category"), "the remedy");
            assert_eq!(told[0].times, number);
        }
        desk.discord.remove_channel(filling[0]);
        desk.open_ticket(panel, 8).await;
        assert_eq!(alerts(&desk).await, [], "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn only_those_who_work_there_see_alerts() {
    for desk in desks().await {
        let words = Words::new(Locale::De);
        assert!(guilds::alerts(&desk.member(8).await, words).await.is_err());
    }
}

#[tokio::test]
async fn a_panel_out_of_reach_is_told_until_it_is_posted_or_removed() {
    for desk in desks().await {
        let manager = desk.manager().await;
        for removed in [false, true] {
            let panel = desk.panel().await;
            desk.discord.fail(Call::CreateMessage, DiscordError::Forbidden { code: 50_001 });
            tickets::panels::publish(&manager, panel).await.unwrap();
            desk.settle().await;
            let told = alerts(&desk).await;
            assert_eq!(told.len(), 1, "{}", desk.store.engine);
            assert!(told[0].text.contains("“Support”") && told[0].text.contains("#channel-"));
            if removed {
                tickets::panels::remove(&manager, panel).await.unwrap();
            } else {
                tickets::panels::publish(&manager, panel).await.unwrap();
            }
            desk.settle().await;
            assert_eq!(alerts(&desk).await, [], "{}", desk.store.engine);
        }
    }
}

#[tokio::test]
async fn a_channel_that_stays_is_told_until_someone_removes_it() {
    for desk in desks().await {
        let panel = desk.panel().await;
        let (ticket, channel) = desk.open_ticket(panel, 7).await;
        tickets::close(&desk.member(7).await, ticket, None).await.unwrap();
        desk.discord.fail(Call::DeleteChannel, DiscordError::Forbidden { code: 50_013 });
        outbox::drain(&desk.w).await.unwrap();
        assert!(alerts(&desk).await[0].text.contains("ticket-0001"), "{}", desk.store.engine);
        desk.discord.remove_channel(channel);
        tickets::channel_deleted(&desk.w, channel).await.unwrap();
        assert_eq!(alerts(&desk).await, [], "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn what_nobody_can_see_mended_goes_after_30_days() {
    for desk in desks().await {
        let panel = desk.panel().await;
        let (ticket, _) = desk.open_ticket(panel, 7).await;
        desk.discord.fail(Call::CreateMessage, DiscordError::Forbidden { code: 50_013 });
        tickets::claim(&desk.staff(60).await, ticket).await.unwrap();
        desk.settle().await;
        assert_eq!(alerts(&desk).await.len(), 1, "{}", desk.store.engine);
        desk.clock.advance(30 * 24 * 3_600_000);
        retention::sweep(&desk.w).await.unwrap();
        assert_eq!(alerts(&desk).await, []);
    }
}
