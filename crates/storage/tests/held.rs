//! What is kept of servers is known in full: each table that names them is cleared, or says why not, and is told of
//! on their page.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;

use storage::privacy::clearing::{Fate, KEPT_AFTER_LEAVING_SECONDS, TABLES};
use storage::privacy::holdings::Class;
use storage::retention::{Keep, RULES};
use toml::Table;

const INVENTORY: &str = include_str!("../../../data_inventory.toml");
const DOCUMENT: &str = include_str!("../../../docs/RETENTION.md");

/// Tables of the main database with one of these columns.
fn tables_with(names: &[&str]) -> BTreeSet<String> {
    let all: Table = INVENTORY.parse().unwrap();
    let tables = all["main"].as_table().unwrap().iter();
    let found = tables.filter(|(_, columns)| {
        names.iter().any(|name| columns.as_table().unwrap().contains_key(*name))
    });
    found.map(|(table, _)| table.clone()).collect()
}

#[test]
fn every_table_that_names_servers_is_cleared_or_says_why_not() {
    let listed: BTreeSet<String> = TABLES.iter().map(|(table, _)| (*table).to_owned()).collect();
    assert_eq!(listed.len(), TABLES.len(), "each once");
    assert_eq!(listed, tables_with(&["guild_id"]), "storage::privacy::clearing::TABLES");
    let last: Vec<_> = TABLES.iter().filter(|(_, fate)| *fate == Fate::Last).collect();
    assert_eq!(last.len(), 1);
}

#[test]
fn every_class_of_a_server_is_on_its_page() {
    // Of people, not of servers: their own pages tell of these.
    const OF_PEOPLE: [&str; 6] = [
        "payment_subscriptions",
        "payment_wishes",
        "payment_news",
        "privacy_requests",
        "objections",
        "erasure_parts",
    ];
    let told: BTreeSet<&str> =
        Class::ALL.iter().flat_map(|class| class.tables()).copied().collect();
    for table in tables_with(&["guild_id", "ticket_id", "panel_id", "link_id"]) {
        let is_told = told.contains(table.as_str());
        let is_of_people = OF_PEOPLE.contains(&table.as_str());
        assert!(
            is_told != is_of_people,
            "{table}: in holdings::Class::tables, or here, and not in both"
        );
    }
}

#[test]
fn every_rule_of_a_servers_table_is_in_its_dry_run() {
    let of_servers = tables_with(&["guild_id"]);
    // The server of these is only where something of a person was bought or asked.
    let of_people = ["payment_wishes", "privacy_requests"];
    for rule in RULES {
        let wanted = of_servers.contains(rule.table) && !of_people.contains(&rule.table);
        assert_eq!(rule.is_of_servers(), wanted, "{}", rule.name);
    }
}

/// A line of the document's table: name, table and time of a rule.
fn line(name: &str, table: &str, words: &str) -> String {
    format!("| `{name}` | `{table}` | {words} |")
}

#[test]
fn the_document_has_every_rule_and_no_other() {
    let mut missing = Vec::new();
    for rule in RULES {
        let line = line(rule.name, rule.table, rule.words);
        if DOCUMENT.matches(&line).count() != 1 {
            missing.push(line);
        }
        if let Keep::For(seconds) = rule.keep {
            assert!(seconds > 0, "{}", rule.name);
        }
    }
    assert!(missing.is_empty(), "docs/RETENTION.md needs once:\n{}", missing.join("\n"));
    let lines = DOCUMENT.lines().filter(|line| line.starts_with("| `")).count();
    let fates = TABLES.iter().filter(|(_, fate)| matches!(fate, Fate::Own(_)));
    let fates: Vec<_> = fates.collect();
    for (table, fate) in &fates {
        let Fate::Own(words) = fate else { continue };
        let line = format!("| `{table}` | {words} |");
        assert_eq!(DOCUMENT.matches(&line).count(), 1, "docs/RETENTION.md needs once: {line}");
    }
    assert_eq!(
        lines,
        RULES.len() + fates.len(),
        "docs/RETENTION.md has lines of rules that are not there"
    );
    let days = format!("{} days", KEPT_AFTER_LEAVING_SECONDS / 86_400);
    assert!(DOCUMENT.contains(&format!("{days} after the bot has left")), "{days}");
}
