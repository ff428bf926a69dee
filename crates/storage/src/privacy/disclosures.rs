//! The register of disclosures compelled by law.

use domain::ids::DisclosureId;
use domain::privacy::NotifyState;
use domain::time::Millis;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyExecutor};

use crate::columns::Columns as _;
use crate::{Sealed, StorageError};

/// One disclosure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisclosureRow {
    /// Its id.
    pub id: DisclosureId,
    /// When it was noted here.
    pub noted: Millis,
    /// When the data was given out.
    pub given: Millis,
    /// Who asked, by which law, what was given, and whose data it is; sealed.
    pub details: Sealed,
    /// Whether whoever is affected was told.
    pub state: NotifyState,
    /// When they are to be told, at the latest; `None` once that is settled.
    pub notify_by: Option<Millis>,
    /// When that was settled.
    pub settled: Option<Millis>,
}

fn read(row: &AnyRow) -> Result<DisclosureRow, StorageError> {
    let state = row.text("notify_state")?;
    let details = row.bytes_opt("details")?.ok_or(StorageError::Corrupt("details"))?;
    Ok(DisclosureRow {
        id: row.uuid("id", DisclosureId::new)?,
        noted: Millis(row.int("noted_at")?),
        given: Millis(row.int("given_at")?),
        details: Sealed::from_bytes(details),
        state: NotifyState::parse(&state).ok_or(StorageError::Corrupt("notify_state"))?,
        notify_by: row.int_opt("notify_by")?.map(Millis),
        settled: row.int_opt("settled_at")?.map(Millis),
    })
}

/// Adds one. `false`: it was added before.
pub async fn insert(conn: &mut AnyConnection, row: &DisclosureRow) -> Result<bool, StorageError> {
    let done = sqlx::query(
        "INSERT INTO disclosures (id, noted_at, given_at, details, notify_state, notify_by, settled_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING",
    )
    .bind(row.id.to_string())
    .bind(row.noted.0)
    .bind(row.given.0)
    .bind(row.details.as_bytes().to_vec())
    .bind(row.state.as_str())
    .bind(row.notify_by.map(|at| at.0))
    .bind(row.settled.map(|at| at.0))
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Disclosures about which somebody is still to be told come first, by that time; then the others, newest first. At
/// most `limit`, after `skip`.
pub async fn list(
    db: impl AnyExecutor<'_>,
    skip: i64,
    limit: i64,
) -> Result<Vec<DisclosureRow>, StorageError> {
    let rows = sqlx::query(
        "SELECT id, noted_at, given_at, details, notify_state, notify_by, settled_at
         FROM disclosures
         ORDER BY CASE WHEN notify_by IS NULL THEN 1 ELSE 0 END, notify_by, id DESC
         LIMIT $1 OFFSET $2",
    )
    .bind(limit)
    .bind(skip)
    .fetch_all(db)
    .await?;
    rows.iter().map(read).collect()
}

/// Says how it stands with telling whoever is affected. Where they are still to be told, the time for it stays.
/// `false`: there is no such disclosure, or that is settled.
pub async fn notify(
    conn: &mut AnyConnection,
    id: DisclosureId,
    state: NotifyState,
    notify_by: Option<Millis>,
    settled: Option<Millis>,
) -> Result<bool, StorageError> {
    let done = sqlx::query(
        "UPDATE disclosures
         SET notify_by = CASE WHEN notify_state = 'to_do' AND $2 = 'to_do' THEN notify_by ELSE $3 END,
             notify_state = $2, settled_at = $4
         WHERE id = $1 AND settled_at IS NULL",
    )
    .bind(id.to_string())
    .bind(state.as_str())
    .bind(notify_by.map(|at| at.0))
    .bind(settled.map(|at| at.0))
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// How many people should have been told before this time, in disclosures.
pub async fn overdue(db: impl AnyExecutor<'_>, now: Millis) -> Result<i64, StorageError> {
    sqlx::query("SELECT COUNT(*) AS number FROM disclosures WHERE notify_by < $1")
        .bind(now.0)
        .fetch_one(db)
        .await?
        .int("number")
}
