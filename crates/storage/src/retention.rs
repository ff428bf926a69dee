//! How long data is kept: one rule for each class, and the sweep that carries them out.
//!
//! `data_inventory.toml` says the same for people; a test holds the two together.

use domain::ids::GuildId;
use domain::time::Millis;
use sqlx::{AnyPool, AssertSqlSafe};

use crate::columns::Columns as _;
use crate::{StorageError, Store};

/// Rows that one transaction removes: others want the writer too.
const BATCH: i64 = 500;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// From when on a row is too old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// This many seconds after the time in the rule's column.
    For(i64),
    /// At the time in the rule's column.
    Until,
}

/// How long one class of rows is kept.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The rule's name in metrics and logs.
    pub name: &'static str,
    /// The table.
    pub table: &'static str,
    /// The column that the inventory describes the rule at.
    pub column: &'static str,
    /// What the inventory says there, among other things.
    pub words: &'static str,
    /// How long.
    pub keep: Keep,
    /// The column that holds the time.
    time: &'static str,
    /// The columns that name a row.
    key: &'static str,
    /// What else must hold, with the row as `old` and the time limit as `$1`.
    and: &'static str,
}

impl Rule {
    /// Rows whose time is not later than this are too old.
    pub const fn limit(&self, now: Millis) -> Millis {
        match self.keep {
            Keep::For(seconds) => now.plus_seconds(-seconds),
            Keep::Until => now,
        }
    }

    /// In which order rows go: by age, as the index is, or SQLite would go through the whole table by its key while
    /// others wait for the writer.
    fn order(&self) -> String {
        if self.table == "audit_log" {
            // Each chain from its beginning, also between two batches and where a clock went back. The zeros keep
            // SQLite from taking the key for the order: what is too old is found by age, and sorted then.
            return "old.guild_id + 0, old.seq + 0".to_owned();
        }
        format!("old.{}, {}", self.time, self.key)
    }
}

/// Every rule. A table that is not here is emptied with what its rows belong to, or not at all; the
/// inventory says which.
pub const RULES: &[Rule] = &[
    Rule {
        name: "sessions_ended",
        table: "sessions",
        column: "id_hash",
        words: "7 days",
        keep: Keep::Until,
        time: "expires_at",
        key: "id_hash",
        and: "",
    },
    Rule {
        name: "sessions_idle",
        table: "sessions",
        column: "id_hash",
        words: "24 hours without use",
        keep: Keep::For(24 * HOUR),
        time: "last_seen_at",
        key: "id_hash",
        and: "",
    },
    Rule {
        name: "token_revocations",
        table: "token_revocations",
        column: "id_hash",
        words: "7 days",
        keep: Keep::Until,
        time: "expires_at",
        key: "id_hash",
        and: "",
    },
    Rule {
        name: "sign_ins",
        table: "oauth_transactions",
        column: "id_hash",
        words: "10 minutes",
        keep: Keep::Until,
        time: "expires_at",
        key: "id_hash",
        and: "",
    },
    Rule {
        name: "form_drafts",
        table: "form_drafts",
        column: "id_hash",
        words: "10 minutes",
        keep: Keep::Until,
        time: "expires_at",
        key: "id_hash",
        and: "",
    },
    Rule {
        name: "inbox",
        table: "inbox",
        column: "interaction_id",
        words: "7 days",
        keep: Keep::For(7 * DAY),
        time: "received_at",
        key: "interaction_id",
        and: "",
    },
    Rule {
        name: "audit",
        table: "audit_log",
        column: "guild_id",
        words: "90 days",
        keep: Keep::For(90 * DAY),
        time: "at",
        key: "guild_id, seq",
        // Only from the beginning of the chain, also where a clock went back.
        and: "AND NOT EXISTS (SELECT 1 FROM audit_log kept WHERE kept.guild_id = old.guild_id
                              AND kept.seq < old.seq AND kept.at > $1)",
    },
    Rule {
        name: "operator_log",
        table: "operator_log",
        column: "id",
        words: "90 days",
        keep: Keep::For(90 * DAY),
        time: "at",
        key: "id",
        and: "",
    },
    Rule {
        name: "outbox_dead",
        table: "outbox",
        column: "id",
        words: "30 days",
        keep: Keep::For(30 * DAY),
        time: "created_at",
        key: "id",
        and: "AND old.state = 'dead'",
    },
    Rule {
        name: "alerts",
        table: "guild_alerts",
        column: "guild_id",
        words: "30 days",
        keep: Keep::For(30 * DAY),
        time: "last_at",
        key: "guild_id, subject",
        and: "",
    },
    Rule {
        name: "payment_events",
        table: "payment_events",
        column: "event_id",
        words: "30 days",
        keep: Keep::For(30 * DAY),
        time: "received_at",
        key: "event_id",
        and: "",
    },
    Rule {
        name: "payment_wishes",
        table: "payment_wishes",
        column: "id",
        words: "30 days",
        keep: Keep::For(30 * DAY),
        time: "created_at",
        key: "id",
        and: "",
    },
    Rule {
        name: "payment_news",
        table: "payment_news",
        column: "licence_id",
        words: "400 days",
        keep: Keep::For(400 * DAY),
        time: "told_at",
        key: "licence_id, kind, about",
        and: "",
    },
    Rule {
        name: "privacy_requests",
        table: "privacy_requests",
        column: "id",
        words: "400 days",
        keep: Keep::For(400 * DAY),
        time: "decided_at",
        key: "id",
        and: "",
    },
    Rule {
        name: "privacy_request_words",
        table: "privacy_request_words",
        column: "request_id",
        words: "90 days",
        keep: Keep::For(90 * DAY),
        time: "decided_at",
        key: "request_id",
        and: "",
    },
    Rule {
        name: "disclosures",
        table: "disclosures",
        column: "id",
        words: "1095 days",
        keep: Keep::For(1095 * DAY),
        time: "settled_at",
        key: "id",
        and: "",
    },
    Rule {
        name: "leases",
        table: "leases",
        column: "bot_id",
        words: "1 day",
        keep: Keep::For(DAY),
        time: "until",
        key: "bot_id, purpose, shard",
        and: "",
    },
];

/// Removes what is too old by one rule, in small transactions. Answers how many rows.
pub async fn sweep(store: &Store, rule: &Rule, now: Millis) -> Result<u64, StorageError> {
    let Rule { table, time, key, and, .. } = *rule;
    let order = rule.order();
    let text = format!(
        "DELETE FROM {table} WHERE ({key}) IN (
             SELECT {key} FROM {table} old WHERE old.{time} <= $1 {and}
             ORDER BY {order} LIMIT $2)"
    );
    let mut removed = 0;
    loop {
        let mut tx = store.begin().await?;
        let done = sqlx::query(AssertSqlSafe(text.as_str()))
            .bind(rule.limit(now).0)
            .bind(BATCH)
            .execute(tx.conn())
            .await?
            .rows_affected();
        tx.commit().await?;
        removed += done;
        if done < u64::try_from(BATCH).unwrap_or(u64::MAX) {
            return Ok(removed);
        }
    }
}

/// Tables with a rule whose rows belong to a server alone.
const OF_SERVERS: [&str; 4] = ["audit_log", "guild_alerts", "inbox", "outbox"];

impl Rule {
    /// Whether the rows belong to a server alone: its page says how many will go.
    pub fn is_of_servers(&self) -> bool {
        OF_SERVERS.contains(&self.table)
    }

    /// The column that holds the time which [`Rule::keep`] is about.
    pub const fn time_column(&self) -> &'static str {
        self.time
    }
}

/// How many rows of a server a sweep at `at` would remove by a rule, which [`Rule::is_of_servers`].
pub async fn would_go(
    db: &AnyPool,
    rule: &Rule,
    guild: GuildId,
    at: Millis,
) -> Result<i64, StorageError> {
    let Rule { table, time, and, .. } = *rule;
    let text = format!(
        "SELECT COUNT(*) AS n FROM {table} old WHERE old.{time} <= $1 AND old.guild_id = $2 {and}"
    );
    let row = sqlx::query(AssertSqlSafe(text))
        .bind(rule.limit(at).0)
        .bind(guild.get())
        .fetch_one(db)
        .await?;
    row.int("n")
}

/// Milliseconds for which the oldest row of a rule is overdue; 0 when none is.
pub async fn overdue(db: &AnyPool, rule: &Rule, now: Millis) -> Result<i64, StorageError> {
    let Rule { table, time, and, .. } = *rule;
    let text =
        format!("SELECT MIN(old.{time}) AS oldest FROM {table} old WHERE old.{time} <= $1 {and}");
    let limit = rule.limit(now);
    let row = sqlx::query(AssertSqlSafe(text)).bind(limit.0).fetch_one(db).await?;
    Ok(row.int_opt("oldest")?.map_or(0, |oldest| limit.since(Millis(oldest))))
}
