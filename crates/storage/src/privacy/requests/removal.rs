//! Requests that go, and the people who are taken out of them.

use domain::ids::{RequestId, UserId};
use domain::privacy::{RequestKind, Role, Step};
use domain::time::Millis;
use sqlx::{AnyConnection, AnyExecutor, AssertSqlSafe};

use super::{COLUMNS, RequestRow, StepRow, note, read_all};
use crate::StorageError;
use crate::columns::Columns as _;

/// Removes a request with everything of it, and counts it.
pub async fn remove_counted(
    conn: &mut AnyConnection,
    row: &RequestRow,
) -> Result<(), StorageError> {
    let gone = sqlx::query("DELETE FROM privacy_requests WHERE id = $1")
        .bind(row.id.to_string())
        .execute(&mut *conn)
        .await?
        .rows_affected();
    if gone == 0 {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO privacy_counts (kind, number) VALUES ($1, 1)
         ON CONFLICT (kind) DO UPDATE SET number = privacy_counts.number + 1",
    )
    .bind(row.kind.as_str())
    .execute(conn)
    .await?;
    Ok(())
}

/// How many requests of a kind left nothing but this number.
pub async fn counted(db: impl AnyExecutor<'_>, kind: RequestKind) -> Result<i64, StorageError> {
    let row = sqlx::query("SELECT number FROM privacy_counts WHERE kind = $1")
        .bind(kind.as_str())
        .fetch_optional(db)
        .await?;
    row.map_or(Ok(0), |row| row.int("number"))
}

/// Removes an erased person from their requests: deletes the text and the account id. Other undecided requests of
/// theirs are declined, since nothing is left that they could be about. A request to erase is under way and keeps the
/// account id until the erasure is over: [`erased`]. How each was answered stays for whoever has the address.
pub async fn forget(
    conn: &mut AnyConnection,
    user: UserId,
    now: Millis,
) -> Result<(), StorageError> {
    sqlx::query(
        "UPDATE privacy_requests SET state = 'declined', reason = 'no_data', decided_at = $2
         WHERE user_id = $1 AND decided_at IS NULL AND kind <> 'erase'",
    )
    .bind(user.get())
    .bind(now.0)
    .execute(&mut *conn)
    .await?;
    for text in [
        "UPDATE privacy_requests SET state = 'under_way'
         WHERE user_id = $1 AND decided_at IS NULL AND kind = 'erase' AND state <> 'under_way'",
        "DELETE FROM privacy_request_words
         WHERE request_id IN (SELECT id FROM privacy_requests WHERE user_id = $1)",
        "UPDATE privacy_requests SET user_id = NULL WHERE user_id = $1 AND decided_at IS NOT NULL",
    ] {
        sqlx::query(text).bind(user.get()).execute(&mut *conn).await?;
    }
    Ok(())
}

/// Answers the requests to erase of somebody whose erasure is over: it was done. They are nobody's from then on.
pub async fn erased(
    conn: &mut AnyConnection,
    user: UserId,
    now: Millis,
) -> Result<(), StorageError> {
    let ids = sqlx::query(
        "UPDATE privacy_requests SET state = 'done', decided_at = $2, user_id = NULL
         WHERE user_id = $1 AND decided_at IS NULL AND kind = 'erase' RETURNING id",
    )
    .bind(user.get())
    .bind(now.0)
    .fetch_all(&mut *conn)
    .await?;
    for row in ids {
        let decided = StepRow { at: now, step: Step::Decided, role: Role::Service };
        note(&mut *conn, row.uuid("id", RequestId::new)?, &decided).await?;
    }
    Ok(())
}

/// Removes every request of somebody who is too young, without a trace but their numbers.
pub async fn remove_of(conn: &mut AnyConnection, user: UserId) -> Result<(), StorageError> {
    let text = format!("SELECT {COLUMNS} FROM privacy_requests WHERE user_id = $1 ORDER BY id");
    let rows = sqlx::query(AssertSqlSafe(text)).bind(user.get()).fetch_all(&mut *conn).await?;
    for row in read_all(&rows)? {
        remove_counted(&mut *conn, &row).await?;
    }
    Ok(())
}
