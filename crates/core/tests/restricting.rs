//! Somebody has the use of what is kept of them restricted: every processor of `data_inventory.toml` heeds it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use domain::ids::{ChannelId, ShareId, TicketId, UserId};
use domain::transcripts::sharing::ShareTime;
use futures::TryStreamExt as _;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use transcript::export::Format;
use transcript::{Entry, Labels, TimelineItem};
use wardesk_core::privacy::restrict;
use wardesk_core::testing::{Desk, FileAnswer, desks};
use wardesk_core::tickets::{TicketFilter, overview};
use wardesk_core::transcripts::archive::{FrameKind, RawFrame, frames};
use wardesk_core::transcripts::export::{Wish, start};
use wardesk_core::transcripts::{self, TranscriptAccess, search, share};
use wardesk_core::{audit, guilds, retention, tickets};
use words::Words;

const INVENTORY: &str = include_str!("../../../data_inventory.toml");
const PERSON: i64 = 7;

fn user() -> UserId {
    UserId::new(PERSON).unwrap()
}

async fn said(desk: &Desk, channel: ChannelId, author: i64, text: &str, extra: &Value) -> Value {
    desk.clock.advance(1000);
    let message = desk.discord.say(channel, author, text, extra);
    told(desk, channel, FrameKind::Create, &message).await;
    message
}

async fn told(desk: &Desk, channel: ChannelId, kind: FrameKind, data: &Value) {
    let json = serde_json::value::to_raw_value(data).unwrap();
    frames(&desk.w, vec![RawFrame { kind, guild: None, channel, json }]).await;
}

async fn access(desk: &Desk, ticket: TicketId) -> TranscriptAccess {
    desk.discord.add_member(1, &[]);
    let owner = desk.sign_in(1, "Test").await;
    transcripts::authorize(&desk.w, &owner, ticket).await.unwrap()
}

async fn entries(desk: &Desk, ticket: TicketId) -> Vec<Entry> {
    let page = transcripts::page(&access(desk, ticket).await, None, 500).await.unwrap();
    let messages = page.timeline.into_iter().filter_map(|item| match item {
        TimelineItem::Message(entry) => Some(*entry),
        TimelineItem::Desk(_) => None,
    });
    messages.collect()
}

async fn texts(desk: &Desk, ticket: TicketId) -> Vec<String> {
    let of_people = |e: &Entry| e.restricted || e.message.author.as_ref().is_some_and(|a| !a.bot);
    let all = entries(desk, ticket).await.into_iter().filter(of_people);
    all.map(|entry| entry.message.content).collect()
}

async fn rows(desk: &Desk, what: &str) -> i64 {
    let text = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {what}"));
    sqlx::query_scalar(text).fetch_one(desk.w.store().read()).await.unwrap()
}

async fn restricted(desk: &Desk) {
    restrict::restrict(&desk.w, user()).await.unwrap();
}

async fn lifted(desk: &Desk) {
    restrict::lift(&desk.w, user()).await.unwrap();
}

/// Another's open ticket.
async fn ticket(desk: &Desk) -> (TicketId, ChannelId) {
    let panel = desk.panel().await;
    desk.open_ticket(panel, 9).await
}

async fn closed(desk: &Desk, ticket: TicketId) {
    let opener = desk.member(9).await;
    tickets::close(&opener, ticket, None).await.unwrap();
    desk.clock.advance(30_000);
    desk.settle().await;
}

async fn archive(desk: &Desk) {
    let (ticket, channel) = ticket(desk).await;
    let first = said(desk, channel, PERSON, "before", &json!({})).await;
    restricted(desk).await;
    said(desk, channel, PERSON, "canary", &json!({})).await;
    // What is kept already stays as it is, whatever is edited.
    let id = first["id"].as_str().unwrap().parse().unwrap();
    desk.clock.advance(1000);
    let edited = desk.discord.edit(channel, id, "canary");
    told(desk, channel, FrameKind::Update, &edited).await;
    closed(desk, ticket).await;
    lifted(desk).await;
    let texts = texts(desk, ticket).await;
    assert_eq!(texts.len(), 2, "the place is kept: {texts:?}");
    assert!(!texts.iter().any(|text| text == "canary"), "{texts:?}");
}

async fn names(desk: &Desk) {
    let (ticket, channel) = ticket(desk).await;
    restricted(desk).await;
    said(desk, channel, PERSON, "x", &json!({})).await;
    assert_eq!(rows(desk, "transcript_people WHERE user_id = 7").await, 0);
    lifted(desk).await;
    said(desk, channel, PERSON, "x", &json!({})).await;
    assert_eq!(rows(desk, "transcript_people WHERE user_id = 7").await, 1);
    restricted(desk).await;
    let page = transcripts::page(&access(desk, ticket).await, None, 500).await.unwrap();
    let who = page.header.participants.iter().find(|p| p.user == user()).unwrap();
    assert_eq!(who.name, None);
    lifted(desk).await;
}

async fn pictures(desk: &Desk) {
    let (_, channel) = ticket(desk).await;
    restricted(desk).await;
    let author = json!({ "author": { "id": "7", "username": "mia", "avatar": "aabb" } });
    said(desk, channel, PERSON, "x", &author).await;
    assert_eq!(rows(desk, "attachments WHERE subject_id = 7").await, 0);
    lifted(desk).await;
    said(desk, channel, PERSON, "x", &author).await;
    assert_eq!(rows(desk, "attachments WHERE subject_id = 7 AND kind = 'avatar'").await, 1);
}

async fn attachments(desk: &Desk) {
    let (ticket, channel) = ticket(desk).await;
    let url = "https://cdn.discordapp.com/attachments/1/5007/f?ex=1";
    desk.discord.put_file(url, vec![FileAnswer::Bytes(vec![7; 100])]);
    let file = |id: &str| json!({ "attachments": [{ "id": id, "filename": "a.bin", "url": url, "size": 100 }] });
    said(desk, channel, PERSON, "x", &file("5007")).await;
    restricted(desk).await;
    said(desk, channel, PERSON, "x", &file("5008")).await;
    closed(desk, ticket).await;
    assert_eq!(rows(desk, "attachments WHERE attachment_id = 5007 AND state = 'failed'").await, 1);
    assert_eq!(rows(desk, "attachments WHERE attachment_id = 5008").await, 0);
    lifted(desk).await;
}

async fn reactions(desk: &Desk) {
    let (ticket, channel) = ticket(desk).await;
    let message = said(desk, channel, 9, "thanks", &json!({})).await;
    let event = json!({ "message_id": message["id"], "user_id": "7", "burst": false,
                        "emoji": { "id": null, "name": "👍" } });
    restricted(desk).await;
    told(desk, channel, FrameKind::ReactionAdd, &event).await;
    assert_eq!(rows(desk, "transcript_reactions WHERE subject_id = 7").await, 0);
    lifted(desk).await;
    told(desk, channel, FrameKind::ReactionAdd, &event).await;
    assert_eq!(rows(desk, "transcript_reactions WHERE subject_id = 7").await, 1);
    restricted(desk).await;
    let all = entries(desk, ticket).await;
    assert!(all.iter().all(|entry| entry.reactions.is_empty()), "nor are known ones shown");
    lifted(desk).await;
}

async fn search(desk: &Desk) {
    let query = search::Query::parse("zebracanary", &TimeZone::UTC).unwrap();
    let (ticket, channel) = ticket(desk).await;
    said(desk, channel, PERSON, "a zebracanary", &json!({})).await;
    for stored in [false, true] {
        if stored {
            closed(desk, ticket).await;
        }
        let found = async || {
            let staff = desk.staff(60).await;
            search::in_guild(&staff, &query, None, 20).await.unwrap().items.len()
        };
        assert_eq!(found().await, 1, "{stored}");
        restricted(desk).await;
        assert_eq!(found().await, 0, "{stored}");
        lifted(desk).await;
        assert_eq!(found().await, 1, "{stored}: it comes back");
    }
    // What is stored meanwhile gets its index when the restriction is over.
    let panel = desk.panel().await;
    let (ticket, channel) = desk.open_ticket(panel, 10).await;
    said(desk, channel, PERSON, "another zebracanary", &json!({})).await;
    restricted(desk).await;
    let opener = desk.member(10).await;
    tickets::close(&opener, ticket, None).await.unwrap();
    desk.clock.advance(30_000);
    desk.settle().await;
    let missing = "transcript_parts p WHERE p.subject_id = 7 AND NOT EXISTS (
        SELECT 1 FROM transcript_terms x WHERE x.ticket_id = p.ticket_id AND x.part = p.part)";
    assert_eq!(rows(desk, missing).await, 1);
    retention::sweep(&desk.w).await.unwrap();
    assert_eq!(rows(desk, missing).await, 1);
    lifted(desk).await;
    retention::sweep(&desk.w).await.unwrap();
    assert_eq!(rows(desk, missing).await, 0);
}

async fn reading(desk: &Desk) {
    let (ticket, channel) = ticket(desk).await;
    said(desk, channel, PERSON, "canary", &json!({})).await;
    said(desk, channel, 9, "others", &json!({})).await;
    for stored in [false, true] {
        if stored {
            closed(desk, ticket).await;
        }
        restricted(desk).await;
        assert_eq!(texts(desk, ticket).await, ["", "others"], "{stored}");
        let all = entries(desk, ticket).await;
        assert_eq!(all.iter().filter(|entry| entry.restricted).count(), 1, "{stored}");
        lifted(desk).await;
        assert_eq!(texts(desk, ticket).await, ["canary", "others"], "{stored}");
    }
}

async fn answers(desk: &Desk) {
    let panel = desk.panel().await;
    let (ticket, _) = desk.open_ticket(panel, PERSON).await;
    let staff = desk.staff(60).await;
    assert_eq!(tickets::get(&staff, ticket).await.unwrap().answers.len(), 1);
    restricted(desk).await;
    assert_eq!(tickets::get(&staff, ticket).await.unwrap().answers, []);
    lifted(desk).await;
    let opener = desk.member(PERSON).await;
    tickets::close(&opener, ticket, Some("canary".into())).await.unwrap();
    desk.clock.advance(30_000);
    desk.settle().await;
    let timeline = async || {
        let page = transcripts::page(&access(desk, ticket).await, None, 500).await.unwrap();
        format!("{:?}", page.timeline)
    };
    assert!(timeline().await.contains("canary"));
    restricted(desk).await;
    assert_eq!(tickets::get(&staff, ticket).await.unwrap().reason, None);
    let hidden = timeline().await;
    assert!(!hidden.contains("canary"), "{hidden}");
    lifted(desk).await;
}

async fn exports(desk: &Desk) {
    let (ticket, channel) = ticket(desk).await;
    said(desk, channel, PERSON, "exportcanary", &json!({})).await;
    closed(desk, ticket).await;
    for format in [Format::Json, Format::Html, Format::Markdown, Format::Text] {
        let text = async || {
            let labels = include_str!("../../../locales/en/transcript.json");
            let labels: Labels = serde_json::from_str(labels).unwrap();
            let words = Words::new(domain::locale::Locale::En);
            let wish = Wish { format, zone: TimeZone::UTC, zone_name: "UTC".into(), labels, words };
            let export = start(&access(desk, ticket).await, wish).await.unwrap();
            let parts: Vec<bytes::Bytes> = export.bytes.try_collect().await.unwrap();
            String::from_utf8(parts.concat()).unwrap()
        };
        assert!(text().await.contains("exportcanary"), "{format:?}");
        restricted(desk).await;
        let hidden = text().await;
        assert!(!hidden.contains("exportcanary"), "{format:?}");
        let says = if format == Format::Json { "\"restricted\":true" } else { "restricted" };
        assert!(hidden.contains(says), "{format:?}: the place is named");
        lifted(desk).await;
    }
}

async fn presence(desk: &Desk) {
    const NOTED: &str = "domain_events WHERE kind IN ('member_left', 'member_returned')";
    let panel = desk.panel().await;
    desk.open_ticket(panel, PERSON).await;
    restricted(desk).await;
    desk.discord.remove_member(PERSON);
    tickets::member_left(&desk.w, desk.guild, user()).await.unwrap();
    tickets::look_for_members(&desk.w).await.unwrap();
    assert_eq!(desk.discord.looks(), [], "nor are they looked for");
    assert_eq!(rows(desk, NOTED).await, 0);
    lifted(desk).await;
    tickets::look_for_members(&desk.w).await.unwrap();
    assert_eq!(rows(desk, NOTED).await, 1);
}

/// Looks at the same before, while and after the person is restricted: their name, and nothing of it meanwhile.
async fn only_without<F: AsyncFn() -> Option<String>>(desk: &Desk, what: &str, name: F) {
    let known = Some(format!("User {PERSON}"));
    assert_eq!(name().await, known, "{what}");
    restricted(desk).await;
    assert_eq!(name().await, None, "{what}: not while they are restricted");
    lifted(desk).await;
    assert_eq!(name().await, known, "{what}: it comes back");
}

async fn lists(desk: &Desk) {
    let panel = desk.panel().await;
    let (own, _) = desk.open_ticket(panel, PERSON).await;
    let (others, _) = desk.open_ticket(panel, 9).await;
    let staff = desk.staff(60).await;
    let all = async || {
        tickets::list(&staff, &TicketFilter::default(), None, 10).await.unwrap().items.clone()
    };
    let of = async |id| all().await.into_iter().find(|ticket| ticket.id == id).unwrap();
    only_without(desk, "who opened it", async || of(own).await.opener.name).await;
    tickets::claim(&desk.staff(PERSON).await, others).await.unwrap();
    desk.settle().await;
    let holder = async || of(others).await.claimed_by.unwrap().name;
    only_without(desk, "who works on it", holder).await;
    let opener = desk.sign_in(9, "Test").await;
    let holder = async || {
        let mine = tickets::mine(&desk.w, &opener, None, 10).await.unwrap();
        mine.items[0].claimed_by.clone().unwrap().name
    };
    only_without(desk, "of one's own tickets", holder).await;
    restricted(desk).await;
    assert_eq!(of(own).await.opener.avatar, None);
    assert_eq!(of(own).await.opener.id, user(), "who it is others know by the id");
    let other = of(others).await.opener.name;
    assert_eq!(other.as_deref(), Some("User 9"), "others have their names");
    lifted(desk).await;
}

async fn timelines(desk: &Desk) {
    let (ticket, _) = ticket(desk).await;
    let staff = desk.staff(60).await;
    tickets::add_member(&desk.staff(PERSON).await, ticket, user()).await.unwrap();
    tickets::claim(&desk.staff(PERSON).await, ticket).await.unwrap();
    desk.settle().await;
    let seen = async || tickets::get(&staff, ticket).await.unwrap();
    only_without(desk, "let in", async || seen().await.members[0].person.name.clone()).await;
    let holder = async || seen().await.summary.claimed_by.unwrap().name;
    only_without(desk, "who works on it", holder).await;
    let (by, whom) = (
        async || {
            seen()
                .await
                .events
                .into_iter()
                .find_map(|event| event.actor?.name.filter(|name| *name == "User 7"))
        },
        async || seen().await.events.into_iter().find_map(|event| event.subject?.name),
    );
    only_without(desk, "who did it", by).await;
    only_without(desk, "whom it concerns", whom).await;
    let later = async || {
        let events = tickets::events_since(&staff, ticket, 0).await.unwrap();
        events.into_iter().find_map(|event| event.subject?.name)
    };
    only_without(desk, "what is new", later).await;
    tickets::close(&desk.staff(PERSON).await, ticket, None).await.unwrap();
    desk.clock.advance(30_000);
    desk.settle().await;
    only_without(desk, "who closed it", async || seen().await.closed_by.unwrap().name).await;
    let reader = access(desk, ticket).await;
    let header = async || transcripts::page(&reader, None, 500).await.unwrap().header;
    let closed_by = async || header().await.closed_by.unwrap().name;
    only_without(desk, "who closed it, in the transcript", closed_by).await;
    let manager = desk.manager().await;
    let log = async || audit::name_of(&manager, user()).await.unwrap();
    only_without(desk, "in the log", log).await;
}

async fn filters(desk: &Desk) {
    let panel = desk.panel().await;
    desk.open_ticket(panel, PERSON).await;
    let (ticket, _) = desk.open_ticket(panel, 9).await;
    tickets::claim(&desk.staff(PERSON).await, ticket).await.unwrap();
    desk.settle().await;
    let staff = desk.staff(60).await;
    let offered = async || {
        let people = overview::people(&staff).await.unwrap();
        let ids = |some: &[tickets::Person]| some.iter().map(|p| p.id.get()).collect::<Vec<_>>();
        (ids(&people.openers), ids(&people.holders))
    };
    let everyone = (vec![PERSON, 9], vec![PERSON]);
    assert_eq!(offered().await, everyone);
    restricted(desk).await;
    assert_eq!(offered().await, (vec![9], vec![]));
    lifted(desk).await;
    assert_eq!(offered().await, everyone);
}

async fn links(desk: &Desk) {
    let manager = desk.manager().await;
    let mut settings = guilds::settings(&manager).await.unwrap();
    settings.settings.share_links = true;
    guilds::save_settings(&manager, settings.settings, settings.revision).await.unwrap();
    // A name is known of who opened a ticket.
    let panel = desk.panel().await;
    let (ticket, _) = desk.open_ticket(panel, PERSON).await;
    let access = access(desk, ticket).await;
    let id = ShareId::new(desk.w.new_uuid());
    share::create(&access, id, Some(&[user()]), ShareTime::Day).await.unwrap();
    let named = async || share::list(&access).await.unwrap()[0].people[0].1.clone();
    only_without(desk, "whom a link names", named).await;
}

async fn seen(desk: &Desk) {
    const KEPT: &str = "ticket_people WHERE user_id = 7";
    let panel = desk.panel().await;
    let (others, _) = desk.open_ticket(panel, 9).await;
    restricted(desk).await;
    desk.open_ticket(panel, PERSON).await;
    assert_eq!(rows(desk, KEPT).await, 0, "who opens a ticket");
    tickets::add_member(&desk.staff(60).await, others, user()).await.unwrap();
    assert_eq!(rows(desk, KEPT).await, 0, "who is let in");
    tickets::claim(&desk.staff(PERSON).await, others).await.unwrap();
    desk.settle().await;
    assert_eq!(rows(desk, KEPT).await, 0, "who takes one");
    lifted(desk).await;
    tickets::unclaim(&desk.staff(PERSON).await, others).await.unwrap();
    tickets::claim(&desk.staff(PERSON).await, others).await.unwrap();
    desk.settle().await;
    assert_eq!(rows(desk, KEPT).await, 1);
}

#[tokio::test]
async fn every_processor_leaves_a_restricted_person_alone() {
    let inventory: toml::Table = INVENTORY.parse().unwrap();
    let processors = inventory["processors"].as_table().unwrap();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (name, module) in processors {
        let module = module.as_str().unwrap();
        let code = std::fs::read_to_string(root.join(module)).unwrap();
        assert!(code.contains("restrict"), "{name}: {module} does not ask");
        for desk in desks().await {
            eprintln!("{name} ({})", desk.store.engine);
            match name.as_str() {
                "archive" => archive(&desk).await,
                "names" => names(&desk).await,
                "pictures" => pictures(&desk).await,
                "attachments" => attachments(&desk).await,
                "reactions" => reactions(&desk).await,
                "search" => search(&desk).await,
                "reading" => reading(&desk).await,
                "answers" => answers(&desk).await,
                "exports" => exports(&desk).await,
                "presence" => presence(&desk).await,
                "lists" => lists(&desk).await,
                "timelines" => timelines(&desk).await,
                "filters" => filters(&desk).await,
                "links" => links(&desk).await,
                "seen" => seen(&desk).await,
                other => panic!("nothing shows that {other} heeds a restriction"),
            }
        }
    }
    assert!(processors.len() >= 15);
}
