//! The inbox of the payment provider's webhooks. An event is delivered more than once, late, and in any order.

use domain::time::Millis;
use sqlx::{AnyConnection, AnyExecutor};

use crate::StorageError;
use crate::columns::Columns as _;

/// An event as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// The provider's id.
    pub id: String,
    /// The provider's name for what happened.
    pub kind: String,
    /// The provider's id of what it happened to.
    pub object: Option<String>,
    /// When the provider made it.
    pub created: Millis,
    /// Whether real money is meant.
    pub live: bool,
}

/// An event that was not looked at yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueEvent {
    /// The provider's id.
    pub id: String,
    /// The provider's id of what it happened to.
    pub object: Option<String>,
    /// How often it was looked at.
    pub attempts: i64,
}

/// Notes an event. `false`: it was delivered before.
pub async fn receive(
    conn: &mut AnyConnection,
    event: &NewEvent,
    now: Millis,
) -> Result<bool, StorageError> {
    let done = sqlx::query(
        "INSERT INTO payment_events (event_id, kind, object_id, created_at, live, received_at,
                                     done_at, due_at, attempts)
         VALUES ($1, $2, $3, $4, $5, $6, NULL, $6, 0) ON CONFLICT (event_id) DO NOTHING",
    )
    .bind(event.id.as_str())
    .bind(event.kind.as_str())
    .bind(event.object.as_deref())
    .bind(event.created.0)
    .bind(i64::from(event.live))
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Events that are due, those that wait the longest first, at most `limit`.
pub async fn due(
    db: impl AnyExecutor<'_>,
    now: Millis,
    limit: i64,
) -> Result<Vec<DueEvent>, StorageError> {
    let rows = sqlx::query(
        "SELECT event_id, object_id, attempts FROM payment_events
         WHERE done_at IS NULL AND due_at <= $1 ORDER BY due_at, event_id LIMIT $2",
    )
    .bind(now.0)
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(DueEvent {
                id: row.text("event_id")?,
                object: row.text_opt("object_id")?,
                attempts: row.int("attempts")?,
            })
        })
        .collect()
}

/// Notes that what these events tell of was read again.
pub async fn done(
    conn: &mut AnyConnection,
    events: &[String],
    now: Millis,
) -> Result<(), StorageError> {
    for event in events {
        sqlx::query(
            "UPDATE payment_events SET done_at = $2 WHERE event_id = $1 AND done_at IS NULL",
        )
        .bind(event.as_str())
        .bind(now.0)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// Puts an event back until `due`.
pub async fn later(conn: &mut AnyConnection, event: &str, due: Millis) -> Result<(), StorageError> {
    sqlx::query(
        "UPDATE payment_events SET due_at = $2, attempts = attempts + 1
         WHERE event_id = $1 AND done_at IS NULL",
    )
    .bind(event)
    .bind(due.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// How many events were not looked at yet, and when the oldest of them came.
pub async fn waiting(db: impl AnyExecutor<'_>) -> Result<(i64, Option<Millis>), StorageError> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS number, MIN(received_at) AS oldest FROM payment_events
         WHERE done_at IS NULL",
    )
    .fetch_one(db)
    .await?;
    Ok((row.int("number")?, row.int_opt("oldest")?.map(Millis)))
}
