use super::*;

fn thumb() -> Value {
    json!({ "id": null, "name": "👍" })
}

fn event(message: MessageId, user: i64, emoji: &Value) -> Value {
    json!({ "message_id": message, "user_id": user.to_string(), "emoji": emoji, "burst": false })
}

async fn told(desk: &Desk, channel: ChannelId, kind: FrameKind, data: &Value) {
    desk.clock.advance(1000);
    frames(&desk.w, vec![frame(kind, channel, data)]).await;
}

/// `(emoji, how many)` of the message that was said last.
fn sums(page: &TranscriptPage) -> Vec<(String, u64)> {
    let last = entries(page).into_iter().last().unwrap();
    last.message
        .reactions
        .iter()
        .map(|r| (r.emoji.as_ref().unwrap().name.clone(), r.count.unwrap()))
        .collect()
}

/// `(who, whether it came)` for each change.
fn changes(page: &TranscriptPage) -> Vec<(Option<u64>, bool)> {
    let last = entries(page).into_iter().last().unwrap();
    last.reactions.iter().map(|c| (c.by.map(transcript::Snowflake::get), c.added)).collect()
}

#[tokio::test]
async fn reactions_are_kept_as_they_changed() {
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        let message = id(&say(&desk, channel, OPENER, "thanks").await);
        let mut add = event(message, 61, &thumb());
        add["member"] = json!({ "nick": "Ada", "user": { "id": "61", "username": "ada" } });
        told(&desk, channel, FrameKind::ReactionAdd, &add).await;
        // The same event again changes nothing.
        told(&desk, channel, FrameKind::ReactionAdd, &add).await;
        told(&desk, channel, FrameKind::ReactionAdd, &event(message, 62, &thumb())).await;
        told(&desk, channel, FrameKind::ReactionRemove, &event(message, 61, &thumb())).await;
        told(&desk, channel, FrameKind::ReactionRemove, &event(message, 61, &thumb())).await;
        let page = read(&desk, ticket).await;
        assert_eq!(sums(&page), [("👍".to_owned(), 1)], "{}", desk.store.engine);
        assert_eq!(changes(&page), [(Some(61), true), (Some(62), true), (Some(61), false)]);
        // Whoever reacted and never wrote is named, as far as that is known.
        let names: Vec<_> =
            page.header.participants.iter().map(|p| (p.user.get(), p.name.clone())).collect();
        assert!(names.contains(&(61, Some("Ada".to_owned()))), "{names:?}");
        assert!(names.contains(&(62, None)), "{names:?}");

        let all = json!({ "message_id": message });
        told(&desk, channel, FrameKind::ReactionsClear, &all).await;
        told(&desk, channel, FrameKind::ReactionAdd, &event(message, 62, &thumb())).await;
        let page = read(&desk, ticket).await;
        assert_eq!(sums(&page), [("👍".to_owned(), 1)], "what was cleared may come again");
        assert_eq!(changes(&page)[3..], [(None, false), (Some(62), true)]);

        // An edit tells nothing of reactions, and takes none away.
        let edited = desk.discord.edit(channel, message, "thank you");
        told(&desk, channel, FrameKind::Update, &edited).await;
        close(&desk, ticket).await;
        let page = read(&desk, ticket).await;
        let entry = entries(&page).into_iter().find(|e| e.message.content == "thank you").unwrap();
        assert_eq!(entry.reactions.len(), 5, "they stay when the message moves into a chunk");
        assert!(!is_in_clear(&desk, "👍").await);
    }
}

#[tokio::test]
async fn reactions_and_votes_of_one_batch_count_each() {
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        let poll = json!({ "poll": { "question": { "text": "Well?" }, "answers": [
            { "answer_id": 1, "poll_media": { "text": "yes" } }, { "answer_id": 2, "poll_media": { "text": "no" } },
        ] } });
        let message = desk.discord.say(channel, OPENER, "", &poll);
        let first = id(&message);
        let vote = |user: i64, answer: i64| json!({ "message_id": first, "user_id": user.to_string(), "answer_id": answer });
        let mut batch = vec![frame(FrameKind::Create, channel, &message)];
        for user in 61..=70 {
            batch.push(frame(FrameKind::ReactionAdd, channel, &event(first, user, &thumb())));
            batch.push(frame(FrameKind::VoteAdd, channel, &vote(user, 1 + user % 2)));
        }
        batch.push(frame(FrameKind::VoteRemove, channel, &vote(61, 2)));
        frames(&desk.w, batch).await;
        let page = read(&desk, ticket).await;
        assert_eq!(sums(&page), [("👍".to_owned(), 10)], "{}", desk.store.engine);
        let last = entries(&page).into_iter().last().unwrap();
        let results = last.message.poll.as_ref().unwrap().results.as_ref().unwrap();
        let counts: Vec<_> = results.answer_counts.iter().map(|a| (a.id, a.count)).collect();
        assert_eq!(counts, [(Some(2), Some(4)), (Some(1), Some(5))], "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn so_many_changes_are_kept_and_the_sum_stays_right() {
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        let message = id(&say(&desk, channel, OPENER, "popular").await);
        let batch = (1000..1600)
            .map(|user| frame(FrameKind::ReactionAdd, channel, &event(message, user, &thumb())));
        frames(&desk.w, batch.collect()).await;
        let page = read(&desk, ticket).await;
        assert_eq!(sums(&page), [("👍".to_owned(), 600)], "{}", desk.store.engine);
        assert_eq!(changes(&page).len(), 500);
    }
}

#[tokio::test]
async fn a_reaction_to_what_was_never_seen_has_its_ticket_compared() {
    for desk in crate::testing::desks().await {
        crate::transcripts::coverage::began(&desk.w);
        let (ticket, channel) = open(&desk).await;
        for _ in 0..3 {
            desk.clock.advance(60_000);
            say(&desk, channel, OPENER, "heard").await;
        }
        let unheard = desk.discord.say(channel, OPENER, "unheard", &json!({}));
        told(&desk, channel, FrameKind::ReactionAdd, &event(id(&unheard), 61, &thumb())).await;
        for _ in 0..10 {
            desk.clock.advance(60_000);
            say(&desk, channel, OPENER, "heard").await;
        }
        close(&desk, ticket).await;
        assert!(said(&read(&desk, ticket).await).contains(&"unheard"), "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn with_a_persons_key_their_reactions_are_gone() {
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        let message = id(&say(&desk, channel, OPENER, "thanks").await);
        for by in [61, 62] {
            told(&desk, channel, FrameKind::ReactionAdd, &event(message, by, &thumb())).await;
        }
        let scope = storage::KeyScope::person(desk.guild, user(61));
        desk.w.store().keys().destroy(&scope).await.unwrap();
        assert_eq!(
            changes(&read(&desk, ticket).await),
            [(Some(62), true)],
            "{}",
            desk.store.engine
        );
    }
}
