use domain::ids::AttachmentId;
use futures::TryStreamExt as _;
use storage::KeyScope;
use transcript::{FileCopy, Shows, Snowflake};

use super::*;
use crate::ports::DiscordError;
use crate::testing::FileAnswer;
use crate::transcripts::attachments::{
    FILE_LIMIT, TICKET_LIMIT, finish, finish_within, repair_one,
};
use crate::transcripts::{TranscriptError, attachment};

pub(super) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n-canary-picture";
pub(super) const LATER: FileAnswer =
    FileAnswer::Refused(DiscordError::Unavailable { retry_after_ms: None });

pub(super) fn url(file: i64) -> String {
    format!("https://cdn.discordapp.com/attachments/1/{file}/f?ex=1")
}

pub(super) async fn send(
    desk: &Desk,
    channel: ChannelId,
    file: i64,
    name: &str,
    answers: &[FileAnswer],
) -> Value {
    desk.discord.put_file(&url(file), answers.to_vec());
    let extra = json!({ "attachments": [
        { "id": file.to_string(), "filename": name, "url": url(file), "size": 10 }] });
    say_with(desk, channel, OPENER, "a file", &extra).await
}

pub(super) async fn copies(
    desk: &Desk,
    ticket: TicketId,
) -> std::collections::HashMap<Snowflake, FileCopy> {
    read(desk, ticket).await.files
}

pub(super) async fn bytes(
    desk: &Desk,
    ticket: TicketId,
    file: i64,
) -> Result<(Vec<u8>, &'static str, bool), TranscriptError> {
    let access = access(desk, ticket).await;
    let found = attachment(&access, AttachmentId::new(file).unwrap()).await?;
    let (length, content_type, inline) = (found.length, found.content_type, found.inline);
    let parts: Vec<bytes::Bytes> = found.bytes().await?.try_collect().await?;
    let all = parts.concat();
    assert_eq!(all.len() as u64, length);
    Ok((all, content_type, inline))
}

#[tokio::test]
async fn files_are_copied_sealed_and_handed_out() {
    for desk in crate::testing::file_desks().await {
        let (ticket, channel) = open(&desk).await;
        let large: Vec<u8> = (0..300_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        send(&desk, channel, 1, "canary-name.png", &[FileAnswer::Bytes(PNG.to_vec())]).await;
        send(&desk, channel, 2, "a.svg", &[FileAnswer::Bytes(b"<svg onload=alert(1)>".to_vec())])
            .await;
        send(&desk, channel, 3, "liar.png", &[FileAnswer::Bytes(large.clone())]).await;
        send(&desk, channel, 4, "empty", &[FileAnswer::Bytes(vec![])]).await;
        assert_eq!(copies(&desk, ticket).await[&Snowflake::new(1)], FileCopy::Pending);
        assert!(matches!(bytes(&desk, ticket, 1).await, Err(TranscriptError::NotFound)));
        finish(&desk.w, ticket).await.unwrap();
        assert_eq!(bytes(&desk, ticket, 1).await.unwrap(), (PNG.to_vec(), "image/png", true));
        let (_, svg_type, svg_inline) = bytes(&desk, ticket, 2).await.unwrap();
        assert_eq!((svg_type, svg_inline), ("application/octet-stream", false));
        assert_eq!(
            bytes(&desk, ticket, 3).await.unwrap(),
            (large, "application/octet-stream", false)
        );
        assert_eq!(bytes(&desk, ticket, 4).await.unwrap().0, b"");
        assert!(matches!(bytes(&desk, ticket, 99).await, Err(TranscriptError::NotFound)));
        let FileCopy::Stored(path, _) = &copies(&desk, ticket).await[&Snowflake::new(1)] else {
            panic!()
        };
        assert_eq!(path.as_str(), format!("/transcripts/{ticket}/files/1"));
        assert!(!is_in_clear(&desk, "canary-").await, "{}", desk.store.engine);
        // The same after the ticket is closed.
        close(&desk, ticket).await;
        assert_eq!(bytes(&desk, ticket, 1).await.unwrap().0, PNG);
        // And not after its owner's words are erased.
        let scope = KeyScope::person(desk.guild, user(OPENER));
        desk.w.store().keys().destroy(&scope).await.unwrap();
        assert!(matches!(bytes(&desk, ticket, 1).await, Err(TranscriptError::NotFound)));
    }
}

/// A part of a file, as a player reads it.
pub(super) async fn part(
    desk: &Desk,
    ticket: TicketId,
    file: i64,
    part: std::ops::Range<u64>,
) -> Result<Vec<u8>, TranscriptError> {
    let found = attachment(&access(desk, ticket).await, AttachmentId::new(file).unwrap()).await?;
    let parts: Vec<bytes::Bytes> = found.part(part).await?.try_collect().await?;
    Ok(parts.concat())
}

#[tokio::test]
async fn a_part_of_a_file_is_handed_out_alone() {
    for desk in crate::testing::file_desks().await {
        let (ticket, channel) = open(&desk).await;
        let large: Vec<u8> = (0..300_000_u32).map(|n| n.to_le_bytes()[1]).collect();
        send(&desk, channel, 1, "film.mp4", &[FileAnswer::Bytes(large.clone())]).await;
        finish(&desk.w, ticket).await.unwrap();
        for (from, to) in [(0, 2), (65_530, 65_540), (131_072, 196_608), (299_999, 300_000)] {
            let got = part(&desk, ticket, 1, from as u64..to as u64).await.unwrap();
            assert!(got == large[from..to], "{from} {}", desk.store.engine);
        }
        assert!(part(&desk, ticket, 2, 0..1).await.is_err());
    }
}

#[tokio::test]
async fn films_are_handed_out_as_what_they_are_and_the_page_knows() {
    let webm = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x84webm";
    let given: [(&str, &[u8], &str, Shows); 6] = [
        ("a.webm", webm, "video/webm", Shows::Recording),
        ("b.mov", b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "video/quicktime", Shows::Recording),
        ("c.mp4", b"\0\0\0\x18ftyp3gp4\0\0\0\0isom3gp4", "video/3gpp", Shows::Recording),
        ("d.m4v", b"\0\0\0\x18ftypM4V \0\0\0\0", "video/mp4", Shows::Recording),
        ("e.png", PNG, "image/png", Shows::Picture),
        // HEIC under the name that some telephones give it.
        ("f.jpg", b"\0\0\0\x18ftypheic", "application/octet-stream", Shows::Nothing),
    ];
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        for (id, (name, content, ..)) in (1..).zip(&given) {
            send(&desk, channel, id, name, &[FileAnswer::Bytes(content.to_vec())]).await;
        }
        finish(&desk.w, ticket).await.unwrap();
        let copies = copies(&desk, ticket).await;
        for (id, (name, _, found, shows)) in (1_u8..).zip(&given) {
            let (_, handed_out, inline) = bytes(&desk, ticket, i64::from(id)).await.unwrap();
            let expected = (*found, *shows != Shows::Nothing);
            assert_eq!((handed_out, inline), expected, "{name} {}", desk.store.engine);
            let FileCopy::Stored(_, drawn) = &copies[&Snowflake::new(u64::from(id))] else {
                panic!("{name}")
            };
            assert_eq!(drawn, shows, "{name} {}", desk.store.engine);
        }
    }
}

#[tokio::test]
async fn what_cannot_be_copied_is_labelled_and_holds_no_close_up() {
    for desk in crate::testing::file_desks().await {
        let (ticket, channel) = open(&desk).await;
        let over = FILE_LIMIT + (1 << 20);
        send(&desk, channel, 1, "announced", &[FileAnswer::Zeros(over, Some(over))]).await;
        send(&desk, channel, 3, "gone", &[FileAnswer::Refused(DiscordError::Gone { code: 0 })])
            .await;
        send(&desk, channel, 4, "never", &[LATER]).await;
        send(
            &desk,
            channel,
            5,
            "cut",
            &[FileAnswer::Cut(PNG.to_vec()), FileAnswer::Bytes(PNG.to_vec())],
        )
        .await;
        let first = finish(&desk.w, ticket).await;
        assert!(matches!(first, Err(TranscriptError::FilesPending)));
        assert_eq!(copies(&desk, ticket).await[&Snowflake::new(4)], FileCopy::Pending);
        close(&desk, ticket).await;
        let copies = copies(&desk, ticket).await;
        let is = |file: u64| copies[&Snowflake::new(file)].clone();
        assert_eq!(is(1), FileCopy::TooLarge, "{}", desk.store.engine);
        assert_eq!((is(3), is(4)), (FileCopy::Missing, FileCopy::Missing));
        assert!(matches!(is(5), FileCopy::Stored(..)));
        assert_eq!(bytes(&desk, ticket, 5).await.unwrap().0, PNG);
        assert_eq!(crate::outbox::stats(&desk.w).await.unwrap().dead, 0);
    }
}

#[tokio::test]
async fn a_ticket_has_room_for_a_hundred_mebibytes() {
    for desk in crate::testing::file_desks().await {
        let (ticket, channel) = open(&desk).await;
        send(&desk, channel, 1, "large", &[FileAnswer::Bytes(PNG.to_vec())]).await;
        finish(&desk.w, ticket).await.unwrap();
        // As if it had been so large that one mebibyte is left.
        let mut tx = desk.w.store().begin().await.unwrap();
        let length = i64::try_from(TICKET_LIMIT - (1 << 20)).unwrap();
        sqlx::query("UPDATE attachments SET length = $1")
            .bind(length)
            .execute(tx.conn())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let two = 2 << 20;
        send(&desk, channel, 2, "announced", &[FileAnswer::Zeros(two, Some(two))]).await;
        send(&desk, channel, 3, "not announced", &[FileAnswer::Zeros(two, None)]).await;
        send(&desk, channel, 4, "fits", &[FileAnswer::Zeros(1 << 20, None)]).await;
        finish(&desk.w, ticket).await.unwrap();
        let copies = copies(&desk, ticket).await;
        let is = |file: u64| copies[&Snowflake::new(file)].clone();
        assert_eq!(
            (is(2), is(3)),
            (FileCopy::TooLarge, FileCopy::TooLarge),
            "{}",
            desk.store.engine
        );
        assert!(matches!(is(4), FileCopy::Stored(..)));
    }
}

#[tokio::test]
async fn an_expired_address_is_asked_for_again() {
    for desk in crate::testing::file_desks().await {
        let (ticket, channel) = open(&desk).await;
        let expired = FileAnswer::Refused(DiscordError::Forbidden { code: 0 });
        let message = send(&desk, channel, 1, "f.png", &[expired]).await;
        let fresh = "https://cdn.discordapp.com/attachments/1/1/f?ex=2";
        desk.discord.put_file(fresh, [FileAnswer::Bytes(PNG.to_vec())]);
        desk.discord.change(channel, id(&message), |m| m["attachments"][0]["url"] = json!(fresh));
        finish(&desk.w, ticket).await.unwrap();
        assert_eq!(bytes(&desk, ticket, 1).await.unwrap().0, PNG, "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn an_outage_of_hours_loses_no_file_and_one_of_a_day_does() {
    for desk in crate::testing::file_desks().await {
        let five_minutes = async |times: usize| {
            for _ in 0..times {
                while repair_one(&desk.w).await.unwrap() {}
                desk.clock.advance(300_000);
            }
        };
        let (ticket, channel) = open(&desk).await;
        send(&desk, channel, 1, "f.png", &[LATER]).await;
        send(&desk, channel, 2, "g.png", &[LATER]).await;
        five_minutes(6 * 12).await;
        assert_eq!(copies(&desk, ticket).await[&Snowflake::new(1)], FileCopy::Pending);
        desk.discord.put_file(&url(1), [FileAnswer::Bytes(PNG.to_vec())]);
        five_minutes(2).await;
        assert_eq!(bytes(&desk, ticket, 1).await.unwrap().0, PNG, "{}", desk.store.engine);
        assert_eq!(copies(&desk, ticket).await[&Snowflake::new(2)], FileCopy::Pending);
        five_minutes(15 * 12).await;
        assert_eq!(copies(&desk, ticket).await[&Snowflake::new(2)], FileCopy::Missing);
    }
}

#[tokio::test]
async fn the_end_of_a_ticket_waits_a_few_minutes_for_its_files() {
    for desk in crate::testing::file_desks().await {
        let (ticket, channel) = open(&desk).await;
        send(&desk, channel, 1, "f.png", &[LATER]).await;
        let opener = desk.member(OPENER).await;
        tickets::close(&opener, ticket, None).await.unwrap();
        let begun = desk.w.now();
        desk.clock.advance(30_000);
        assert!(matches!(finish(&desk.w, ticket).await, Err(TranscriptError::FilesPending)));
        desk.settle().await;
        let closed = read(&desk, ticket).await.header.closed_at.unwrap();
        assert!((120_000..300_000).contains(&closed.since(begun)), "{}", closed.since(begun));
        assert_eq!(copies(&desk, ticket).await[&Snowflake::new(1)], FileCopy::Missing);
        // What was given up is not begun again, though it may be had now.
        desk.discord.put_file(&url(1), [FileAnswer::Bytes(PNG.to_vec())]);
        desk.clock.advance(600_000);
        assert!(!repair_one(&desk.w).await.unwrap(), "{}", desk.store.engine);
    }
}

/// A round that is over after one file stands for a source that hangs.
#[tokio::test]
async fn the_end_of_a_ticket_copies_for_a_while_and_lets_others_have_their_turn() {
    let round = std::time::Duration::ZERO;
    for desk in crate::testing::desks().await {
        let engine = desk.store.engine;
        let (ticket, channel) = open(&desk).await;
        send(&desk, channel, 1, "hangs.png", &[LATER]).await;
        for file in 2..=4 {
            send(&desk, channel, file, "f.png", &[FileAnswer::Bytes(PNG.to_vec())]).await;
        }
        let pending = async || {
            let copies = copies(&desk, ticket).await;
            copies.values().filter(|copy| **copy == FileCopy::Pending).count()
        };
        // The one that fails is due again each time, and keeps no other from its turn.
        for left in [4, 3, 2, 1] {
            let ended = finish_within(&desk.w, ticket, round).await;
            assert!(matches!(ended, Err(TranscriptError::FilesPending)), "{engine}");
            assert_eq!(pending().await, left, "{engine}");
            desk.clock.advance(5_000);
        }
        for file in 2..=4 {
            assert_eq!(bytes(&desk, ticket, file).await.unwrap().0, PNG, "{engine}");
        }
    }
}

#[tokio::test]
async fn past_its_time_a_file_is_copied_while_the_source_answers_and_given_up_else() {
    let round = std::time::Duration::ZERO;
    for desk in crate::testing::desks().await {
        let engine = desk.store.engine;
        let (ticket, channel) = open(&desk).await;
        for file in 1..=2 {
            send(&desk, channel, file, "f.png", &[FileAnswer::Bytes(PNG.to_vec())]).await;
        }
        for file in 3..=9 {
            send(&desk, channel, file, "gone.png", &[LATER]).await;
        }
        tickets::close(&desk.member(OPENER).await, ticket, None).await.unwrap();
        // As after an outage of our own.
        desk.clock.advance(600_000);
        for _ in 1..=2 {
            let ended = finish_within(&desk.w, ticket, round).await;
            assert!(matches!(ended, Err(TranscriptError::FilesPending)), "{engine}");
        }
        // One round in which nothing came is the last.
        finish_within(&desk.w, ticket, round).await.unwrap();
        let copies = copies(&desk, ticket).await;
        let missing = copies.values().filter(|copy| **copy == FileCopy::Missing).count();
        assert_eq!((copies.len(), missing), (9, 7), "{engine}");
    }
}

#[tokio::test]
async fn a_copy_whose_process_died_is_made_by_another() {
    for desk in crate::testing::file_desks().await {
        let (ticket, channel) = open(&desk).await;
        send(&desk, channel, 1, "f.png", &[FileAnswer::Bytes(PNG.to_vec())]).await;
        // Claimed, and never heard of again.
        let mut tx = desk.w.store().begin().await.unwrap();
        let now = desk.w.now();
        let until = now.plus_seconds(60);
        let claimed =
            storage::transcripts::attachments::claim(tx.conn(), None, now, until).await.unwrap();
        assert!(claimed.is_some());
        tx.commit().await.unwrap();
        assert!(matches!(finish(&desk.w, ticket).await, Err(TranscriptError::FilesPending)));
        desk.clock.advance(61_000);
        finish(&desk.restarted(), ticket).await.unwrap();
        assert_eq!(bytes(&desk, ticket, 1).await.unwrap().0, PNG, "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn of_two_who_copy_a_file_the_later_attempt_counts() {
    use storage::transcripts::attachments::{self as rows, AttachmentState, Outcome};
    for desk in crate::testing::file_desks().await {
        let (ticket, channel) = open(&desk).await;
        send(&desk, channel, 1, "slow.png", &[LATER]).await;
        let db = desk.w.store();
        let claim = async || {
            let mut tx = db.begin().await.unwrap();
            let now = desk.w.now();
            let row = rows::claim(tx.conn(), Some(ticket), now, now.plus_seconds(60)).await;
            tx.commit().await.unwrap();
            row.unwrap().unwrap()
        };
        let settle = async |row: &rows::AttachmentRow, outcome: &Outcome| {
            let mut tx = db.begin().await.unwrap();
            let counts = rows::settle(tx.conn(), row, outcome, None, desk.w.now()).await.unwrap();
            tx.commit().await.unwrap();
            counts
        };
        let first = claim().await;
        // The first one hangs for longer than its file is held for it.
        desk.clock.advance(61_000);
        let second = claim().await;
        assert!(!settle(&first, &Outcome::Failed).await, "{}", desk.store.engine);
        assert!(!settle(&first, &Outcome::Later(desk.w.now())).await);
        let mut tx = db.begin().await.unwrap();
        rows::give_back(tx.conn(), &first, desk.w.now()).await.unwrap();
        tx.commit().await.unwrap();
        let due = rows::any_due(db.read(), desk.w.now()).await.unwrap();
        assert!(!due, "the second one's file is free for a third");
        assert!(settle(&second, &Outcome::TooLarge).await);
        assert!(!settle(&first, &Outcome::Failed).await);
        let row = rows::get(db.read(), ticket, second.id).await.unwrap().unwrap();
        assert_eq!((row.state, row.attempts), (AttachmentState::TooLarge, 2));
    }
}
