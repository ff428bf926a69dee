//! Somebody's own copy of everything that is kept of them.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "erasing/person.rs"]
mod person;

use std::io::{Cursor, Read as _};

use domain::privacy::{RequestKind, RequestState};
use futures::TryStreamExt as _;
use person::{Place, WORDS, found};
use serde_json::Value;
use wardesk_core::accounts::Session;
use wardesk_core::privacy::download::{self, DownloadState};
use wardesk_core::privacy::{PrivacyError, erase, requests};
use wardesk_core::retention;
use wardesk_core::testing::{Desk, desks};

async fn archive(desk: &Desk, session: &Session) -> zip::ZipArchive<Cursor<Vec<u8>>> {
    let (length, bytes) = download::bytes(&desk.w, session).await.unwrap();
    let parts: Vec<bytes::Bytes> = bytes.try_collect().await.unwrap();
    let whole = parts.concat();
    assert_eq!(whole.len() as u64, length);
    zip::ZipArchive::new(Cursor::new(whole)).unwrap()
}

fn text(archive: &mut zip::ZipArchive<Cursor<Vec<u8>>>, name: &str) -> String {
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

#[tokio::test]
async fn everything_that_somebody_said_and_sent_is_in_their_copy() {
    for desk in desks().await {
        let engine = desk.store.engine;
        let story = person::everywhere(&desk).await;
        let (w, session) = (&desk.w, &story.session);
        assert_eq!(download::of(w, session).await.unwrap(), None);
        assert!(matches!(download::bytes(w, session).await, Err(PrivacyError::NotFound)));
        download::ask(w, session).await.unwrap();
        // Asked again while it is being made, it is the same one.
        download::ask(w, session).await.unwrap();
        assert_eq!(download::of(w, session).await.unwrap().unwrap().state, DownloadState::Asked);
        download::make_all(w).await.unwrap();
        let ready = download::of(w, session).await.unwrap().unwrap();
        assert_eq!(ready.state, DownloadState::Ready, "{engine}");
        // The person is told, once, where it is; the message has nothing of it.
        desk.settle().await;
        let told = desk.discord.direct_messages(session.user);
        let told: Vec<String> = told.iter().map(ToString::to_string).collect();
        let told: Vec<_> = told.iter().filter(|text| text.contains("/account/privacy")).collect();
        assert_eq!(told.len(), 1, "{engine}: {told:?}");
        assert!(!WORDS.iter().any(|word| told[0].contains(word)), "{engine}");

        // Asked again the same day, it is the one that is there.
        download::ask(w, session).await.unwrap();
        assert_eq!(download::of(w, session).await.unwrap(), Some(ready), "{engine}");

        let mut zip = archive(&desk, session).await;
        let data = text(&mut zip, "data.json");
        let json: Value = serde_json::from_str(&data).unwrap();
        let schema: Value =
            serde_json::from_str(include_str!("../../../docs/schema/person-1.json")).unwrap();
        let schema = jsonschema::validator_for(&schema).unwrap();
        let errors: Vec<String> = schema.iter_errors(&json).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{engine}: {errors:#?}");
        for word in [WORDS[0], WORDS[1], WORDS[2], WORDS[4]] {
            assert!(data.contains(word), "{engine}: {word}");
        }
        assert!(!data.contains("I am somebody else"), "{engine}: others' words are theirs");
        let page = text(&mut zip, "index.html");
        assert!(page.starts_with("<!DOCTYPE html>") && page.contains(WORDS[1]), "{engine}");
        let mut media = Vec::new();
        for index in 0..zip.len() {
            let name = zip.by_index(index).unwrap().name().unwrap().into_owned();
            media.extend(name.starts_with("media/").then_some(name));
        }
        assert_eq!(media.len(), 1, "{engine}: {media:?}");
        assert_eq!(text(&mut zip, &media[0]), WORDS[3].repeat(20), "{engine}");

        // It is sealed where it lies, nobody else's, a request that was answered, and gone after a week.
        assert_eq!(found(&desk, &Place::Word(WORDS[3])).await, [] as [String; 0], "{engine}");
        let other = desk.sign_in(9, "Test").await;
        assert!(matches!(download::bytes(w, &other).await, Err(PrivacyError::NotFound)));
        let asked = requests::of_person(w, story.user).await.unwrap();
        let asked: Vec<_> = asked.iter().filter(|r| r.kind == RequestKind::Access).collect();
        assert!(asked.iter().all(|r| r.state == RequestState::Done) && !asked.is_empty());
        desk.clock.advance(7 * 86_400_000 + 1);
        assert_eq!(download::of(w, session).await.unwrap(), None, "{engine}");
        assert!(matches!(download::bytes(w, session).await, Err(PrivacyError::NotFound)));
        retention::sweep(w).await.unwrap();
        let left: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM person_downloads")
            .fetch_one(w.store().read())
            .await
            .unwrap();
        assert_eq!(left, 0, "{engine}");
        assert!(!desk.store.blobs.join("objects/0").exists() || is_empty(&desk), "{engine}");
    }
}

fn is_empty(desk: &Desk) -> bool {
    let shelves = std::fs::read_dir(desk.store.blobs.join("objects/0")).unwrap();
    shelves
        .map(|shelf| shelf.unwrap().path())
        .all(|shelf| !shelf.is_dir() || std::fs::read_dir(shelf).unwrap().next().is_none())
}

#[tokio::test]
async fn whoever_is_erased_takes_their_copy_along() {
    for desk in desks().await {
        let story = person::everywhere(&desk).await;
        download::ask(&desk.w, &story.session).await.unwrap();
        download::make_all(&desk.w).await.unwrap();
        erase::ask(&desk.w, story.user, erase::Reason::Asked).await.unwrap();
        erase::carry_out_all(&desk.w).await.unwrap();
        desk.settle().await;
        erase::carry_out_all(&desk.w).await.unwrap();
        assert!(!desk.store.blobs.join("objects/0").exists() || is_empty(&desk));
        assert_eq!(found(&desk, &Place::Id).await, [] as [String; 0], "{}", desk.store.engine);
    }
}
