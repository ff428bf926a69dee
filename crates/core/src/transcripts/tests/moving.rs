//! Transcripts of tickets that were moved to another panel, and what they tell of it and of priorities.

use domain::ids::{PanelId, RoleId};
use domain::tickets::Priority;
use jiff::tz::TimeZone;
use transcript::{DeskAction, Urgency};

use super::super::search;
use super::exporting::text;
use super::*;
use crate::ports::DiscordError;
use crate::testing::Call;
use crate::transcripts::TranscriptError;

/// A panel with a role of its own, and somebody who has that role and no other.
async fn sales(desk: &Desk) -> PanelId {
    let own: RoleId = desk.discord.add_role(2001);
    desk.discord.add_member(61, &[2001]);
    let mut settings = desk.panel_settings();
    settings.name = "Sales".into();
    settings.title = "Buy something".into();
    settings.support_roles = vec![own];
    tickets::panels::create(&desk.manager().await, settings).await.unwrap()
}

async fn move_to(desk: &Desk, ticket: TicketId, panel: PanelId) {
    desk.clock.advance(1000);
    tickets::move_to(&desk.manager().await, ticket, panel).await.unwrap();
    desk.settle().await;
}

async fn may(desk: &Desk, person: i64, ticket: TicketId) -> bool {
    match authorize_person(&desk.w, user(person), ticket).await {
        Ok(_) => true,
        Err(TranscriptError::NotFound) => false,
        Err(other) => panic!("{other}"),
    }
}

/// How much somebody finds on the server.
async fn found(desk: &Desk, person: i64) -> usize {
    let access = crate::guilds::of_person(&desk.w, user(person), desk.guild).await.unwrap();
    let query = search::Query::parse("lighthouse", &TimeZone::UTC).unwrap();
    search::in_guild(&access, &query, None, 10).await.unwrap().items.len()
}

#[tokio::test]
async fn who_reads_and_finds_a_transcript_follows_the_panel() {
    for desk in crate::testing::desks().await {
        let engine = desk.store.engine;
        let sales = sales(&desk).await;
        desk.staff(60).await;
        let (ticket, channel) = open(&desk).await;
        let help = storage::tickets::get(desk.w.store().read(), ticket).await.unwrap();
        let help = help.unwrap().panel;
        say(&desk, channel, OPENER, "the lighthouse is dark").await;
        assert!(may(&desk, 60, ticket).await && !may(&desk, 61, ticket).await);
        // Both have searched: what they found is in memory.
        assert_eq!((found(&desk, 60).await, found(&desk, 61).await), (1, 0), "{engine}");
        move_to(&desk, ticket, sales).await;
        assert!(!may(&desk, 60, ticket).await && may(&desk, 61, ticket).await, "{engine}");
        assert_eq!((found(&desk, 60).await, found(&desk, 61).await), (0, 1), "{engine}");
        // What Discord refuses goes back for searches, too.
        move_to(&desk, ticket, help).await;
        assert_eq!((found(&desk, 60).await, found(&desk, 61).await), (1, 0), "{engine}");
        desk.discord.fail(Call::SetOverwrites, DiscordError::Forbidden { code: 50_013 });
        tickets::move_to(&desk.manager().await, ticket, sales).await.unwrap();
        assert_eq!((found(&desk, 60).await, found(&desk, 61).await), (0, 1), "{engine}");
        desk.settle().await;
        assert_eq!((found(&desk, 60).await, found(&desk, 61).await), (1, 0), "{engine}");
        // Once it is closed as well, of a panel that was left before.
        move_to(&desk, ticket, sales).await;
        close(&desk, ticket).await;
        assert!(!may(&desk, 60, ticket).await && may(&desk, 61, ticket).await, "{engine}");
        assert_eq!((found(&desk, 60).await, found(&desk, 61).await), (0, 1), "{engine}");
    }
}

/// A ticket that was made urgent, moved, and could not be moved back; then closed.
async fn moved(desk: &Desk) -> TicketId {
    let (ticket, channel) = open(desk).await;
    let help = storage::tickets::get(desk.w.store().read(), ticket).await.unwrap().unwrap().panel;
    let sales = sales(desk).await;
    say(desk, channel, OPENER, "the lighthouse is dark").await;
    desk.clock.advance(1000);
    tickets::set_priority(&desk.staff(60).await, ticket, Priority::Urgent).await.unwrap();
    desk.settle().await;
    move_to(desk, ticket, sales).await;
    desk.discord.fail(Call::SetOverwrites, DiscordError::Forbidden { code: 50_013 });
    move_to(desk, ticket, help).await;
    close(desk, ticket).await;
    ticket
}

#[tokio::test]
async fn priority_and_moves_stand_in_the_timeline_where_they_happened() {
    for desk in crate::testing::desks().await {
        let ticket = moved(&desk).await;
        let page = read(&desk, ticket).await;
        let deeds: Vec<_> = page
            .timeline
            .iter()
            .filter_map(|item| match item {
                TimelineItem::Desk(event) => {
                    Some((event.by.map(transcript::Snowflake::get), &event.action))
                }
                TimelineItem::Message(_) => None,
            })
            .collect();
        let engine = desk.store.engine;
        // It was opened from the panel that it is not of any more.
        assert!(
            matches!(deeds[0], (Some(7), DeskAction::Opened { panel, .. }) if panel == "Need help?"),
            "{engine}: {deeds:?}"
        );
        assert!(matches!(deeds[1], (Some(60), DeskAction::Priority(Urgency::Urgent))), "{deeds:?}");
        let names = |from: &String, to: &String| (from.clone(), to.clone());
        let DeskAction::Moved { from, to } = deeds[2].1 else { panic!("{deeds:?}") };
        assert_eq!(names(from, to), ("Support".to_owned(), "Sales".to_owned()));
        assert_eq!(deeds[2].0, Some(50));
        let DeskAction::Moved { from, to } = deeds[3].1 else { panic!("{deeds:?}") };
        assert_eq!(names(from, to), ("Sales".to_owned(), "Support".to_owned()));
        let (by, DeskAction::MovedBack { from, to }) = deeds[4] else { panic!("{deeds:?}") };
        assert_eq!((by, names(from, to)), (None, ("Support".to_owned(), "Sales".to_owned())));
        assert!(matches!(deeds[5].1, DeskAction::Closed { .. }), "{deeds:?}");
        assert_eq!(deeds.len(), 6, "{deeds:?}");
        assert_eq!(page.header.panel, "Sales");
    }
}

#[tokio::test]
async fn every_export_tells_of_priority_and_moves() {
    use transcript::export::Format;

    let schema = include_str!("../../../../../docs/schema/transcript-1.json");
    let schema = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    for desk in crate::testing::desks().await {
        let ticket = moved(&desk).await;
        for format in [Format::Text, Format::Markdown] {
            let told = text(&desk, ticket, format).await;
            let strong = |word: &str| match format {
                Format::Markdown => format!("**{word}**"),
                _ => word.to_owned(),
            };
            let (support, sales) = (strong("Support"), strong("Sales"));
            for line in [
                format!("set the priority to {}", strong("urgent")),
                format!("moved the ticket from {support} to {sales}"),
                format!("Discord refused the move to {support}: the ticket is back at {sales}"),
            ] {
                assert!(told.contains(&line), "{line:?} is not in\n{told}");
            }
        }
        let told = text(&desk, ticket, Format::Html).await;
        assert!(told.contains("moved the ticket from <strong>Support</strong>"), "{told}");
        let told: Value = serde_json::from_str(&text(&desk, ticket, Format::Json).await).unwrap();
        let errors: Vec<String> = schema.iter_errors(&told).map(|e| e.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new(), "{}", desk.store.engine);
        let timeline = told["timeline"].as_array().unwrap();
        let of = |action: &str| timeline.iter().find(|item| item["action"] == action).unwrap();
        assert_eq!(of("priority")["priority"], "urgent");
        assert_eq!(
            (&of("moved")["from"], &of("moved")["to"]),
            (&json!("Support"), &json!("Sales"))
        );
        assert_eq!(of("moved_back")["by"], Value::Null);
        // The schema would notice.
        let mut wrong = told.clone();
        for item in wrong["timeline"].as_array_mut().unwrap() {
            if item["action"] == "priority" {
                item["priority"] = json!("very");
            }
        }
        assert!(!schema.is_valid(&wrong));
    }
}
