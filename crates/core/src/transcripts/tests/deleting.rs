use storage::transcripts::{archive, attachments, chunks, removals};

use super::files::{PNG, send};
use super::*;
use crate::testing::FileAnswer;
use crate::transcripts::attachments::finish;
use crate::transcripts::{TranscriptError, chunk, complete, hold, seals, tidy};

fn deleted(page: &TranscriptPage) -> Vec<&str> {
    let gone = entries(page).into_iter().filter(|e| e.deleted.is_some());
    gone.map(|e| e.message.content.as_str()).collect()
}

/// What the live archive holds of a message, unsealed.
async fn held(desk: &Desk, ticket: TicketId, message: MessageId) -> Vec<String> {
    let (db, id) = (desk.w.store().read(), message.get());
    let mut bodies = Vec::new();
    for row in archive::versions(db, ticket, id, id).await.unwrap() {
        let opened = seals::open_version(desk.w.store().keys(), desk.guild, ticket, row).await;
        bodies.extend(opened.unwrap());
    }
    bodies
}

#[tokio::test]
async fn what_a_deleted_message_said_goes_with_it() {
    for desk in crate::testing::file_desks().await {
        let (ticket, channel) = open(&desk).await;
        say(&desk, channel, OPENER, "stays").await;
        let png = [FileAnswer::Bytes(PNG.to_vec())];
        let message = send(&desk, channel, 77, "private.png", &png).await;
        finish(&desk.w, ticket).await.unwrap();
        desk.clock.advance(1000);
        let edited = desk.discord.edit(channel, id(&message), "my new address");
        frames(&desk.w, vec![frame(FrameKind::Update, channel, &edited)]).await;
        frames(&desk.w, vec![deletion(channel, &message)]).await;

        let page = read(&desk, ticket).await;
        assert_eq!(deleted(&page), [""], "{}", desk.store.engine);
        assert_eq!(said(&page), ["stays", ""]);
        let left = entries(&page).into_iter().find(|e| e.deleted.is_some()).unwrap();
        assert!(left.earlier.is_empty() && left.message.attachments.is_empty());
        assert_eq!(left.message.author.as_ref().unwrap().id.get(), 7, "who wrote it is left");
        let held = held(&desk, ticket, id(&message)).await;
        assert_eq!(held.len(), 1);
        assert!(!held[0].contains("address") && !held[0].contains("private"), "{held:?}");
        let files = attachments::fates(desk.w.store().read(), ticket, 0, i64::MAX).await.unwrap();
        assert!(files.is_empty(), "{files:?}");
        assert_eq!(removals::asked(desk.w.store().read(), None, 9).await.unwrap().len(), 1);

        // Nor does it come back from anywhere, nor later.
        keep_deleted(&desk, true).await;
        close(&desk, ticket).await;
        let page = read(&desk, ticket).await;
        assert_eq!(deleted(&page), [""], "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn it_is_kept_where_people_were_told_and_while_that_is_on() {
    for desk in crate::testing::desks().await {
        keep_deleted(&desk, true).await;
        let (ticket, channel) = open(&desk).await;
        let welcome = serde_json::to_string(&desk.discord.messages(channel)[0]).unwrap();
        assert!(
            welcome.contains("Messages that are deleted here stay in the transcript."),
            "{welcome}"
        );
        let message = say(&desk, channel, 60, "kept").await;
        frames(&desk.w, vec![deletion(channel, &message)]).await;
        assert_eq!(deleted(&read(&desk, ticket).await), ["kept"], "{}", desk.store.engine);
        keep_deleted(&desk, false).await;
        assert_eq!(deleted(&read(&desk, ticket).await), [""], "{}", desk.store.engine);
        keep_deleted(&desk, true).await;
        assert_eq!(deleted(&read(&desk, ticket).await), ["kept"]);
        // What is made into a transcript while it is off is gone for good.
        keep_deleted(&desk, false).await;
        close(&desk, ticket).await;
        keep_deleted(&desk, true).await;
        assert_eq!(deleted(&read(&desk, ticket).await), [""], "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn nobody_is_kept_who_was_not_told() {
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        let welcome = serde_json::to_string(&desk.discord.messages(channel)[0]).unwrap();
        assert!(!welcome.contains("stay in the transcript"), "{welcome}");
        keep_deleted(&desk, true).await;
        let message = say(&desk, channel, 60, "not told").await;
        frames(&desk.w, vec![deletion(channel, &message)]).await;
        assert_eq!(deleted(&read(&desk, ticket).await), [""], "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn it_goes_however_the_deletion_is_heard_of() {
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        // In one batch with the message.
        let first = desk.discord.say(channel, 60, "said and regretted", &json!({}));
        let both = vec![frame(FrameKind::Create, channel, &first), deletion(channel, &first)];
        frames(&desk.w, both).await;
        assert_eq!(deleted(&read(&desk, ticket).await), [""], "{}", desk.store.engine);
        assert!(!held(&desk, ticket, id(&first)).await.concat().contains("regretted"));
        desk.discord.erase(channel, id(&first));
        // Many at once.
        let second = say(&desk, channel, 60, "one of many").await;
        let bulk = json!({ "ids": [second["id"]], "channel_id": channel });
        frames(&desk.w, vec![frame(FrameKind::DeleteBulk, channel, &bulk)]).await;
        assert!(!held(&desk, ticket, id(&second)).await.concat().contains("many"));
        desk.discord.erase(channel, id(&second));
        // While nobody listened.
        let third = say(&desk, channel, 60, "unheard").await;
        desk.discord.erase(channel, id(&third));
        close(&desk, ticket).await;
        let page = read(&desk, ticket).await;
        assert_eq!(deleted(&page), ["", "", ""], "{}", desk.store.engine);
    }
}

/// What the chunks of a ticket hold, unsealed.
async fn stored(desk: &Desk, ticket: TicketId) -> String {
    let db = desk.w.store().read();
    let row = storage::tickets::get(db, ticket).await.unwrap().unwrap();
    let mut all = String::new();
    for number in chunks::numbers(db, ticket).await.unwrap() {
        for part in chunks::parts(db, ticket, number).await.unwrap() {
            let said = chunk::open_part(&desk.w, &row, number, part).await.unwrap();
            all.extend(said.into_iter().flatten().flat_map(|(_, versions)| versions).map(|v| v.1));
        }
    }
    all
}

#[tokio::test]
async fn it_goes_from_a_transcript_that_was_stored_before() {
    for kept in [false, true] {
        for desk in crate::testing::desks().await {
            keep_deleted(&desk, kept).await;
            let (ticket, channel) = open(&desk).await;
            say(&desk, channel, OPENER, "stays").await;
            let message = say(&desk, channel, 60, "xylophone one").await;
            let edited = desk.discord.edit(channel, id(&message), "xylophone two");
            frames(&desk.w, vec![frame(FrameKind::Update, channel, &edited)]).await;
            tickets::close(&desk.member(OPENER).await, ticket, None).await.unwrap();
            complete(&desk.w, ticket).await.unwrap();
            assert!(stored(&desk, ticket).await.contains("xylophone one"));

            desk.clock.advance(1000);
            frames(&desk.w, vec![deletion(channel, &message)]).await;
            assert_eq!(tidy(&desk.w).await.unwrap(), 1, "{}", desk.store.engine);
            assert_eq!(tidy(&desk.w).await.unwrap(), 0, "once");
            let left = stored(&desk, ticket).await;
            assert!(left.contains("stays"));
            assert_eq!(left.contains("xylophone"), kept, "{} {left}", desk.store.engine);
            let page = read(&desk, ticket).await;
            let words = if kept { "xylophone two" } else { "" };
            assert_eq!(deleted(&page), [words], "{}", desk.store.engine);
            assert_eq!(said(&page), ["stays", words]);
            let found = super::finding::by_staff(&desk, "xylophone").await;
            assert_eq!(found.is_empty(), !kept, "{} {found:?}", desk.store.engine);
        }
    }
}

/// An edit that comes after the end is in the live archive, and what it was before in the transcript.
#[tokio::test]
async fn it_goes_from_a_transcript_of_which_an_edit_came_later() {
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        let message = say(&desk, channel, 60, "xylophone one").await;
        say(&desk, channel, OPENER, "stays").await;
        tickets::close(&desk.member(OPENER).await, ticket, None).await.unwrap();
        complete(&desk.w, ticket).await.unwrap();
        desk.clock.advance(1000);
        let edited = desk.discord.edit(channel, id(&message), "xylophone two");
        frames(&desk.w, vec![frame(FrameKind::Update, channel, &edited)]).await;
        frames(&desk.w, vec![deletion(channel, &message)]).await;
        while tidy(&desk.w).await.unwrap() > 0 {}
        let left = stored(&desk, ticket).await;
        assert!(left.contains("stays") && !left.contains("xylophone"), "{}", desk.store.engine);
        assert_eq!(deleted(&read(&desk, ticket).await), [""], "{}", desk.store.engine);
    }
}

/// The owner of the server, who places and lifts holds.
async fn owner(desk: &Desk, ticket: TicketId) -> TranscriptAccess {
    desk.discord.add_member(1, &[]);
    authorize_person(&desk.w, user(1), ticket).await.unwrap()
}

/// What is evidence is not for those to remove who wrote it, and is shown no further for being kept.
#[tokio::test]
async fn under_a_legal_hold_it_is_kept_and_shown_to_nobody() {
    for closed in [false, true] {
        for desk in crate::testing::file_desks().await {
            let at = format!("{} {closed}", desk.store.engine);
            let (ticket, channel) = open(&desk).await;
            say(&desk, channel, OPENER, "stays").await;
            let words = say(&desk, channel, 60, "xylophone one").await;
            let edited = desk.discord.edit(channel, id(&words), "xylophone two");
            frames(&desk.w, vec![frame(FrameKind::Update, channel, &edited)]).await;
            let png = [FileAnswer::Bytes(PNG.to_vec())];
            let picture = send(&desk, channel, 77, "private.png", &png).await;
            finish(&desk.w, ticket).await.unwrap();
            hold::place(&owner(&desk, ticket).await, "a lawsuit").await.unwrap();

            desk.clock.advance(1000);
            for gone in [&words, &picture] {
                frames(&desk.w, vec![deletion(channel, gone)]).await;
                desk.discord.erase(channel, id(gone));
            }
            if closed {
                close(&desk, ticket).await;
            }
            let kept = async || {
                let live = held(&desk, ticket, id(&words)).await.concat();
                live + &stored(&desk, ticket).await
            };
            let files = async || {
                let db = desk.w.store().read();
                attachments::fates(db, ticket, 0, i64::MAX).await.unwrap().len()
            };
            for word in ["xylophone one", "xylophone two"] {
                assert!(kept().await.contains(word), "{at}: {word}");
            }
            assert_eq!(files().await, 1, "{at}");
            // Nobody reads it, finds it or is handed it, also who placed the hold.
            for reader in [access(&desk, ticket).await, owner(&desk, ticket).await] {
                let page = page(&reader, None, 500).await.unwrap();
                assert_eq!(deleted(&page), ["", ""], "{at}");
                let shown = format!("{:?}", page.timeline);
                assert!(!shown.contains("xylophone") && !shown.contains("private"), "{at}");
                let file = crate::transcripts::attachment(&reader, "77".parse().unwrap()).await;
                assert!(matches!(file, Err(TranscriptError::NotFound)), "{at}");
            }
            assert_eq!(super::finding::by_staff(&desk, "xylophone").await, [""; 0], "{at}");
            let text = super::exporting::text(&desk, ticket, transcript::export::Format::Json);
            assert!(!text.await.contains("xylophone"), "{at}");

            // Lifted, it goes as if there had been no hold.
            hold::lift(&owner(&desk, ticket).await, "over").await.unwrap();
            let left = kept().await;
            assert!(!left.contains("xylophone"), "{at} {left}");
            assert!(said(&read(&desk, ticket).await).contains(&"stays"), "{at}");
            assert_eq!(files().await, 0, "{at}");
            assert_eq!(removals::asked(desk.w.store().read(), None, 9).await.unwrap().len(), 1);
            assert_eq!(deleted(&read(&desk, ticket).await), ["", ""], "{at}");
            assert_eq!(tidy(&desk.w).await.unwrap(), 0, "{at}: nothing is left to do");
        }
    }
}

#[tokio::test]
async fn where_it_is_shown_the_end_of_a_hold_takes_nothing() {
    for desk in crate::testing::desks().await {
        keep_deleted(&desk, true).await;
        let (ticket, channel) = open(&desk).await;
        let message = say(&desk, channel, 60, "xylophone").await;
        hold::place(&owner(&desk, ticket).await, "a lawsuit").await.unwrap();
        frames(&desk.w, vec![deletion(channel, &message)]).await;
        desk.discord.erase(channel, id(&message));
        assert_eq!(deleted(&read(&desk, ticket).await), ["xylophone"], "{}", desk.store.engine);
        close(&desk, ticket).await;
        hold::lift(&owner(&desk, ticket).await, "over").await.unwrap();
        assert_eq!(deleted(&read(&desk, ticket).await), ["xylophone"], "{}", desk.store.engine);
        assert!(stored(&desk, ticket).await.contains("xylophone"));
    }
}
