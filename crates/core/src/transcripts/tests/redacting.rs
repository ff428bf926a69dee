use domain::transcripts::patterns::{MARK, Pattern};

use super::files::url;
use super::*;
use crate::testing::FileAnswer;
use crate::transcripts::redact::{self, What};
use crate::transcripts::{Refusal, TranscriptError, hold};

const CARD: &str = "4111 1111 1111 1111";

/// The server's owner, who may redact.
async fn owner(desk: &Desk, ticket: TicketId) -> TranscriptAccess {
    desk.discord.add_member(1, &[]);
    authorize_person(&desk.w, user(1), ticket).await.unwrap()
}

/// Everything that is kept on this machine: files of the database with its log, and blobs; and, for
/// `PostgreSQL`, what its rows hold.
async fn kept(desk: &Desk) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    let mut folders = vec![desk.store.folder.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                all.push(std::fs::read(&path).unwrap());
            }
        }
    }
    all.extend(sealed(desk).await);
    all
}

/// The sealed words of all tickets.
async fn sealed(desk: &Desk) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for (table, column) in [
        ("archive_messages", "body"),
        ("transcript_parts", "body"),
        ("transcript_terms", "body"),
        ("attachments", "details"),
        ("tickets", "answers"),
        ("tickets", "reason"),
        ("redactions", "words"),
    ] {
        let text = sqlx::AssertSqlSafe(format!("SELECT {column} AS bytes FROM {table}"));
        for row in sqlx::query(text).fetch_all(desk.w.store().read()).await.unwrap() {
            all.extend(sqlx::Row::get::<Option<Vec<u8>>, _>(&row, "bytes"));
        }
    }
    all
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

async fn found(desk: &Desk, ticket: TicketId, words: &str) -> usize {
    let query = super::super::search::Query::parse(words, &jiff::tz::TimeZone::UTC).unwrap();
    let access = access(desk, ticket).await;
    let hits = super::super::search::in_transcript(&access, &query, None, 20).await.unwrap();
    hits.items.len()
}

#[tokio::test]
async fn a_redacted_message_is_gone_from_everywhere_and_its_mark_stays() {
    for stored in [false, true] {
        for desk in crate::testing::desks().await {
            keep_deleted(&desk, true).await;
            let panel = desk.panel().await;
            let (ticket, channel) = desk.open_ticket(panel, OPENER).await;
            desk.discord.put_file(&url(5), vec![FileAnswer::Bytes(vec![7; 3000])]);
            let file = json!({ "attachments": [
                { "id": "5", "filename": "leak.bin", "url": url(5), "size": 3000 }] });
            let secret = say_with(&desk, channel, 70, "xylophone one", &file).await;
            let mut edit = secret.clone();
            edit["content"] = json!("xylophone two");
            edit["edited_timestamp"] = json!("2023-11-14T22:20:00+00:00");
            frames(&desk.w, vec![frame(FrameKind::Update, channel, &edit)]).await;
            say(&desk, channel, 70, "harmless").await;
            desk.discord.put_file(&url(6), vec![FileAnswer::Bytes(vec![8; 3000])]);
            let forward = json!({ "message_reference": { "type": 1, "message_id": secret["id"] },
                "message_snapshots": [{ "message": { "content": "xylophone one", "attachments": [
                    { "id": "6", "filename": "leak.bin", "url": url(6), "size": 3000 }] } }] });
            say_with(&desk, channel, 80, "", &forward).await;
            super::super::attachments::finish(&desk.w, ticket).await.unwrap();
            // As Discord has it.
            desk.discord.erase(channel, id(&secret));
            if stored {
                close(&desk, ticket).await;
            }
            assert!(found(&desk, ticket, "xylophone").await >= 1, "{}", desk.store.engine);
            let before = sealed(&desk).await;

            let what = What::Message { message: id(&secret), files: true };
            let access = owner(&desk, ticket).await;
            assert_eq!(redact::look(&access, &what).await.unwrap().passages[0].files, 1);
            redact::redact(&access, &what).await.unwrap();

            let page = read(&desk, ticket).await;
            let texts: Vec<_> = entries(&page).iter().map(|e| format!("{e:?}")).collect();
            assert!(!texts.concat().contains("xylophone"), "{} {stored}", desk.store.engine);
            assert!(said(&page).contains(&"harmless"));
            let marked = entries(&page).into_iter().find(|e| e.redacted.is_some_and(|r| r.whole));
            let marked = marked.unwrap();
            assert_eq!(marked.message.id.get().to_string(), secret["id"].as_str().unwrap());
            assert_eq!(marked.redacted.unwrap().by.get(), 1);
            assert_eq!(marked.redacted.unwrap().at_ms, desk.w.now().0);
            assert!(marked.earlier.is_empty() && marked.message.attachments.is_empty());
            assert_eq!(found(&desk, ticket, "xylophone").await, 0);
            assert_eq!(found(&desk, ticket, "harmless").await, 1);
            for file in ["5", "6"] {
                let file = super::super::attachment(&access, file.parse().unwrap()).await;
                assert!(matches!(file, Err(TranscriptError::NotFound)));
            }

            // What was written over is nowhere, not even sealed: with the key it could be opened.
            let after = sealed(&desk).await;
            let gone: Vec<_> = before.iter().filter(|body| !after.contains(body)).collect();
            assert!(gone.len() >= 3, "two versions or their chunk, and the file's name");
            let files = kept(&desk).await;
            for body in gone {
                // The middle: past what two seals have in common, and within one page of a database.
                let middle = &body[body.len() / 2..][..24];
                let left = files.iter().any(|file| holds(file, middle));
                assert!(!left, "{} {stored}: sealed words are left", desk.store.engine);
            }
            assert!(!files.iter().any(|file| holds(file, b"xylophone")));
            if desk.store.engine == "sqlite" {
                assert!(!files.iter().any(|file| file.starts_with(b"WDB2")), "the blob is gone");
            }

            // Nothing brings it back: an edit that comes late, the channel read once more.
            let mut late = edit.clone();
            late["content"] = json!("xylophone three");
            late["edited_timestamp"] = json!("2023-11-14T23:20:00+00:00");
            frames(&desk.w, vec![frame(FrameKind::Update, channel, &late)]).await;
            frames(&desk.w, vec![frame(FrameKind::Create, channel, &secret)]).await;
            crate::transcripts::tidy(&desk.w).await.unwrap();
            let page = read(&desk, ticket).await;
            let texts: Vec<_> = entries(&page).iter().map(|e| format!("{e:?}")).collect();
            assert!(!texts.concat().contains("xylophone"), "{} {stored}", desk.store.engine);
            if !stored {
                close(&desk, ticket).await;
                let page = read(&desk, ticket).await;
                let texts: Vec<_> = entries(&page).iter().map(|e| format!("{e:?}")).collect();
                assert!(!texts.concat().contains("xylophone"), "{}", desk.store.engine);
            }
        }
    }
}

#[tokio::test]
async fn a_pattern_goes_wherever_it_is_said() {
    for stored in [false, true] {
        for desk in crate::testing::desks().await {
            let panel = desk.panel().await;
            let (ticket, channel) = desk.open_ticket(panel, OPENER).await;
            let card = say(&desk, channel, 70, &format!("take {CARD} please")).await;
            let embed = json!({ "embeds": [{ "fields": [{ "name": "n", "value": CARD }] }] });
            say_with(&desk, channel, 80, "", &embed).await;
            say(&desk, channel, 80, "My Zanzibar trip").await;
            desk.discord.put_file(&url(5), vec![FileAnswer::Bytes(vec![7; 3000])]);
            let file = json!({ "attachments": [
                { "id": "5", "filename": "Zanzibar.bin", "url": url(5), "size": 3000 }] });
            say_with(&desk, channel, 70, "", &file).await;
            super::super::attachments::finish(&desk.w, ticket).await.unwrap();
            if stored {
                let opener = desk.member(OPENER).await;
                let reason = format!("paid with {CARD} in zanzibar");
                tickets::close(&opener, ticket, Some(reason)).await.unwrap();
                desk.clock.advance(30_000);
                desk.settle().await;
            }
            let access = owner(&desk, ticket).await;
            let cards = What::Pattern(Pattern::Cards);
            // The reason for closing is kept too; the bot did not say it in the channel.
            let texts = if stored { 3 } else { 2 };
            let look = redact::look(&access, &cards).await.unwrap();
            assert_eq!(look.count, texts, "{} {stored}", desk.store.engine);
            assert!(
                look.passages.iter().flat_map(|p| &p.pieces).any(|p| p.found && p.text == CARD)
            );
            let before = sealed(&desk).await;
            redact::redact(&access, &cards).await.unwrap();
            let access = owner(&desk, ticket).await;
            let left = redact::look(&access, &cards).await.unwrap();
            assert_eq!(left.count, 0, "{} {stored} {left:?}", desk.store.engine);

            let page = read(&desk, ticket).await;
            let wanted = format!("take {MARK} please");
            assert!(said(&page).contains(&wanted.as_str()), "{} {stored}", desk.store.engine);
            let marks: Vec<_> = entries(&page).iter().filter_map(|e| e.redacted).collect();
            assert_eq!(marks.len(), 2);
            assert!(marks.iter().all(|m| !m.whole));
            assert_eq!(found(&desk, ticket, "1111").await, 0);
            assert_eq!(found(&desk, ticket, "please").await, 1);
            let after = sealed(&desk).await;
            let files = kept(&desk).await;
            for body in before.iter().filter(|body| !after.contains(body)) {
                let middle = &body[body.len() / 2..][..24];
                assert!(!files.iter().any(|f| holds(f, middle)), "{}", desk.store.engine);
            }
            // The channel still has the number, and is read again when the ticket closes.
            frames(&desk.w, vec![frame(FrameKind::Create, channel, &card)]).await;

            let words = What::Pattern(Pattern::text("ZANZIBAR").unwrap());
            redact::redact(&access, &words).await.unwrap();
            assert_eq!(found(&desk, ticket, "zanzibar").await, 0);
            assert!(said(&read(&desk, ticket).await).contains(&format!("My {MARK} trip").as_str()));
            let file = super::super::attachment(&access, "5".parse().unwrap()).await.unwrap();
            assert_eq!(file.name, format!("{MARK}.bin"), "the file stays, its name goes");
            if stored {
                let row = storage::tickets::get(desk.w.store().read(), ticket).await.unwrap();
                let reason = tickets::detail_reason(&desk.w, &row.unwrap()).await.unwrap();
                assert_eq!(reason.unwrap(), format!("paid with {MARK} in {MARK}"));
            } else {
                close(&desk, ticket).await;
                assert_eq!(found(&desk, ticket, "1111").await, 0, "{}", desk.store.engine);
            }
            assert!(!is_in_clear(&desk, "ZANZIBAR").await);
        }
    }
}

#[tokio::test]
async fn only_managers_redact_and_never_under_a_legal_hold() {
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        let message = say(&desk, channel, OPENER, "a secret").await;
        desk.staff(60).await;
        let what = What::Message { message: id(&message), files: false };
        for other in [OPENER, 60] {
            let access = authorize_person(&desk.w, user(other), ticket).await.unwrap();
            for refused in [
                redact::redact(&access, &what).await,
                redact::look(&access, &what).await.map(|_| ()),
            ] {
                assert!(matches!(refused, Err(TranscriptError::NotFound)), "{other}");
            }
        }
        let access = owner(&desk, ticket).await;
        let absent = What::Message { message: "77".parse().unwrap(), files: false };
        let refused = redact::redact(&access, &absent).await;
        assert!(matches!(refused, Err(TranscriptError::NotFound)));
        hold::place(&access, "a case").await.unwrap();
        let refused = redact::redact(&access, &what).await;
        assert!(matches!(refused, Err(TranscriptError::Refused(Refusal::Held))));
        assert!(said(&read(&desk, ticket).await).contains(&"a secret"), "{}", desk.store.engine);
        hold::lift(&access, "over").await.unwrap();
        redact::redact(&access, &what).await.unwrap();
        assert!(!said(&read(&desk, ticket).await).contains(&"a secret"));
        let log = crate::audit::list(&desk.manager().await, None).await.unwrap();
        let entry = &log[0];
        assert_eq!(entry.action, "transcript.message_redacted");
        assert_eq!((entry.actor, entry.target.as_str()), (Some(user(1)), &*ticket.to_string()));
        assert!(!entry.after.as_ref().unwrap().contains("secret"));
    }
}

#[tokio::test]
async fn an_object_that_cannot_be_removed_holds_no_redaction_up() {
    for desk in crate::testing::desks().await {
        let panel = desk.panel().await;
        let (ticket, channel) = desk.open_ticket(panel, OPENER).await;
        let secret = say(&desk, channel, 70, "xylophone").await;
        // A folder is in its place.
        let guild = desk.guild.get();
        let place = desk.store.folder.path().join(format!("blobs/objects/{guild}/st/stuck"));
        std::fs::create_dir_all(place.join("inside")).unwrap();
        let text = "INSERT INTO blob_removals (guild_id, blob, asked_at) VALUES ($1, 'stuck', 1)";
        let mut tx = desk.w.store().begin().await.unwrap();
        sqlx::query(text).bind(guild).execute(tx.conn()).await.unwrap();
        tx.commit().await.unwrap();

        let what = What::Message { message: id(&secret), files: true };
        redact::redact(&owner(&desk, ticket).await, &what).await.unwrap();
        let db = desk.w.store().read();
        let left = storage::transcripts::redactions::under_way(db, 9).await.unwrap();
        assert_eq!(left, [], "{}", desk.store.engine);
        let asked = storage::transcripts::removals::asked(db, None, 9).await.unwrap();
        assert_eq!(asked.len(), 1, "{}: it is tried again", desk.store.engine);
    }
}
