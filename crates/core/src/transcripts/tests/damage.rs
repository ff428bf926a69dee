use std::path::{Path, PathBuf};

use transcript::{FileCopy, Snowflake};

use super::files::{PNG, bytes, copies, part, send};
use super::*;
use crate::testing::FileAnswer;
use crate::transcripts::attachments::{finish, repair_one};
use crate::transcripts::check::{check_some, damaged};

const WEEK_MS: i64 = 8 * 24 * 3_600_000;

fn objects(folder: &Path) -> Vec<PathBuf> {
    let mut all = vec![];
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() { all.extend(objects(&path)) } else { all.push(path) }
    }
    all
}

/// The four ways in which an object can be broken.
const WAYS: [&str; 4] = ["half-written", "truncated", "altered", "missing"];

fn damage(object: &Path, way: &str) {
    let mut bytes = std::fs::read(object).unwrap();
    match way {
        // The length is there, and the end was never written.
        "half-written" => {
            let half = bytes.len() / 2;
            bytes[half..].fill(0);
        }
        "truncated" => bytes.truncate(bytes.len() - 7),
        "altered" => bytes[100] ^= 1,
        _ => return std::fs::remove_file(object).unwrap(),
    }
    std::fs::write(object, bytes).unwrap();
}

/// An open ticket with one file, and the object that it is kept in.
async fn with_file(desk: &Desk) -> (TicketId, ChannelId, Value, PathBuf) {
    let (ticket, channel) = open(desk).await;
    let message = send(desk, channel, 1, "a.png", &[FileAnswer::Bytes(large())]).await;
    finish(&desk.w, ticket).await.unwrap();
    let all = objects(&desk.store.blobs);
    assert_eq!(all.len(), 1, "{all:?}");
    (ticket, channel, message, all[0].clone())
}

/// More than two frames.
fn large() -> Vec<u8> {
    [PNG, &b"canary".repeat(30_000)].concat()
}

async fn state(desk: &Desk, ticket: TicketId) -> FileCopy {
    copies(desk, ticket).await[&Snowflake::new(1)].clone()
}

async fn repair(desk: &Desk) {
    while repair_one(&desk.w).await.unwrap() {}
}

#[tokio::test]
async fn every_damage_is_seen_when_the_file_is_read_and_repaired_from_discord() {
    for way in WAYS {
        for desk in crate::testing::file_desks().await {
            let (ticket, _, _, object) = with_file(&desk).await;
            damage(&object, way);
            assert!(matches!(state(&desk, ticket).await, FileCopy::Stored(..)));
            assert!(bytes(&desk, ticket, 1).await.is_err(), "{way} {}", desk.store.engine);
            assert_eq!(state(&desk, ticket).await, FileCopy::Damaged, "{way}");
            assert_eq!(damaged(&desk.w).await.unwrap(), 1);
            assert!(bytes(&desk, ticket, 1).await.is_err());
            // The message is there still, so its file is read again, from the address that it has now.
            repair(&desk).await;
            assert_eq!(bytes(&desk, ticket, 1).await.unwrap().0, large(), "{way}");
            assert_eq!(damaged(&desk.w).await.unwrap(), 0);
        }
    }
}

#[tokio::test]
async fn damage_is_noticed_by_whoever_reads_the_part_that_has_it() {
    for desk in crate::testing::file_desks().await {
        let (ticket, _, _, object) = with_file(&desk).await;
        damage(&object, "altered");
        let engine = desk.store.engine;
        // It is in the first frame.
        assert_eq!(part(&desk, ticket, 1, 70_000..70_009).await.unwrap(), large()[70_000..70_009]);
        assert!(matches!(state(&desk, ticket).await, FileCopy::Stored(..)), "{engine}");
        assert!(part(&desk, ticket, 1, 0..2).await.is_err());
        assert_eq!(state(&desk, ticket).await, FileCopy::Damaged, "{engine}");
        assert!(part(&desk, ticket, 1, 70_000..70_009).await.is_err(), "until it is repaired");
        repair(&desk).await;
        assert_eq!(part(&desk, ticket, 1, 0..2).await.unwrap(), large()[..2]);
    }
}

#[tokio::test]
async fn damage_that_nobody_reads_is_found_within_the_week() {
    for way in WAYS {
        for desk in crate::testing::file_desks().await {
            let (ticket, channel, message, object) = with_file(&desk).await;
            assert_eq!(check_some(&desk.w).await.unwrap(), 0, "it was written a moment ago");
            desk.clock.advance(WEEK_MS);
            assert_eq!(check_some(&desk.w).await.unwrap(), 1);
            assert_eq!(check_some(&desk.w).await.unwrap(), 0, "once is enough");
            assert!(matches!(state(&desk, ticket).await, FileCopy::Stored(..)));
            damage(&object, way);
            desk.clock.advance(WEEK_MS);
            assert_eq!(check_some(&desk.w).await.unwrap(), 1);
            let engine = desk.store.engine;
            assert_eq!(state(&desk, ticket).await, FileCopy::Damaged, "{way} {engine}");
            // Its message is gone: nothing can be repaired, and it is said so for good.
            desk.discord.erase(channel, id(&message));
            repair(&desk).await;
            desk.clock.advance(WEEK_MS);
            repair(&desk).await;
            assert_eq!(state(&desk, ticket).await, FileCopy::Damaged, "{way} {engine}");
            close(&desk, ticket).await;
            assert!(read(&desk, ticket).await.header.closed_at.is_some());
        }
    }
}

#[tokio::test]
async fn a_repair_waits_for_discord_and_for_the_store() {
    for desk in crate::testing::desks().await {
        let (ticket, _, _, object) = with_file(&desk).await;
        damage(&object, "altered");
        assert!(bytes(&desk, ticket, 1).await.is_err());
        desk.discord.outage_after_pages(0);
        assert!(repair_one(&desk.w).await.unwrap());
        assert!(!repair_one(&desk.w).await.unwrap(), "not before its time");
        assert_eq!(state(&desk, ticket).await, FileCopy::Damaged);
        desk.clock.advance(60_000);
        repair(&desk).await;
        assert_eq!(bytes(&desk, ticket, 1).await.unwrap().0, large(), "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn an_erased_file_is_not_called_damaged() {
    for desk in crate::testing::desks().await {
        let (ticket, ..) = with_file(&desk).await;
        let scope = storage::KeyScope::person(desk.guild, user(OPENER));
        desk.w.store().keys().destroy(&scope).await.unwrap();
        assert!(bytes(&desk, ticket, 1).await.is_err());
        desk.clock.advance(WEEK_MS);
        assert_eq!(check_some(&desk.w).await.unwrap(), 1);
        assert_eq!(damaged(&desk.w).await.unwrap(), 0, "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn one_check_reads_a_bounded_part() {
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        for number in 1..=40 {
            let content = [PNG, format!("{number}").as_bytes()].concat();
            send(&desk, channel, number, "a.png", &[FileAnswer::Bytes(content)]).await;
        }
        finish(&desk.w, ticket).await.unwrap();
        desk.clock.advance(WEEK_MS);
        let mut rounds = vec![];
        while rounds.last() != Some(&0) {
            rounds.push(check_some(&desk.w).await.unwrap());
        }
        assert_eq!(rounds, [16, 16, 8, 0], "{}", desk.store.engine);
    }
}
