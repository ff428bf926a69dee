//! The archive and transcripts, on every engine at hand.

mod access;
mod archiving;
mod closing;
mod coverage;
mod damage;
mod deleting;
mod erasing;
mod exporting;
mod files;
mod finding;
mod keeping;
mod moving;
mod pictures;
mod plans;
mod reactions;
mod redacting;
mod sharing;
mod windows;

use domain::guilds::GuildSettings;
use domain::ids::{ChannelId, MessageId, TicketId, UserId};
use serde_json::{Value, json};
use transcript::{Entry, TimelineItem};

use super::archive::{FrameKind, RawFrame, frames};
use super::authorize::{TranscriptAccess, authorize_person};
use super::{TranscriptPage, page};
use crate::testing::Desk;
use crate::tickets;

/// The member who opens the tickets.
const OPENER: i64 = 7;

fn user(id: i64) -> UserId {
    UserId::new(id).unwrap()
}

fn id(message: &Value) -> MessageId {
    message["id"].as_str().unwrap().parse().unwrap()
}

/// What the gateway sends.
fn frame(kind: FrameKind, channel: ChannelId, data: &Value) -> RawFrame {
    RawFrame { kind, guild: None, channel, json: serde_json::value::to_raw_value(data).unwrap() }
}

fn deletion(channel: ChannelId, message: &Value) -> RawFrame {
    frame(FrameKind::Delete, channel, &json!({ "id": message["id"], "channel_id": channel }))
}

/// Someone writes, and the gateway tells.
async fn say(desk: &Desk, channel: ChannelId, author: i64, content: &str) -> Value {
    say_with(desk, channel, author, content, &json!({})).await
}

async fn say_with(
    desk: &Desk,
    channel: ChannelId,
    author: i64,
    content: &str,
    extra: &Value,
) -> Value {
    desk.clock.advance(1000);
    let message = desk.discord.say(channel, author, content, extra);
    frames(&desk.w, vec![frame(FrameKind::Create, channel, &message)]).await;
    message
}

/// Whether the server keeps what deleted messages said.
async fn keep_deleted(desk: &Desk, keep: bool) {
    let manager = desk.manager().await;
    let seen = crate::guilds::settings(&manager).await.unwrap();
    let new = GuildSettings { keep_deleted: keep, ..seen.settings };
    crate::guilds::save_settings(&manager, new, seen.revision).await.unwrap();
}

async fn open(desk: &Desk) -> (TicketId, ChannelId) {
    let panel = desk.panel().await;
    desk.open_ticket(panel, OPENER).await
}

async fn close(desk: &Desk, ticket: TicketId) {
    let opener = desk.member(OPENER).await;
    tickets::close(&opener, ticket, Some("solved".into())).await.unwrap();
    // The archive may still be on its way; a close comes seconds after the last message.
    desk.clock.advance(30_000);
    desk.settle().await;
}

async fn access(desk: &Desk, ticket: TicketId) -> TranscriptAccess {
    authorize_person(&desk.w, user(OPENER), ticket).await.unwrap()
}

async fn read(desk: &Desk, ticket: TicketId) -> TranscriptPage {
    page(&access(desk, ticket).await, None, 500).await.unwrap()
}

async fn page_from(desk: &Desk, ticket: TicketId, from: MessageId) -> TranscriptPage {
    page(&access(desk, ticket).await, Some(from), 500).await.unwrap()
}

fn entries(page: &TranscriptPage) -> Vec<&Entry> {
    let entry = |item: &_| match item {
        TimelineItem::Message(_) => true,
        TimelineItem::Desk(_) => false,
    };
    page.timeline
        .iter()
        .filter(|item| entry(item))
        .filter_map(
            |item| if let TimelineItem::Message(entry) = item { Some(&**entry) } else { None },
        )
        .collect()
}

/// What people said, in order.
fn said(page: &TranscriptPage) -> Vec<&str> {
    let people = |e: &&&Entry| e.message.author.as_ref().is_none_or(|a| !a.bot);
    entries(page).iter().filter(people).map(|e| e.message.content.as_str()).collect()
}

/// Whether any file of the store's folder, or any row of `table`.`column`, holds these bytes.
async fn is_in_clear(desk: &Desk, needle: &str) -> bool {
    let holds = |bytes: &[u8]| bytes.windows(needle.len()).any(|w| w == needle.as_bytes());
    let mut folders = vec![desk.store.folder.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if holds(&std::fs::read(&path).unwrap()) {
                return true;
            }
        }
    }
    for (table, column) in [
        ("archive_messages", "body"),
        ("transcript_parts", "body"),
        ("transcript_terms", "body"),
        ("transcript_people", "profile"),
        ("transcript_reactions", "body"),
        ("attachments", "details"),
        ("transcripts", "context"),
    ] {
        let text = sqlx::AssertSqlSafe(format!("SELECT {column} AS bytes FROM {table}"));
        for row in sqlx::query(text).fetch_all(desk.w.store().read()).await.unwrap() {
            let bytes: Option<Vec<u8>> = sqlx::Row::get(&row, "bytes");
            if bytes.is_some_and(|bytes| holds(&bytes)) {
                return true;
            }
        }
    }
    false
}
