//! The audit log is a chain: what is altered, taken out or swapped is named, on every engine at hand. P53.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use domain::ids::{GuildId, UserId};
use domain::time::Millis;
use sqlx::AssertSqlSafe;
use storage::Store;
use storage::audit::{self, NewEntry};
use storage::testing::{TestStore, stores};

const ENTRIES: i64 = 6;

fn guild() -> GuildId {
    GuildId::new(10).unwrap()
}

async fn execute(store: &Store, text: &str) {
    let mut tx = store.begin().await.unwrap();
    let done = sqlx::query(AssertSqlSafe(text.to_owned())).execute(tx.conn()).await.unwrap();
    assert!(done.rows_affected() > 0, "{text}");
    tx.commit().await.unwrap();
}

/// Makes the log anew: entries with and without each thing that may be missing.
async fn written(store: &Store) {
    let mut tx = store.begin().await.unwrap();
    for table in ["audit_log", "audit_heads"] {
        let text = AssertSqlSafe(format!("DELETE FROM {table}"));
        sqlx::query(text).execute(tx.conn()).await.unwrap();
    }
    for number in 1..=ENTRIES {
        let entry = NewEntry {
            guild: guild(),
            at: Millis(1_800_000_000_000 + number),
            actor: (number % 2 == 0).then(|| UserId::new(7).unwrap()),
            action: "settings.saved",
            target: "thing",
            before: (number % 3 == 0).then(|| "{\"a\":1}".to_owned()),
            after: Some(format!("{{\"a\":{number}}}")),
        };
        audit::append(tx.conn(), &entry).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(audit::first_break(store.read(), guild()).await.unwrap(), None);
}

async fn first_break(store: &Store) -> Option<i64> {
    audit::first_break(store.read(), guild()).await.unwrap()
}

#[tokio::test]
async fn an_entry_of_which_anything_is_altered_is_named() {
    for TestStore { engine, store, .. } in &stores().await {
        let bytes = if *engine == "sqlite" { "x'00'" } else { "'\\x00'::bytea" };
        for field in [
            "at = at + 1",
            "actor_id = 8",
            "actor_id = CASE WHEN actor_id IS NULL THEN 8 END",
            "action = 'settings.save'",
            "target = 'Thing'",
            "before = ''",
            "before = '{\"a\":2}'",
            "after = NULL",
            "after = '{}'",
            &format!("hash = {bytes}"),
            // A letter that moves from one field to the next.
            "action = 'settings.savedt', target = 'hing'",
        ] {
            for seq in 1..=ENTRIES {
                written(store).await;
                execute(store, &format!("UPDATE audit_log SET {field} WHERE seq = {seq}")).await;
                assert_eq!(first_break(store).await, Some(seq), "{engine}: {field} of {seq}");
            }
        }
    }
}

#[tokio::test]
async fn an_entry_that_is_taken_out_or_in_or_swapped_is_noticed_where_it_was() {
    for TestStore { engine, store, .. } in &stores().await {
        for seq in 2..ENTRIES {
            written(store).await;
            execute(store, &format!("DELETE FROM audit_log WHERE seq = {seq}")).await;
            assert_eq!(first_break(store).await, Some(seq + 1), "{engine}: behind the gap");
            written(store).await;
            execute(store, &format!("UPDATE audit_log SET guild_id = 11 WHERE seq = {seq}")).await;
            assert_eq!(first_break(store).await, Some(seq + 1), "{engine}: moved elsewhere");
        }
        // The last one is missed by the head.
        written(store).await;
        execute(store, &format!("DELETE FROM audit_log WHERE seq = {ENTRIES}")).await;
        assert_eq!(first_break(store).await, Some(ENTRIES - 1), "{engine}");
        for (one, other) in [(1, 2), (2, 5), (5, 6)] {
            written(store).await;
            for (from, to) in [(one, 99), (other, one), (99, other)] {
                execute(store, &format!("UPDATE audit_log SET seq = {to} WHERE seq = {from}"))
                    .await;
            }
            assert_eq!(first_break(store).await, Some(one), "{engine}: {one} and {other} swapped");
        }
        written(store).await;
        execute(
            store,
            "INSERT INTO audit_log (guild_id, seq, at, actor_id, action, target, before, after, hash)
             SELECT guild_id, 7, at, actor_id, action, target, before, after, hash FROM audit_log WHERE seq = 6",
        )
        .await;
        assert_eq!(first_break(store).await, Some(7), "{engine}: one that nobody appended");
        written(store).await;
        execute(store, "UPDATE audit_heads SET seq = 7").await;
        assert_eq!(first_break(store).await, Some(ENTRIES), "{engine}: the head");
    }
}

#[tokio::test]
async fn a_log_is_locked_before_its_first_entry_and_begins_as_ever() {
    for TestStore { engine, store, .. } in &stores().await {
        let mut tx = store.begin().await.unwrap();
        audit::lock(tx.conn(), guild()).await.unwrap();
        audit::lock(tx.conn(), guild()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(first_break(store).await, None, "{engine}");
        let entry = NewEntry {
            guild: guild(),
            at: Millis(1_800_000_000_000),
            actor: None,
            action: "panel.saved",
            target: "",
            before: None,
            after: None,
        };
        let mut tx = store.begin().await.unwrap();
        assert_eq!(audit::append(tx.conn(), &entry).await.unwrap(), 1, "{engine}");
        tx.commit().await.unwrap();
        assert_eq!(first_break(store).await, None, "{engine}");
    }
}
