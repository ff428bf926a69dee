//! Versions of the privacy policy and of the terms that this installation has shown, and who accepted them. Rows are
//! only ever added; what a person accepted goes with the person.

use domain::ids::UserId;
use domain::time::Millis;
use sqlx::{AnyConnection, AnyPool};

use crate::StorageError;
use crate::columns::Columns as _;

/// A version that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenVersion {
    /// `privacy` or `terms`.
    pub document: String,
    /// Such as `1.0`.
    pub version: String,
    /// When it takes, or took, effect.
    pub effective_at: Millis,
    /// When this installation showed it for the first time.
    pub first_seen_at: Millis,
    /// SHA-256 of its texts.
    pub digest: Vec<u8>,
}

/// Everything that was seen.
pub async fn seen(conn: &mut AnyConnection) -> Result<Vec<SeenVersion>, StorageError> {
    let rows = sqlx::query(
        "SELECT document, version, effective_at, first_seen_at, digest FROM document_versions
         ORDER BY first_seen_at, document, version",
    )
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(SeenVersion {
                document: row.text("document")?,
                version: row.text("version")?,
                effective_at: Millis(row.int("effective_at")?),
                first_seen_at: Millis(row.int("first_seen_at")?),
                digest: row.bytes_opt("digest")?.unwrap_or_default(),
            })
        })
        .collect()
}

/// Notes a version. `false`: it was seen before, and nothing changes. Of several processes that start at once, one
/// hears `true`.
pub async fn note(conn: &mut AnyConnection, version: &SeenVersion) -> Result<bool, StorageError> {
    let done = sqlx::query(
        "INSERT INTO document_versions (document, version, effective_at, first_seen_at, digest)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (document, version) DO NOTHING",
    )
    .bind(version.document.as_str())
    .bind(version.version.as_str())
    .bind(version.effective_at.0)
    .bind(version.first_seen_at.0)
    .bind(version.digest.clone())
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// What a person accepted of a document, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// `privacy` or `terms`.
    pub document: String,
    /// Such as `1.0`.
    pub version: String,
    /// When.
    pub at: Millis,
}

/// Everything that a person accepted, oldest first.
pub async fn accepted(pool: &AnyPool, user: UserId) -> Result<Vec<Acceptance>, StorageError> {
    let rows = sqlx::query(
        "SELECT document, version, at FROM document_acceptances WHERE user_id = $1
         ORDER BY at, document, version",
    )
    .bind(user.get())
    .fetch_all(pool)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Acceptance {
                document: row.text("document")?,
                version: row.text("version")?,
                at: Millis(row.int("at")?),
            })
        })
        .collect()
}

/// Notes that a person accepted a version; the first time counts. With `unless_any` not if they accepted one of the
/// document before: who did is asked about a later one, and does not accept it by signing in.
pub async fn accept(
    conn: &mut AnyConnection,
    user: UserId,
    document: &str,
    version: &str,
    unless_any: bool,
    now: Millis,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO document_acceptances (user_id, document, version, at)
         SELECT CAST($1 AS BIGINT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS BIGINT)
         WHERE $5 = 0 OR NOT EXISTS (
             SELECT 1 FROM document_acceptances WHERE user_id = $1 AND document = $2)
         ON CONFLICT (user_id, document, version) DO NOTHING",
    )
    .bind(user.get())
    .bind(document)
    .bind(version)
    .bind(now.0)
    .bind(i64::from(unless_any))
    .execute(conn)
    .await?;
    Ok(())
}
