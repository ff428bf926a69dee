//! The words of a request, and what was done with it.

use domain::ids::RequestId;
use domain::privacy::{Role, Step};
use domain::time::Millis;
use sqlx::{AnyConnection, AnyExecutor};

use crate::columns::Columns as _;
use crate::{Sealed, StorageError};

/// Something that was done with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepRow {
    /// When.
    pub at: Millis,
    /// What.
    pub step: Step,
    /// By whom, as a role.
    pub role: Role,
}

/// What was said and answered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RequestWords {
    /// What was asked.
    pub said: Option<Sealed>,
    /// The answer.
    pub answer: Option<Sealed>,
}

/// What was said and answered; both are gone some time after the decision.
pub async fn words(db: impl AnyExecutor<'_>, id: RequestId) -> Result<RequestWords, StorageError> {
    let row = sqlx::query("SELECT said, answer FROM privacy_request_words WHERE request_id = $1")
        .bind(id.to_string())
        .fetch_optional(db)
        .await?;
    let Some(row) = row else { return Ok(RequestWords::default()) };
    Ok(RequestWords {
        said: row.bytes_opt("said")?.map(Sealed::from_bytes),
        answer: row.bytes_opt("answer")?.map(Sealed::from_bytes),
    })
}

/// Replaces the stored words of a request.
pub async fn put_said(
    conn: &mut AnyConnection,
    id: RequestId,
    said: Option<&Sealed>,
) -> Result<(), StorageError> {
    sqlx::query("UPDATE privacy_request_words SET said = $2 WHERE request_id = $1")
        .bind(id.to_string())
        .bind(said.map(|said| said.as_bytes().to_vec()))
        .execute(conn)
        .await?;
    Ok(())
}

/// Keeps the answer.
pub async fn put_answer(
    conn: &mut AnyConnection,
    id: RequestId,
    answer: &Sealed,
) -> Result<(), StorageError> {
    sqlx::query("UPDATE privacy_request_words SET answer = $2 WHERE request_id = $1")
        .bind(id.to_string())
        .bind(answer.as_bytes().to_vec())
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes what was done with a request. Its row is locked, or new.
pub async fn note(
    conn: &mut AnyConnection,
    id: RequestId,
    step: &StepRow,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO privacy_request_steps (request_id, seq, at, step, role)
         SELECT $1, COALESCE(MAX(seq), 0) + 1, $2, $3, $4 FROM privacy_request_steps
         WHERE request_id = $1",
    )
    .bind(id.to_string())
    .bind(step.at.0)
    .bind(step.step.as_str())
    .bind(step.role.as_str())
    .execute(conn)
    .await?;
    Ok(())
}

/// What was done with a request, in order, at most 100.
pub async fn steps(db: impl AnyExecutor<'_>, id: RequestId) -> Result<Vec<StepRow>, StorageError> {
    let rows = sqlx::query(
        "SELECT at, step, role FROM privacy_request_steps WHERE request_id = $1
         ORDER BY seq LIMIT 100",
    )
    .bind(id.to_string())
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(StepRow {
                at: Millis(row.int("at")?),
                step: Step::parse(&row.text("step")?).ok_or(StorageError::Corrupt("step"))?,
                role: Role::parse(&row.text("role")?).ok_or(StorageError::Corrupt("role"))?,
            })
        })
        .collect()
}
