//! Which tables there are, with which columns, in an order in which rows find those that they refer to.

use sqlx::AnyConnection;

use super::BackupProblem;
use super::frames::{Column, Contents, Kind, Table};
use crate::errors::StorageError;
use crate::migrations;
use crate::store::Engine;

/// Tables that are not put into a backup of the content: what they hold is worth something for minutes, or would have to
/// be asked for again anyway.
const LEFT_OUT: &[&str] = &[
    "sessions",
    "token_revocations",
    "oauth_transactions",
    "form_drafts",
    "leases",
    "person_downloads",
];
/// Tables of the key store that are not.
const KEYS_LEFT_OUT: &[&str] = &["restores"];

/// Tables and columns that name an object of the blobs (its server, and its address there), and which rows still count
/// on it.
pub(super) const OBJECTS: &[(&str, &str, &str, &str)] =
    &[("attachments", "guild_id", "blob", "state <> 'damaged'")];

/// Every table of the program that is in the database, in the order in which the migrations made them: what refers to
/// another comes after it.
pub(super) async fn all(
    conn: &mut AnyConnection,
    engine: Engine,
    contents: Contents,
) -> Result<Vec<Table>, StorageError> {
    let mut tables = Vec::new();
    for name in migrations::tables(contents == Contents::Keys) {
        let columns = columns(&mut *conn, engine, name).await?;
        if !columns.is_empty() {
            tables.push(Table { name: name.to_owned(), columns });
        }
    }
    Ok(tables)
}

/// Whether a table is put into a backup.
pub(super) fn is_kept(contents: Contents, table: &str) -> bool {
    let left_out = match contents {
        Contents::Content => LEFT_OUT,
        Contents::Keys => KEYS_LEFT_OUT,
    };
    !left_out.contains(&table)
}

async fn columns(
    conn: &mut AnyConnection,
    engine: Engine,
    table: &str,
) -> Result<Vec<Column>, StorageError> {
    let found = engine.columns(conn, table).await?;
    found
        .into_iter()
        .map(|(name, kind)| {
            let kind = match kind.to_ascii_lowercase().as_str() {
                "bigint" => Kind::Int,
                "text" => Kind::Text,
                "blob" | "bytea" => Kind::Bytes,
                _ => return Err(BackupProblem::Value(format!("{table}.{name}")).into()),
            };
            Ok(Column { name, kind })
        })
        .collect()
}

/// The columns with commas between.
pub(super) fn list(table: &Table) -> String {
    let names: Vec<String> = table.columns.iter().map(|c| format!("\"{}\"", c.name)).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// What is in the inventory is in a backup, or is left out by name.
    #[tokio::test]
    async fn no_table_and_no_column_is_forgotten() {
        let text = include_str!("../../../../data_inventory.toml");
        let inventory: toml::Table = text.parse().unwrap();
        let named: BTreeMap<String, BTreeSet<String>> = inventory["main"]
            .as_table()
            .unwrap()
            .iter()
            .map(|(name, columns)| {
                (name.clone(), columns.as_table().unwrap().keys().cloned().collect())
            })
            .collect();
        for test in crate::testing::stores().await {
            let mut tx = test.store.begin().await.unwrap();
            let engine = test.store.database().engine();
            let found = all(tx.conn(), engine, Contents::Content).await.unwrap();
            let found: BTreeMap<String, BTreeSet<String>> = found
                .into_iter()
                .map(|t| (t.name, t.columns.into_iter().map(|column| column.name).collect()))
                .collect();
            assert_eq!(found, named, "{}", test.engine);
        }
        for table in LEFT_OUT {
            assert!(named.contains_key(*table), "{table} is left out, and there is no such table");
        }
        for (table, columns) in &named {
            // Objects that are to be removed are not worth a copy.
            let known = OBJECTS.iter().any(|(one, ..)| one == table) || table == "blob_removals";
            let with_blob = columns.contains("blob") && is_kept(Contents::Content, table);
            assert!(!with_blob || known, "the objects of {table} are in no backup");
        }
    }
}
