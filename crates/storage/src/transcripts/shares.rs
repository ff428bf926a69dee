//! Share links.

use domain::ids::{ShareId, TicketId, UserId};
use domain::time::Millis;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyExecutor};

use crate::StorageError;
use crate::columns::Columns as _;

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareRow {
    /// The link.
    pub id: ShareId,
    /// Its ticket.
    pub ticket: TicketId,
    /// SHA-256 of the secret in its address; `None` for a link that names people.
    pub token_hash: Option<Vec<u8>>,
    /// Who made it.
    pub by: UserId,
    /// When.
    pub at: Millis,
    /// When it ends.
    pub expires_at: Millis,
    /// Who revoked it, and when.
    pub revoked: Option<(UserId, Millis)>,
    /// How often it was opened.
    pub views: i64,
    /// When it was opened last.
    pub viewed_at: Option<Millis>,
}

const COLUMNS: &str = "id, ticket_id, token_hash, made_by, made_at, expires_at, revoked_by, revoked_at, views, \
                       viewed_at";

fn read(row: &AnyRow) -> Result<ShareRow, StorageError> {
    Ok(ShareRow {
        id: row.uuid("id", ShareId::new)?,
        ticket: row.uuid("ticket_id", TicketId::new)?,
        token_hash: row.bytes_opt("token_hash")?,
        by: row.id("made_by", UserId::new)?,
        at: Millis(row.int("made_at")?),
        expires_at: Millis(row.int("expires_at")?),
        revoked: row.id_opt("revoked_by", UserId::new)?.zip(row.int_opt("revoked_at")?.map(Millis)),
        views: row.int("views")?,
        viewed_at: row.int_opt("viewed_at")?.map(Millis),
    })
}

/// Writes a new link with the people whom it names; `false`: there is one of that id.
pub async fn insert(
    conn: &mut AnyConnection,
    row: &ShareRow,
    people: &[UserId],
) -> Result<bool, StorageError> {
    let made = sqlx::query(
        "INSERT INTO share_links (id, ticket_id, token_hash, made_by, made_at, expires_at, views)
         VALUES ($1, $2, $3, $4, $5, $6, 0) ON CONFLICT DO NOTHING",
    )
    .bind(row.id.to_string())
    .bind(row.ticket.to_string())
    .bind(row.token_hash.clone())
    .bind(row.by.get())
    .bind(row.at.0)
    .bind(row.expires_at.0)
    .execute(&mut *conn)
    .await?;
    if made.rows_affected() == 0 {
        return Ok(false);
    }
    for person in people {
        sqlx::query("INSERT INTO share_link_people (link_id, user_id) VALUES ($1, $2)")
            .bind(row.id.to_string())
            .bind(person.get())
            .execute(&mut *conn)
            .await?;
    }
    Ok(true)
}

/// A link.
pub async fn get(db: impl AnyExecutor<'_>, id: ShareId) -> Result<Option<ShareRow>, StorageError> {
    let text = sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM share_links WHERE id = $1"));
    let row = sqlx::query(text).bind(id.to_string()).fetch_optional(db).await?;
    row.as_ref().map(read).transpose()
}

/// The link whose secret has this hash.
pub async fn by_hash(
    db: impl AnyExecutor<'_>,
    hash: &[u8],
) -> Result<Option<ShareRow>, StorageError> {
    let text =
        sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM share_links WHERE token_hash = $1"));
    let row = sqlx::query(text).bind(hash).fetch_optional(db).await?;
    row.as_ref().map(read).transpose()
}

/// The newest links of a ticket.
pub async fn of_ticket(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
    limit: i64,
) -> Result<Vec<ShareRow>, StorageError> {
    let text = sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM share_links WHERE ticket_id = $1 ORDER BY made_at DESC, id DESC LIMIT $2"
    ));
    let rows = sqlx::query(text).bind(ticket.to_string()).bind(limit).fetch_all(db).await?;
    rows.iter().map(read).collect()
}

/// How many links lead to a ticket now.
pub async fn count_live(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
    now: Millis,
) -> Result<i64, StorageError> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS n FROM share_links
         WHERE ticket_id = $1 AND revoked_at IS NULL AND expires_at > $2",
    )
    .bind(ticket.to_string())
    .bind(now.0)
    .fetch_one(db)
    .await?;
    row.int("n")
}

/// The people whom a link names.
pub async fn people(db: impl AnyExecutor<'_>, link: ShareId) -> Result<Vec<UserId>, StorageError> {
    let rows =
        sqlx::query("SELECT user_id FROM share_link_people WHERE link_id = $1 ORDER BY user_id")
            .bind(link.to_string())
            .fetch_all(db)
            .await?;
    rows.iter().map(|row| row.id("user_id", UserId::new)).collect()
}

/// Revokes a link; `false`: it is already.
pub async fn revoke(
    conn: &mut AnyConnection,
    link: ShareId,
    by: UserId,
    now: Millis,
) -> Result<bool, StorageError> {
    let revoked = sqlx::query(
        "UPDATE share_links SET revoked_by = $2, revoked_at = $3
         WHERE id = $1 AND revoked_at IS NULL",
    )
    .bind(link.to_string())
    .bind(by.get())
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(revoked.rows_affected() == 1)
}

/// Counts that a link was opened.
pub async fn viewed(
    conn: &mut AnyConnection,
    link: ShareId,
    now: Millis,
) -> Result<(), StorageError> {
    sqlx::query("UPDATE share_links SET views = views + 1, viewed_at = $2 WHERE id = $1")
        .bind(link.to_string())
        .bind(now.0)
        .execute(conn)
        .await?;
    Ok(())
}
