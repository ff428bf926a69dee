//! Versions of the privacy policy and of the terms: noted once, announced once, accepted by signing in and by hand.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use domain::ids::UserId;
use wardesk_core::outbox;
use wardesk_core::privacy::PrivacyError;
use wardesk_core::privacy::documents::{DocumentKind, Documents, acknowledge, note, pending};
use wardesk_core::privacy::imprint::Imprint;
use wardesk_core::testing::{Desk, desks};

const MIA: i64 = 71;
/// Before the clock of a desk, and after it: 2023-11-14.
const BEFORE: &str = "2023-01-01";
const AFTER: &str = "2023-12-01";

/// One version of the privacy policy, in both languages.
fn version(number: &str, effective: &str, is_material: bool, text: &str) -> Vec<(String, String)> {
    ["en", "de"]
        .map(|locale| {
            let head = format!("effective = \"{effective}\"\nmaterial = {is_material}\n");
            let file = format!("+++\n{head}summary = \"News of {number}\"\n+++\n\n{text}\n");
            (format!("privacy/{number}.{locale}.md"), file)
        })
        .into()
}

fn documents(versions: &[Vec<(String, String)>]) -> Documents {
    Documents::read(versions.concat()).unwrap()
}

/// The desk shows these from now on, and announces them in its log channel.
async fn publish(desk: &mut Desk, documents: Documents) {
    let announcements = Some((desk.guild, desk.log));
    desk.publish(Imprint { documents, announcements, ..Imprint::default() });
    note(&desk.w).await.unwrap();
}

/// What stands in the channel of announcements.
fn announced(desk: &Desk) -> Vec<String> {
    let messages = desk.discord.messages(desk.log);
    messages.iter().map(ToString::to_string).collect()
}

async fn seen(desk: &Desk) -> i64 {
    let query = "SELECT COUNT(*) FROM document_versions";
    sqlx::query_scalar(query).fetch_one(desk.w.store().read()).await.unwrap()
}

#[tokio::test]
async fn a_material_change_is_announced_once_and_the_first_version_is_none() {
    for mut desk in desks().await {
        let first = version("1.0", BEFORE, true, "Hello.");
        publish(&mut desk, documents(std::slice::from_ref(&first))).await;
        desk.settle().await;
        assert_eq!(announced(&desk).len(), 0, "{}", desk.store.engine);

        let change = version("1.1", AFTER, true, "Hello you.");
        let typo = version("1.2", AFTER, false, "Hello, you.");
        let all = documents(&[first, change, typo]);
        publish(&mut desk, all.clone()).await;
        // Another process starts at the same time, and each starts again.
        let other = desk.beside().await;
        tokio::try_join!(note(&desk.w), note(&other)).unwrap();
        publish(&mut desk, all).await;
        desk.settle().await;
        let said = announced(&desk);
        assert_eq!(said.len(), 1, "{}: {said:?}", desk.store.engine);
        assert!(said[0].contains("News of 1.1"), "{said:?}");
        assert!(said[0].contains("https://desk.example/privacy/versions/1.1"), "{said:?}");
        // Two versions of the terms would be more: those that come with the program are one.
        assert_eq!(seen(&desk).await, 4);
    }
}

#[tokio::test]
async fn a_new_installation_announces_only_what_is_still_to_come() {
    for mut desk in desks().await {
        let first = version("1.0", BEFORE, true, "Hello.");
        let held = version("1.1", BEFORE, true, "Hello you.");
        let coming = version("1.2", AFTER, true, "Hello, you.");
        publish(&mut desk, documents(&[first, held, coming])).await;
        desk.settle().await;
        let said = announced(&desk);
        assert_eq!(said.len(), 1, "{}: {said:?}", desk.store.engine);
        assert!(said[0].contains("News of 1.2"), "{said:?}");
    }
}

#[tokio::test]
async fn without_a_channel_nothing_is_announced_and_versions_are_noted_all_the_same() {
    for mut desk in desks().await {
        let first = version("1.0", BEFORE, true, "Hello.");
        let change = version("1.1", AFTER, true, "Hello you.");
        desk.publish(Imprint {
            documents: documents(std::slice::from_ref(&first)),
            ..Imprint::default()
        });
        note(&desk.w).await.unwrap();
        desk.publish(Imprint { documents: documents(&[first, change]), ..Imprint::default() });
        note(&desk.w).await.unwrap();
        assert_eq!(outbox::stats(&desk.w).await.unwrap().pending, 0, "{}", desk.store.engine);
        assert_eq!(seen(&desk).await, 3);
    }
}

async fn accepted(desk: &Desk) -> Vec<String> {
    let mia = UserId::new(MIA).unwrap();
    let rows = storage::privacy::documents::accepted(desk.w.store().read(), mia).await.unwrap();
    rows.into_iter().map(|row| format!("{} {}", row.document, row.version)).collect()
}

#[tokio::test]
async fn who_signs_in_for_the_first_time_accepts_what_holds_and_is_asked_about_what_changes() {
    for mut desk in desks().await {
        let engine = desk.store.engine;
        let first = version("1.0", BEFORE, true, "Hello.");
        publish(&mut desk, documents(std::slice::from_ref(&first))).await;
        let mia = desk.sign_in(MIA, "Firefox").await;
        assert_eq!(accepted(&desk).await, ["privacy 1.0", "terms 1.0"], "{engine}");
        assert_eq!(pending(&desk.w, &mia).await.unwrap().len(), 0);

        // A change is to come: it is asked about before it holds, and signing in again accepts nothing.
        let change = version("1.1", AFTER, true, "Hello you.");
        publish(&mut desk, documents(&[first.clone(), change.clone()])).await;
        let again = desk.sign_in(MIA, "Chrome").await;
        let open = pending(&desk.w, &again).await.unwrap();
        let open: Vec<_> = open.iter().map(|one| (one.kind, one.version.to_string())).collect();
        assert_eq!(open, [(DocumentKind::Privacy, "1.1".to_owned())], "{engine}");
        assert_eq!(accepted(&desk).await.len(), 2);

        // Who takes note is asked no more, in no process.
        let made_up =
            acknowledge(&desk.w, &mia, DocumentKind::Privacy, "9.9".parse().unwrap()).await;
        assert!(matches!(made_up, Err(PrivacyError::NotFound)));
        let version_1_1 = "1.1".parse().unwrap();
        desk.clock.advance(1);
        acknowledge(&desk.w, &mia, DocumentKind::Privacy, version_1_1).await.unwrap();
        acknowledge(&desk.w, &mia, DocumentKind::Privacy, version_1_1).await.unwrap();
        assert_eq!(accepted(&desk).await, ["privacy 1.0", "terms 1.0", "privacy 1.1"], "{engine}");
        assert_eq!(pending(&desk.w, &mia).await.unwrap().len(), 0);
        assert_eq!(pending(&desk.restarted(), &mia).await.unwrap().len(), 0);

        // A correction asks nobody, another change does.
        let typo = version("1.2", AFTER, false, "Hello, you.");
        publish(&mut desk, documents(&[first.clone(), change.clone(), typo.clone()])).await;
        assert_eq!(pending(&desk.w, &mia).await.unwrap().len(), 0);
        let next = version("2.0", AFTER, true, "Good day.");
        publish(&mut desk, documents(&[first, change, typo, next])).await;
        let open = pending(&desk.w, &mia).await.unwrap();
        assert_eq!(open.iter().map(|one| one.version.to_string()).collect::<Vec<_>>(), ["2.0"]);
    }
}

#[tokio::test]
async fn a_version_holds_from_its_day_on() {
    for mut desk in desks().await {
        let (first, next) = (version("1.0", BEFORE, true, "A."), version("1.1", AFTER, true, "B."));
        publish(&mut desk, documents(&[first, next])).await;
        let held = |desk: &Desk| {
            let documents = desk.w.documents();
            let held = documents.in_effect(DocumentKind::Privacy, desk.w.now()).unwrap();
            let coming = documents.coming(DocumentKind::Privacy, desk.w.now()).count();
            (held.version.to_string(), coming, documents.news(desk.w.now()).len())
        };
        assert_eq!(held(&desk), ("1.0".to_owned(), 1, 1));
        let day = desk.w.documents().all().map(|one| one.effective).filter(|at| *at > desk.w.now());
        let left = day.min().unwrap().since(desk.w.now());
        desk.clock.advance(left - 1);
        assert_eq!(held(&desk), ("1.0".to_owned(), 1, 1));
        desk.clock.advance(1);
        assert_eq!(held(&desk), ("1.1".to_owned(), 0, 1));
        // It is news for 30 days.
        desk.clock.advance(30 * 24 * 3600 * 1000);
        assert_eq!(held(&desk), ("1.1".to_owned(), 0, 0));
        // Who signs in now accepts it at once.
        let mia = desk.sign_in(MIA, "Firefox").await;
        assert_eq!(accepted(&desk).await, ["privacy 1.1", "terms 1.0"], "{}", desk.store.engine);
        assert_eq!(pending(&desk.w, &mia).await.unwrap().len(), 0);
    }
}
