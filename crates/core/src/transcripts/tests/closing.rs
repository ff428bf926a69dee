use domain::permissions::{OverwriteTarget, Permissions};
use domain::tickets::TicketState;

use super::*;
use crate::ports::DiscordError;
use crate::testing::Call;
use crate::transcripts::{chunk, complete, message_count, tidy};

async fn state(desk: &Desk, ticket: TicketId) -> TicketState {
    storage::tickets::get(desk.w.store().read(), ticket).await.unwrap().unwrap().life.state
}

async fn rows(desk: &Desk, table: &str) -> i64 {
    let text = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) AS n FROM {table}"));
    sqlx::Row::get(&sqlx::query(text).fetch_one(desk.w.store().read()).await.unwrap(), "n")
}

/// The transcript holds what the channel held, message by message, whoever wrote.
async fn assert_equal(desk: &Desk, ticket: TicketId, channel: ChannelId) {
    let truth = desk.discord.messages(channel);
    let page = read(desk, ticket).await;
    let kept: Vec<_> = entries(&page).into_iter().filter(|e| e.deleted.is_none()).collect();
    assert_eq!(kept.len(), truth.len(), "{}", desk.store.engine);
    for (kept, truth) in kept.iter().zip(&truth) {
        assert_eq!(kept.message.id.to_string(), truth["id"].as_str().unwrap());
        assert_eq!(kept.message.content, truth["content"].as_str().unwrap_or_default());
        assert_eq!(kept.message.embeds.len(), truth["embeds"].as_array().map_or(0, Vec::len));
    }
}

#[tokio::test]
async fn closing_reads_back_what_was_missed_and_marks_what_is_gone() {
    for desk in crate::testing::desks().await {
        keep_deleted(&desk, true).await;
        let (ticket, channel) = open(&desk).await;
        let heard = say(&desk, channel, OPENER, "heard, then edited").await;
        let gone = say(&desk, channel, OPENER, "deleted unheard").await;
        desk.clock.advance(1000);
        desk.discord.edit(channel, id(&heard), "edited unheard");
        desk.discord.erase(channel, id(&gone));
        for number in 0..300 {
            desk.clock.advance(10);
            desk.discord.say(channel, 60 + number % 3, &format!("unheard {number}"), &json!({}));
        }
        close(&desk, ticket).await;
        assert_eq!(state(&desk, ticket).await, TicketState::Closed);
        assert_equal(&desk, ticket, channel).await;
        let page = read(&desk, ticket).await;
        let gone = entries(&page).into_iter().find(|e| e.deleted.is_some()).unwrap();
        assert_eq!(gone.message.content, "deleted unheard");
        let edited =
            entries(&page).into_iter().find(|e| e.message.content == "edited unheard").unwrap();
        assert_eq!(edited.earlier[0].content, "heard, then edited");
        // All moved, none left behind.
        assert_eq!(rows(&desk, "archive_messages").await, 0);
        assert_eq!(rows(&desk, "archive_deletions").await, 0);
        assert_eq!(rows(&desk, "transcript_chunks").await, 3);
        assert_eq!(message_count(&desk.w, ticket).await.unwrap(), entries(&page).len() as u64);
        assert!(!is_in_clear(&desk, "unheard").await);
    }
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition() {
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        for number in 0..290 {
            desk.clock.advance(10);
            desk.discord.say(channel, 60 + number % 2, &format!("{number}"), &json!({}));
        }
        close(&desk, ticket).await;
        let access = access(&desk, ticket).await;
        let (mut all, mut events, mut from) = (Vec::new(), 0, None);
        loop {
            let page = page(&access, from, 50).await.unwrap();
            all.extend(said(&page).iter().map(ToString::to_string));
            events += page.timeline.len() - entries(&page).len();
            assert!(entries(&page).len() <= 50);
            from = page.next;
            if from.is_none() {
                break;
            }
        }
        let wanted: Vec<String> = (0..290).map(|n| n.to_string()).collect();
        assert_eq!(all, wanted, "{}", desk.store.engine);
        let whole = read(&desk, ticket).await;
        assert_eq!(events, whole.timeline.len() - entries(&whole).len());
        assert!(events >= 2);
    }
}

#[tokio::test]
async fn a_close_that_is_stopped_anywhere_goes_on() {
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        for number in 0..420 {
            desk.clock.advance(10);
            desk.discord.say(channel, OPENER, &format!("{number}"), &json!({}));
        }
        let opener = desk.member(OPENER).await;
        tickets::close(&opener, ticket, None).await.unwrap();
        desk.clock.advance(30_000);
        // The channel can be read half, then not at all.
        desk.discord.outage_after_pages(2);
        let stopped = complete(&desk.w, ticket).await;
        assert!(matches!(
            stopped,
            Err(crate::transcripts::TranscriptError::Discord(DiscordError::Unavailable { .. }))
        ));
        let row = storage::tickets::get(desk.w.store().read(), ticket).await.unwrap().unwrap();
        // Some of it is stored, some not: readers see all that is known, once.
        assert!(chunk::move_one(&desk.w, &row).await.unwrap());
        // Two pages hold 200 messages, one of them the bot's.
        assert_eq!(said(&read(&desk, ticket).await).len(), 199, "{}", desk.store.engine);
        // Another process goes on.
        let other = desk.restarted();
        tickets::load_channels(&other).await.unwrap();
        complete(&other, ticket).await.unwrap();
        complete(&other, ticket).await.unwrap();
        complete(&desk.w, ticket).await.unwrap();
        assert_eq!(state(&desk, ticket).await, TicketState::Closed);
        desk.settle().await;
        assert_equal_people(&desk, ticket, 420).await;
    }
}

async fn assert_equal_people(desk: &Desk, ticket: TicketId, count: usize) {
    let page = read(desk, ticket).await;
    let wanted: Vec<String> = (0..count).map(|n| n.to_string()).collect();
    assert_eq!(said(&page), wanted, "{}", desk.store.engine);
}

#[tokio::test]
async fn a_late_edit_of_a_stored_message_is_read_with_it() {
    for desk in crate::testing::desks().await {
        keep_deleted(&desk, true).await;
        let (ticket, channel) = open(&desk).await;
        let first = say(&desk, channel, OPENER, "before").await;
        say(&desk, channel, OPENER, "other").await;
        let row = storage::tickets::get(desk.w.store().read(), ticket).await.unwrap().unwrap();
        assert!(chunk::move_one(&desk.w, &row).await.unwrap());
        desk.clock.advance(1000);
        let edited = desk.discord.edit(channel, id(&first), "after");
        frames(
            &desk.w,
            vec![frame(FrameKind::Update, channel, &edited), deletion(channel, &first)],
        )
        .await;
        for moved in [false, true] {
            if moved {
                chunk::move_all(&desk.w, &row).await.unwrap();
            }
            let page = read(&desk, ticket).await;
            assert_eq!(said(&page), ["after", "other"], "{} {moved}", desk.store.engine);
            let late = entries(&page).into_iter().find(|e| e.message.content == "after").unwrap();
            assert_eq!(late.earlier[0].content, "before");
            assert!(late.deleted.is_some());
        }
    }
}

#[tokio::test]
async fn a_channel_that_is_gone_leaves_what_the_archive_has() {
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        say(&desk, channel, OPENER, "kept").await;
        desk.discord.remove_channel(channel);
        tickets::channel_deleted(&desk.w, channel).await.unwrap();
        desk.settle().await;
        assert_eq!(state(&desk, ticket).await, TicketState::Closed);
        let page = read(&desk, ticket).await;
        assert_eq!(said(&page), ["kept"]);
        assert!(entries(&page).iter().all(|e| e.deleted.is_none()));
    }
}

#[tokio::test]
async fn withheld_content_is_said_and_replaces_nothing() {
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        say(&desk, channel, OPENER, "seen in time").await;
        assert!(!read(&desk, ticket).await.content_unavailable);
        desk.discord.withhold(true);
        desk.discord.say(channel, OPENER, "never seen", &json!({}));
        close(&desk, ticket).await;
        let page = read(&desk, ticket).await;
        assert_eq!(said(&page), ["seen in time", ""], "{}", desk.store.engine);
        assert!(page.content_unavailable);
    }
}

/// Closes a ticket up to the moment before its channel goes.
async fn close_but_keep_the_channel(desk: &Desk, ticket: TicketId) {
    let opener = desk.member(OPENER).await;
    tickets::close(&opener, ticket, None).await.unwrap();
    desk.clock.advance(30_000);
    desk.discord.fail(Call::DeleteChannel, DiscordError::Unavailable { retry_after_ms: None });
    crate::outbox::drain(&desk.w).await.unwrap();
    assert_eq!(state(desk, ticket).await, TicketState::Closed);
    assert_eq!(desk.discord.ticket_channels().len(), 1, "the channel is still there");
}

#[tokio::test]
async fn opener_and_members_cannot_write_while_the_ticket_closes() {
    for desk in crate::testing::desks().await {
        let (ticket, _) = open(&desk).await;
        let friend = desk.member(8).await.user();
        tickets::add_member(&desk.staff(60).await, ticket, friend).await.unwrap();
        desk.settle().await;
        close_but_keep_the_channel(&desk, ticket).await;
        let channel = desk.discord.ticket_channels().pop().unwrap();
        for person in [user(OPENER), friend] {
            let target = OverwriteTarget::Member(person);
            let theirs = channel.overwrites.iter().find(|o| o.target == target).unwrap();
            assert!(theirs.deny.contains(Permissions::SEND_MESSAGES), "{}", desk.store.engine);
            assert!(!theirs.allow.contains(Permissions::SEND_MESSAGES));
            assert!(theirs.allow.contains(Permissions::VIEW_CHANNEL), "they may read on");
        }
        let calls = desk.discord.calls();
        let locked = calls.iter().rposition(|c| *c == Call::PutOverwrite).unwrap();
        let told = calls.iter().rposition(|c| *c == Call::DmChannel).unwrap();
        assert!(locked < told, "the lock comes before the transcript");
    }
}

#[tokio::test]
async fn a_channel_that_cannot_be_locked_is_closed_all_the_same() {
    for desk in crate::testing::desks().await {
        let (ticket, _) = open(&desk).await;
        desk.discord.fail(Call::PutOverwrite, DiscordError::Forbidden { code: 50_013 });
        close(&desk, ticket).await;
        assert_eq!(state(&desk, ticket).await, TicketState::Closed, "{}", desk.store.engine);
        assert!(desk.discord.ticket_channels().is_empty());
        assert_eq!(crate::outbox::stats(&desk.w).await.unwrap().dead, 0);
    }
}

#[tokio::test]
async fn what_is_said_between_comparison_and_end_is_in_the_transcript() {
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        say(&desk, channel, OPENER, "in time").await;
        close_but_keep_the_channel(&desk, ticket).await;
        // One the gateway told of, and more than a page that it did not.
        say(&desk, channel, 60, "late, heard").await;
        for number in 0..120 {
            desk.discord.say(channel, 60, &format!("late, unheard {number}"), &json!({}));
        }
        desk.settle().await;
        assert!(desk.discord.ticket_channels().is_empty());
        assert_equal(&desk, ticket, channel).await;
        assert_eq!(rows(&desk, "archive_messages").await, 0, "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn what_arrives_after_the_channel_is_gone_is_in_the_transcript() {
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        close(&desk, ticket).await;
        assert!(!tickets::is_ticket_channel(&desk.w, channel));
        // It was sent before the end; its event comes after it.
        say(&desk, channel, 60, "overtaken").await;
        assert_eq!(said(&read(&desk, ticket).await), ["overtaken"], "{}", desk.store.engine);
        assert_eq!(tidy(&desk.w).await.unwrap(), 1);
        assert_eq!(tidy(&desk.w).await.unwrap(), 0);
        assert_eq!(rows(&desk, "archive_messages").await, 0);
        assert_eq!(said(&read(&desk, ticket).await), ["overtaken"]);
        desk.clock.advance(60_000);
        say(&desk, channel, 60, "not of this ticket").await;
        assert_eq!(rows(&desk, "archive_messages").await, 0);
    }
}

#[tokio::test]
async fn what_is_in_a_chunk_can_still_be_deleted_while_later_messages_arrive() {
    for desk in crate::testing::desks().await {
        keep_deleted(&desk, true).await;
        let (ticket, channel) = open(&desk).await;
        let edited = say(&desk, channel, OPENER, "first").await;
        let gone = say(&desk, channel, OPENER, "deleted after its chunk").await;
        let row = storage::tickets::get(desk.w.store().read(), ticket).await.unwrap().unwrap();
        chunk::move_all(&desk.w, &row).await.unwrap();

        // Between the transcript and the end of the channel staff may still act.
        desk.clock.advance(1000);
        let edit = desk.discord.edit(channel, id(&edited), "first, edited");
        desk.discord.erase(channel, id(&gone));
        let late = [frame(FrameKind::Update, channel, &edit), deletion(channel, &gone)];
        frames(&desk.w, late.to_vec()).await;
        say(&desk, channel, 60, "last").await;
        chunk::move_all(&desk.w, &row).await.unwrap();

        let page = read(&desk, ticket).await;
        let found = entries(&page);
        let deleted = found.iter().find(|e| e.message.content == "deleted after its chunk");
        assert!(deleted.unwrap().deleted.is_some(), "{}", desk.store.engine);
        let marked = found.iter().filter(|e| e.deleted.is_some()).count();
        assert_eq!(marked, 1);
    }
}
