use super::*;
use crate::transcripts::catch_up;

#[tokio::test]
async fn messages_edits_and_deletions_are_kept_as_they_arrive() {
    for desk in crate::testing::desks().await {
        keep_deleted(&desk, true).await;
        let (ticket, channel) = open(&desk).await;
        let first = say(&desk, channel, OPENER, "canary-first").await;
        let second = say(&desk, channel, 60, "canary-second").await;
        desk.clock.advance(1000);
        let edited = desk.discord.edit(channel, id(&first), "canary-edited");
        desk.discord.erase(channel, id(&second));
        let batch = vec![
            frame(FrameKind::Update, channel, &edited),
            deletion(channel, &second),
            // Delivered again after a RESUME, in the old order.
            frame(FrameKind::Create, channel, &first),
            frame(FrameKind::Create, channel, &second),
            frame(FrameKind::Update, channel, &edited),
        ];
        frames(&desk.w, batch).await;
        let page = read(&desk, ticket).await;
        assert_eq!(said(&page), ["canary-edited", "canary-second"], "{}", desk.store.engine);
        let entries: Vec<_> =
            entries(&page).into_iter().filter(|e| !e.message.content.is_empty()).collect();
        let [one, two] = entries[entries.len() - 2..] else { panic!() };
        assert_eq!(one.earlier.len(), 1);
        assert_eq!(one.earlier[0].content, "canary-first");
        assert!(one.deleted.is_none() && two.deleted.is_some());
        assert!(!is_in_clear(&desk, "canary-").await, "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn a_part_that_discord_adds_later_is_no_edit() {
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        let link = say(&desk, channel, OPENER, "see https://example.org").await;
        let preview =
            json!({ "id": link["id"], "channel_id": channel, "embeds": [{ "title": "Example" }] });
        frames(&desk.w, vec![frame(FrameKind::Update, channel, &preview)]).await;
        // The same in one batch with its message.
        desk.clock.advance(1000);
        let other = desk.discord.say(channel, OPENER, "and this", &json!({}));
        let pinned = json!({ "id": other["id"], "channel_id": channel, "pinned": true });
        frames(
            &desk.w,
            vec![
                frame(FrameKind::Create, channel, &other),
                frame(FrameKind::Update, channel, &pinned),
            ],
        )
        .await;
        let page = read(&desk, ticket).await;
        assert_eq!(said(&page), ["see https://example.org", "and this"]);
        let [.., one, two] = entries(&page)[..] else { panic!() };
        assert_eq!(one.message.embeds.len(), 1);
        assert!(one.earlier.is_empty() && two.message.pinned);
    }
}

#[tokio::test]
async fn other_channels_and_broken_frames_are_passed_over() {
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        let elsewhere = desk.discord.say(desk.log, 60, "not a ticket", &json!({}));
        let broken = [
            json!(null),
            json!([1]),
            json!({ "id": "x" }),
            json!({ "id": "5" }),
            json!({ "ids": [1] }),
        ];
        let mut batch = vec![frame(FrameKind::Create, desk.log, &elsewhere)];
        for data in &broken {
            for kind in
                [FrameKind::Create, FrameKind::Update, FrameKind::Delete, FrameKind::DeleteBulk]
            {
                batch.push(frame(kind, channel, data));
            }
        }
        let good = desk.discord.say(channel, OPENER, "good", &json!({}));
        batch.push(frame(FrameKind::Create, channel, &good));
        frames(&desk.w, batch).await;
        let page = read(&desk, ticket).await;
        assert!(said(&page).ends_with(&["good"]));
        assert!(!said(&page).contains(&"not a ticket"));
    }
}

#[tokio::test]
async fn what_was_written_while_nobody_listened_is_read_back() {
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        say(&desk, channel, OPENER, "heard").await;
        for number in 0..250 {
            desk.discord.say(channel, OPENER, &format!("missed {number}"), &json!({}));
        }
        catch_up(&desk.w, desk.guild, desk.w.now()).await.unwrap();
        catch_up(&desk.w, desk.guild, desk.w.now()).await.unwrap();
        let page = read(&desk, ticket).await;
        assert_eq!(said(&page).len(), 251, "{}", desk.store.engine);
        assert_eq!(said(&page)[250], "missed 249");
    }
}

#[tokio::test]
async fn a_message_that_was_missed_between_two_others_is_read_back() {
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        say(&desk, channel, OPENER, "heard").await;
        desk.clock.advance(5000);
        let heard = desk.w.now();
        desk.clock.advance(5000);
        desk.discord.say(channel, OPENER, "missed", &json!({}));
        say(&desk, channel, OPENER, "heard again").await;
        desk.clock.advance(600_000);
        tickets::compare_all(&desk.w, heard).await.unwrap();
        let page = read(&desk, ticket).await;
        assert_eq!(said(&page), ["heard", "missed", "heard again"], "{}", desk.store.engine);
        // A channel that went meanwhile closes its ticket as well.
        desk.discord.remove_channel(channel);
        tickets::compare_all(&desk.w, heard).await.unwrap();
        desk.settle().await;
        let row = storage::tickets::get(desk.w.store().read(), ticket).await.unwrap().unwrap();
        assert_eq!(row.life.state, domain::tickets::TicketState::Closed);
    }
}

#[tokio::test]
async fn what_could_not_be_read_back_is_told() {
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        say(&desk, channel, OPENER, "heard").await;
        desk.clock.advance(5000);
        let heard = desk.w.now();
        desk.clock.advance(5000);
        desk.discord.say(channel, OPENER, "missed", &json!({}));
        say(&desk, channel, OPENER, "heard again").await;
        desk.discord.outage_after_pages(0);
        let compared = tickets::compare_all(&desk.w, heard).await.unwrap();
        assert!(!compared, "{}", desk.store.engine);
        assert_eq!(said(&read(&desk, ticket).await), ["heard", "heard again"]);
        assert!(tickets::compare_all(&desk.w, heard).await.unwrap());
        assert_eq!(said(&read(&desk, ticket).await), ["heard", "missed", "heard again"]);
        desk.discord.outage(true);
        assert!(!tickets::compare_all(&desk.w, heard).await.unwrap());
    }
}

#[tokio::test]
async fn of_a_server_without_the_bot_no_channel_is_asked_for() {
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        say(&desk, channel, OPENER, "heard").await;
        let pages = desk.discord.pages_asked();
        desk.discord.without_bot(desk.guild, true);
        let alone = async || {
            // Nothing of it is to be made good: the bot has no part in it.
            assert!(tickets::compare_all(&desk.w, desk.w.now()).await.unwrap());
            assert_eq!(desk.discord.pages_asked(), pages, "{}", desk.store.engine);
        };
        // Discord says so, but has not told it yet; then it has.
        alone().await;
        crate::guilds::left(&desk.w, desk.guild).await.unwrap();
        alone().await;
        tickets::look_for_members(&desk.w).await.unwrap();
        assert_eq!(desk.discord.looks(), []);
        let db = desk.w.store().read();
        let known = storage::tickets::channels::guilds(db, desk.w.application(), desk.w.now());
        assert_eq!(known.await.unwrap(), []);
        // It comes back, and finds what was written meanwhile.
        desk.clock.advance(1000);
        desk.discord.say(channel, OPENER, "missed", &json!({}));
        desk.discord.without_bot(desk.guild, false);
        crate::guilds::arrived(&desk.w, desk.guild, "Example", None).await.unwrap();
        assert!(tickets::compare_all(&desk.w, desk.w.now()).await.unwrap());
        assert_eq!(said(&read(&desk, ticket).await), ["heard", "missed"]);
    }
}

#[tokio::test]
async fn names_and_quotes_come_from_the_archive() {
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        let asked = say(&desk, channel, OPENER, "a question").await;
        let answer = json!({
            "type": 19, "message_reference": { "message_id": asked["id"] }, "referenced_message": asked,
            "mentions": [{ "id": "61", "username": "sam", "global_name": "Sam" }],
        });
        let answer = say_with(&desk, channel, 60, "an answer", &answer).await;
        let page = read(&desk, ticket).await;
        let snowflake = |id: u64| transcript::Snowflake::new(id);
        assert_eq!(page.people[&snowflake(61)].name, "Sam");
        assert_eq!(page.people[&snowflake(60)].name, "User 60");
        assert_eq!(page.header.guild_name, "Example");
        // It is shown above the answer on a page that has both, and on one that begins with the answer.
        let later = page_from(&desk, ticket, id(&answer)).await;
        let asked = snowflake(u64::try_from(id(&asked).get()).unwrap());
        for (page, has_both) in [(&page, true), (&later, false)] {
            assert_eq!(entries(page).iter().any(|entry| entry.message.id == asked), has_both);
            let quote = &page.quotes[&asked];
            assert_eq!((quote.content.as_str(), quote.author), ("a question", snowflake(7)));
        }
    }
}
