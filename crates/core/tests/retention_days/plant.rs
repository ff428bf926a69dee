//! Rows for a rule, made from the schema: a rule that is added gets rows without a word here, unless its table asks
//! for more than that its columns are filled.

use domain::time::Millis;
use sqlx::{AssertSqlSafe, Row as _};
use storage::retention::{Keep, RULES, Rule};
use wardesk_core::testing::Desk;

/// Values that a table's own rules ask for, as literals.
const ASKED: &[(&str, &[(&str, &str)])] = &[
    ("outbox", &[("state", "'dead'")]),
    ("privacy_requests", &[("kind", "'other'"), ("via", "'form'"), ("state", "'done'")]),
    ("disclosures", &[("notify_state", "'told'")]),
];

/// What must be there before a row: for the table of a rule, a table, its columns, and their values with `{key}` for
/// the row's own key.
const BEFORE: &[(&str, &str)] = &[(
    "privacy_request_words",
    "INSERT INTO privacy_requests (id, token_hash, kind, via, state, made_at, due_at, alerted_day)
     VALUES ('{text}', {bytes}, 'other', 'form', 'open', 1, 1, 0)",
)];

/// Rows of one rule.
pub(super) struct Planted {
    pub(super) rule: &'static Rule,
    /// When each ends.
    pub(super) ends: Vec<Millis>,
    gone: Vec<bool>,
}

struct Column {
    name: String,
    kind: String,
    needed: bool,
}

async fn columns(desk: &Desk, table: &str) -> Vec<Column> {
    let text = if desk.store.engine == "sqlite" {
        format!(
            "SELECT name, LOWER(type) AS kind, \"notnull\" AS needed FROM pragma_table_info('{table}')"
        )
    } else {
        format!(
            "SELECT CAST(column_name AS TEXT) AS name, CAST(data_type AS TEXT) AS kind,
                    CAST(CASE WHEN is_nullable = 'NO' THEN 1 ELSE 0 END AS BIGINT) AS needed
             FROM information_schema.columns
             WHERE table_schema = current_schema() AND table_name = '{table}'"
        )
    };
    let rows = sqlx::query(AssertSqlSafe(text)).fetch_all(desk.w.store().read()).await.unwrap();
    assert!(!rows.is_empty(), "no table {table}");
    let read = |row: &sqlx::any::AnyRow| Column {
        name: row.get("name"),
        kind: row.get("kind"),
        needed: row.get::<i64, _>("needed") == 1,
    };
    rows.iter().map(read).collect()
}

impl Planted {
    /// Plants a row for each end.
    pub(super) async fn plant(
        desk: &Desk,
        rule: &'static Rule,
        kind: usize,
        ends: &[Millis],
    ) -> Self {
        let columns = columns(desk, rule.table).await;
        let asked = ASKED.iter().find(|(table, _)| *table == rule.table).map_or(&[][..], |a| a.1);
        for (index, end) in ends.iter().enumerate() {
            let time = match rule.keep {
                Keep::For(seconds) => end.plus_seconds(-seconds),
                Keep::Until => *end,
            };
            let number = (kind + 1) * 1000 + index;
            let text = format!("{number:032x}");
            let bytes = match desk.store.engine {
                "sqlite" => format!("x'{text}'"),
                _ => format!("'\\x{text}'::bytea"),
            };
            let (mut names, mut values) = (Vec::new(), Vec::new());
            for column in &columns {
                let name = column.name.as_str();
                let other_time = RULES.iter().any(|other| {
                    other.table == rule.table
                        && other.time_column() == name
                        && other.name != rule.name
                });
                let value = if name == rule.time_column() {
                    time.0.to_string()
                } else if let Some((_, value)) = asked.iter().find(|(column, _)| *column == name) {
                    (*value).to_owned()
                } else if !column.needed {
                    continue;
                } else if other_time {
                    // Not by another rule of the table.
                    "9000000000000".to_owned()
                } else {
                    match column.kind.as_str() {
                        "bigint" => number.to_string(),
                        "text" => format!("'{text}'"),
                        "blob" | "bytea" => bytes.clone(),
                        other => panic!("{}.{name} is a {other}", rule.table),
                    }
                };
                names.push(name.to_owned());
                values.push(value);
            }
            let before = BEFORE.iter().filter(|(table, _)| *table == rule.table);
            let before = before.map(|(_, text)| *text);
            let row = format!(
                "INSERT INTO {} ({}) VALUES ({})",
                rule.table,
                names.join(", "),
                values.join(", ")
            );
            let mut tx = desk.w.store().begin().await.unwrap();
            for statement in before.chain([row.as_str()]) {
                let filled = statement.replace("{text}", &text).replace("{bytes}", &bytes);
                let done = sqlx::query(AssertSqlSafe(filled)).execute(tx.conn()).await;
                done.unwrap_or_else(|error| {
                    panic!(
                        "{}: say in plant.rs what a row of {} needs: {error}",
                        rule.name, rule.table
                    )
                });
            }
            tx.commit().await.unwrap();
        }
        Self { rule, ends: ends.to_vec(), gone: vec![false; ends.len()] }
    }

    /// Compares what is there after a sweep with what is to be.
    pub(super) async fn check(&mut self, desk: &Desk, now: Millis, latest: i64) {
        let Rule { name, table, .. } = *self.rule;
        let column = self.rule.time_column();
        let text = format!("SELECT {column} AS time FROM {table} WHERE {column} IS NOT NULL");
        let rows = sqlx::query(AssertSqlSafe(text)).fetch_all(desk.w.store().read()).await.unwrap();
        let there: Vec<i64> = rows.iter().map(|row| row.get("time")).collect();
        for (end, gone) in self.ends.iter().zip(&mut self.gone) {
            let time = match self.rule.keep {
                Keep::For(seconds) => end.plus_seconds(-seconds),
                Keep::Until => *end,
            };
            let is_there = there.contains(&time.0);
            assert!(is_there || *end <= now, "{name}: went {} ms early", end.since(now));
            assert!(!is_there || now.since(*end) <= latest, "{name}: is there too late");
            assert!(!is_there || *end > now, "{name}: a sweep after its end left it");
            assert!(*gone || is_there || now.since(*end) <= latest, "{name}: seen late");
            *gone = !is_there;
        }
    }

    /// How many rows are left.
    pub(super) fn left(&self) -> usize {
        self.gone.iter().filter(|gone| !**gone).count()
    }
}
