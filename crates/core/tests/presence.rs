//! People who take part in a ticket leave the server and come back, on every engine.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use domain::ids::{ChannelId, GuildId, TicketId, UserId};
use futures::TryStreamExt as _;
use jiff::tz::TimeZone;
use transcript::export::Format;
use transcript::{DeskAction, Labels, TimelineItem};
use wardesk_core::testing::{Desk, desks};
use wardesk_core::tickets::{self, TicketEvent};
use wardesk_core::transcripts::{self, TranscriptAccess, export};
use words::Words;

const OPENER: i64 = 7;
const FRIEND: i64 = 77;

fn user(id: i64) -> UserId {
    UserId::new(id).unwrap()
}

async fn left(desk: &Desk, id: i64) {
    desk.discord.remove_member(id);
    told_left(desk, id).await;
}

async fn told_left(desk: &Desk, id: i64) {
    desk.clock.advance(1000);
    tickets::member_left(&desk.w, desk.guild, user(id)).await.unwrap();
}

async fn joined(desk: &Desk, id: i64) {
    desk.discord.add_member(id, &[]);
    desk.clock.advance(1000);
    tickets::member_joined(&desk.w, desk.guild, user(id)).await.unwrap();
}

/// An open ticket of the opener's, to which a friend was added; both are on the server.
async fn ticket(desk: &Desk) -> (TicketId, ChannelId) {
    desk.discord.add_member(OPENER, &[]);
    let panel = desk.panel().await;
    let (ticket, channel) = desk.open_ticket(panel, OPENER).await;
    add_friend(desk, ticket).await;
    (ticket, channel)
}

async fn add_friend(desk: &Desk, ticket: TicketId) {
    desk.discord.add_member(FRIEND, &[]);
    desk.clock.advance(1000);
    let staff = desk.staff(60).await;
    tickets::add_member(&staff, ticket, user(FRIEND)).await.unwrap();
    desk.settle().await;
}

/// Who left and came back, as the ticket's page has it: true for "came back", and whether somebody looked.
async fn noted(desk: &Desk, ticket: TicketId) -> Vec<(i64, bool, bool)> {
    let staff = desk.staff(60).await;
    let events = tickets::get(&staff, ticket).await.unwrap().events;
    let noted = events.into_iter().filter_map(|entry| {
        let who = entry.actor.map(|person| person.id.get());
        match entry.event {
            TicketEvent::MemberLeft { noticed } => Some((who.unwrap(), false, noticed)),
            TicketEvent::MemberReturned { noticed } => Some((who.unwrap(), true, noticed)),
            _ => None,
        }
    });
    noted.collect()
}

async fn count(desk: &Desk, table: &str) -> i64 {
    let text = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
    sqlx::query_scalar(text).fetch_one(desk.w.store().read()).await.unwrap()
}

fn said(desk: &Desk, channel: ChannelId) -> Vec<String> {
    let all = desk.discord.messages(channel).into_iter();
    all.map(|message| {
        assert!(
            message["allowed_mentions"]["parse"].as_array().is_none_or(Vec::is_empty),
            "nobody is pinged"
        );
        message["content"].as_str().unwrap().to_owned()
    })
    .collect()
}

#[tokio::test]
async fn who_leaves_and_comes_back_is_noted_once_and_staff_are_told() {
    for desk in desks().await {
        let (ticket, channel) = ticket(&desk).await;
        let before = said(&desk, channel).len();
        for _ in 0..3 {
            left(&desk, OPENER).await;
        }
        for _ in 0..3 {
            joined(&desk, OPENER).await;
        }
        left(&desk, FRIEND).await;
        desk.settle().await;
        let expected = [(OPENER, false, false), (OPENER, true, false), (FRIEND, false, false)];
        assert_eq!(noted(&desk, ticket).await, expected, "{}", desk.store.engine);
        let words = Words::new(domain::locale::Locale::En);
        let opener = format!("<@{OPENER}>");
        assert_eq!(
            said(&desk, channel)[before..],
            [
                words.bot_opener_left(&opener),
                words.bot_member_returned(&opener),
                words.bot_member_left(format!("<@{FRIEND}>")),
            ]
        );
        // A later life of the program knows it too.
        let again = desk.beside().await;
        tickets::member_left(&again, desk.guild, user(FRIEND)).await.unwrap();
        assert_eq!(noted(&desk, ticket).await.len(), 3);
    }
}

#[tokio::test]
async fn of_two_who_are_told_at_once_one_notes_it() {
    for desk in desks().await {
        let (ticket, _) = ticket(&desk).await;
        desk.discord.remove_member(OPENER);
        let other = desk.beside().await;
        let (a, b) = tokio::join!(
            tickets::member_left(&desk.w, desk.guild, user(OPENER)),
            tickets::member_left(&other, desk.guild, user(OPENER)),
        );
        a.and(b).unwrap();
        assert_eq!(noted(&desk, ticket).await.len(), 1, "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn of_everyone_else_nothing_is_kept() {
    for desk in desks().await {
        let (ticket, _) = ticket(&desk).await;
        // Shown out again, so no part of it any more.
        let staff = desk.staff(60).await;
        tickets::remove_member(&staff, ticket, user(FRIEND)).await.unwrap();
        // The ticket of another one is over.
        desk.discord.add_member(8, &[]);
        let panel = desk.panel().await;
        let (over, _) = desk.open_ticket(panel, 8).await;
        tickets::close(&desk.member(8).await, over, None).await.unwrap();
        desk.settle().await;
        let all = [
            "domain_events",
            "outbox",
            "audit_log",
            "ticket_people",
            "transcript_people",
            "guild_alerts",
            "archive_messages",
        ];
        let mut before = Vec::new();
        for table in all {
            before.push(count(&desk, table).await);
        }
        for stranger in [FRIEND, 8, 60, 99] {
            left(&desk, stranger).await;
            joined(&desk, stranger).await;
        }
        // The opener leaves another server.
        let elsewhere = GuildId::new(desk.guild.get() + 1).unwrap();
        tickets::member_left(&desk.w, elsewhere, user(OPENER)).await.unwrap();
        let mut after = Vec::new();
        for table in all {
            after.push(count(&desk, table).await);
        }
        assert_eq!(before, after, "{}", desk.store.engine);
        assert_eq!(desk.discord.looks(), [], "nobody is asked for");
    }
}

#[tokio::test]
async fn whoever_is_let_in_anew_may_leave_anew() {
    for desk in desks().await {
        let (ticket, _) = ticket(&desk).await;
        left(&desk, FRIEND).await;
        let staff = desk.staff(60).await;
        tickets::remove_member(&staff, ticket, user(FRIEND)).await.unwrap();
        // They come back while they have no part in it, and are let in again.
        joined(&desk, FRIEND).await;
        add_friend(&desk, ticket).await;
        left(&desk, FRIEND).await;
        let gone = (FRIEND, false, false);
        assert_eq!(noted(&desk, ticket).await, [gone, gone], "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn coming_and_going_all_day_does_not_fill_the_timeline() {
    for desk in desks().await {
        let (ticket, _) = ticket(&desk).await;
        for _ in 0..30 {
            left(&desk, OPENER).await;
            joined(&desk, OPENER).await;
        }
        assert_eq!(noted(&desk, ticket).await.len(), 50, "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn what_nobody_told_is_found_by_looking() {
    for desk in desks().await {
        let (ticket, channel) = ticket(&desk).await;
        tickets::look_for_members(&desk.w).await.unwrap();
        assert_eq!(noted(&desk, ticket).await, [], "all are there");
        desk.discord.remove_member(OPENER);
        desk.discord.outage(true);
        tickets::look_for_members(&desk.w).await.unwrap();
        assert_eq!(noted(&desk, ticket).await, [], "who cannot be asked for is not gone");
        desk.discord.outage(false);
        for _ in 0..2 {
            tickets::look_for_members(&desk.w).await.unwrap();
        }
        let gone = (OPENER, false, true);
        assert_eq!(noted(&desk, ticket).await, [gone], "{}", desk.store.engine);
        // That Discord tells it late, or again, changes nothing.
        told_left(&desk, OPENER).await;
        desk.discord.add_member(OPENER, &[]);
        for _ in 0..2 {
            tickets::look_for_members(&desk.w).await.unwrap();
        }
        joined(&desk, OPENER).await;
        assert_eq!(noted(&desk, ticket).await, [gone, (OPENER, true, true)]);
        desk.settle().await;
        let words = Words::new(domain::locale::Locale::En);
        let told = words.bot_opener_away(format!("<@{OPENER}>"));
        assert!(said(&desk, channel).contains(&told));
        let looked = desk.discord.looks();
        assert!(looked.iter().all(|who| [OPENER, FRIEND].contains(&who.get())), "{looked:?}");
    }
}

#[tokio::test]
async fn what_is_told_during_a_look_counts() {
    for desk in desks().await {
        let (ticket, _) = ticket(&desk).await;
        // The answer to the look is older than what was told meanwhile: that they are back, of which nobody knew
        // that they had gone.
        desk.discord.look_late(false);
        tickets::look_for_members(&desk.w).await.unwrap();
        let last = *noted(&desk, ticket).await.last().unwrap();
        assert!(last.1, "they are there: {last:?} ({})", desk.store.engine);
        // And the other way round.
        left(&desk, last.0).await;
        desk.discord.look_late(true);
        tickets::look_for_members(&desk.w).await.unwrap();
        let last = *noted(&desk, ticket).await.iter().rfind(|one| one.0 == last.0).unwrap();
        assert!(!last.1, "they are gone: {last:?} ({})", desk.store.engine);
    }
}

async fn access(desk: &Desk, ticket: TicketId) -> TranscriptAccess {
    desk.discord.add_member(1, &[]);
    let owner = desk.sign_in(1, "Test").await;
    transcripts::authorize(&desk.w, &owner, ticket).await.unwrap()
}

#[tokio::test]
async fn the_transcript_and_every_export_tell_it() {
    let schema = include_str!("../../../docs/schema/transcript-1.json");
    let schema = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    for desk in desks().await {
        let (ticket, _) = ticket(&desk).await;
        left(&desk, OPENER).await;
        joined(&desk, OPENER).await;
        desk.discord.remove_member(OPENER);
        desk.clock.advance(1000);
        tickets::look_for_members(&desk.w).await.unwrap();
        let staff = desk.staff(60).await;
        tickets::close(&staff, ticket, None).await.unwrap();
        desk.settle().await;
        let page = transcripts::page(&access(&desk, ticket).await, None, 500).await.unwrap();
        let told: Vec<_> = page
            .timeline
            .iter()
            .filter_map(|item| match item {
                TimelineItem::Desk(event) => match event.action {
                    DeskAction::Left { noticed } => Some((event.by, "left", noticed)),
                    DeskAction::Joined { noticed } => Some((event.by, "joined", noticed)),
                    _ => None,
                },
                TimelineItem::Message(_) => None,
            })
            .collect();
        let opener = told[0].0;
        assert_eq!(opener.unwrap().to_string(), OPENER.to_string());
        let expected = [(opener, "left", false), (opener, "joined", false), (opener, "left", true)];
        assert_eq!(told, expected, "{}", desk.store.engine);
        for format in [Format::Html, Format::Markdown, Format::Text, Format::Json] {
            let labels = include_str!("../../../locales/en/transcript.json");
            let labels: Labels = serde_json::from_str(labels).unwrap();
            let words = Words::new(domain::locale::Locale::En);
            let wish = export::Wish {
                format,
                zone: TimeZone::UTC,
                zone_name: "UTC".into(),
                labels,
                words,
            };
            let export = export::start(&access(&desk, ticket).await, wish).await.unwrap();
            let parts: Vec<bytes::Bytes> = export.bytes.try_collect().await.unwrap();
            let text = String::from_utf8(parts.concat()).unwrap();
            let pieces: &[&str] = if format == Format::Json {
                &[
                    "\"action\":\"left\"}",
                    "\"action\":\"joined\"}",
                    "\"action\":\"left\",\"noticed\":true}",
                ]
            } else {
                &["left the server", "came back to the server", "is not on the server any more"]
            };
            for piece in pieces {
                assert!(text.contains(piece), "{piece} is not in {format:?}");
            }
            if format == Format::Json {
                let file: serde_json::Value = serde_json::from_str(&text).unwrap();
                let errors: Vec<_> = schema.iter_errors(&file).map(|e| e.to_string()).collect();
                assert_eq!(errors, Vec::<String>::new());
            }
        }
    }
}
