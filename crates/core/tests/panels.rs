//! Panels, on every engine.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use domain::tickets::Refusal;
use domain::validation::{FieldError, Problem};
use wardesk_core::ports::{ChannelKind, DiscordError};
use wardesk_core::testing::{Call, desks};
use wardesk_core::tickets::open::start;
use wardesk_core::tickets::panels::{self, PublishProblem};
use wardesk_core::tickets::{TicketError, custom_id::CustomId};

fn fields(result: Result<impl Sized, TicketError>) -> Vec<FieldError> {
    match result {
        Err(TicketError::Invalid(fields)) => fields,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("accepted"),
    }
}

#[tokio::test]
async fn publishing_posts_once_and_edits_afterwards() {
    for desk in desks().await {
        let manager = desk.manager().await;
        let panel = desk.panel().await;
        let before = panels::get(&manager, panel).await.unwrap();
        assert!(before.outdated && !before.publishing && before.message.is_none());
        panels::publish(&manager, panel).await.unwrap();
        assert!(panels::get(&manager, panel).await.unwrap().publishing);
        desk.settle().await;
        let posted = desk.discord.messages(desk.log);
        assert_eq!(posted.len(), 1, "{}", desk.store.engine);
        let button = &posted[0]["components"][0]["components"][0];
        assert_eq!(button["custom_id"], CustomId::Open(panel).to_string());
        let shown = panels::get(&manager, panel).await.unwrap();
        assert!(!shown.outdated && !shown.publishing);

        let mut settings = shown.settings.clone();
        settings.title = "Anything wrong?".into();
        panels::save(&manager, panel, shown.revision, settings).await.unwrap();
        assert!(panels::get(&manager, panel).await.unwrap().outdated);
        panels::publish(&manager, panel).await.unwrap();
        desk.settle().await;
        let posted = desk.discord.messages(desk.log);
        assert_eq!(posted.len(), 1);
        assert_eq!(posted[0]["embeds"][0]["title"], "Anything wrong?");
    }
}

#[tokio::test]
async fn a_message_removed_by_hand_is_posted_again_and_one_that_moves_leaves_no_twin() {
    for desk in desks().await {
        let manager = desk.manager().await;
        let panel = desk.panel().await;
        panels::publish(&manager, panel).await.unwrap();
        desk.settle().await;
        desk.discord.fail(Call::EditMessage, DiscordError::Gone { code: 10_008 });
        panels::publish(&manager, panel).await.unwrap();
        desk.settle().await;
        let shown = panels::get(&manager, panel).await.unwrap();
        assert_eq!(shown.message.map(|(channel, _)| channel), Some(desk.log));

        let elsewhere = desk.discord.add_channel(ChannelKind::Text, None);
        let mut settings = shown.settings.clone();
        settings.channel = Some(elsewhere);
        panels::save(&manager, panel, shown.revision, settings).await.unwrap();
        panels::publish(&manager, panel).await.unwrap();
        desk.settle().await;
        assert_eq!(desk.discord.messages(elsewhere).len(), 1, "{}", desk.store.engine);
        let (_, old) = shown.message.unwrap();
        let left = desk.discord.messages(desk.log);
        assert!(left.iter().all(|m| m["id"] != old.to_string()));
    }
}

#[tokio::test]
async fn a_refused_panel_tells_owner_and_staff() {
    for desk in desks().await {
        let manager = desk.manager().await;
        let mut settings = desk.panel_settings();
        settings.channel = Some(desk.transcripts);
        let panel = panels::create(&manager, settings).await.unwrap();
        panels::publish(&manager, panel).await.unwrap();
        desk.discord.fail(Call::CreateMessage, DiscordError::Forbidden { code: 50_013 });
        desk.settle().await;
        let shown = panels::get(&manager, panel).await.unwrap();
        assert_eq!(shown.publish_problem, Some(PublishProblem::OutOfReach));
        let alert = desk.discord.messages(desk.log)[0]["embeds"][0]["description"].clone();
        assert!(alert.as_str().unwrap().contains("Support"), "{alert}");
        // The next attempt clears it.
        panels::publish(&manager, panel).await.unwrap();
        desk.settle().await;
        assert_eq!(panels::get(&manager, panel).await.unwrap().publish_problem, None);
    }
}

#[tokio::test]
async fn what_discord_would_refuse_is_refused_at_its_field() {
    for desk in desks().await {
        let manager = desk.manager().await;
        let mut settings = desk.panel_settings();
        settings.title = "x".repeat(257);
        settings.channel = Some(desk.category);
        settings.support_roles = vec![domain::ids::RoleId::new(424_242).unwrap()];
        let found = fields(panels::create(&manager, settings.clone()).await);
        assert_eq!(
            found,
            vec![
                FieldError::new("panel_title", Problem::TooLong { limit: 256, count: 257 }),
                FieldError::new("panel_channel", Problem::Malformed),
                FieldError::new("panel_support_roles", Problem::Gone),
            ]
        );
        settings = desk.panel_settings();
        settings.channel = None;
        let panel = panels::create(&manager, settings).await.unwrap();
        let found = fields(panels::publish(&manager, panel).await);
        assert_eq!(found, vec![FieldError::new("panel_channel", Problem::Required)]);
    }
}

#[tokio::test]
async fn everybody_is_no_support_role() {
    for desk in desks().await {
        let manager = desk.manager().await;
        let mut settings = desk.panel_settings();
        settings.support_roles = vec![domain::ids::RoleId::new(desk.guild.get()).unwrap()];
        let found = fields(panels::create(&manager, settings).await);
        let expected = vec![FieldError::new("panel_support_roles", Problem::Gone)];
        assert_eq!(found, expected, "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn of_two_who_save_at_once_the_second_is_told() {
    for desk in desks().await {
        let manager = desk.manager().await;
        let panel = desk.panel().await;
        let seen = panels::get(&manager, panel).await.unwrap();
        let mut mine = seen.settings.clone();
        mine.title = "Mine".into();
        let mut theirs = seen.settings.clone();
        theirs.title = "Theirs".into();
        panels::save(&manager, panel, seen.revision, theirs).await.unwrap();
        let late = panels::save(&manager, panel, seen.revision, mine).await;
        assert!(matches!(late, Err(TicketError::Conflict)), "{}", desk.store.engine);
        assert_eq!(panels::get(&manager, panel).await.unwrap().settings.title, "Theirs");
        let log = wardesk_core::audit::list(&manager, None).await.unwrap();
        assert_eq!(log[0].action, "panel.saved");
        assert!(log[0].before.as_deref().unwrap().contains("Need help?"));
        assert!(log[0].after.as_deref().unwrap().contains("Theirs"));
    }
}

#[tokio::test]
async fn a_removed_panel_opens_nothing_and_keeps_its_tickets() {
    for desk in desks().await {
        let manager = desk.manager().await;
        let panel = desk.panel().await;
        panels::publish(&manager, panel).await.unwrap();
        let (ticket, _) = desk.open_ticket(panel, 7).await;
        panels::remove(&manager, panel).await.unwrap();
        desk.settle().await;
        assert!(desk.discord.messages(desk.log).is_empty(), "{}", desk.store.engine);
        let member = desk.member(8).await;
        assert_eq!(start(&member, panel).await, Err(Refusal::PanelGone));
        let refused = desk.wish(panel, 8, 80).await;
        assert!(matches!(refused, Err(TicketError::Refused(Refusal::PanelGone))));
        assert!(matches!(panels::get(&manager, panel).await, Err(TicketError::NotFound)));
        let staff = desk.staff(60).await;
        wardesk_core::tickets::claim(&staff, ticket).await.unwrap();
    }
}

#[tokio::test]
async fn staff_do_not_configure() {
    for desk in desks().await {
        let panel = desk.panel().await;
        let staff = desk.staff(60).await;
        assert!(matches!(panels::list(&staff).await, Err(TicketError::Denied)));
        assert!(matches!(panels::publish(&staff, panel).await, Err(TicketError::Denied)));
        assert!(matches!(panels::remove(&staff, panel).await, Err(TicketError::Denied)));
    }
}
