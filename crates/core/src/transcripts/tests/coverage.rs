use super::*;
use crate::transcripts::coverage;

/// People talk, and the gateway tells of it in batches.
async fn chat(desk: &Desk, channel: ChannelId, from: u32, to: u32) {
    let mut heard = vec![];
    for number in from..to {
        desk.clock.advance(1000);
        let text = format!("message {number}");
        let message = desk.discord.say(channel, 60 + i64::from(number % 3), &text, &json!({}));
        heard.push(frame(FrameKind::Create, channel, &message));
    }
    frames(&desk.w, heard).await;
}

fn assert_whole(desk: &Desk, channel: ChannelId, page: &TranscriptPage) {
    let kept: Vec<_> = entries(page)
        .iter()
        .filter(|e| e.deleted.is_none())
        .map(|e| e.message.id.to_string())
        .collect();
    let there: Vec<_> = desk
        .discord
        .messages(channel)
        .iter()
        .map(|m| m["id"].as_str().unwrap().to_owned())
        .collect();
    assert!(kept == there[..kept.len()], "{}", desk.store.engine);
}

async fn pages_of_close(desk: &Desk, ticket: TicketId) -> u32 {
    let before = desk.discord.pages_asked();
    close(desk, ticket).await;
    desk.discord.pages_asked() - before
}

#[tokio::test]
async fn what_the_gateway_delivered_is_not_read_again() {
    for desk in crate::testing::desks().await {
        coverage::began(&desk.w);
        let (ticket, channel) = open(&desk).await;
        chat(&desk, channel, 0, 1200).await;
        // A connection that breaks and is resumed misses nothing.
        coverage::broke(&desk.w);
        coverage::resumed(&desk.w);
        chat(&desk, channel, 1200, 1500).await;
        let pages = pages_of_close(&desk, ticket).await;
        // The first minute, the last one, and what came after the comparison.
        assert!(pages <= 5, "{pages} {}", desk.store.engine);
        assert_whole(&desk, channel, &read(&desk, ticket).await);
        assert_eq!(
            read(&desk, ticket).await.header.messages,
            desk.discord.messages(channel).len() as u64
        );
    }
}

#[tokio::test]
async fn what_is_older_than_the_last_gap_is_compared() {
    for desk in crate::testing::desks().await {
        coverage::began(&desk.w);
        let (ticket, channel) = open(&desk).await;
        chat(&desk, channel, 0, 450).await;
        coverage::broke(&desk.w);
        // Nobody listens: someone writes, edits and deletes.
        let messages = desk.discord.messages(channel);
        let [edited, deleted] = [200, 300].map(|n| id(&messages[n]));
        desk.clock.advance(1000);
        desk.discord.edit(channel, edited, "edited unheard");
        desk.discord.erase(channel, deleted);
        desk.discord.say(channel, 60, "said unheard", &json!({}));
        desk.clock.advance(1000);
        coverage::began(&desk.w);
        chat(&desk, channel, 450, 2000).await;
        let pages = pages_of_close(&desk, ticket).await;
        // Five of the first 451 messages, one of the minute after, two at the end, one for what came later.
        assert!((5..=10).contains(&pages), "{pages} {}", desk.store.engine);
        let page = read(&desk, ticket).await;
        assert!(said(&page).contains(&"edited unheard"), "{}", desk.store.engine);
        assert!(entries(&page).iter().any(|e| e.deleted.is_some()));
        assert!(said(&page).contains(&"said unheard"));
    }
}

#[tokio::test]
async fn without_a_session_everything_is_compared() {
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        chat(&desk, channel, 0, 950).await;
        // Also when the session ended just before.
        coverage::began(&desk.w);
        coverage::broke(&desk.w);
        let pages = pages_of_close(&desk, ticket).await;
        assert!(pages >= 10, "{pages} {}", desk.store.engine);
    }
}

#[tokio::test]
async fn an_event_that_is_lost_has_its_ticket_compared() {
    for desk in crate::testing::desks().await {
        coverage::began(&desk.w);
        let (ticket, channel) = open(&desk).await;
        chat(&desk, channel, 0, 300).await;
        let unheard = desk.discord.say(channel, 60, "never heard", &json!({}));
        desk.clock.advance(1000);
        // An edit of it is heard, and says that something was missed.
        let edit = json!({ "id": unheard["id"], "channel_id": channel, "embeds": [] });
        frames(&desk.w, vec![frame(FrameKind::Update, channel, &edit)]).await;
        chat(&desk, channel, 300, 900).await;
        close(&desk, ticket).await;
        assert!(said(&read(&desk, ticket).await).contains(&"never heard"), "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn a_long_ticket_is_closed_in_bounded_steps_and_can_be_read_meanwhile() {
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        chat(&desk, channel, 0, 1000).await;
        let opener = desk.member(OPENER).await;
        tickets::close(&opener, ticket, None).await.unwrap();
        desk.clock.advance(30_000);
        let row = storage::tickets::get(desk.w.store().read(), ticket).await.unwrap().unwrap();
        // After every step, wherever it is stopped, every message can be read.
        let expected = desk.discord.messages(channel).len();
        while crate::transcripts::chunk::move_one(&desk.w, &row).await.unwrap() {
            let mut found = 0;
            let mut from = None;
            loop {
                let access = access(&desk, ticket).await;
                let page = page(&access, from, 500).await.unwrap();
                found += entries(&page).len();
                from = page.next;
                if from.is_none() {
                    break;
                }
            }
            assert!(found >= 1000 && found <= expected, "{found} {}", desk.store.engine);
        }
        let text = "SELECT MAX(messages) AS n FROM transcript_chunks";
        let row = sqlx::query(text).fetch_one(desk.w.store().read()).await.unwrap();
        assert!(sqlx::Row::get::<i64, _>(&row, "n") <= 128);
    }
}
