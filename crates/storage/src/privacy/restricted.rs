//! People of whom nothing is to be processed but that it is kept (`promises.md` P34).

use std::collections::HashMap;

use domain::ids::UserId;
use domain::time::Millis;
use sqlx::{AnyConnection, AnyExecutor};

use crate::StorageError;
use crate::columns::Columns as _;

/// Restricts someone. `false`: they are restricted already.
pub async fn restrict(
    conn: &mut AnyConnection,
    user: UserId,
    now: Millis,
) -> Result<bool, StorageError> {
    let done = sqlx::query(
        "INSERT INTO restricted_people (user_id, since) VALUES ($1, $2) ON CONFLICT (user_id) DO NOTHING",
    )
    .bind(user.get())
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Lifts it. `false`: they were not restricted.
pub async fn lift(conn: &mut AnyConnection, user: UserId) -> Result<bool, StorageError> {
    let done = sqlx::query("DELETE FROM restricted_people WHERE user_id = $1")
        .bind(user.get())
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Since when someone is restricted.
pub async fn since(db: impl AnyExecutor<'_>, user: UserId) -> Result<Option<Millis>, StorageError> {
    let row = sqlx::query("SELECT since FROM restricted_people WHERE user_id = $1")
        .bind(user.get())
        .fetch_optional(db)
        .await?;
    row.map(|row| Ok(Millis(row.int("since")?))).transpose()
}

/// Everyone who is restricted, and since when.
pub async fn all(db: impl AnyExecutor<'_>) -> Result<HashMap<UserId, Millis>, StorageError> {
    let rows = sqlx::query("SELECT user_id, since FROM restricted_people").fetch_all(db).await?;
    rows.iter()
        .map(|row| Ok((row.id("user_id", UserId::new)?, Millis(row.int("since")?))))
        .collect()
}
