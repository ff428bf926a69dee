//! Windows: every place of a transcript from both sides, at the cost of what is shown.

use domain::ids::MessageId;
use domain::time::Millis;
use storage::transcripts::chunks::{self, Entry as Stored, PartRow};

use super::*;
use crate::transcripts::{Start, Wanted, chunk, first_unread, looked, window};

/// A ticket with `count` messages of people 60 and 61 in turn, 10 ms apart. Gives their ids.
async fn long(desk: &Desk, count: usize) -> (TicketId, ChannelId, Vec<MessageId>) {
    let (ticket, channel) = open(desk).await;
    let mut ids = Vec::new();
    for number in 0..count {
        desk.clock.advance(10);
        let author = 60 + i64::from(number % 2 == 1);
        let message = desk.discord.say(channel, author, &number.to_string(), &json!({}));
        ids.push(message["id"].as_str().unwrap().parse().unwrap());
    }
    close(desk, ticket).await;
    (ticket, channel, ids)
}

async fn at(desk: &Desk, ticket: TicketId, start: Start, limit: u16) -> TranscriptPage {
    window(&access(desk, ticket).await, Wanted { start, by: None, limit }).await.unwrap()
}

fn numbers(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|n| n.to_string()).collect()
}

#[tokio::test]
async fn windows_meet_from_both_sides() {
    for desk in crate::testing::desks().await {
        let (ticket, _, ids) = long(&desk, 300).await;
        let engine = desk.store.engine;
        let from = at(&desk, ticket, Start::From(ids[100]), 50).await;
        assert_eq!(said(&from), numbers(100..150), "{engine}");
        assert_eq!((from.earlier, from.next), (Some(ids[100]), Some(ids[150])));
        let before = at(&desk, ticket, Start::Before(ids[100]), 50).await;
        assert_eq!(said(&before), numbers(50..100));
        assert_eq!((before.earlier, before.next), (Some(ids[50]), Some(ids[100])));
        let around = at(&desk, ticket, Start::At(ids[100]), 40).await;
        assert_eq!(said(&around), numbers(90..130));
        assert_eq!((around.earlier, around.next), (Some(ids[90]), Some(ids[130])));
        // The last message of all is the bot's, of the close.
        let last = at(&desk, ticket, Start::Last, 20).await;
        assert_eq!(said(&last), numbers(281..300));
        assert_eq!((last.earlier, last.next), (Some(ids[281]), None));
        // Near an end, the other side fills the window.
        let end = at(&desk, ticket, Start::At(ids[298]), 40).await;
        assert_eq!(said(&end), numbers(261..300));
        let first = at(&desk, ticket, Start::First, 20).await;
        assert_eq!(first.earlier, None);
        assert_eq!(at(&desk, ticket, Start::At(ids[0]), 20).await.earlier, None);
        // Past the end there is nothing, and a way back.
        let past = at(&desk, ticket, Start::From(MessageId::new(i64::MAX).unwrap()), 20).await;
        assert!(past.timeline.is_empty());
        assert!(past.earlier.is_some() && past.next.is_none());
        // By time, to the millisecond.
        let time = Millis(ids[200].created_at_ms());
        assert_eq!(said(&at(&desk, ticket, Start::Time(time), 3).await), numbers(200..203));
    }
}

#[tokio::test]
async fn all_windows_backwards_are_all_messages_and_events() {
    for desk in crate::testing::desks().await {
        let (ticket, _, _) = long(&desk, 290).await;
        let whole = read(&desk, ticket).await;
        let (mut all, mut start) = (Vec::new(), Start::Last);
        loop {
            let page = at(&desk, ticket, start, 50).await;
            let earlier = page.earlier;
            all.splice(0..0, page.timeline);
            let Some(earlier) = earlier else { break };
            start = Start::Before(earlier);
        }
        let times =
            |items: &[TimelineItem]| items.iter().map(TimelineItem::at_ms).collect::<Vec<_>>();
        assert_eq!(times(&all), times(&whole.timeline), "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn a_window_of_an_open_ticket_reads_chunks_and_live_archive_together() {
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        let mut ids = Vec::new();
        for number in 0..200 {
            desk.clock.advance(10);
            ids.push(id(&say(&desk, channel, 60, &number.to_string()).await));
        }
        let row = storage::tickets::get(desk.w.store().read(), ticket).await.unwrap().unwrap();
        assert!(chunk::move_one(&desk.w, &row).await.unwrap());
        // An edit of a stored message is in the live archive.
        let edited = desk.discord.edit(channel, ids[119], "119, edited");
        frames(&desk.w, vec![frame(FrameKind::Update, channel, &edited)]).await;
        let mut wanted = numbers(110..140);
        wanted[9] = "119, edited".to_owned();
        assert_eq!(said(&at(&desk, ticket, Start::From(ids[110]), 30).await), wanted);
        assert_eq!(said(&at(&desk, ticket, Start::Before(ids[140]), 30).await), wanted);
        // A moved edit is in a later chunk, which begins with a message of before.
        chunk::move_all(&desk.w, &row).await.unwrap();
        assert_eq!(said(&at(&desk, ticket, Start::From(ids[110]), 30).await), wanted);
        assert_eq!(said(&at(&desk, ticket, Start::Before(ids[140]), 30).await), wanted);
    }
}

/// Chunks past the first few are read ahead, and not opened.
const AHEAD: i64 = 8;

/// Gives a transcript `count` more chunks of 128 messages, of which all but the first can not even be looked into:
/// whoever reads one of them fails.
async fn unreadable(desk: &Desk, ticket: TicketId, after: MessageId, count: i64) {
    let first = chunks::next_number(desk.w.store().read(), ticket).await.unwrap();
    let mut tx = desk.w.store().begin().await.unwrap();
    for number in 0..count {
        let entries: Vec<Stored> = (0..128)
            .map(|n| MessageId::new(after.get() + ((number * 128 + n + 1) << 22)).unwrap())
            .map(|message| Stored(message, 0, None))
            .collect();
        let part = PartRow { part: 0, subject: Some(user(60)), body: vec![0] };
        chunks::insert(tx.conn(), ticket, first + number, &entries, vec![part]).await.unwrap();
    }
    sqlx::query("UPDATE transcript_chunks SET entries = 'unreadable' WHERE chunk >= $1")
        .bind(first + AHEAD)
        .execute(tx.conn())
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_window_of_200_000_messages_opens_no_chunk_besides_its_own() {
    for desk in crate::testing::desks().await {
        let (ticket, _, ids) = long(&desk, 300).await;
        unreadable(&desk, ticket, *ids.last().unwrap(), 1_563).await;
        for start in [
            Start::First,
            Start::From(ids[150]),
            Start::Before(ids[150]),
            Start::At(ids[150]),
            Start::Time(Millis(ids[150].created_at_ms())),
        ] {
            let page = at(&desk, ticket, start, 100).await;
            assert!(entries(&page).iter().all(|entry| !entry.erased), "{start:?}");
            assert!(said(&page).len() > 90, "{start:?}");
        }
        // The test would notice.
        let last = Wanted { start: Start::Last, by: None, limit: 10 };
        assert!(window(&access(&desk, ticket).await, last).await.is_err());
    }
}

#[tokio::test]
async fn one_persons_messages_page_on_without_the_others() {
    for desk in crate::testing::desks().await {
        let (ticket, _, ids) = long(&desk, 300).await;
        let access = access(&desk, ticket).await;
        let by = Some(user(61));
        let (mut all, mut start) = (Vec::new(), Start::First);
        loop {
            let page = window(&access, Wanted { start, by, limit: 40 }).await.unwrap();
            assert_eq!(page.timeline.len(), entries(&page).len(), "no events of the desk");
            all.extend(said(&page).iter().map(ToString::to_string));
            let Some(next) = page.next else { break };
            start = Start::From(next);
        }
        let odd: Vec<String> = (0..300).filter(|n| n % 2 == 1).map(|n| n.to_string()).collect();
        assert_eq!(all, odd, "{}", desk.store.engine);
        let around = Wanted { start: Start::At(ids[100]), by, limit: 8 };
        assert_eq!(
            said(&window(&access, around).await.unwrap()),
            ["97", "99", "101", "103", "105", "107", "109", "111"]
        );
        // Someone who wrote nothing has an empty window.
        let nobody = Wanted { start: Start::First, by: Some(user(99)), limit: 8 };
        let page = window(&access, nobody).await.unwrap();
        assert!(page.timeline.is_empty() && page.next.is_none() && page.earlier.is_none());
        // The bot writes in the opener's name; its messages are not theirs.
        let opener = Wanted { start: Start::First, by: Some(user(OPENER)), limit: 8 };
        assert!(window(&access, opener).await.unwrap().timeline.is_empty());
    }
}

#[tokio::test]
async fn unread_is_what_follows_the_openers_last_words_and_last_look() {
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        desk.clock.advance(10);
        say(&desk, channel, OPENER, "mine").await;
        desk.clock.advance(10);
        let answer = id(&say(&desk, channel, 60, "an answer").await);
        desk.clock.advance(10);
        let more = id(&say(&desk, channel, 60, "more").await);
        let mine = access(&desk, ticket).await;
        assert_eq!(first_unread(&mine).await.unwrap(), Some(answer), "{}", desk.store.engine);
        // Shown up to the answer.
        let shown = Wanted { start: Start::Before(more), by: None, limit: 50 };
        looked(&mine, &window(&mine, shown).await.unwrap()).await.unwrap();
        assert_eq!(first_unread(&mine).await.unwrap(), Some(more));
        // Going back to earlier ones makes nothing unread.
        let earlier = Wanted { start: Start::Before(answer), by: None, limit: 50 };
        looked(&mine, &window(&mine, earlier).await.unwrap()).await.unwrap();
        assert_eq!(first_unread(&mine).await.unwrap(), Some(more));
        let all = Wanted { start: Start::Last, by: None, limit: 50 };
        looked(&mine, &window(&mine, all).await.unwrap()).await.unwrap();
        assert_eq!(first_unread(&mine).await.unwrap(), None);
        desk.clock.advance(10);
        let late = id(&say(&desk, channel, 60, "late").await);
        assert_eq!(first_unread(&mine).await.unwrap(), Some(late));
        // Staff have no share in it: neither is theirs kept, nor do they see the opener's.
        let staff = desk.staff(60).await.user();
        let theirs = authorize_person(&desk.w, staff, ticket).await.unwrap();
        let all = Wanted { start: Start::Last, by: None, limit: 50 };
        looked(&theirs, &window(&theirs, all).await.unwrap()).await.unwrap();
        assert_eq!(first_unread(&theirs).await.unwrap(), None);
        assert_eq!(first_unread(&mine).await.unwrap(), Some(late));
        // The opener's own words are read.
        desk.clock.advance(10);
        say(&desk, channel, OPENER, "thanks").await;
        assert_eq!(first_unread(&mine).await.unwrap(), None);
    }
}

#[tokio::test]
async fn the_openers_last_words_are_found_behind_what_apps_said_since() {
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        desk.clock.advance(10);
        say(&desk, channel, OPENER, "mine").await;
        let app = json!({ "author": { "id": "77", "username": "app", "bot": true } });
        let mut first = None;
        for number in 0..40 {
            let message = say_with(&desk, channel, 77, &format!("told {number}"), &app).await;
            first.get_or_insert(id(&message));
        }
        for stored in [false, true] {
            if stored {
                close(&desk, ticket).await;
            }
            let mine = access(&desk, ticket).await;
            let unread = first_unread(&mine).await.unwrap();
            assert_eq!(unread, first, "{} {stored}", desk.store.engine);
        }
    }
}
