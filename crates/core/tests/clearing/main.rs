//! What belongs to a server goes 30 days after the bot has left it, on every engine. P22 and P24.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod anew;
mod gone;
mod kept;
mod licences;

use domain::ids::{GuildId, TicketId, UserId};
use serde_json::json;
use sqlx::{AssertSqlSafe, Row as _};
use storage::KeyScope;
use wardesk_core::testing::{Desk, FileAnswer};
use wardesk_core::transcripts::archive::{FrameKind, RawFrame, frames};
use wardesk_core::{guilds, retention, tickets};

const DAY_MS: i64 = 86_400_000;
const URL: &str = "https://cdn.discordapp.com/attachments/1/5007/f?ex=1";

/// A closed ticket with words, a file and a name.
async fn closed_ticket(desk: &Desk, panel: domain::ids::PanelId, member: i64) -> TicketId {
    let (ticket, channel) = desk.open_ticket(panel, member).await;
    desk.discord.put_file(URL, vec![FileAnswer::Bytes(vec![7; 100])]);
    let id = (5000 + member).to_string();
    let file =
        json!({ "attachments": [{ "id": id, "filename": "a.bin", "url": URL, "size": 100 }] });
    let message = desk.discord.say(channel, member, "with a file", &file);
    let json = serde_json::value::to_raw_value(&message).unwrap();
    frames(&desk.w, vec![RawFrame { kind: FrameKind::Create, guild: None, channel, json }]).await;
    tickets::close(&desk.member(member).await, ticket, None).await.unwrap();
    desk.clock.advance(30_000);
    desk.settle().await;
    ticket
}

/// The bot is removed from the server, and Discord says so.
async fn leave(desk: &Desk) {
    desk.discord.without_bot(desk.guild, true);
    guilds::left(&desk.w, desk.guild).await.unwrap();
}

async fn days_later(desk: &Desk, days: i64) {
    desk.clock.advance(days * DAY_MS);
    retention::sweep(&desk.w).await.unwrap();
}

async fn execute(desk: &Desk, text: &str) {
    let mut tx = desk.w.store().begin().await.unwrap();
    sqlx::query(AssertSqlSafe(text.to_owned())).execute(tx.conn()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn count(desk: &Desk, from: &str) -> i64 {
    let text = AssertSqlSafe(format!("SELECT COUNT(*) AS n FROM {from}"));
    sqlx::query(text).fetch_one(desk.w.store().read()).await.unwrap().get("n")
}

/// The tables that hold rows of a server, or of a ticket of it, with how many; but for those that have a time of their
/// own.
async fn rows_of(desk: &Desk, guild: GuildId) -> Vec<(String, i64)> {
    let inventory: toml::Table = include_str!("../../../../data_inventory.toml").parse().unwrap();
    let mut found = Vec::new();
    let own = ["audit_log", "audit_heads", "licence_seats", "privacy_requests", "erasure_parts"];
    for (table, columns) in inventory["main"].as_table().unwrap() {
        let columns = columns.as_table().unwrap();
        let of_tickets = format!("IN (SELECT id FROM tickets WHERE guild_id = {guild})");
        let from = if own.contains(&table.as_str()) || table.starts_with("payment_") {
            continue;
        } else if columns.contains_key("guild_id") {
            format!("{table} WHERE guild_id = {guild}")
        } else if columns.contains_key("ticket_id") {
            format!("{table} WHERE ticket_id {of_tickets}")
        } else {
            continue;
        };
        let rows = count(desk, &from).await;
        if rows > 0 {
            found.push((table.clone(), rows));
        }
    }
    found
}

fn objects(desk: &Desk) -> usize {
    fn files(folder: &std::path::Path) -> usize {
        let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
        let paths = entries.map(|entry| entry.unwrap().path());
        paths.map(|path| if path.is_dir() { files(&path) } else { 1 }).sum()
    }
    files(&desk.store.folder.path().join("blobs/objects"))
}

/// Plants another server with a row in each table that names servers, the same people, and keys of its own.
async fn other_server(desk: &Desk) -> GuildId {
    let other = GuildId::new(2000).unwrap();
    guilds::arrived(&desk.w, other, "Other", None).await.unwrap();
    for text in [
        "INSERT INTO guild_settings SELECT 2000, settings, revision, updated_at FROM guild_settings",
        "INSERT INTO guild_counters SELECT 2000, purpose, value FROM guild_counters",
        "INSERT INTO guild_alerts VALUES (2000, 'open', '{}', 1, 4000000000000, 1)",
        "INSERT INTO panels (id, application_id, guild_id, revision, settings, created_at, updated_at)
         SELECT 'other', application_id, 2000, revision, settings, created_at, updated_at FROM panels",
        "INSERT INTO tickets (id, application_id, guild_id, number, panel_id, opener_id, state, created_at, revision)
         SELECT '01900000-0000-7000-8000-000000000001', application_id, 2000, 1, 'other', 7, 'open', 1, 1
         FROM panels WHERE id = 'other'",
        "INSERT INTO ticket_people VALUES (2000, 7, 'User 7', 'user7', NULL, 1)",
        "INSERT INTO domain_events VALUES
         (2000, 1, '01900000-0000-7000-8000-000000000001', NULL, 7, 1, 'opened', '{}')",
        "INSERT INTO outbox (id, application_id, guild_id, sequence_key, position, kind, payload, state, attempts,
                             due_at, created_at)
         VALUES ('other', 1, 2000, 'k', 1, 'k', '{}', 'dead', 1, 1, 4000000000000)",
        "INSERT INTO inbox VALUES (77, 2000, NULL, 4000000000000)",
    ] {
        execute(desk, text).await;
    }
    let (keys, user) = (desk.w.store().keys(), UserId::new(7).unwrap());
    keys.seal(&KeyScope::person(other, user), b"x", b"other").await.unwrap();
    other
}
