//! `data_inventory.toml` names every column of both databases, and nothing else.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};

use secrecy::ExposeSecret as _;
use sqlx::{AnyPool, AssertSqlSafe, Row as _};
use storage::privacy::clearing::{Fate, KEPT_AFTER_LEAVING_SECONDS, TABLES};
use storage::retention::{Keep, RULES};
use storage::testing::{TestStore, key_stores, stores};
use toml::Table;

const TEXT: &str = include_str!("../../../data_inventory.toml");
const CLASSES: [&str; 5] = ["operational", "identifier", "profile", "content", "secret"];
const WHOSE: [&str; 7] = ["nobody", "server", "account", "opener", "author", "actor", "member"];

/// The databases of the inventory, which has sections about other things too.
fn databases(all: &Table) -> impl Iterator<Item = (&str, &toml::Value)> {
    ["main", "keys"].into_iter().map(|database| (database, &all[database]))
}

type Schema = BTreeMap<String, BTreeSet<String>>;

fn inventory(database: &str) -> Schema {
    let all: Table = TEXT.parse().unwrap();
    let mut schema = Schema::new();
    for (table, columns) in all[database].as_table().unwrap() {
        schema.insert(table.clone(), columns.as_table().unwrap().keys().cloned().collect());
    }
    schema
}

async fn names(pool: &AnyPool, text: String) -> BTreeSet<String> {
    let rows = sqlx::query(AssertSqlSafe(text)).fetch_all(pool).await.unwrap();
    rows.iter()
        .map(|row| row.get::<String, _>("name"))
        .filter(|n| !n.starts_with("_sqlx"))
        .collect()
}

async fn sqlite_schema(pool: &AnyPool) -> Schema {
    let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let mut schema = Schema::new();
    for table in names(pool, tables.into()).await {
        let columns = names(pool, format!("SELECT name FROM pragma_table_info('{table}')")).await;
        schema.insert(table, columns);
    }
    schema
}

async fn postgres_schema(pool: &AnyPool) -> Schema {
    let tables = "SELECT CAST(table_name AS TEXT) AS name FROM information_schema.tables
                  WHERE table_schema = current_schema()";
    let mut schema = Schema::new();
    for table in names(pool, tables.into()).await {
        let columns = format!(
            "SELECT CAST(column_name AS TEXT) AS name FROM information_schema.columns
             WHERE table_schema = current_schema() AND table_name = '{table}'"
        );
        schema.insert(table, names(pool, columns).await);
    }
    schema
}

async fn main_schema(test: &TestStore) -> Schema {
    match test.engine {
        "sqlite" => sqlite_schema(test.store.read()).await,
        _ => postgres_schema(test.store.read()).await,
    }
}

#[tokio::test]
async fn every_column_of_the_main_database_is_named() {
    for test in stores().await {
        assert_eq!(main_schema(&test).await, inventory("main"), "{}", test.engine);
    }
}

#[tokio::test]
async fn every_column_of_the_key_store_is_named() {
    for test in key_stores().await {
        let pool = AnyPool::connect(test.config.keys_url.expose_secret()).await.unwrap();
        let schema = match test.engine {
            "sqlite" => sqlite_schema(&pool).await,
            _ => postgres_schema(&pool).await,
        };
        assert_eq!(schema, inventory("keys"), "{}", test.engine);
        pool.close().await;
    }
}

#[tokio::test]
async fn a_column_that_is_not_named_would_be_seen() {
    for test in stores().await {
        let mut tx = test.store.begin().await.unwrap();
        sqlx::query("ALTER TABLE leases ADD COLUMN planted BIGINT")
            .execute(tx.conn())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_ne!(main_schema(&test).await, inventory("main"), "{}", test.engine);
    }
}

#[test]
fn every_entry_is_complete() {
    let all: Table = TEXT.parse().unwrap();
    for (database, tables) in databases(&all) {
        for (table, columns) in tables.as_table().unwrap() {
            for (column, entry) in columns.as_table().unwrap() {
                let place = format!("{database}.{table}.{column}");
                let entry = entry.as_table().unwrap();
                let text =
                    |key: &str| entry[key].as_str().unwrap_or_else(|| panic!("{place}: {key}"));
                assert!(CLASSES.contains(&text("class")), "{place}");
                assert!(WHOSE.contains(&text("whose")), "{place}");
                assert!(!text("keep").is_empty() && !text("erase").is_empty(), "{place}");
                assert_eq!(entry.len(), 4, "{place}");
            }
        }
    }
}

/// Every table has one controller, and what is about people has a ground on which it is kept.
#[test]
fn every_table_has_one_controller_and_a_basis() {
    let all: Table = TEXT.parse().unwrap();
    for (database, tables) in databases(&all) {
        let said = all["tables"][database].as_table().unwrap();
        let tables = tables.as_table().unwrap();
        let names = |table: &Table| -> BTreeSet<String> { table.keys().cloned().collect() };
        assert_eq!(names(said), names(tables), "{database}");
        for (table, entry) in said {
            let place = format!("{database}.{table}");
            let text = |key: &str| entry[key].as_str().unwrap_or_else(|| panic!("{place}: {key}"));
            assert!(["server", "service"].contains(&text("controller")), "{place}");
            let bases = ["contract", "interests", "duty", "consent", "none"];
            assert!(bases.contains(&text("basis")), "{place}");
            let whose = |wanted: fn(&str) -> bool| {
                let columns = tables[table].as_table().unwrap().values();
                columns.filter_map(|column| column["whose"].as_str()).any(wanted)
            };
            let of_people = whose(|whose| !["nobody", "server"].contains(&whose));
            assert!(
                !of_people || text("basis") != "none",
                "{place} is about people, for no reason"
            );
            // Who takes part in tickets does so at a server; accounts are the service's.
            let in_tickets = whose(|whose| ["opener", "member"].contains(&whose));
            assert!(!in_tickets || text("controller") == "server", "{place}");
        }
    }
}

/// P2, P3, P55: there is no place for addresses of e-mail or of the Internet, nor for cards.
#[test]
fn no_column_is_for_addresses_or_cards() {
    let all: Table = TEXT.parse().unwrap();
    let forbidden = ["mail", "card", "iban", "phone", "ip", "address", "user_agent", "remote"];
    for (database, tables) in databases(&all) {
        for (table, columns) in tables.as_table().unwrap() {
            for column in columns.as_table().unwrap().keys() {
                let mut parts = column.split('_').chain(table.split('_'));
                let found = parts.find(|part| {
                    forbidden
                        .iter()
                        .any(|word| part == word || (word.len() > 3 && part.contains(word)))
                });
                assert_eq!(found, None, "{database}.{table}.{column}");
            }
        }
    }
}

/// P5: what a server's configuration can hold, name by name.
#[test]
fn the_configuration_of_a_server_is_a_known_list() {
    let names = |json: serde_json::Value| -> Vec<String> {
        let names: BTreeSet<String> = json.as_object().unwrap().keys().cloned().collect();
        names.into_iter().collect()
    };
    let settings = serde_json::to_value(domain::guilds::GuildSettings::default()).unwrap();
    assert_eq!(
        names(settings),
        [
            "keep_deleted",
            "locale",
            "log_channel",
            "members_read",
            "opener_shares",
            "reader_roles",
            "retention",
            "share_links",
            "support_roles",
            "ticket_category",
            "time_zone",
            "transcript_channel",
        ]
    );
}

/// Columns whose class says that they are sealed, wrapped or hashed hold bytes.
#[test]
fn content_and_secrets_are_bytes() {
    let all: Table = TEXT.parse().unwrap();
    let migrations = concat!(
        include_str!("../migrations/0002_accounts.sql"),
        include_str!("../migrations/0003_guilds.sql"),
        include_str!("../migrations/0004_tickets.sql"),
        include_str!("../migrations/0005_transcripts.sql"),
        include_str!("../migrations/0006_alerts.sql"),
        include_str!("../migrations/0010_keeping.sql"),
        include_str!("../migrations/0011_redaction.sql"),
        include_str!("../migrations/0013_reactions.sql"),
        include_str!("../migrations/0015_sharing.sql"),
        include_str!("../migrations/0017_licences.sql"),
        include_str!("../migrations/0020_requests.sql"),
        include_str!("../migrations_keys/0001_keys.sql"),
        include_str!("../migrations_keys/0002_tombstones.sql"),
    );
    for (_, tables) in databases(&all) {
        for (table, columns) in tables.as_table().unwrap() {
            let begin = format!("CREATE TABLE {table} (");
            let Some((_, rest)) = migrations.split_once(&begin) else { continue };
            let (body, _) = rest.split_once("\n);").unwrap();
            for (column, entry) in columns.as_table().unwrap() {
                if matches!(entry["class"].as_str(), Some("content" | "secret")) {
                    let declared = format!("    {column} BYTES");
                    assert!(body.contains(&declared), "{table}.{column}");
                }
            }
        }
    }
}

/// `7 days` in seconds; `None` for a text without a time.
fn seconds(words: &str) -> Option<i64> {
    let mut parts = words.split(' ').map(|part| part.trim_matches([',', ';', '.', ':']));
    let mut number = None;
    parts.find_map(|part| {
        let unit = match part {
            "minute" | "minutes" => 60,
            "hour" | "hours" => 3600,
            "day" | "days" => 24 * 3600,
            _ => {
                number = part.parse::<i64>().ok();
                return None;
            }
        };
        number.take().map(|number| number * unit)
    })
}

/// Whether that is the time for which what belongs to a server is kept after the bot has left, and the table is one
/// that is cleared then.
fn cleared(table: &str, keep: &str) -> bool {
    let of_servers = TABLES.iter().find(|(name, _)| *name == table);
    keep.contains("while the bot is on the server, and 30 days after")
        && seconds(keep) == Some(KEPT_AFTER_LEAVING_SECONDS)
        && of_servers.is_some_and(|(_, fate)| matches!(fate, Fate::Removed { .. } | Fate::Last))
}

#[test]
fn what_the_inventory_says_of_time_is_what_the_sweep_does() {
    let all: Table = TEXT.parse().unwrap();
    for rule in RULES {
        let keep = all["main"][rule.table][rule.column]["keep"].as_str().unwrap();
        assert!(keep.contains(rule.words), "{}: \"{keep}\" lacks \"{}\"", rule.name, rule.words);
        let said = seconds(rule.words).unwrap_or_else(|| panic!("{}: no time", rule.name));
        if let Keep::For(done) = rule.keep {
            assert_eq!(said, done, "{}", rule.name);
        }
    }
    // And the reverse: a time that is promised has a rule that keeps it.
    for (table, columns) in all["main"].as_table().unwrap() {
        for (column, entry) in columns.as_table().unwrap() {
            let keep = entry["keep"].as_str().unwrap();
            let kept = RULES.iter().any(|rule| rule.table == table.as_str());
            // A token is worth something for 15 minutes; its row goes with the ticket's live part.
            let with_ticket =
                (table.as_str(), column.as_str()) == ("ticket_live", "interaction_token");
            assert!(
                seconds(keep).is_none() || kept || with_ticket || cleared(table, keep),
                "{table}.{column} says \"{keep}\", and no rule does it"
            );
        }
    }
}
