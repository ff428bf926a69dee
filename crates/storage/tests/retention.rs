//! What is too old goes, and nothing else, on every engine at hand.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use domain::ids::{GuildId, InteractionId};
use domain::time::Millis;
use sqlx::{AssertSqlSafe, Row as _};
use storage::audit::{self, NewEntry};
use storage::retention::{RULES, Rule, overdue, sweep};
use storage::testing::{TestStore, stores};
use storage::{Store, inbox};

const NOW: Millis = Millis(1_800_000_000_000);

fn guild() -> GuildId {
    GuildId::new(10).unwrap()
}

async fn count(store: &Store, table: &str) -> i64 {
    let text = AssertSqlSafe(format!("SELECT COUNT(*) AS n FROM {table}"));
    sqlx::query(text).fetch_one(store.read()).await.unwrap().get("n")
}

/// Adds a row that the rule concerns, with this time; `number` makes it a row of its own.
async fn plant(store: &Store, rule: &Rule, number: i64, at: Millis) {
    let far = NOW.plus_seconds(1_000_000_000).0;
    let at = at.0;
    let cast = if store.engine_name() == "postgres" { "::bytea" } else { "" };
    let hash = format!("'{number:032}'{cast}");
    let values = match rule.name {
        "sessions_ended" => format!("'{number:032}', 1, 'b', 0, {far}, {at}, 'd'"),
        "sessions_idle" => format!("'{number:032}', 1, 'b', 0, {at}, {far}, 'd'"),
        "token_revocations" => format!("'{number:032}', 1, 'd', 0, {at}"),
        "sign_ins" => format!("'{number:032}', 's', 'v', {at}, NULL"),
        "form_drafts" => format!("'{number:032}', 1, 'f', 'b', {at}"),
        "inbox" => format!("{number}, 10, NULL, {at}"),
        "audit" => format!("{number}, 1, {at}, NULL, 'a', '', NULL, NULL, 'h'"),
        "operator_log" => format!("'{number}', {at}, NULL, 'a', 'l', NULL, NULL, NULL"),
        "outbox_dead" => format!(
            "'{number}', 1, 10, 'k', {number}, 'k', '{{}}', 'dead', 1, {at}, NULL, NULL, NULL, 'e', {at}"
        ),
        "alerts" => format!("10, '{number}', '{{}}', 0, {at}, 1"),
        "payment_events" => format!("'{number}', 'k', NULL, 0, 0, {at}, NULL, 0, 0"),
        "payment_wishes" => {
            format!("'{number}', 'k', '{number}', 1, NULL, '{{}}', NULL, {at}, {at}, 0")
        }
        "payment_news" => format!("'l', 'k', {number}, {at}"),
        "privacy_requests" => format!(
            "'{number}', {hash}, 'other', 'form', 'done', NULL, NULL, 0, 0, NULL, NULL, {at}, NULL, 0"
        ),
        "privacy_request_words" => {
            let text = format!(
                "INSERT INTO privacy_requests VALUES
                 ('{number}', {hash}, 'other', 'form', 'open', NULL, NULL, 0, 0, NULL, NULL, NULL, NULL, 0)"
            );
            let mut tx = store.begin().await.unwrap();
            sqlx::query(AssertSqlSafe(text)).execute(tx.conn()).await.unwrap();
            tx.commit().await.unwrap();
            format!("'{number}', NULL, NULL, {at}")
        }
        "disclosures" => format!("'{number}', 0, 0, {hash}, 'told', NULL, {at}"),
        "leases" => format!("{number}, 'gateway', 0, 'h', {at}"),
        other => panic!("this test knows no row for the rule {other}"),
    };
    let table = rule.table;
    let bytes = |text: String| match store.engine_name() {
        // A text is taken for bytes there only when it is said.
        "postgres"
            if matches!(
                table,
                "sessions" | "token_revocations" | "oauth_transactions" | "form_drafts"
            ) =>
        {
            text.replace("'d'", "'d'::bytea")
                .replace(&format!("'{number:032}'"), &format!("'{number:032}'::bytea"))
        }
        _ => text,
    };
    let text = AssertSqlSafe(format!("INSERT INTO {table} VALUES ({})", bytes(values)));
    let mut tx = store.begin().await.unwrap();
    sqlx::query(text).execute(tx.conn()).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn each_rule_removes_what_is_too_old_and_nothing_else() {
    for TestStore { engine, store, .. } in &stores().await {
        for rule in RULES {
            let limit = rule.limit(NOW);
            plant(store, rule, 1, Millis(limit.0 - 5000)).await;
            plant(store, rule, 2, limit).await;
            plant(store, rule, 3, Millis(limit.0 + 1)).await;
            let late = overdue(store.read(), rule, NOW).await.unwrap();
            assert_eq!(late, 5000, "{engine} {}", rule.name);
            assert_eq!(sweep(store, rule, NOW).await.unwrap(), 2, "{engine} {}", rule.name);
            assert_eq!(sweep(store, rule, NOW).await.unwrap(), 0);
            assert_eq!(overdue(store.read(), rule, NOW).await.unwrap(), 0);
            assert_eq!(count(store, rule.table).await, 1, "{engine} {}", rule.name);
            let text = AssertSqlSafe(format!("DELETE FROM {}", rule.table));
            let mut tx = store.begin().await.unwrap();
            sqlx::query(text).execute(tx.conn()).await.unwrap();
            tx.commit().await.unwrap();
        }
    }
}

#[tokio::test]
async fn effects_that_are_still_to_be_carried_out_stay() {
    let rule = RULES.iter().find(|r| r.name == "outbox_dead").unwrap();
    for TestStore { engine, store, .. } in &stores().await {
        plant(store, rule, 1, Millis(0)).await;
        let mut tx = store.begin().await.unwrap();
        sqlx::query("UPDATE outbox SET state = 'pending'").execute(tx.conn()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(sweep(store, rule, NOW).await.unwrap(), 0, "{engine}");
    }
}

#[tokio::test]
async fn many_rows_go_in_several_steps() {
    let rule = RULES.iter().find(|r| r.name == "inbox").unwrap();
    for TestStore { engine, store, .. } in &stores().await {
        let mut tx = store.begin().await.unwrap();
        for number in 1..=1001 {
            let id = InteractionId::new(number).unwrap();
            inbox::receive(tx.conn(), id, guild(), Millis(number)).await.unwrap();
        }
        inbox::receive(tx.conn(), InteractionId::new(5000).unwrap(), guild(), NOW).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(sweep(store, rule, NOW).await.unwrap(), 1001, "{engine}");
        assert_eq!(count(store, "inbox").await, 1);
    }
}

#[tokio::test]
async fn the_audit_log_loses_its_beginning_only() {
    let rule = RULES.iter().find(|r| r.name == "audit").unwrap();
    for TestStore { engine, store, .. } in &stores().await {
        let limit = rule.limit(NOW).0;
        let mut tx = store.begin().await.unwrap();
        // The clock went back between the third and the fourth.
        for at in [limit - 20, limit - 10, limit + 10, limit - 5, limit + 30] {
            let entry = NewEntry {
                guild: guild(),
                at: Millis(at),
                actor: None,
                action: "test",
                target: "",
                before: None,
                after: None,
            };
            audit::append(tx.conn(), &entry).await.unwrap();
        }
        tx.commit().await.unwrap();
        assert_eq!(sweep(store, rule, NOW).await.unwrap(), 2, "{engine}");
        assert_eq!(audit::first_break(store.read(), guild()).await.unwrap(), None);
        let left = audit::page(store.read(), guild(), None, 10).await.unwrap();
        assert_eq!(left.iter().map(|e| e.seq).collect::<Vec<_>>(), [5, 4, 3]);
        // When all have gone, the head goes on counting.
        let later = NOW.plus_seconds(1000);
        assert_eq!(sweep(store, rule, later).await.unwrap(), 3);
        assert_eq!(audit::first_break(store.read(), guild()).await.unwrap(), None);
    }
}

#[tokio::test]
async fn uploads_that_never_became_whole_go() {
    for test in &stores().await {
        assert_eq!(test.store.blobs().remove_abandoned(NOW).await.unwrap(), 0, "no folder yet");
        let staging = test.folder.path().join("blobs/staging");
        std::fs::create_dir_all(&staging).unwrap();
        for name in ["0193b3c4-5d6e-7f80-9123-456789abcdef", "0193b3c4-5d6e-7f80-9123-4567#1"] {
            std::fs::write(staging.join(name), "part of a picture").unwrap();
        }
        let blobs = test.store.blobs();
        assert_eq!(blobs.remove_abandoned(Millis(1_000_000_000_000)).await.unwrap(), 0);
        assert_eq!(blobs.remove_abandoned(Millis(9_000_000_000_000)).await.unwrap(), 2);
        assert_eq!(std::fs::read_dir(staging).unwrap().count(), 0, "{}", test.engine);
    }
}
