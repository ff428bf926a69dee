//! What is kept of payments. Amounts, cards and addresses are the provider's alone.

pub mod events;
pub mod subscriptions;
pub mod wishes;

use domain::ids::{LicenceId, UserId};
use domain::time::Millis;
use sqlx::{AnyConnection, AnyExecutor};

use crate::StorageError;
use crate::columns::Columns as _;

/// The provider's customer of an account; `live` for real money.
pub async fn customer(
    db: impl AnyExecutor<'_>,
    user: UserId,
    live: bool,
) -> Result<Option<String>, StorageError> {
    sqlx::query("SELECT customer_id FROM payment_customers WHERE user_id = $1 AND live = $2")
        .bind(user.get())
        .bind(i64::from(live))
        .fetch_optional(db)
        .await?
        .map(|row| row.text("customer_id"))
        .transpose()
}

/// Keeps the provider's customer of an account. The first one stays.
pub async fn keep_customer(
    conn: &mut AnyConnection,
    user: UserId,
    live: bool,
    customer: &str,
    now: Millis,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO payment_customers (user_id, live, customer_id, made_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id, live) DO NOTHING",
    )
    .bind(user.get())
    .bind(i64::from(live))
    .bind(customer)
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets the provider's customer of an account, which the provider does not have any more.
pub async fn drop_customer(
    conn: &mut AnyConnection,
    user: UserId,
    live: bool,
) -> Result<(), StorageError> {
    sqlx::query("DELETE FROM payment_customers WHERE user_id = $1 AND live = $2")
        .bind(user.get())
        .bind(i64::from(live))
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes that the holder of a licence is told of something that was at the time `about`. `false`: they were told
/// before.
pub async fn tell(
    conn: &mut AnyConnection,
    licence: LicenceId,
    kind: &str,
    about: Millis,
    now: Millis,
) -> Result<bool, StorageError> {
    let done = sqlx::query(
        "INSERT INTO payment_news (licence_id, kind, about, told_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (licence_id, kind, about) DO NOTHING",
    )
    .bind(licence.to_string())
    .bind(kind)
    .bind(about.0)
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Removes what is kept of an account's payments. What the provider keeps is not touched; its subscriptions are
/// ended by [`subscriptions::unwant_of`] first.
pub async fn forget(conn: &mut AnyConnection, user: UserId) -> Result<(), StorageError> {
    for text in [
        "DELETE FROM payment_wishes WHERE user_id = $1",
        "DELETE FROM payment_customers WHERE user_id = $1",
        "UPDATE payment_subscriptions
         SET user_id = NULL, guild_id = NULL, customer_id = NULL WHERE user_id = $1",
    ] {
        sqlx::query(text).bind(user.get()).execute(&mut *conn).await?;
    }
    Ok(())
}
