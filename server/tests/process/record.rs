//! What happened according to the sandbox, held against what the product has.

use std::collections::{BTreeMap, HashMap};

use domain::ids::AttachmentId;
use futures::TryStreamExt as _;
use sandbox::id::Id;
use sandbox::world::World;
use sandbox::world::events::Scope;
use sandbox::world::example::{BOT, TICKETS};
use serde_json::Value;
use transcript::{Entry, TimelineItem};
use wardesk_core::accounts::sessions;
use wardesk_core::ports::Profile;
use wardesk_core::transcripts::{self, TranscriptAccess};

use crate::desk::{Desk, user};
use crate::story::{Opened, rows};

/// A message as the sandbox saw it.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// What it said, version by version; one that repeats the text before is left out.
    pub contents: Vec<String>,
    pub author: String,
    pub files: Vec<String>,
    pub deleted: bool,
}

/// Every message that was ever in a channel, whether or not that still exists.
pub fn record(world: &World, channel: Id) -> BTreeMap<u64, Said> {
    let channel = channel.to_string();
    let mut said: BTreeMap<u64, Said> = BTreeMap::new();
    let id = |value: &Value| value.as_str().unwrap().parse::<u64>().unwrap();
    for event in world.recent_events() {
        let in_channel = event.data["channel_id"] == channel.as_str();
        // What only one person sees is no part of a channel.
        if !in_channel || matches!(event.scope, Scope::User(_)) {
            continue;
        }
        match event.name {
            "MESSAGE_CREATE" | "MESSAGE_UPDATE" => {
                let message = said.entry(id(&event.data["id"])).or_default();
                let content = event.data["content"].as_str().unwrap().to_owned();
                if message.contents.last() != Some(&content) {
                    message.contents.push(content);
                }
                event.data["author"]["id"].as_str().unwrap().clone_into(&mut message.author);
                let files = event.data["attachments"].as_array().into_iter().flatten();
                message.files = files.map(|f| f["id"].as_str().unwrap().to_owned()).collect();
            }
            "MESSAGE_DELETE" => said.get_mut(&id(&event.data["id"])).unwrap().deleted = true,
            _ => {}
        }
    }
    said
}

/// Fails when the bot has said anything twice, anywhere.
pub fn nothing_is_said_twice(world: &World) {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for event in world.recent_events().filter(|event| event.name == "MESSAGE_CREATE") {
        let by_bot = event.data["author"]["id"] == BOT.to_string();
        if !by_bot || matches!(event.scope, Scope::User(_)) {
            continue;
        }
        let words: Vec<&Value> = ["channel_id", "content", "embeds", "components"]
            .iter()
            .map(|part| &event.data[*part])
            .collect();
        *seen.entry(serde_json::to_string(&words).unwrap()).or_default() += 1;
    }
    let twice: Vec<_> = seen.into_iter().filter(|(_, times)| *times > 1).collect();
    assert!(twice.is_empty(), "said more than once: {twice:#?}");
}

/// The opener's right to read their transcript.
pub async fn as_opener(desk: &Desk, ticket: Opened) -> TranscriptAccess {
    as_person(desk, ticket, ticket.opener).await
}

/// Somebody's right to read a transcript.
pub async fn as_person(desk: &Desk, ticket: Opened, person: Id) -> TranscriptAccess {
    let id = format!("{}:{person}", ticket.ticket);
    let profile = Profile {
        id: user(person),
        username: "opener".into(),
        global_name: None,
        avatar: None,
        locale: None,
    };
    let token = "none".to_owned().into();
    if sessions::find(&desk.w, id.as_bytes()).await.unwrap().is_none() {
        sessions::begin(&desk.w, id.as_bytes(), &profile, &token, "").await.unwrap();
    }
    let session = sessions::find(&desk.w, id.as_bytes()).await.unwrap().unwrap();
    transcripts::authorize(&desk.w, &session, ticket.ticket).await.unwrap()
}

/// A whole transcript.
pub async fn transcript(desk: &Desk, ticket: Opened) -> Vec<Entry> {
    let access = as_opener(desk, ticket).await;
    let mut entries = Vec::new();
    let mut from = None;
    loop {
        let page = transcripts::page(&access, from, 500).await.unwrap();
        entries.extend(page.timeline.into_iter().filter_map(|item| match item {
            TimelineItem::Message(entry) => Some(*entry),
            TimelineItem::Desk(_) => None,
        }));
        from = page.next;
        if from.is_none() {
            return entries;
        }
    }
}

/// The stored bytes of a file.
pub async fn file(desk: &Desk, ticket: Opened, id: &str) -> Vec<u8> {
    let access = as_opener(desk, ticket).await;
    let id: AttachmentId = id.parse().unwrap();
    let stored = transcripts::attachment(&access, id).await.unwrap();
    let parts: Vec<_> = stored.bytes().await.unwrap().try_collect().await.unwrap();
    parts.concat()
}

/// Holds a transcript against the record: the same messages, none twice, each with its last words; earlier
/// words are such as were said; the files hold what was sent.
pub async fn transcript_is_true(desk: &Desk, ticket: Opened, sent: &[u8]) {
    let truth = record(&desk.sandbox.world(), ticket.channel);
    let kept = transcript(desk, ticket).await;
    let ids: Vec<u64> = kept.iter().map(|entry| entry.message.id.get()).collect();
    let told: Vec<u64> = truth.keys().copied().collect();
    assert_eq!(ids, told, "the transcript has other messages than the channel had");
    for entry in &kept {
        let said = &truth[&entry.message.id.get()];
        let author = entry.message.author.as_ref().map(|a| a.id.to_string());
        assert_eq!(author.as_deref(), Some(said.author.as_str()));
        // Nobody was told that what is deleted is kept.
        let nothing = String::new();
        let last = if said.deleted { Some(&nothing) } else { said.contents.last() };
        assert_eq!(Some(&entry.message.content), last, "{said:?}");
        assert!(!said.deleted || entry.earlier.is_empty(), "{said:?}");
        let mut earlier = said.contents.iter();
        for version in &entry.earlier {
            // In the order in which they were said.
            let known = earlier.any(|content| *content == version.content);
            assert!(known, "{:?} was never said: {said:?}", version.content);
        }
        assert_eq!(entry.deleted.is_some(), said.deleted, "{said:?}");
        let files: Vec<String> =
            entry.message.attachments.iter().map(|file| file.id.to_string()).collect();
        assert_eq!(files, if said.deleted { vec![] } else { said.files.clone() });
        for id in files {
            assert!(file(desk, ticket, &id).await == sent, "the file {id} is not what was sent");
        }
    }
}

/// What must hold whenever nothing is left to be done: every open ticket has its channel and no other
/// channel exists; nothing was said twice; nothing was given up; the database is sound.
pub async fn all_is_well(desk: &Desk) {
    let rows = rows(desk).await;
    let mut wanted: Vec<Id> =
        rows.iter().filter(|row| row.state == "open").map(|row| row.channel.unwrap()).collect();
    wanted.sort_unstable();
    {
        let world = desk.sandbox.world();
        let mut there = world.channels_in(TICKETS);
        there.sort_unstable();
        assert_eq!(there, wanted, "one channel for each open ticket, and no other");
        let made = world.journal.effects("POST", "/guilds/{guild_id}/channels");
        let tickets = rows.iter().filter(|row| row.state != "failed").count();
        assert_eq!(made, tickets, "one channel was made for each ticket");
        nothing_is_said_twice(&world);
        let told: Vec<_> = world.violations().iter().map(|v| format!("{v:?}")).collect();
        assert!(told.is_empty(), "Discord's description was violated: {told:#?}");
    }
    let states: Vec<&str> = rows.iter().map(|row| row.state.as_str()).collect();
    assert!(states.iter().all(|s| matches!(*s, "open" | "closed" | "failed")), "{states:?}");
    let left: Vec<String> = sqlx::query_scalar(
        "SELECT kind || ' is ' || state || ' after ' || attempts || ' attempts: ' ||
             COALESCE(last_error, 'no error') FROM outbox",
    )
    .fetch_all(desk.store.store.read())
    .await
    .unwrap();
    assert!(left.is_empty(), "effects are left or were given up: {left:?}");
    for (query, what) in [
        ("SELECT COUNT(*) FROM attachments WHERE state <> 'stored'", "files are not stored"),
        (
            "SELECT COUNT(*) FROM tickets t WHERE state = 'closed' AND NOT EXISTS (
                 SELECT 1 FROM transcripts s WHERE s.ticket_id = t.id AND s.stored_at IS NOT NULL)",
            "closed tickets have no transcript",
        ),
        (
            "SELECT COUNT(*) FROM (SELECT ticket_id, kind FROM domain_events
                 WHERE kind IN ('opened', 'channel_made', 'closing', 'closed')
                 GROUP BY ticket_id, kind HAVING COUNT(*) > 1) twice",
            "events happened twice",
        ),
    ] {
        assert_eq!(desk.count(query).await, 0, "{what}");
    }
    if desk.store.engine == "sqlite" {
        let sound: String = sqlx::query_scalar("PRAGMA integrity_check")
            .fetch_one(desk.store.store.read())
            .await
            .unwrap();
        assert_eq!(sound, "ok");
        let broken = sqlx::query("PRAGMA foreign_key_check").fetch_all(desk.store.store.read());
        assert!(broken.await.unwrap().is_empty(), "rows point nowhere");
    }
}
