//! Master keys take each other's place while the key store is used, and a key store that is lost, or another one, is
//! noticed.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use domain::ids::{GuildId, UserId};
use domain::time::Millis;
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::AnyPool;
use storage::backup::{self, BackupProblem, Identities};
use storage::in_use::Alone;
use storage::keys::{KeyFile, KeyStore, KeyTrouble, MasterKeyProblem, MasterKeys};
use storage::testing::{MASTER_KEY, TestStore, key_stores};
use storage::{KeyScope, SealError, Sealed, StorageError, Store, StoreConfig};

fn scope(person: i64) -> KeyScope {
    KeyScope::person(GuildId::new(10).unwrap(), UserId::new(person).unwrap())
}

/// The key file of a store; it holds the store's master key to begin with.
fn key_file(test: &TestStore) -> PathBuf {
    use std::io::Write as _;
    let path = test.folder.path().join("master.key");
    let mut file = std::fs::File::create(&path).unwrap();
    writeln!(file, "{}", base64_of(&MASTER_KEY)).unwrap();
    path
}

fn base64_of(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn with(test: &TestStore, master_keys: MasterKeys) -> StoreConfig {
    StoreConfig {
        database_url: test.config.database_url.clone(),
        keys_url: test.config.keys_url.clone(),
        master_keys,
        blobs_url: test.config.blobs_url.clone(),
        s3_keys: test.config.s3_keys.clone(),
    }
}

/// Another process, which reads the key file as it is now.
async fn process(test: &TestStore, file: &std::path::Path) -> Store {
    Store::open(&with(test, MasterKeys::read(file).unwrap())).await.unwrap()
}

async fn keys(test: &TestStore, masters: &MasterKeys) -> KeyStore {
    KeyStore::open(&test.config.keys_url, masters).await.unwrap()
}

async fn open(store: &Store, person: i64, sealed: &Sealed) -> Result<(), StorageError> {
    let plain = store.keys().open_sealed(&scope(person), b"x", sealed).await?;
    assert_eq!(plain.as_slice(), person.to_be_bytes());
    Ok(())
}

async fn seal(store: &Store, person: i64) -> Sealed {
    store.keys().seal(&scope(person), b"x", &person.to_be_bytes()).await.unwrap()
}

async fn raw(test: &TestStore) -> AnyPool {
    AnyPool::connect(test.config.keys_url.expose_secret()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_master_key_takes_over_while_data_keys_are_made_and_read() {
    for test in key_stores().await {
        let path = key_file(&test);
        let mut sealed = Vec::new();
        for person in 1..=450 {
            sealed.push(seal(&test.store, person).await);
        }
        // It knows the old key alone, and is told of nothing.
        let running = process(&test, &path).await;
        let stop = Arc::new(AtomicBool::new(false));
        let writing = tokio::spawn({
            let (stop, running) = (Arc::clone(&stop), running.clone());
            async move {
                let mut made = Vec::new();
                while !stop.load(Ordering::SeqCst) {
                    let person = 1000 + i64::try_from(made.len()).unwrap();
                    made.push(seal(&running, person).await);
                }
                made
            }
        });
        let file = KeyFile::hold(&path).unwrap();
        let masters = file.add(true).unwrap();
        let rotating = keys(&test, &masters).await;
        rotating.wrap_by_first().await.unwrap();
        let moved = rotating.rewrap().await.unwrap();
        assert!(moved.moved >= 450 && moved.unreadable.is_empty(), "{moved:?}");
        assert!(rotating.others_can_go().await.unwrap());
        file.retire().unwrap();
        stop.store(true, Ordering::SeqCst);
        let made = writing.await.unwrap();
        // Nothing needs the old key any more, whatever the running process did meanwhile.
        let fresh = process(&test, &path).await;
        for (person, sealed) in (1..).zip(&sealed).chain((1000..).zip(&made)) {
            open(&fresh, person, sealed).await.unwrap();
            open(&running, person, sealed).await.unwrap();
        }
        let masters = file.read().unwrap();
        assert_eq!(masters.count(), 1);
        let check = keys(&test, &masters).await;
        let (good, bad) = check.open_all().await.unwrap();
        assert_eq!((good, bad.len()), (450 + made.len() as u64, 0), "{}", test.engine);
        let counts = check.counts().await.unwrap();
        assert!(counts.len() == 1 && counts[0].present && counts[0].known, "{counts:?}");
        let old = Store::open(&with(&test, MasterKeys::of(MASTER_KEY))).await;
        assert!(matches!(old, Err(StorageError::Sealed(SealError::WrongMasterKey))));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_stopped_anywhere_is_readable_and_goes_on() {
    for test in key_stores().await {
        let path = key_file(&test);
        let mut sealed = Vec::new();
        for person in 1..=250 {
            sealed.push(seal(&test.store, person).await);
        }
        let file = KeyFile::hold(&path).unwrap();
        for step in 0..4 {
            if step == 1 {
                file.add(true).unwrap();
            }
            let masters = file.read().unwrap();
            let store = keys(&test, &masters).await;
            match step {
                2 => store.wrap_by_first().await.unwrap(),
                3 => {
                    assert!(!store.others_can_go().await.unwrap(), "rows are of the old key");
                    // A part of them, as of one who was killed.
                    let pool = raw(&test).await;
                    let old = "SELECT wrapped, master_id FROM data_keys WHERE subject_id = 7";
                    let row = sqlx::query(old).fetch_one(&pool).await.unwrap();
                    store.rewrap().await.unwrap();
                    sqlx::query(
                        "UPDATE data_keys SET wrapped = $1, master_id = $2 WHERE subject_id = 7",
                    )
                    .bind(sqlx::Row::get::<Vec<u8>, _>(&row, 0))
                    .bind(sqlx::Row::get::<String, _>(&row, 1))
                    .execute(&pool)
                    .await
                    .unwrap();
                    assert!(!store.others_can_go().await.unwrap(), "one row is of the old key");
                    pool.close().await;
                }
                _ => {}
            }
            let started = process(&test, &path).await;
            for (person, sealed) in (1..).zip(&sealed) {
                open(&started, person, sealed).await.unwrap();
            }
        }
        // Without the old key the one row is missed at start.
        let mut lines = std::fs::read_to_string(&path).unwrap();
        let whole = lines.clone();
        lines.truncate(lines.find('\n').unwrap());
        std::fs::write(&path, lines).unwrap();
        let missing = Store::open(&with(&test, MasterKeys::read(&path).unwrap())).await;
        assert!(
            matches!(missing, Err(StorageError::MissingMasterKey { rows: 1, .. })),
            "{:?}",
            missing.err()
        );
        let check = keys(&test, &file.read().unwrap()).await;
        let (good, bad) = check.open_all().await.unwrap();
        assert_eq!((good, bad.len()), (249, 1));
        assert!(!check.rewrap().await.unwrap().unreadable.is_empty());
        std::fs::write(&path, whole).unwrap();
        let store = keys(&test, &file.read().unwrap()).await;
        assert_eq!(store.rewrap().await.unwrap().moved, 1);
        assert!(store.others_can_go().await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_destroyed_while_all_are_wrapped_anew_stays_destroyed() {
    for test in key_stores().await {
        let path = key_file(&test);
        let mut sealed = Vec::new();
        for person in 1..=400 {
            sealed.push(seal(&test.store, person).await);
        }
        let file = KeyFile::hold(&path).unwrap();
        let masters = file.add(true).unwrap();
        let rotating = keys(&test, &masters).await;
        rotating.wrap_by_first().await.unwrap();
        let destroying = async {
            for person in (1..=400).rev().step_by(2) {
                test.store.keys().destroy(&scope(person)).await.unwrap();
            }
        };
        let (moved, ()) = tokio::join!(rotating.rewrap(), destroying);
        assert!(moved.unwrap().unreadable.is_empty());
        let fresh = process(&test, &path).await;
        for (person, sealed) in (1..).zip(&sealed) {
            let opened = open(&fresh, person, sealed).await;
            assert_eq!(opened.is_ok(), person % 2 == 1, "{person}: {opened:?}");
        }
    }
}

#[tokio::test]
async fn keys_of_an_earlier_version_get_names() {
    for test in key_stores().await {
        let sealed = seal(&test.store, 1).await;
        let pool = raw(&test).await;
        sqlx::query("UPDATE data_keys SET master_id = ''").execute(&pool).await.unwrap();
        sqlx::query("UPDATE key_check SET master_id = '', store_id = ''")
            .execute(&pool)
            .await
            .unwrap();
        pool.close().await;
        let mut tx = test.store.begin().await.unwrap();
        sqlx::query("DELETE FROM key_store").execute(tx.conn()).await.unwrap();
        tx.commit().await.unwrap();
        let wrong = Store::open(&with(&test, MasterKeys::of([8; 32]))).await;
        assert!(matches!(wrong, Err(StorageError::Sealed(SealError::WrongMasterKey))));
        let store = test.again().await;
        store.migrate().await.unwrap();
        open(&store, 1, &sealed).await.unwrap();
        seal(&store, 2).await;
        let keys = keys(&test, &MasterKeys::of(MASTER_KEY)).await;
        keys.rewrap().await.unwrap();
        assert!(keys.others_can_go().await.unwrap(), "{}", test.engine);
    }
}

#[tokio::test]
async fn a_key_store_that_is_new_or_of_another_database_is_noticed_at_start() {
    for test in key_stores().await {
        seal(&test.store, 1).await;
        let lost = test.folder.path().join("lost.db");
        let url = SecretString::from(format!("sqlite://{}", lost.display()));
        let config = StoreConfig { keys_url: url, ..with(&test, MasterKeys::of(MASTER_KEY)) };
        let store = Store::open(&config).await.unwrap();
        let refused = store.migrate().await;
        assert!(matches!(refused, Err(StorageError::OtherKeyStore)), "{}", test.engine);
        test.again().await.migrate().await.unwrap();
        // Whoever has lost it for good says so.
        let alone = store.use_alone().await.unwrap();
        store.adopt_key_store(&alone).await.unwrap();
        store.migrate().await.unwrap();
        let refused = test.again().await.migrate().await;
        assert!(matches!(refused, Err(StorageError::OtherKeyStore)), "the other one came back");
    }
}

/// The migrations that were done, of the database or of the key store.
async fn migrations(pool: &AnyPool) -> Vec<i64> {
    let text = "SELECT version FROM _sqlx_migrations ORDER BY version";
    sqlx::query_scalar(text).fetch_all(pool).await.unwrap()
}

#[tokio::test]
async fn a_wrong_pair_is_refused_before_any_schema_is_changed() {
    for test in key_stores().await {
        seal(&test.store, 1).await;
        // As an older version left both: the last step of each schema is still to be done.
        let pools = [test.store.read().clone(), raw(&test).await];
        for pool in &pools {
            let text = "DELETE FROM _sqlx_migrations
                        WHERE version = (SELECT MAX(version) FROM _sqlx_migrations)";
            sqlx::query(text).execute(pool).await.unwrap();
        }
        let [main, keys] = &pools;
        let before = (migrations(main).await, migrations(keys).await);
        let wrong = Store::open(&with(&test, MasterKeys::of([8; 32]))).await;
        assert!(matches!(wrong, Err(StorageError::Sealed(SealError::WrongMasterKey))));
        let wrong = KeyStore::open(&test.config.keys_url, &MasterKeys::of([8; 32])).await;
        assert!(matches!(wrong, Err(StorageError::Sealed(SealError::WrongMasterKey))));
        let other = test.folder.path().join("other.db");
        let url = SecretString::from(format!("sqlite://{}", other.display()));
        let config = StoreConfig { keys_url: url, ..with(&test, MasterKeys::of(MASTER_KEY)) };
        let refused = Store::open(&config).await.unwrap().migrate().await;
        assert!(matches!(refused, Err(StorageError::OtherKeyStore)), "{}", test.engine);
        assert_eq!((migrations(main).await, migrations(keys).await), before, "{}", test.engine);
    }
}

#[tokio::test]
async fn a_key_file_that_is_of_no_use_is_told_until_it_is() {
    for test in key_stores().await {
        let path = key_file(&test);
        let running = process(&test, &path).await;
        let troubles = running.keys().troubles();
        let sealed = seal(&test.store, 1).await;
        open(&running, 1, &sealed).await.unwrap();
        assert_eq!(*troubles.borrow(), None);
        // Another machine changes the master key, and this one has no copy of the file yet.
        let elsewhere = test.folder.path().join("elsewhere");
        std::fs::create_dir(&elsewhere).unwrap();
        let copy = elsewhere.join("master.key");
        std::fs::copy(&path, &copy).unwrap();
        let file = KeyFile::hold(&copy).unwrap();
        let masters = file.add(true).unwrap();
        let rotating = keys(&test, &masters).await;
        rotating.wrap_by_first().await.unwrap();
        rotating.rewrap().await.unwrap();
        let name = masters.names()[0].clone();
        let other = process(&test, &copy).await;
        let sealed = seal(&other, 2).await;
        assert!(open(&running, 2, &sealed).await.is_err());
        let trouble = troubles.borrow().clone();
        assert_eq!(trouble, Some(KeyTrouble::Missing(name)), "{}", test.engine);
        // Then half a copy.
        std::fs::write(&path, "AAAA").unwrap();
        assert!(open(&running, 2, &sealed).await.is_err());
        let trouble = troubles.borrow().clone();
        assert_eq!(trouble, Some(KeyTrouble::File(MasterKeyProblem::Length(3))));
        assert!(!trouble.unwrap().to_string().contains("master.key"), "no path is told");
        std::fs::copy(&copy, &path).unwrap();
        open(&running, 2, &sealed).await.unwrap();
        assert_eq!(*troubles.borrow(), None, "{}", test.engine);
    }
}

/// What a future gives, or `None` if it was dropped after it was asked so many times.
async fn stopped_after<F: Future>(times: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = times;
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_of_the_key_store_is_whole_or_nothing_and_forgets_no_erasure() {
    let now = Millis(1_700_000_000_000);
    for test in key_stores().await {
        let masters = MasterKeys::of(MASTER_KEY);
        let path = |name: &str| test.folder.path().join(name);
        let recipient = backup::make_identity(&path("id.txt")).unwrap();
        let identities = || Identities::read(&path("id.txt")).unwrap();
        let first = seal(&test.store, 1).await;
        backup::make_keys(&test.store.key_store(), &path("keys.age"), &recipient, now)
            .await
            .unwrap();
        // Since then: another key, somebody erased, something over for good.
        let second = seal(&test.store, 2).await;
        let (person, later) = (UserId::new(3).unwrap(), Millis(now.0 + 1000));
        let mark = test.store.keys().discord_mark(person).await.unwrap();
        test.store.keys().note_erased(mark, later).await.unwrap();
        let stone = test.store.keys().tombstone("test", b"over").await.unwrap();
        test.store.keys().bury(stone, later).await.unwrap();

        // A damaged one, and one of another key store, change nothing.
        let mut bytes = std::fs::read(path("keys.age")).unwrap();
        let last = bytes.len() - 3;
        bytes[last] ^= 1;
        std::fs::write(path("broken.age"), bytes).unwrap();
        let url = SecretString::from(format!("sqlite://{}", path("other.db").display()));
        let other = KeyStore::open(&url, &masters).await.unwrap();
        backup::make_keys(&other, &path("other.age"), &recipient, now).await.unwrap();
        other.close().await;
        let restore = async |name: &str, replace: bool| {
            let there = keys(&test, &masters).await;
            let alone = there.use_alone(Alone::at(&test.config.database_url).await?).await?;
            backup::restore_keys(&there, &alone, &masters, &path(name), identities(), replace).await
        };
        let refused = restore("broken.age", true).await;
        let damaged = matches!(&refused, Err(StorageError::Backup(BackupProblem::Damaged(_))));
        assert!(damaged, "{}: {refused:?}", test.engine);
        let refused = restore("other.age", true).await;
        let foreign = matches!(&refused, Err(StorageError::Backup(BackupProblem::OtherStore)));
        assert!(foreign, "{}: {refused:?}", test.engine);
        let refused = restore("keys.age", false).await;
        let filled = matches!(&refused, Err(StorageError::Backup(BackupProblem::NotEmpty)));
        assert!(filled, "{}: {refused:?}", test.engine);

        // Stopped anywhere it is as it was before, or as it is after.
        let mut times = 0;
        loop {
            let done = stopped_after(times, restore("keys.age", true)).await;
            let fresh = test.again().await;
            fresh.migrate().await.unwrap();
            open(&fresh, 1, &first).await.unwrap();
            let is_new = open(&fresh, 2, &second).await.is_err();
            assert!(fresh.keys().is_buried(stone).await.unwrap(), "{}: {times}", test.engine);
            assert_eq!(fresh.keys().erased().await.unwrap(), [(mark, later)], "{times}");
            fresh.close().await;
            if let Some(done) = done {
                done.unwrap();
                assert!(is_new, "{}: what was made later is gone", test.engine);
                break;
            }
            times += 5;
        }
        let fresh = test.again().await;
        assert_eq!(fresh.keys().discord_mark(person).await.unwrap(), mark, "the same marks");
    }
}
