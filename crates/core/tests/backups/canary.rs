//! What is in a backup when it is opened: with age and zstd alone, as whoever finds the identity could.

use std::fs::File;
use std::io::{BufReader, Read as _, Write as _};
use std::path::Path;

use domain::ids::{GuildId, UserId};
use storage::backup::{self, BackupProblem};
use storage::testing::MASTER_KEY;
use storage::{KeyScope, SealError, Sealed, StorageError, Store};
use wardesk_core::privacy::erase::{self, Reason};
use wardesk_core::testing::{Desk, desks};
use wardesk_core::{Parts, Wardesk, backup as backups};

use super::person::{self, PERSON, Place, WORDS, found, holds};
use super::vault::Vault;

/// Everything that is in a backup.
fn opened(vault: &Vault, path: &Path) -> Vec<u8> {
    let text = std::fs::read_to_string(vault.path("id.txt")).unwrap();
    let secret = text.lines().find(|line| line.starts_with("AGE-SECRET-KEY-")).unwrap();
    let identity: age::x25519::Identity = secret.parse().unwrap();
    let file = BufReader::new(File::open(path).unwrap());
    let decryptor = age::Decryptor::new_buffered(file).unwrap();
    let decrypted = decryptor.decrypt(std::iter::once(&identity as &dyn age::Identity)).unwrap();
    let mut all = Vec::new();
    zstd::stream::read::Decoder::new(decrypted).unwrap().read_to_end(&mut all).unwrap();
    all
}

/// What is sealed of the person's messages in a database: how often it opens no more since the key is gone, and how
/// often for another reason.
async fn sealed(store: &Store, guild: GuildId) -> (usize, usize) {
    let scope = KeyScope::person(guild, UserId::new(PERSON).unwrap());
    let (mut destroyed, mut other) = (0, 0);
    for text in [
        "SELECT body FROM archive_messages WHERE subject_id = $1 AND body IS NOT NULL",
        "SELECT body FROM transcript_parts WHERE subject_id = $1",
        "SELECT profile FROM transcript_people WHERE user_id = $1",
    ] {
        let bodies = sqlx::query_scalar::<_, Vec<u8>>(text).bind(PERSON);
        for body in bodies.fetch_all(store.read()).await.unwrap() {
            // Of no place at all: with its key it is refused as one that belongs elsewhere.
            match store.keys().open_sealed(&scope, b"", &Sealed::from_bytes(body)).await {
                Err(StorageError::Sealed(SealError::Destroyed)) => destroyed += 1,
                _ => other += 1,
            }
        }
    }
    (destroyed, other)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_opened_backup_holds_ids_and_no_words() {
    for desk in desks().await {
        let engine = desk.store.engine;
        person::everywhere(&desk).await;
        let vault = Vault::new();
        let (content, keys) = (vault.make(desk.w.store(), "one.age").await, vault.path("keys.age"));
        let key_store = desk.w.store().key_store();
        backup::make_keys(&key_store, &keys, &vault.recipient, desk.w.now()).await.unwrap();
        let content = opened(&vault, &content);
        let keys = opened(&vault, &keys);
        // The search works: this is what a backup says of itself, of its tables and of whom it is.
        assert!(holds(&content, b"archive_messages") && holds(&keys, b"data_keys"), "{engine}");
        assert!(holds(&content, &PERSON.to_be_bytes()), "{engine}: ids are readable");
        assert!(holds(&keys, &PERSON.to_be_bytes()), "{engine}");
        let (name, words) = WORDS.split_last().unwrap();
        assert!(holds(&content, name.as_bytes()), "{engine}: and what somebody was called last");
        assert!(!holds(&keys, name.as_bytes()), "{engine}");
        for word in words {
            assert!(!holds(&content, word.as_bytes()), "{engine}: {word}");
            assert!(!holds(&keys, word.as_bytes()), "{engine}: {word}");
        }
        for table in
            ["\"sessions\"", "\"token_revocations\"", "\"oauth_transactions\"", "\"form_drafts\""]
        {
            assert!(!holds(&content, table.as_bytes()), "{engine}: {table}");
        }
        for bytes in [&content, &keys] {
            assert!(!holds(bytes, &MASTER_KEY), "{engine}: the master key");
            assert!(!holds(bytes, desk.w.public_url().as_bytes()), "{engine}: no setting");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_erased_person_said_opens_from_no_backup() {
    for reason in [Reason::Asked, Reason::UnderAge] {
        for desk in desks().await {
            let engine = desk.store.engine;
            let planted = person::everywhere(&desk).await;
            let vault = Vault::new();
            let path = vault.make(desk.w.store(), "one.age").await;
            let (none, there) = sealed(desk.w.store(), desk.guild).await;
            assert!(none == 0 && there >= 4, "{engine}: {none} {there}");
            desk.clock.advance(3_600_000);
            erase::ask(&desk.w, planted.user, reason).await.unwrap();
            erase::carry_out_all(&desk.w).await.unwrap();
            desk.settle().await;
            erase::carry_out_all(&desk.w).await.unwrap();

            let store = desk.store.again().await;
            let put = vault.restore(&store, &path, true).await.unwrap();
            let (destroyed, other) = sealed(&store, desk.guild).await;
            assert_eq!((destroyed, other), (there, 0), "{engine}: it came back, without its key");
            let w = Wardesk::new(Parts { store: store.clone(), ..desk.parts() });
            assert_eq!(backups::settle_restored(&w, &put).await.unwrap().erased, 1, "{engine}");
            // Of tickets that were open then the channels are gone: that is found out as ever.
            let desk = Desk { w, ..desk };
            wardesk_core::tickets::reconcile(&desk.w, desk.guild).await.unwrap();
            desk.settle().await;
            erase::carry_out_all(&desk.w).await.unwrap();
            assert_eq!(sealed(&store, desk.guild).await, (0, 0), "{engine}: and went again");
            for word in WORDS {
                assert_eq!(found(&desk, &Place::Word(word)).await, [""; 0], "{engine}: {word}");
            }
            assert_eq!(found(&desk, &Place::Id).await, [""; 0], "{engine}");
            store.close().await;
        }
    }
}

/// A backup of these bytes, as anybody can make it who knows the recipient.
fn forged(vault: &Vault, name: &str, bytes: &[u8]) -> std::path::PathBuf {
    let path = vault.path(name);
    let recipient: age::x25519::Recipient = vault.recipient.to_string().parse().unwrap();
    let all = std::iter::once(&recipient as &dyn age::Recipient);
    let file = File::create(&path).unwrap();
    let encrypted = age::Encryptor::with_recipients(all).unwrap().wrap_output(file).unwrap();
    let mut out = zstd::stream::write::Encoder::new(encrypted, 1).unwrap();
    out.write_all(bytes).unwrap();
    out.finish().unwrap().finish().unwrap();
    path
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_somebody_else_made_is_never_put_back() {
    for desk in desks().await {
        let engine = desk.store.engine;
        desk.panel().await;
        let vault = Vault::new();
        let path = vault.make(desk.w.store(), "one.age").await;
        let bytes = opened(&vault, &path);
        let store = desk.store.again().await;
        // Taken apart and put together again it is the same.
        let same = forged(&vault, "same.age", &bytes);
        vault.restore(&store, &same, true).await.unwrap();
        store.end_restore().await.unwrap();
        // Nothing but another time of the same length; and one without a seal.
        let (made, other) = (b"1700000100000", b"1700000100001");
        let at = bytes.windows(made.len()).position(|window| window == made).unwrap();
        let mut changed = bytes.clone();
        changed[at..at + other.len()].copy_from_slice(other);
        let unsealed = &bytes[..bytes.len() - 32];
        for (name, bytes) in [("changed.age", &changed[..]), ("unsealed.age", unsealed)] {
            let path = forged(&vault, name, bytes);
            vault.check(&path).await.unwrap();
            let refused = vault.restore(&store, &path, true).await;
            assert!(
                matches!(&refused, Err(StorageError::Backup(BackupProblem::Forged))),
                "{engine}: {name}: {refused:?}"
            );
            desk.store.again().await.check().await.unwrap();
        }
        store.close().await;
    }
}
