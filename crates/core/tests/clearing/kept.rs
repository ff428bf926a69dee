use domain::ids::{ApplicationId, GuildId};
use storage::guilds::Presence;
use wardesk_core::guilds;
use wardesk_core::testing::desks;

use super::{closed_ticket, count, days_later, execute, leave, rows_of};

#[tokio::test]
async fn an_outage_of_discord_removes_nothing() {
    for desk in desks().await {
        let engine = desk.store.engine;
        let panel = desk.panel().await;
        closed_ticket(&desk, panel, 7).await;
        guilds::unavailable(&desk.w, desk.guild).await.unwrap();
        days_later(&desk, 60).await;
        let there = count(&desk, "tickets").await;
        assert_eq!(there, 1, "{engine}: out of reach is not left");
        leave(&desk).await;
        desk.discord.outage(true);
        days_later(&desk, 31).await;
        assert_eq!(count(&desk, "tickets").await, 1, "{engine}: Discord did not say so");
        desk.discord.outage(false);
        days_later(&desk, 0).await;
        assert_eq!(rows_of(&desk, desk.guild).await, [], "{engine}");
    }
}

#[tokio::test]
async fn coming_back_within_thirty_days_finds_everything() {
    for desk in desks().await {
        let engine = desk.store.engine;
        let panel = desk.panel().await;
        closed_ticket(&desk, panel, 7).await;
        leave(&desk).await;
        days_later(&desk, 29).await;
        // Being told once more does not begin the time anew.
        guilds::left(&desk.w, desk.guild).await.unwrap();
        let here = guilds::installation(&desk.w, desk.guild).await.unwrap().unwrap();
        assert!(here.left_at.unwrap() < desk.w.now(), "{engine}");
        desk.discord.without_bot(desk.guild, false);
        guilds::arrived(&desk.w, desk.guild, "Example", None).await.unwrap();
        days_later(&desk, 100).await;
        assert_eq!(count(&desk, "tickets").await, 1, "{engine}");
        let settings = guilds::settings_of(&desk.w, desk.guild).await.unwrap();
        assert_eq!(settings.support_roles, [desk.support], "{engine}");
    }
}

#[tokio::test]
async fn a_server_that_was_taken_for_left_by_mistake_is_kept() {
    for desk in desks().await {
        let engine = desk.store.engine;
        desk.panel().await;
        guilds::left(&desk.w, desk.guild).await.unwrap();
        days_later(&desk, 31).await;
        assert_eq!(count(&desk, "panels").await, 1, "{engine}");
        let here = guilds::installation(&desk.w, desk.guild).await.unwrap().unwrap();
        assert_eq!((here.presence, here.left_at), (Presence::Present, None), "{engine}");
    }
}

#[tokio::test]
async fn a_legal_hold_keeps_its_ticket_and_the_keys_until_it_is_lifted() {
    for desk in desks().await {
        let engine = desk.store.engine;
        let panel = desk.panel().await;
        let held = closed_ticket(&desk, panel, 7).await;
        closed_ticket(&desk, panel, 8).await;
        desk.discord.add_member(1, &[]);
        let owner = desk.sign_in(1, "Test").await;
        let access = wardesk_core::transcripts::authorize(&desk.w, &owner, held).await.unwrap();
        wardesk_core::transcripts::hold::place(&access, "a case").await.unwrap();
        leave(&desk).await;
        days_later(&desk, 31).await;
        assert_eq!(count(&desk, "tickets").await, 1, "{engine}: the held one alone");
        assert_eq!(count(&desk, "guild_settings").await, 0, "{engine}");
        assert_eq!(count(&desk, "ticket_people WHERE user_id = 8").await, 0, "{engine}");
        assert!(count(&desk, "transcript_parts").await > 0, "{engine}");
        let keys = desk.w.store().keys();
        assert!(keys.count_of_guild(desk.guild).await.unwrap() > 0, "{engine}");
        let seen = wardesk_core::transcripts::hold::of(&access).await.unwrap().unwrap();
        assert_eq!(seen.reason, "a case", "{engine}");
        wardesk_core::transcripts::hold::lift(&access, "settled").await.unwrap();
        days_later(&desk, 0).await;
        assert_eq!(rows_of(&desk, desk.guild).await, [], "{engine}");
        assert_eq!(keys.count_of_guild(desk.guild).await.unwrap(), 0, "{engine}");
    }
}

#[tokio::test]
async fn a_server_that_another_bot_of_the_service_is_on_is_kept() {
    for desk in desks().await {
        let engine = desk.store.engine;
        desk.panel().await;
        let (bot, guild) = (ApplicationId::new(901).unwrap(), GuildId::new(1000).unwrap());
        let mut tx = desk.w.store().begin().await.unwrap();
        storage::guilds::arrived(tx.conn(), bot, guild, "Example", None, desk.w.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        leave(&desk).await;
        days_later(&desk, 60).await;
        assert_eq!(count(&desk, "panels").await, 1, "{engine}");
        execute(&desk, "UPDATE installations SET state = 'left', left_at = 1").await;
        days_later(&desk, 0).await;
        assert_eq!(rows_of(&desk, desk.guild).await, [], "{engine}");
    }
}
