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
        let guild = GuildId::new(1).unwrap();
        assert!(!people::is_held(tx.conn(), user, guild).await.unwrap(), "{}", test.engine);
        people::keep_from_returning(tx.conn(), user, guild, &[1; 32], Millis(1)).await.unwrap();
        people::drop_effects(tx.conn(), user, guild).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// Texts that name somebody are changed page by page: more of them than a page has, with longer numbers between that
/// hold the same digits and stay as they are.
#[tokio::test]
async fn texts_are_gone_through_to_the_last_page() {
    use domain::ids::{GuildId, UserId};
    use domain::time::Millis;
    use storage::privacy::people;

    const NAMED: i64 = 450;
    let (user, pseudonym) = (UserId::new(7_700_077).unwrap(), UserId::pseudonym([1; 8]));
    let guild = GuildId::new(1).unwrap();
    for test in stores().await {
        let mut tx = test.store.begin().await.unwrap();
        for number in 0..2 * NAMED {
            // Every second one has a longer number alone.
            let text = if number % 2 == 0 {
                format!(r#"{{"user":"{user}","at":"{number}"}}"#)
            } else {
                format!(r#"{{"user":"1{user}"}}"#)
            };
            sqlx::query(
                "INSERT INTO domain_events (guild_id, seq, ticket_id, panel_id, actor_id, at, kind, payload)
                 VALUES (1, $1, NULL, NULL, NULL, 1, 'k', $2)",
            )
            .bind(number + 1)
            .bind(text.as_str())
            .execute(tx.conn())
            .await
            .unwrap();
            sqlx::query(
                "INSERT INTO operator_log (id, at, action, before) VALUES ($1, 1, 'a', $2)",
            )
            .bind(format!("{number:06}"))
            .bind(text.as_str())
            .execute(tx.conn())
            .await
            .unwrap();
        }
        tx.commit().await.unwrap();
        for (table, column, of) in
            [("domain_events", "payload", Some(guild)), ("operator_log", "before", None)]
        {
            let place = PLACES.iter().find(|p| p.table == table && p.column == column).unwrap();
            let (mut after, mut pages) = (None, 0);
            loop {
                let mut tx = test.store.begin().await.unwrap();
                let who = (user, pseudonym);
                let taken =
                    people::take_some(tx.conn(), place, who, of, Millis(1), after.as_ref()).await;
                let taken = taken.unwrap();
                tx.commit().await.unwrap();
                pages += 1;
                assert!(pages < 50, "{}: {table} comes to no end", test.engine);
                if !taken.more {
                    break;
                }
                after = taken.after;
            }
            assert!(pages > 3, "{}: {table} has several pages", test.engine);
            let count = async |text: String| {
                let text = sqlx::AssertSqlSafe(text);
                sqlx::query_scalar::<_, i64>(text).fetch_one(test.store.read()).await.unwrap()
            };
            let with =
                |what: String| format!("SELECT COUNT(*) FROM {table} WHERE {column} LIKE '{what}'");
            let at = format!("{}: {table}", test.engine);
            assert_eq!(count(with(format!(r#"%"{user}"%"#))).await, 0, "{at}");
            assert_eq!(count(with(format!(r#"%"{pseudonym}"%"#))).await, NAMED, "{at}");
            assert_eq!(count(with(format!(r#"%"1{user}"%"#))).await, NAMED, "{at}");
        }
    }
}
