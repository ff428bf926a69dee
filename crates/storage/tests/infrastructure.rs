//! Keys, blobs, leases and the schema, on every engine at hand.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use bytes::Bytes;
use domain::ids::{ApplicationId, GuildId, UserId};
use domain::time::Millis;
use futures::{StreamExt as _, TryStreamExt as _};
use storage::leases::{self, Held, Purpose};
use storage::testing::{TestStore, blob_stores, stores};
use storage::{KeyScope, MasterKeys, SealError, Sealed, StorageError, Store, StoreConfig};

fn scope() -> KeyScope {
    KeyScope::person(GuildId::new(10).unwrap(), UserId::new(20).unwrap())
}

fn source(bytes: &[u8]) -> impl futures::Stream<Item = Result<Bytes, StorageError>> + Send + Unpin {
    let parts: Vec<_> = bytes.chunks(10_000).map(|c| Ok(Bytes::copy_from_slice(c))).collect();
    futures::stream::iter(parts)
}

async fn read_all(test: &TestStore, address: &str) -> Result<Vec<u8>, StorageError> {
    let parts: Vec<Bytes> = test.store.blobs().get(&scope(), address).await?.try_collect().await?;
    Ok(parts.concat())
}

#[tokio::test]
async fn what_is_sealed_opens_in_its_place_alone() {
    for test in stores().await {
        let keys = test.store.keys();
        let sealed = keys.seal(&scope(), b"row:1", b"hello").await.unwrap();
        assert_eq!(
            keys.open_sealed(&scope(), b"row:1", &sealed).await.unwrap().as_slice(),
            b"hello"
        );
        let wrong = keys.open_sealed(&scope(), b"row:2", &sealed).await;
        assert!(matches!(wrong, Err(StorageError::Sealed(SealError::Broken))));
        let mut bytes = sealed.clone().into_bytes();
        *bytes.last_mut().unwrap() ^= 1;
        let altered = Sealed::from_bytes(bytes);
        assert!(keys.open_sealed(&scope(), b"row:1", &altered).await.is_err());
        // A restart reads the same.
        let again = test.again().await;
        assert!(again.keys().open_sealed(&scope(), b"row:1", &sealed).await.is_ok());
    }
}

#[tokio::test]
async fn a_destroyed_key_takes_its_words_with_it() {
    for test in stores().await {
        let keys = test.store.keys();
        let sealed = keys.seal(&scope(), b"row", b"hello").await.unwrap();
        keys.destroy(&scope()).await.unwrap();
        for _ in 0..2 {
            let gone = keys.open_sealed(&scope(), b"row", &sealed).await;
            assert!(matches!(gone, Err(StorageError::Sealed(SealError::Destroyed))), "{gone:?}");
            // A new key of the same scope does not bring the old words back.
            keys.seal(&scope(), b"row", b"new").await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_wrong_master_key_is_noticed_at_start() {
    for test in stores().await {
        let wrong = Store::open(&StoreConfig {
            database_url: test.config.database_url.clone(),
            keys_url: test.config.keys_url.clone(),
            master_keys: MasterKeys::of([8; 32]),
            blobs_url: test.config.blobs_url.clone(),
            s3_keys: None,
        })
        .await;
        assert!(matches!(wrong, Err(StorageError::Sealed(SealError::WrongMasterKey))));
    }
}

#[tokio::test]
async fn blobs_of_every_length_come_back() {
    for test in blob_stores().await {
        for length in [0_usize, 1, 65_535, 65_536, 65_537, 131_072, 300_000] {
            let plain: Vec<u8> = (0..length).map(|i| u8::try_from(i % 251).unwrap()).collect();
            let blob = test.store.blobs().put(&scope(), source(&plain), 1 << 20).await.unwrap();
            assert_eq!(blob.length, length as u64);
            assert_eq!(read_all(&test, &blob.address).await.unwrap(), plain, "{length}");
            let same = test.store.blobs().put(&scope(), source(&plain), 1 << 20).await.unwrap();
            assert_eq!(same, blob);
        }
    }
}

fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut all = vec![];
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all
}

#[tokio::test]
async fn a_blob_past_the_limit_leaves_nothing() {
    for test in blob_stores().await {
        let refused = test.store.blobs().put(&scope(), source(&vec![0; 200_000]), 100_000).await;
        assert!(matches!(refused, Err(StorageError::TooLarge { limit: 100_000 })));
        assert_eq!(files(&test.blobs), Vec::<std::path::PathBuf>::new());
    }
}

#[tokio::test]
async fn damage_to_a_blob_is_noticed_and_its_bytes_are_sealed() {
    for test in blob_stores().await {
        let plain = b"canary-5e1f".repeat(20_000);
        let blob = test.store.blobs().put(&scope(), source(&plain), 1 << 20).await.unwrap();
        let file = files(&test.blobs).pop().unwrap();
        let good = std::fs::read(&file).unwrap();
        assert!(!good.windows(11).any(|w| w == b"canary-5e1f"));
        let frame = 64 * 1024 + 16;
        let mut altered = good.clone();
        altered[100_000] ^= 1;
        let cut_short = good[..36 + frame].to_vec();
        let mut swapped = good.clone();
        swapped[36..36 + frame].copy_from_slice(&good[36 + frame..36 + 2 * frame]);
        for damaged in [altered, cut_short, swapped, good[..20].to_vec(), vec![]] {
            std::fs::write(&file, damaged).unwrap();
            assert!(read_all(&test, &blob.address).await.is_err());
        }
        std::fs::write(&file, good).unwrap();
        assert!(read_all(&test, &blob.address).await.is_ok());
        let first = test.store.blobs().get(&scope(), &blob.address).await.unwrap().next().await;
        assert_eq!(first.unwrap().unwrap().len(), 64 * 1024);
    }
}

#[tokio::test]
async fn a_blob_in_anothers_place_is_noticed_before_a_byte_of_it_is_given_out() {
    for test in blob_stores().await {
        let blobs = test.store.blobs();
        // One person's, of the same length and sealed under the same key.
        let mine = blobs.put(&scope(), source(b"my passport"), 1 << 20).await.unwrap();
        let yours = blobs.put(&scope(), source(b"cat picture"), 1 << 20).await.unwrap();
        let all = files(&test.blobs);
        let [one, two] = all.as_slice() else { panic!("{all:?}") };
        let (first, second) = (std::fs::read(one).unwrap(), std::fs::read(two).unwrap());
        std::fs::write(one, &second).unwrap();
        std::fs::write(two, &first).unwrap();
        for blob in [&mine, &yours] {
            let refused = blobs.get(&scope(), &blob.address).await.map(|_| ());
            assert!(matches!(refused, Err(StorageError::Sealed(SealError::Broken))));
        }
        // A good end behind another's beginning does not help.
        let mut mixed = first[..first.len() - 32].to_vec();
        mixed.extend_from_slice(&second[second.len() - 32..]);
        std::fs::write(one, &mixed).unwrap();
        std::fs::write(two, &second).unwrap();
        let mut good = 0;
        for blob in [&mine, &yours] {
            good += usize::from(read_all(&test, &blob.address).await.is_ok());
        }
        assert_eq!(good, 1, "{}", test.engine);
        std::fs::write(one, &first).unwrap();
        assert_eq!(read_all(&test, &mine.address).await.unwrap(), b"my passport");
        assert_eq!(read_all(&test, &yours.address).await.unwrap(), b"cat picture");
    }
}

#[tokio::test]
async fn one_holder_has_a_lease_until_it_ends() {
    for test in stores().await {
        let bot = ApplicationId::new(1).unwrap();
        let take = async |holder: &str, now: i64| {
            let mut tx = test.store.begin().await.unwrap();
            let until = Millis(now + 100);
            let (now, purpose) = (Millis(now), Purpose::Retention);
            let got = leases::acquire(tx.conn(), bot, purpose, 0, holder, now, until, until);
            let got = got.await.unwrap();
            tx.commit().await.unwrap();
            got
        };
        assert!(take("a", 0).await);
        assert!(!take("b", 50).await);
        assert!(take("a", 60).await);
        assert!(!take("b", 159).await);
        assert!(take("b", 161).await);
        assert!(!take("a", 162).await);
        let mut tx = test.store.begin().await.unwrap();
        leases::release(tx.conn(), bot, Purpose::Retention, 0, "b").await.unwrap();
        tx.commit().await.unwrap();
        assert!(take("a", 163).await);
        // The clock is set back: nobody waits until it has caught up.
        assert!(take("b", -5_000).await, "{}", test.engine);
    }
}

#[tokio::test]
async fn a_lease_is_taken_as_it_was_seen_or_not_at_all() {
    for test in stores().await {
        let (bot, purpose) = (ApplicationId::new(1).unwrap(), Purpose::Gateway);
        let seen = async || leases::holder(test.store.read(), bot, purpose, 0).await.unwrap();
        let take = async |seen: Option<&Held>, holder: &str, until: i64| {
            let mut tx = test.store.begin().await.unwrap();
            let taken = leases::take(tx.conn(), bot, purpose, 0, seen, holder, Millis(until))
                .await
                .unwrap();
            tx.commit().await.unwrap();
            taken
        };
        let renew = async |holder: &str, until: i64| {
            let mut tx = test.store.begin().await.unwrap();
            let mine = leases::renew(tx.conn(), bot, purpose, 0, holder, Millis(until)).await;
            tx.commit().await.unwrap();
            mine.unwrap()
        };
        assert_eq!(seen().await, None);
        assert!(!renew("a", 100).await);
        assert!(take(None, "a", 100).await);
        assert!(!take(None, "b", 900).await, "{}", test.engine);
        let before = seen().await.unwrap();
        assert!(renew("a", 50).await);
        assert!(!take(Some(&before), "b", 900).await, "it was renewed meanwhile");
        let before = seen().await.unwrap();
        assert!(take(Some(&before), "b", 900).await);
        assert!(!take(Some(&before), "c", 900).await);
        assert!(!renew("a", 1_000).await);
        assert_eq!(seen().await, Some(Held { holder: "b".into(), until: Millis(900) }));
    }
}

#[tokio::test]
async fn migrations_run_twice_and_from_two_processes() {
    for test in stores().await {
        let other = test.again().await;
        let (one, two) = tokio::join!(test.store.migrate(), other.migrate());
        one.unwrap();
        two.unwrap();
        test.store.is_writable().await.unwrap();
    }
}
