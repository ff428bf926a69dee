//! The program dies while it clears a server, at every place, and starts again: the rest goes then.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::json;
use sqlx::{AssertSqlSafe, Row as _};
use wardesk_core::failpoints::clearing::ALL;
use wardesk_core::testing::{FileAnswer, desks};
use wardesk_core::transcripts::archive::{FrameKind, RawFrame, frames};
use wardesk_core::{guilds, retention, tickets};

const URL: &str = "https://cdn.discordapp.com/attachments/1/5007/f?ex=1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_is_cleared_wherever_the_program_dies() {
    let scenario = fail::FailScenario::setup();
    for point in ALL {
        for mut desk in desks().await {
            let engine = desk.store.engine;
            let panel = desk.panel().await;
            let (ticket, channel) = desk.open_ticket(panel, 7).await;
            desk.discord.put_file(URL, vec![FileAnswer::Bytes(vec![7; 100])]);
            let file = json!({ "attachments": [
                { "id": "5007", "filename": "a.bin", "url": URL, "size": 100 }] });
            let message = desk.discord.say(channel, 7, "with a file", &file);
            let json = serde_json::value::to_raw_value(&message).unwrap();
            frames(&desk.w, vec![RawFrame { kind: FrameKind::Create, guild: None, channel, json }])
                .await;
            tickets::close(&desk.member(7).await, ticket, None).await.unwrap();
            desk.clock.advance(30_000);
            desk.settle().await;
            desk.discord.without_bot(desk.guild, true);
            guilds::left(&desk.w, desk.guild).await.unwrap();
            desk.clock.advance(30 * 86_400_000);

            fail::cfg(*point, "1*panic").unwrap();
            let w = desk.w.clone();
            let died = tokio::spawn(async move { retention::sweep(&w).await }).await;
            assert!(died.is_err(), "{point} was passed");
            fail::remove(*point);
            desk.restart(1000);
            retention::sweep(&desk.w).await.unwrap();
            for table in [
                "installations",
                "guild_settings",
                "tickets",
                "panels",
                "outbox",
                "domain_events",
                "ticket_people",
                "guild_counters",
                "attachments",
                "blob_removals",
            ] {
                let text = AssertSqlSafe(format!("SELECT COUNT(*) AS n FROM {table}"));
                let row = sqlx::query(text).fetch_one(desk.w.store().read()).await.unwrap();
                assert_eq!(row.get::<i64, _>("n"), 0, "{point} ({engine}): {table}");
            }
            let keys = desk.w.store().keys().count_of_guild(desk.guild).await.unwrap();
            assert_eq!(keys, 0, "{point} ({engine})");
            assert_eq!(objects(&desk.store.folder.path().join("blobs")), 0, "{point} ({engine})");
        }
    }
    scenario.teardown();
}

fn objects(folder: &std::path::Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.map(|path| if path.is_dir() { objects(&path) } else { 1 }).sum()
}
