//! How blobs get to their place: whole or not at all, in a folder and in S3.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};
use std::pin::pin;
use std::task::Poll;

use bytes::Bytes;
use domain::ids::{GuildId, UserId};
use domain::time::Millis;
use futures::stream::{self, Stream, StreamExt as _};
use futures::{TryStreamExt as _, poll};
use storage::testing::{TestStore, blob_stores};
use storage::{KeyScope, StorageError};

/// More than two parts of an upload.
const LARGE: u64 = 12 << 20;
const LIMIT: u64 = 1 << 30;
/// After everything that a test writes.
const LATER: Millis = Millis(i64::MAX / 2);

fn scope() -> KeyScope {
    KeyScope::person(GuildId::new(10).unwrap(), UserId::new(20).unwrap())
}

fn piece(number: u64) -> Bytes {
    let mut bytes = vec![0; 1 << 20];
    for (n, word) in (number..).zip(bytes.chunks_exact_mut(8)) {
        word.copy_from_slice(&n.to_le_bytes());
    }
    bytes.into()
}

/// `length` bytes in pieces of a mebibyte, all different.
fn large(length: u64) -> impl Stream<Item = Result<Bytes, StorageError>> + Send + Unpin {
    stream::iter((0..length >> 20).map(|number| Ok(piece(number))))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = vec![];
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all
}

async fn read(test: &TestStore, address: &str) -> Result<Vec<u8>, StorageError> {
    let parts: Vec<Bytes> = test.store.blobs().get(&scope(), address).await?.try_collect().await?;
    Ok(parts.concat())
}

fn is_staged(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "staging")
}

#[tokio::test]
async fn a_large_blob_goes_in_parts_and_comes_back() {
    for test in blob_stores().await {
        let blobs = test.store.blobs();
        let blob = blobs.put(&scope(), large(LARGE), LIMIT).await.unwrap();
        assert_eq!(blob.length, LARGE);
        let all = read(&test, &blob.address).await.unwrap();
        let expected: Vec<u8> = (0..LARGE >> 20).flat_map(|n| piece(n).to_vec()).collect();
        assert!(all == expected, "{}", test.engine);
        // Once more, and it is there once.
        assert_eq!(blobs.put(&scope(), large(LARGE), LIMIT).await.unwrap(), blob);
        assert_eq!(files(&test.blobs).len(), 1, "{}: {:?}", test.engine, files(&test.blobs));
        // Another process finds it.
        assert!(test.again().await.blobs().get(&scope(), &blob.address).await.is_ok());
        blobs.delete(&scope(), &blob.address).await.unwrap();
        blobs.delete(&scope(), &blob.address).await.unwrap();
        assert!(matches!(read(&test, &blob.address).await, Err(StorageError::Blob(_))));
    }
}

#[tokio::test]
async fn an_upload_that_fails_leaves_nothing() {
    for test in blob_stores().await {
        let blobs = test.store.blobs();
        let breaks = large(LARGE).chain(stream::iter([Err(StorageError::Source)]));
        let failed = blobs.put(&scope(), breaks, LIMIT).await;
        assert!(matches!(failed, Err(StorageError::Source)), "{}", test.engine);
        let refused = blobs.put(&scope(), large(LARGE), LARGE - 1).await;
        assert!(matches!(refused, Err(StorageError::TooLarge { .. })));
        assert_eq!(files(&test.blobs), Vec::<PathBuf>::new(), "{}", test.engine);
        assert_eq!(uploads(&test), Vec::<PathBuf>::new());
    }
}

/// What the S3 server keeps of uploads that are not complete, outside its bucket.
fn uploads(test: &TestStore) -> Vec<PathBuf> {
    let s3 = test.folder.path().join("s3");
    let is_upload = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().contains("upload");
    files(&s3)
        .into_iter()
        .filter(|path| !path.starts_with(s3.join("blobs")))
        .filter(is_upload)
        .collect()
}

#[tokio::test]
async fn an_upload_whose_process_died_cannot_be_read_and_is_swept() {
    for test in blob_stores().await {
        let blobs = test.store.blobs();
        let good = blobs.put(&scope(), large(1 << 20), LIMIT).await.unwrap();
        {
            // It hangs after two parts, and then nobody asks for it any more.
            let hangs = large(LARGE).chain(stream::pending());
            let scope = scope();
            let mut dying = pin!(blobs.put(&scope, hangs, LIMIT));
            let begun = |test: &TestStore| {
                let parts =
                    uploads(test).iter().filter(|p| p.to_string_lossy().contains(".part-")).count();
                let all = files(&test.blobs);
                let staged = all.iter().filter(|p| is_staged(p));
                let bytes: u64 = staged.map(|p| p.metadata().unwrap().len()).sum();
                parts >= 2 || bytes >= 10 << 20
            };
            while !begun(&test) {
                assert!(matches!(poll!(dying.as_mut()), Poll::Pending));
                tokio::task::yield_now().await;
            }
        }
        let left = |test: &TestStore| {
            let whole = files(&test.blobs).into_iter().filter(|path| !is_staged(path)).count();
            (whole, files(&test.blobs).len() - whole + uploads(test).len())
        };
        assert_eq!(left(&test).0, 1, "{}: {:?}", test.engine, files(&test.blobs));
        // Too young to be abandoned.
        assert_eq!(blobs.remove_abandoned(Millis(0)).await.unwrap(), 0);
        blobs.remove_abandoned(LATER).await.unwrap();
        // A folder cleans up behind a dropped upload by itself, in a task of its own.
        while left(&test) != (1, 0) {
            assert_ne!(test.engine, "s3", "{:?} {:?}", uploads(&test), files(&test.blobs));
            tokio::task::yield_now().await;
        }
        assert!(read(&test, &good.address).await.is_ok());
        assert_eq!(blobs.remove_abandoned(LATER).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_damaged_blob_is_replaced_where_that_is_asked_for() {
    for test in blob_stores().await {
        for length in [1 << 20, LARGE] {
            let blobs = test.store.blobs();
            let blob = blobs.put(&scope(), large(length), LIMIT).await.unwrap();
            let file = files(&test.blobs).into_iter().find(|f| f.ends_with(&blob.address)).unwrap();
            let good = std::fs::read(&file).unwrap();
            // What is cut short is seen by its length.
            std::fs::write(&file, &good[..good.len() / 2]).unwrap();
            assert!(read(&test, &blob.address).await.is_err());
            blobs.put(&scope(), large(length), LIMIT).await.unwrap();
            assert!(read(&test, &blob.address).await.is_ok(), "{}", test.engine);
            // What was altered has the same.
            let mut altered = std::fs::read(&file).unwrap();
            altered[100_000] ^= 1;
            std::fs::write(&file, &altered).unwrap();
            blobs.put(&scope(), large(length), LIMIT).await.unwrap();
            assert!(read(&test, &blob.address).await.is_err());
            assert_eq!(blobs.put_again(&scope(), large(length), LIMIT).await.unwrap(), blob);
            assert!(read(&test, &blob.address).await.is_ok(), "{}", test.engine);
        }
    }
}
