//! The program dies while it removes what is past its time, at every place, and starts again: the rest goes then.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use domain::guilds::GuildSettings;
use domain::transcripts::Retention;
use serde_json::json;
use wardesk_core::failpoints::keeping::ALL;
use wardesk_core::testing::{FileAnswer, desks};
use wardesk_core::transcripts::archive::{FrameKind, RawFrame, frames};
use wardesk_core::{guilds, retention, tickets};

const URL: &str = "https://cdn.discordapp.com/attachments/1/5007/f?ex=1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_past_its_time_goes_wherever_the_program_dies() {
    let scenario = fail::FailScenario::setup();
    for point in ALL.iter().filter(|point| !point.starts_with("redact.")) {
        for mut desk in desks().await {
            let engine = desk.store.engine;
            eprintln!("{point} ({engine})");
            let panel = desk.panel().await;
            let (ticket, channel) = desk.open_ticket(panel, 7).await;
            desk.discord.put_file(URL, vec![FileAnswer::Bytes(vec![7; 100])]);
            let file = json!({ "attachments": [
                { "id": "5007", "filename": "a.bin", "url": URL, "size": 100 }] });
            let message = desk.discord.say(channel, 7, "with a file", &file);
            let json = serde_json::value::to_raw_value(&message).unwrap();
            frames(&desk.w, vec![RawFrame { kind: FrameKind::Create, guild: None, channel, json }])
                .await;
            let opener = desk.member(7).await;
            tickets::close(&opener, ticket, None).await.unwrap();
            desk.clock.advance(30_000);
            desk.settle().await;
            let manager = desk.manager().await;
            let seen = guilds::settings(&manager).await.unwrap();
            let new = GuildSettings { retention: Retention::Day, ..seen.settings };
            guilds::save_settings(&manager, new, seen.revision).await.unwrap();
            desk.clock.advance(2 * 86_400_000);

            fail::cfg(*point, "1*panic").unwrap();
            let w = desk.w.clone();
            let died = tokio::spawn(async move { retention::sweep(&w).await }).await;
            assert!(died.is_err(), "{point} was passed");
            fail::remove(*point);
            desk.restart(1000);
            retention::sweep(&desk.w).await.unwrap();
            let left = storage::tickets::get(desk.w.store().read(), ticket).await.unwrap();
            assert!(left.is_none(), "{point} ({engine})");
            let asked =
                storage::transcripts::removals::asked(desk.w.store().read(), None, 10).await;
            assert_eq!(asked.unwrap(), [], "{point} ({engine}): nothing is left to remove");
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redaction_is_finished_wherever_the_program_dies() {
    use domain::transcripts::patterns::Pattern;
    use wardesk_core::transcripts::{self, redact};

    let scenario = fail::FailScenario::setup();
    for point in ALL.iter().filter(|point| point.starts_with("redact.")) {
        for mut desk in desks().await {
            let engine = desk.store.engine;
            eprintln!("{point} ({engine})");
            let panel = desk.panel().await;
            let (ticket, channel) = desk.open_ticket(panel, 7).await;
            let message = desk.discord.say(channel, 7, "take 4111111111111111", &json!({}));
            let json = serde_json::value::to_raw_value(&message).unwrap();
            frames(&desk.w, vec![RawFrame { kind: FrameKind::Create, guild: None, channel, json }])
                .await;
            let opener = desk.member(7).await;
            tickets::close(&opener, ticket, None).await.unwrap();
            desk.clock.advance(30_000);
            desk.settle().await;
            desk.discord.add_member(1, &[]);
            let owner = desk.sign_in(1, "Test").await;

            fail::cfg(*point, "1*panic").unwrap();
            let (w, session) = (desk.w.clone(), owner.clone());
            let died = tokio::spawn(async move {
                let access = transcripts::authorize(&w, &session, ticket).await.unwrap();
                redact::redact(&access, &redact::What::Pattern(Pattern::Cards)).await
            })
            .await;
            assert!(died.is_err(), "{point} was passed");
            fail::remove(*point);
            desk.restart(1000);
            redact::finish_all(&desk.w).await.unwrap();
            let access = transcripts::authorize(&desk.w, &owner, ticket).await.unwrap();
            let look = redact::look(&access, &redact::What::Pattern(Pattern::Cards)).await.unwrap();
            assert_eq!(look.count, 0, "{point} ({engine})");
            let left = storage::transcripts::redactions::under_way(desk.w.store().read(), 9).await;
            assert_eq!(left.unwrap(), [], "{point} ({engine})");
        }
    }
    scenario.teardown();
}
