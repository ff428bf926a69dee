use domain::ids::RoleId;
use jiff::tz::TimeZone;
use storage::KeyScope;

use super::*;
use crate::transcripts::chunk;
use crate::transcripts::search::{self, Hits, Query, index_missing};

fn ask(text: &str) -> Query {
    Query::parse(text, &TimeZone::UTC).unwrap()
}

/// What was found: the texts, with what was looked for in brackets.
fn shown(hits: &Hits) -> Vec<String> {
    let mark = |piece: &search::Piece| {
        if piece.found { format!("[{}]", piece.text) } else { piece.text.clone() }
    };
    hits.items.iter().map(|hit| hit.pieces.iter().map(mark).collect()).collect()
}

pub(super) async fn by_staff(desk: &Desk, text: &str) -> Vec<String> {
    let staff = desk.staff(60).await;
    shown(&search::in_guild(&staff, &ask(text), None, 20).await.unwrap())
}

#[tokio::test]
async fn words_are_found_while_the_ticket_is_open_and_when_it_is_stored() {
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        say(&desk, channel, OPENER, "Where is my REFUND?").await;
        let edited = say(&desk, channel, 61, "It was sent by karrier pigeon").await;
        say(&desk, channel, OPENER, "Die Größe stimmt, see https://shop.example/x").await;
        desk.clock.advance(1000);
        let new = desk.discord.edit(channel, id(&edited), "It was sent by carrier pigeon");
        frames(&desk.w, vec![frame(FrameKind::Update, channel, &new)]).await;
        for stored in [false, true] {
            if stored {
                close(&desk, ticket).await;
                assert!(
                    shown(
                        &search::in_guild(&desk.staff(60).await, &ask("zebra"), None, 20)
                            .await
                            .unwrap()
                    )
                    .is_empty()
                );
            }
            let engine = desk.store.engine;
            assert_eq!(
                by_staff(&desk, "refund").await,
                ["Where is my [REFUND]?"],
                "{engine} {stored}"
            );
            assert_eq!(by_staff(&desk, "refu my").await, ["Where is [my] [REFUND]?"]);
            assert_eq!(
                by_staff(&desk, "grösse").await,
                ["Die [Größe] stimmt, see https://shop.example/x"]
            );
            assert_eq!(
                by_staff(&desk, "\"carrier pigeon\"").await,
                ["It was sent by [carrier pigeon]"]
            );
            assert!(by_staff(&desk, "\"pigeon carrier\"").await.is_empty());
            // What was edited away is found no more.
            assert!(by_staff(&desk, "karrier").await.is_empty(), "{engine} {stored}");
            assert_eq!(by_staff(&desk, "has:link").await.len(), 1);
            assert_eq!(by_staff(&desk, "from:61").await, ["It was sent by carrier pigeon"]);
            assert_eq!(by_staff(&desk, "sent from:7").await.len(), 0);
        }
        // After the next one, too: what is in memory is not all there is.
        desk.clock.advance(1000);
        let panel = desk.panel().await;
        let (other, channel) = desk.open_ticket(panel, 9).await;
        say(&desk, channel, 9, "another refund").await;
        assert_eq!(by_staff(&desk, "refund").await, ["another [refund]", "Where is my [REFUND]?"]);
        let found =
            search::in_guild(&desk.staff(60).await, &ask("refund"), None, 20).await.unwrap();
        assert_eq!(found.items[0].ticket, other);
        assert_eq!(found.items[1].ticket, ticket);
        assert!(found.items[1].author.is_some());
    }
}

#[tokio::test]
async fn nobody_finds_what_they_may_not_read() {
    for desk in crate::testing::desks().await {
        let own: RoleId = desk.discord.add_role(2001);
        let mut settings = desk.panel_settings();
        settings.support_roles = vec![own];
        let closed = tickets::panels::create(&desk.manager().await, settings).await.unwrap();
        let (_, channel) = desk.open_ticket(closed, 9).await;
        say(&desk, channel, 9, "a secret word").await;
        let (ticket, channel) = open(&desk).await;
        say(&desk, channel, OPENER, "an open word").await;
        assert_eq!(by_staff(&desk, "word").await, ["an open [word]"], "{}", desk.store.engine);
        let manager = desk.manager().await;
        assert_eq!(
            search::in_guild(&manager, &ask("word"), None, 20).await.unwrap().items.len(),
            2
        );
        // A member without any right on the server does not search it at all.
        let member = desk.member(OPENER).await;
        assert!(search::in_guild(&member, &ask("word"), None, 20).await.is_err());
        // Their own transcripts they do, and nothing else.
        let session = desk.sign_in(OPENER, "browser").await;
        let mine = search::own(&desk.w, &session, &ask("word"), None, 20).await.unwrap();
        assert_eq!(shown(&mine), ["an open [word]"]);
        let access = access(&desk, ticket).await;
        let inside = search::in_transcript(&access, &ask("word"), None, 20).await.unwrap();
        assert_eq!(shown(&inside), ["an open [word]"]);
    }
}

#[tokio::test]
async fn pages_of_answers_follow_each_other() {
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        for number in 0..70 {
            let text = if number % 2 == 0 { "found here" } else { "here found" };
            say(&desk, channel, OPENER, &format!("{text} {number}")).await;
            if number == 40 {
                let row = storage::tickets::get(desk.w.store().read(), ticket).await.unwrap();
                assert!(chunk::move_one(&desk.w, &row.unwrap()).await.unwrap());
            }
        }
        let staff = desk.staff(60).await;
        let (mut all, mut before) = (Vec::new(), None);
        loop {
            let hits = search::in_guild(&staff, &ask("\"found here\""), before, 10).await.unwrap();
            assert!(hits.items.len() <= 10);
            all.extend(shown(&hits));
            before = hits.next;
            if before.is_none() {
                break;
            }
        }
        let wanted: Vec<String> =
            (0..70).rev().filter(|n| n % 2 == 0).map(|n| format!("[found here] {n}")).collect();
        assert_eq!(all, wanted, "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn a_destroyed_key_takes_words_out_of_the_index() {
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        say(&desk, channel, 70, "a canary sings").await;
        say(&desk, channel, 80, "the canary is mine").await;
        close(&desk, ticket).await;
        assert_eq!(by_staff(&desk, "canary").await.len(), 2);
        // Neither the words nor what they are found by are anywhere to be read.
        assert!(!is_in_clear(&desk, "canary").await, "{}", desk.store.engine);
        desk.w.store().keys().destroy(&KeyScope::person(desk.guild, user(70))).await.unwrap();
        assert_eq!(by_staff(&desk, "canary").await, ["the [canary] is mine"]);
        assert!(by_staff(&desk, "sings").await.is_empty());
        let other = desk.restarted();
        assert_eq!(index_missing(&other).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn transcripts_of_earlier_versions_become_searchable() {
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        say(&desk, channel, OPENER, "written long ago").await;
        close(&desk, ticket).await;
        let mut tx = desk.w.store().begin().await.unwrap();
        sqlx::query("DELETE FROM transcript_terms").execute(tx.conn()).await.unwrap();
        tx.commit().await.unwrap();
        assert!(by_staff(&desk, "ago").await.is_empty());
        while index_missing(&desk.w).await.unwrap() > 0 {}
        assert_eq!(by_staff(&desk, "ago").await, ["written long [ago]"], "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn what_a_process_with_a_slow_clock_stored_is_found() {
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        let row = storage::tickets::get(desk.w.store().read(), ticket).await.unwrap().unwrap();
        let store = async |text: &str| {
            say(&desk, channel, OPENER, text).await;
            assert!(chunk::move_one(&desk.w, &row).await.unwrap());
        };
        let inside = async || {
            let access = access(&desk, ticket).await;
            shown(&search::in_transcript(&access, &ask("word"), None, 20).await.unwrap())
        };
        store("first word").await;
        desk.clock.advance(5_000);
        store("second word").await;
        let both = ["second [word]", "first [word]"];
        assert_eq!(by_staff(&desk, "word").await, both);
        assert_eq!(inside().await, both);
        // Between the two, by the clock of whoever stored it.
        store("third word").await;
        let mut tx = desk.w.store().begin().await.unwrap();
        let late = "UPDATE transcript_terms SET at = (SELECT MIN(at) + 1000 FROM transcript_terms)
                    WHERE chunk = (SELECT MAX(chunk) FROM transcript_terms)";
        assert_eq!(sqlx::query(late).execute(tx.conn()).await.unwrap().rows_affected(), 1);
        tx.commit().await.unwrap();
        let all = ["third [word]", "second [word]", "first [word]"];
        assert_eq!(by_staff(&desk, "word").await, all, "{}", desk.store.engine);
        assert_eq!(inside().await, all, "{}", desk.store.engine);
        // Nothing is met twice.
        assert_eq!(by_staff(&desk, "word").await, all);
    }
}
