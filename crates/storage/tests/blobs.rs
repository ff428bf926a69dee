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

/// The plain bytes of a part.
async fn read_part(
    test: &TestStore,
    address: &str,
    part: std::ops::Range<u64>,
) -> Result<Vec<u8>, StorageError> {
    let parts = test.store.blobs().get_range(&scope(), address, part).await?;
    let parts: Vec<Bytes> = parts.try_collect().await?;
    Ok(parts.concat())
}

/// Plain bytes of a frame, bytes that its seal adds, and bytes before the first one.
const FRAME: u64 = 64 * 1024;
const TAG: u64 = 16;
const HEAD: u64 = 36;

#[tokio::test]
async fn a_part_of_a_blob_is_read_without_the_rest() {
    for test in blob_stores().await {
        let blobs = test.store.blobs();
        let length = (1 << 20) + 5;
        let source = large(1 << 20).chain(stream::iter([Ok(Bytes::from_static(b"tail!"))]));
        let blob = blobs.put(&scope(), source, LIMIT).await.unwrap();
        let whole = [&piece(0)[..], b"tail!"].concat();
        for part in [
            0..1,
            0..2,
            0..length,
            1..length,
            FRAME - 1..FRAME + 1,
            FRAME..2 * FRAME,
            3 * FRAME + 7..5 * FRAME + 9,
            length - 5..length,
            length - 6..length,
            length..length,
            7..7,
        ] {
            let read = read_part(&test, &blob.address, part.clone()).await.unwrap();
            let (from, to) =
                (usize::try_from(part.start).unwrap(), usize::try_from(part.end).unwrap());
            assert!(read == whole[from..to], "{part:?} {}", test.engine);
        }
        // Longer than it is: what was stored was longer, so something is missing.
        for part in [0..length + 1, length..length + 1, length + 1..length + 2] {
            let refused = read_part(&test, &blob.address, part).await;
            assert!(refused.is_err_and(|error| error.is_damage()), "{}", test.engine);
        }
    }
}

#[tokio::test]
async fn a_part_of_a_damaged_blob_is_given_out_where_it_is_whole_alone() {
    for test in blob_stores().await {
        let blobs = test.store.blobs();
        let blob = blobs.put(&scope(), large(1 << 20), LIMIT).await.unwrap();
        let file = files(&test.blobs).into_iter().find(|f| f.ends_with(&blob.address)).unwrap();
        let good = std::fs::read(&file).unwrap();
        let at = |frame: u64| usize::try_from(HEAD + frame * (FRAME + TAG)).unwrap();
        let is_whole = async |part| match read_part(&test, &blob.address, part).await {
            Ok(_) => true,
            Err(error) => {
                assert!(error.is_damage(), "{error} {}", test.engine);
                false
            }
        };
        // A byte of the third frame, after the bytes that are asked for: a frame is opened whole.
        let mut altered = good.clone();
        altered[at(2) + 1000] ^= 1;
        std::fs::write(&file, &altered).unwrap();
        assert!(!is_whole(2 * FRAME..2 * FRAME + 10).await, "{}", test.engine);
        assert!(!is_whole(0..3 * FRAME).await && !is_whole(0..1 << 20).await);
        assert!(is_whole(FRAME..2 * FRAME).await && is_whole(3 * FRAME..1 << 20).await);
        // One frame in the place of another.
        let mut swapped = good.clone();
        swapped[at(1)..at(2)].copy_from_slice(&good[at(4)..at(5)]);
        std::fs::write(&file, &swapped).unwrap();
        assert!(!is_whole(FRAME..FRAME + 1).await, "{}", test.engine);
        // A frame less, with the end that belongs to the object: the last one is not the last.
        let end = [&good[..at(15)], &good[at(16)..]].concat();
        std::fs::write(&file, &end).unwrap();
        assert!(!is_whole(14 * FRAME..15 * FRAME).await, "{}", test.engine);
        // Cut within its second frame, where nothing or less than nothing of its words is left of that.
        for left in [TAG, TAG - 1, 1] {
            let left = at(1) + usize::try_from(left).unwrap();
            std::fs::write(&file, [&good[..left], &good[at(16)..]].concat()).unwrap();
            assert!(read(&test, &blob.address).await.is_err(), "{left} {}", test.engine);
            assert!(!is_whole(0..FRAME).await);
        }
        // Cut off without the end that belongs to it: that is looked at first, whichever part is read.
        std::fs::write(&file, &good[..at(15)]).unwrap();
        assert!(!is_whole(0..1).await, "{}", test.engine);
        std::fs::write(&file, &good).unwrap();
        assert!(is_whole(0..1 << 20).await);
    }
}
