//! What holds an erasure up, and whom it holds up.

use std::path::PathBuf;

use super::*;

/// Asks for the removal of an object that cannot be removed: a folder is in its place.
async fn plant(desk: &Desk, guild: i64) -> PathBuf {
    let place = desk.store.folder.path().join(format!("blobs/objects/{guild}/st/stuck"));
    std::fs::create_dir_all(place.join("inside")).unwrap();
    let text = "INSERT INTO blob_removals (guild_id, blob, asked_at) VALUES ($1, 'stuck', 1)";
    let mut tx = desk.w.store().begin().await.unwrap();
    sqlx::query(text).bind(guild).execute(tx.conn()).await.unwrap();
    tx.commit().await.unwrap();
    place
}

#[tokio::test]
async fn an_object_that_cannot_be_removed_holds_up_those_alone_whose_it_may_be() {
    for desk in desks().await {
        let engine = desk.store.engine;
        let story = person::everywhere(&desk).await;
        let others = plant(&desk, 999_999).await;
        let here = plant(&desk, desk.guild.get()).await;
        let silent = UserId::new(91).unwrap();
        erase::ask(&desk.w, silent, Reason::Asked).await.unwrap();
        erase::ask_self(&desk.w, &story.session, YES).await.unwrap();
        carried_out(&desk).await;
        assert_eq!(erase::state_of(&desk.w, silent).await.unwrap(), None, "{engine}");
        let state = erase::state_of(&desk.w, story.user).await.unwrap().unwrap();
        assert!(state.waiting.is_empty(), "{engine}: all but the object is gone");
        for word in WORDS {
            let left = found(&desk, &Place::Word(word)).await;
            assert_eq!(left, [] as [String; 0], "{engine}: {word}");
        }

        std::fs::remove_dir_all(here).unwrap();
        carried_out(&desk).await;
        assert_eq!(erase::state_of(&desk.w, story.user).await.unwrap(), None, "{engine}");
        let left = storage::transcripts::removals::asked(desk.w.store().read(), None, 10).await;
        assert_eq!(left.unwrap().len(), 1, "{engine}: that of the other server is tried again");
        assert!(others.exists(), "{engine}");
    }
}

/// The write-ahead log of the key store, which `SQLite` alone has.
fn log_of_keys(desk: &Desk) -> u64 {
    let file = desk.store.folder.path().join("keys.db-wal");
    std::fs::metadata(file).unwrap().len()
}

#[tokio::test]
async fn an_erasure_that_waits_writes_nothing_into_the_key_store() {
    for desk in desks().await.into_iter().filter(|desk| desk.store.engine == "sqlite") {
        let story = person::everywhere(&desk).await;
        desk.discord.add_member(1, &[]);
        let owner = desk.sign_in(1, "Test").await;
        let access = transcripts::authorize(&desk.w, &owner, story.held).await.unwrap();
        hold::place(&access, "a lawsuit").await.unwrap();
        erase::ask_self(&desk.w, &story.session, YES).await.unwrap();
        carried_out(&desk).await;
        erase::carry_out_all(&desk.w).await.unwrap();

        // Something of somebody else stands in the log now, and stays there.
        let keys = desk.w.store().keys();
        let other = keys.discord_mark(UserId::new(92).unwrap()).await.unwrap();
        keys.note_erased(other, desk.w.now()).await.unwrap();
        let before = log_of_keys(&desk);
        assert!(before > 0);
        for _ in 0..3 {
            desk.clock.advance(15_000);
            assert_eq!(erase::carry_out_all(&desk.w).await.unwrap(), 0);
            assert_eq!(log_of_keys(&desk), before);
        }
        // When it goes on, what went is nowhere.
        let access = transcripts::authorize(&desk.w, &owner, story.held).await.unwrap();
        hold::lift(&access, "over").await.unwrap();
        carried_out(&desk).await;
        assert_eq!(erase::state_of(&desk.w, story.user).await.unwrap(), None);
        assert_eq!(found(&desk, &Place::Id).await, [] as [String; 0]);
    }
}
