//! The outbox where the clock was set back, on every engine at hand.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::HashMap;

use domain::ids::{ApplicationId, GuildId, OutboxId};
use domain::time::Millis;
use storage::Store;
use storage::outbox::{self, ClaimedEffect, NewEffect, Room};
use storage::testing::{TestStore, stores};

const NOW: Millis = Millis(1_800_000_000_000);

fn application() -> ApplicationId {
    ApplicationId::new(1).unwrap()
}

async fn claim(store: &Store, holder: &str, now: Millis) -> Vec<ClaimedEffect> {
    let any = outbox::any_due(store.read(), application(), now, &[]).await.unwrap();
    let room = Room { all: 8, each: 8, under_way: &HashMap::new() };
    let mut tx = store.begin().await.unwrap();
    let until = now.plus_seconds(20);
    let found = outbox::claim(tx.conn(), application(), holder, now, until, room).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(any, !found.is_empty());
    found
}

#[tokio::test]
async fn what_was_asked_for_or_held_before_the_clock_was_set_back_does_not_wait() {
    let hour = 3600;
    for TestStore { engine, store, .. } in &stores().await {
        let id: OutboxId = "00000000-0000-4000-8000-000000000001".parse().unwrap();
        let effect = NewEffect {
            id,
            application: application(),
            guild: GuildId::new(10).unwrap(),
            sequence_key: "k".to_owned(),
            kind: "k",
            payload: "{}".to_owned(),
            due: NOW.plus_seconds(hour),
        };
        let mut tx = store.begin().await.unwrap();
        outbox::push(tx.conn(), &[effect]).await.unwrap();
        tx.commit().await.unwrap();
        // Held by one that died, then the clock went back.
        assert_eq!(claim(store, "a", NOW.plus_seconds(hour)).await.len(), 1, "{engine}");
        let found = claim(store, "b", NOW).await;
        assert_eq!(found.len(), 1, "{engine}");
        assert_eq!((found[0].created, found[0].first_attempt), (NOW, NOW), "{engine}");
        assert_eq!(claim(store, "c", NOW).await, [], "{engine}: it is held");
        // From here on it waits as ever.
        let mut tx = store.begin().await.unwrap();
        let due = NOW.plus_seconds(30);
        assert!(outbox::retry(tx.conn(), id, "b", due, "e").await.unwrap(), "{engine}");
        tx.commit().await.unwrap();
        assert_eq!(claim(store, "b", NOW.plus_seconds(29)).await, [], "{engine}");
        assert_eq!(claim(store, "b", due).await.len(), 1, "{engine}");
    }
}
