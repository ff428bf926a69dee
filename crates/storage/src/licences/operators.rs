//! What operators did, for 90 days.

use domain::ids::{LicenceId, UserId};
use domain::time::Millis;
use sqlx::{AnyConnection, AnyExecutor};
use uuid::Uuid;

use crate::StorageError;
use crate::columns::Columns as _;

/// One thing that an operator did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorEntry {
    /// Its id, a version 7 UUID: sorts by time.
    pub id: Uuid,
    /// When.
    pub at: Millis,
    /// Who; `None`: from the console.
    pub actor: Option<UserId>,
    /// What was done, for example `licence.issued`.
    pub action: String,
    /// To which licence, if to one.
    pub licence: Option<LicenceId>,
    /// To what else: a kind and an id, for example `request:0193…`.
    pub about: Option<String>,
    /// The licence before, as JSON.
    pub before: Option<String>,
    /// The licence after, as JSON.
    pub after: Option<String>,
}

/// Notes it.
pub async fn append(conn: &mut AnyConnection, entry: &OperatorEntry) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO operator_log (id, at, actor_id, action, licence_id, about, before, after)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(entry.id.to_string())
    .bind(entry.at.0)
    .bind(entry.actor.map(UserId::get))
    .bind(entry.action.as_str())
    .bind(entry.licence.map(|id| id.to_string()))
    .bind(entry.about.as_deref())
    .bind(entry.before.as_deref())
    .bind(entry.after.as_deref())
    .execute(conn)
    .await?;
    Ok(())
}

/// Entries older than `before` (`None`: the newest), newest first, at most `limit`; of one licence, or of all.
pub async fn page(
    db: impl AnyExecutor<'_>,
    licence: Option<LicenceId>,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<OperatorEntry>, StorageError> {
    let rows = sqlx::query(
        "SELECT id, at, actor_id, action, licence_id, about, before, after FROM operator_log
         WHERE id < $1 AND ($2 = '' OR licence_id = $2) ORDER BY id DESC LIMIT $3",
    )
    // No id is above this one.
    .bind(before.map_or_else(|| "g".to_owned(), |id| id.to_string()))
    .bind(licence.map(|id| id.to_string()).unwrap_or_default())
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(OperatorEntry {
                id: row.uuid("id", std::convert::identity)?,
                at: Millis(row.int("at")?),
                actor: row.id_opt("actor_id", UserId::new)?,
                action: row.text("action")?,
                licence: row.uuid_opt("licence_id", LicenceId::new)?,
                about: row.text_opt("about")?,
                before: row.text_opt("before")?,
                after: row.text_opt("after")?,
            })
        })
        .collect()
}

/// Removes who did what with a licence whose holder's data is removed: the entries' states, not that there were
/// entries.
pub async fn forget_states(
    conn: &mut AnyConnection,
    licence: LicenceId,
) -> Result<(), StorageError> {
    sqlx::query("UPDATE operator_log SET before = NULL, after = NULL WHERE licence_id = $1")
        .bind(licence.to_string())
        .execute(conn)
        .await?;
    Ok(())
}
