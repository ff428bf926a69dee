//! The table of places where people are is whole: every column of the inventory that is about somebody is in it, goes
//! with its row, or stays for a reason.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;

use storage::privacy::places::{Fate, PLACES, STAYS};
use storage::testing::stores;
use toml::Table;

const TEXT: &str = include_str!("../../../data_inventory.toml");
/// Whose a column may be that is about somebody.
const PEOPLE: [&str; 5] = ["account", "opener", "author", "actor", "member"];

fn columns() -> Vec<(String, String, String)> {
    let all: Table = TEXT.parse().unwrap();
    let mut found = Vec::new();
    for (table, columns) in all["main"].as_table().unwrap() {
        for (column, entry) in columns.as_table().unwrap() {
            let whose = entry["whose"].as_str().unwrap().to_owned();
            found.push((table.clone(), column.clone(), whose));
        }
    }
    found
}

#[test]
fn an_erasure_knows_every_column_that_is_about_somebody() {
    let goes: BTreeSet<&str> = PLACES
        .iter()
        .filter(|p| matches!(p.fate, Fate::Delete | Fate::DeleteWithBlob | Fate::Job))
        .map(|place| place.table)
        .collect();
    // What the end of a customer takes care of.
    let customer: BTreeSet<&str> = PLACES
        .iter()
        .filter(|place| matches!(place.fate, Fate::Customer))
        .map(|place| place.table)
        .collect();
    let missing: Vec<String> = columns()
        .into_iter()
        .filter(|(_, _, whose)| PEOPLE.contains(&whose.as_str()))
        .filter(|(table, column, _)| {
            let is_place = PLACES.iter().any(|p| p.table == table && p.column == column);
            let stays = STAYS.iter().any(|(of, all)| of == table && all.contains(&column.as_str()));
            let with_row = goes.contains(table.as_str()) || customer.contains(table.as_str());
            !is_place && !stays && !with_row
        })
        .map(|(table, column, whose)| format!("{table}.{column} ({whose})"))
        .collect();
    assert!(missing.is_empty(), "an erasure does not know: {missing:#?}");
}

#[test]
fn the_table_names_columns_that_there_are() {
    let known: BTreeSet<(String, String)> =
        columns().into_iter().map(|(table, column, _)| (table, column)).collect();
    for place in PLACES {
        let column = (place.table.to_owned(), place.column.to_owned());
        assert!(known.contains(&column), "{}.{}", place.table, place.column);
    }
    for (table, columns) in STAYS {
        for column in *columns {
            assert!(
                known.contains(&((*table).to_owned(), (*column).to_owned())),
                "{table}.{column}"
            );
        }
    }
}

/// Each statement that is put together from the table is one that both engines take.
#[tokio::test]
async fn every_place_can_be_counted_and_emptied() {
    use domain::ids::{GuildId, UserId};
    use domain::time::Millis;
    use storage::privacy::people;

    let (user, pseudonym) = (UserId::new(77).unwrap(), UserId::pseudonym([1; 8]));
    for test in stores().await {
        let db = test.store.read();
        assert_eq!(people::totals(db, user).await.unwrap(), [], "{}", test.engine);
        assert!(people::all_servers_of(db, user).await.unwrap().is_empty());
        assert!(people::everyone(db).await.unwrap().is_empty());
        assert!(people::sealed_people(db).await.unwrap().is_empty());
        for guild in [None, GuildId::new(1).ok()] {
            for place in PLACES {
                let mut tx = test.store.begin().await.unwrap();
                let who = (user, pseudonym);
                let taken = people::take_some(tx.conn(), place, who, guild, Millis(1), None).await;
                let taken =
                    taken.unwrap_or_else(|e| panic!("{}.{}: {e}", place.table, place.column));
                assert!(!taken.more && !taken.changed, "{}.{}", place.table, place.column);
                tx.commit().await.unwrap();
            }
        }
        let mut tx = test.store.begin().await.unwrap();
        people::lock_tickets(tx.conn(), user, GuildId::new(1).unwrap()).await.unwrap();
        people::drop_effects(tx.conn(), user, GuildId::new(1).unwrap()).await.unwrap();
        tx.commit().await.unwrap();
    }
}
