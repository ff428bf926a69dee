//! Backups: made while people write, checked, put back into either engine, and what was erased since stays erased.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "backups/canary.rs"]
mod canary;
#[path = "backups/licences.rs"]
mod licences;
#[path = "erasing/person.rs"]
mod person;
#[path = "backups/protected.rs"]
mod protected;
#[path = "backups/vault.rs"]
mod vault;

use domain::ids::UserId;
use serde_json::json;
use storage::backup::{self, BackupProblem, Contents};
use storage::testing::{TestStore, blob_stores};
use storage::{KeyScope, StorageError, Store, StoreConfig};
use vault::Vault;
use wardesk_core::privacy::erase::{self, Reason};
use wardesk_core::testing::{Desk, FileAnswer, desks, file_desks};
use wardesk_core::transcripts::archive::{FrameKind, RawFrame, frames};
use wardesk_core::{Parts, Wardesk, backup as backups, tickets};

const URL: &str = "https://cdn.discordapp.com/attachments/1/5007/f?ex=1";
/// Who opens the tickets.
const MEMBER: i64 = 7;
/// Bytes of the file that they send: more than a block of the compression, so that what stands before it is read first.
const LENGTH: usize = 400_000;

/// A ticket of somebody with a message and a file; closed, with its transcript.
async fn lived(desk: &Desk) {
    let panel = desk.panel().await;
    let (ticket, channel) = desk.open_ticket(panel, MEMBER).await;
    desk.discord.put_file(URL, vec![FileAnswer::Bytes(vec![7; LENGTH])]);
    let file = json!({ "attachments": [
        { "id": "5007", "filename": "a.bin", "url": URL, "size": LENGTH }] });
    let message = desk.discord.say(channel, MEMBER, "canary-said", &file);
    let json = serde_json::value::to_raw_value(&message).unwrap();
    frames(&desk.w, vec![RawFrame { kind: FrameKind::Create, guild: None, channel, json }]).await;
    let opener = desk.member(MEMBER).await;
    tickets::close(&opener, ticket, None).await.unwrap();
    desk.clock.advance(30_000);
    desk.settle().await;
}

/// The place of a restore: another database and other blobs, with the desk's key store.
fn beside(target: &TestStore, desk: &Desk) -> StoreConfig {
    StoreConfig {
        database_url: target.config.database_url.clone(),
        keys_url: desk.store.config.keys_url.clone(),
        master_keys: desk.store.config.master_keys.clone(),
        blobs_url: target.config.blobs_url.clone(),
        s3_keys: target.config.s3_keys.clone(),
    }
}

async fn count(store: &Store, table: &str) -> i64 {
    let text = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
    sqlx::query_scalar(text).fetch_one(store.read()).await.unwrap()
}

fn problem<T: std::fmt::Debug>(result: Result<T, StorageError>) -> BackupProblem {
    match result {
        Err(StorageError::Backup(problem)) => problem,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_goes_from_each_engine_and_store_to_each() {
    for desk in file_desks().await {
        let from = desk.store.engine;
        lived(&desk).await;
        desk.sign_in(MEMBER, "Firefox").await;
        let vault = Vault::new();
        let path = vault.make(desk.w.store(), "one.age").await;
        let good = vault.check(&path).await.unwrap();
        assert_eq!((good.files, good.missing, good.contents), (1, 0, Contents::Content), "{from}");
        assert!(good.rows > 20, "{good:?}");
        for target in blob_stores().await {
            let to = target.engine;
            let store = Store::open(&beside(&target, &desk)).await.unwrap();
            let put = vault.restore(&store, &path, false).await.unwrap();
            assert_eq!((put.rows, put.files, put.missing), (good.rows, 1, 0), "{from} to {to}");
            let w = Wardesk::new(Parts { store: store.clone(), ..desk.parts() });
            backups::settle_restored(&w, &put).await.unwrap();
            store.migrate().await.unwrap();
            assert_eq!(count(&store, "sessions").await, 0, "sessions are not put back");
            // What comes back is what was there, row by row.
            let again = vault.make(&store, &format!("{from}-{to}.age")).await;
            let again = vault.check(&again).await.unwrap();
            assert_eq!(again.digest, good.digest, "{from} to {to}");
            let seen = sqlx::query("SELECT guild_id, subject_id, blob FROM attachments");
            let row = seen.fetch_one(store.read()).await.unwrap();
            let scope = KeyScope::person(desk.guild, UserId::new(MEMBER).unwrap());
            let blob: String = sqlx::Row::get(&row, "blob");
            let bytes = store.blobs().get(&scope, &blob).await.unwrap();
            let bytes: Vec<bytes::Bytes> = futures::TryStreamExt::try_collect(bytes).await.unwrap();
            assert_eq!(bytes.concat(), vec![7; LENGTH], "{from} to {to}");
            store.close().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_readable_by_its_identity_alone_and_whole_or_refused() {
    for desk in desks().await {
        lived(&desk).await;
        let vault = Vault::new();
        let path = vault.make(desk.w.store(), "one.age").await;
        let bytes = std::fs::read(&path).unwrap();
        for canary in [&b"canary-said"[..], b"Example", b"audit_log", b"wardesk:"] {
            let found = bytes.windows(canary.len()).any(|window| window == canary);
            assert!(!found, "{canary:?} is readable");
        }
        let stranger = Vault::new();
        assert_eq!(problem(stranger.check(&path).await), BackupProblem::NotReadable);
        let exists = backup::make(desk.w.store(), &path, &vault.recipient, desk.w.now()).await;
        assert!(matches!(problem(exists), BackupProblem::Exists(_)));
        let broken = vault.path("broken.age");
        for (cut, flip) in [
            (1, None),
            (bytes.len() / 2, None),
            (0, Some(bytes.len() / 2)),
            (0, Some(bytes.len() - 3)),
        ] {
            let mut altered = bytes[..bytes.len() - cut].to_vec();
            if let Some(at) = flip {
                altered[at] ^= 1;
            }
            std::fs::write(&broken, altered).unwrap();
            let refused = problem(vault.check(&broken).await);
            assert!(matches!(refused, BackupProblem::Damaged(_)), "{refused:?}: {cut} {flip:?}");
        }
        std::fs::write(&broken, b"not a backup").unwrap();
        assert_eq!(problem(vault.check(&broken).await), BackupProblem::NotReadable);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_overwrites_nothing_unasked_and_one_that_stopped_is_noticed() {
    for desk in desks().await {
        let engine = desk.store.engine;
        lived(&desk).await;
        let vault = Vault::new();
        let path = vault.make(desk.w.store(), "one.age").await;
        let store = desk.store.again().await;
        let restore = |replace| vault.restore(&store, &path, replace);
        assert_eq!(problem(restore(false).await), BackupProblem::NotEmpty, "{engine}");
        let key_store = store.key_store();
        let alone = store.use_alone().await.unwrap();
        let keys = backup::restore_keys(
            &key_store,
            &alone,
            &desk.store.config.master_keys,
            &path,
            vault.identities(),
            true,
        );
        assert!(matches!(problem(keys.await), BackupProblem::OtherContents(_)), "{engine}");
        alone.end().await;

        // A damaged backup changes nothing.
        let mut bytes = std::fs::read(&path).unwrap();
        let last = bytes.len() - 3;
        bytes[last] ^= 1;
        std::fs::write(vault.path("broken.age"), bytes).unwrap();
        let broken = vault.path("broken.age");
        let stopped = vault.restore(&store, &broken, true).await;
        assert!(matches!(problem(stopped), BackupProblem::Damaged(_)), "{engine}");
        desk.store.again().await.migrate().await.unwrap();
        assert_eq!(count(&store, "tickets").await, 1, "{engine}");
        let put = restore(true).await.unwrap();
        assert_eq!(problem(restore(false).await), BackupProblem::NotEmpty, "{engine}: begun");
        let start = desk.store.again().await.migrate().await;
        assert!(matches!(start, Err(StorageError::RestoreInterrupted)), "not settled yet");
        let w = Wardesk::new(Parts { store: store.clone(), ..desk.parts() });
        backups::settle_restored(&w, &put).await.unwrap();
        desk.store.again().await.migrate().await.unwrap();
        assert_eq!(problem(restore(false).await), BackupProblem::NotEmpty, "{engine}");
        assert_eq!(count(&store, "tickets").await, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_of_another_installation_are_not_removed_unasked() {
    for desk in file_desks().await {
        let engine = desk.store.engine;
        lived(&desk).await;
        let vault = Vault::new();
        let path = vault.make(desk.w.store(), "one.age").await;
        // A new database on the settings of the old one, as for a rehearsal: the files are those in use.
        let target = storage::testing::sqlite().await;
        let config = StoreConfig {
            blobs_url: desk.store.config.blobs_url.clone(),
            s3_keys: desk.store.config.s3_keys.clone(),
            ..beside(&target, &desk)
        };
        let files = || count_files(&desk.store.blobs.join("objects"));
        std::fs::write(desk.store.blobs.join("objects/other"), "of something newer").unwrap();
        assert_eq!(files(), 2, "{engine}");
        let store = Store::open(&config).await.unwrap();
        let refused = vault.restore(&store, &path, false).await;
        assert_eq!(problem(refused), BackupProblem::FilesThere, "{engine}");
        assert_eq!(files(), 2, "{engine}");
        assert_eq!(vault.restore(&store, &path, true).await.unwrap().removed, 1, "{engine}");
        assert_eq!(files(), 1, "{engine}");
    }
}

/// How many files there are in a folder and those in it.
fn count_files(folder: &std::path::Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { count_files(&path) } else { 1 }).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_erased_after_a_backup_does_not_come_back_with_it() {
    for desk in desks().await {
        let engine = desk.store.engine;
        lived(&desk).await;
        let vault = Vault::new();
        let path = vault.make(desk.w.store(), "one.age").await;
        desk.clock.advance(3_600_000);
        let person = UserId::new(MEMBER).unwrap();
        erase::ask(&desk.w, person, Reason::Asked).await.unwrap();
        erase::carry_out_all(&desk.w).await.unwrap();
        let store = desk.store.again().await;
        let put = vault.restore(&store, &path, true).await.unwrap();
        let opened = "SELECT COUNT(*) FROM tickets WHERE opener_id = $1";
        let of = || sqlx::query_scalar::<_, i64>(opened).bind(MEMBER).fetch_one(store.read());
        assert_eq!(of().await.unwrap(), 1, "{engine}: the backup has them");
        let w = Wardesk::new(Parts { store: store.clone(), ..desk.parts() });
        assert_eq!(backups::settle_restored(&w, &put).await.unwrap().erased, 1, "{engine}");
        assert_eq!(of().await.unwrap(), 0, "{engine}: and they are gone again");
        let scope = KeyScope::person(desk.guild, person);
        let sealed = store.keys().known_mark(&scope, "test", b"x").await;
        assert!(sealed.is_err(), "{engine}: their key is still destroyed");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn backups_that_are_made_while_people_write_are_whole() {
    for desk in desks().await {
        let engine = desk.store.engine;
        let vault = Vault::new();
        let panel = desk.panel().await;
        let writing = async {
            for person in 100..112 {
                desk.open_ticket(panel, person).await;
            }
        };
        let making = async {
            let mut rows = Vec::new();
            for number in 0..4 {
                let path = vault.make(desk.w.store(), &format!("{number}.age")).await;
                rows.push(vault.check(&path).await.unwrap().rows);
            }
            rows
        };
        let ((), rows) = tokio::join!(writing, making);
        assert!(rows.is_sorted(), "{engine}: {rows:?}");
        let last = vault.make(desk.w.store(), "last.age").await;
        assert!(vault.check(&last).await.unwrap().rows >= rows[3], "{engine}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_that_are_missing_are_told_and_effects_count_as_tried() {
    for desk in desks().await {
        let engine = desk.store.engine;
        lived(&desk).await;
        let panel = desk.panel().await;
        desk.wish(panel, MEMBER + 1, 8000).await.unwrap();
        let waiting = "SELECT COUNT(*) FROM outbox WHERE state = 'pending' AND attempts = 0";
        let waiting = |store: Store| async move {
            sqlx::query_scalar::<_, i64>(waiting).fetch_one(store.read()).await.unwrap()
        };
        assert!(waiting(desk.w.store().clone()).await > 0, "{engine}: something is to be done");
        std::fs::remove_dir_all(desk.store.blobs.join("objects")).unwrap();
        let vault = Vault::new();
        let path = vault.path("one.age");
        let made = backup::make(desk.w.store(), &path, &vault.recipient, desk.w.now()).await;
        assert_eq!(made.unwrap().missing, 1, "{engine}");
        assert_eq!(vault.check(&path).await.unwrap().missing, 1, "{engine}");
        let store = desk.store.again().await;
        vault.restore(&store, &path, true).await.unwrap();
        assert_eq!(waiting(store).await, 0, "{engine}: whoever does it looks first");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_is_made_each_day_and_old_ones_go() {
    const DAY: i64 = 86_400_000;
    for desk in desks().await {
        let engine = desk.store.engine;
        let vault = Vault::new();
        let folder = vault.path("backups");
        let names = |contents: &str| std::fs::read_dir(folder.join(contents)).unwrap().count();
        for _ in 0..40 {
            for contents in [Contents::Content, Contents::Keys] {
                let due = || backups::make_if_due(&desk.w, &folder, &vault.recipient, contents);
                assert!(due().await.unwrap(), "{engine}");
                assert!(!due().await.unwrap(), "{engine}: one each day");
            }
            desk.clock.advance(DAY);
        }
        for contents in [Contents::Content, Contents::Keys] {
            backups::make_if_due(&desk.w, &folder, &vault.recipient, contents).await.unwrap();
        }
        // Those of 29 days and of 6 days before, and that of now.
        assert_eq!((names("content"), names("keys")), (30, 7), "{engine}");
    }
}
