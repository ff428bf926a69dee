//! Who uses a database is noticed, and who needs it alone is refused meanwhile, also when nobody lets go in good order.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Duration;

use storage::StorageError;
use storage::backup::BackupProblem;
use storage::in_use::Alone;
use storage::keys::{KeyStore, MasterKeys};
use storage::testing::{MASTER_KEY, stores};

fn problem<T: std::fmt::Debug>(result: Result<T, StorageError>) -> BackupProblem {
    match result {
        Err(StorageError::Backup(problem)) => problem,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_database_is_used_by_many_or_by_one_alone() {
    let (all, others) = (stores().await, stores().await);
    for (test, other) in all.into_iter().zip(others) {
        let engine = test.engine;
        let (first, second) = (test.again().await, test.again().await);
        let in_use = first.use_with_others().await.unwrap();
        let also = second.use_with_others().await.unwrap();
        assert_eq!(problem(test.store.use_alone().await), BackupProblem::InUse, "{engine}");
        in_use.end().await;
        assert_eq!(
            problem(test.store.use_alone().await),
            BackupProblem::InUse,
            "{engine}: one left"
        );
        let there = Alone::at(&test.config.database_url).await;
        assert_eq!(problem(there), BackupProblem::InUse, "{engine}");
        // Another installation is nobody's concern.
        other.store.use_alone().await.unwrap().end().await;
        // One that does not say goodbye, as one that is killed.
        drop(also);
        let alone = test.store.use_alone().await.unwrap();
        assert_eq!(problem(first.use_with_others().await), BackupProblem::Taken, "{engine}");
        assert_eq!(problem(second.use_alone().await), BackupProblem::InUse, "{engine}");
        let masters = MasterKeys::of(MASTER_KEY);
        let keys = KeyStore::open(&test.config.keys_url, &masters).await.unwrap();
        assert_eq!(problem(keys.use_with_others().await), BackupProblem::Taken, "{engine}");
        alone.end().await;
        first.use_with_others().await.unwrap().end().await;
        let content = Alone::at(&test.config.database_url).await.unwrap();
        keys.use_alone(content).await.unwrap().end().await;
    }
}

#[tokio::test]
async fn asking_makes_no_database() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/none.db", folder.path().display()).into();
    Alone::at(&url).await.unwrap().end().await;
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// Of PostgreSQL alone: SQLite's lock cannot be lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_breaks_is_made_again_or_the_process_hears_of_it() {
    for test in stores().await.into_iter().filter(|test| test.engine == "postgres") {
        let break_all = async || {
            let text = "SELECT COUNT(*) FROM (
                            SELECT pg_terminate_backend(pid) FROM pg_locks
                            WHERE locktype = 'advisory'
                              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                              AND (classid::bigint << 32) + objid::bigint =
                                  hashtextextended('wardesk ' || current_schema(), 0)) AS ended";
            let ended: i64 = sqlx::query_scalar(text).fetch_one(test.store.read()).await.unwrap();
            assert!(ended > 0, "nobody held it");
        };
        let store = test.again().await;
        let mut in_use = store.use_with_others().await.unwrap();
        break_all().await;
        // It is taken again, however soon somebody else looks: so this never returns.
        let heard = tokio::time::timeout(Duration::from_secs(8), in_use.lost()).await;
        assert!(heard.is_err(), "nobody has it alone");
        assert_eq!(problem(test.store.use_alone().await), BackupProblem::InUse);
        break_all().await;
        let alone = Alone::at(&test.config.database_url).await.unwrap();
        tokio::time::timeout(Duration::from_secs(30), in_use.lost()).await.expect("it hears of it");
        alone.end().await;
    }
}
