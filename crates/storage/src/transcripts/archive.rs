//! The live archive: every version of every message of tickets that are open or being closed.

use domain::ids::{MessageId, TicketId, UserId};
use domain::time::Millis;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyExecutor};

use super::{read_subject, subject_column};
use crate::StorageError;
use crate::columns::Columns as _;

/// One version of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRow {
    /// The message.
    pub message: MessageId,
    /// 0 as it was sent; the time of the edit (milliseconds UTC) for an edit.
    pub version: i64,
    /// Whose words; `None` for no person's.
    pub subject: Option<UserId>,
    /// The sealed message object; see [`body_aad`].
    pub body: Vec<u8>,
}

/// What to do with a version that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfKnown {
    /// Leave it: what comes is a repetition and may know less.
    Keep,
    /// Replace it: what comes is the same version, seen later.
    Replace,
}

/// A deleted message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeletionRow {
    /// The message.
    pub message: MessageId,
    /// When it was noticed.
    pub at: Millis,
}

/// What binds a sealed body to its row.
pub fn body_aad(ticket: TicketId, message: MessageId, version: i64) -> Vec<u8> {
    format!("archive_messages.body:{ticket}:{message}:{version}").into_bytes()
}

pub(crate) fn read(row: &AnyRow) -> Result<VersionRow, StorageError> {
    Ok(VersionRow {
        message: row.id("message_id", MessageId::new)?,
        version: row.int("version")?,
        subject: read_subject(row.int("subject_id")?),
        body: row.bytes_opt("body")?.ok_or(StorageError::Corrupt("archive_messages.body"))?,
    })
}

/// Writes a version of a message. Of one that was redacted nothing more is written.
pub async fn write(
    conn: &mut AnyConnection,
    ticket: TicketId,
    row: VersionRow,
    if_known: IfKnown,
) -> Result<(), StorageError> {
    let text = match if_known {
        IfKnown::Keep => {
            "INSERT INTO archive_messages (ticket_id, message_id, version, subject_id, body)
             SELECT $1, $2, $3, $4, $5
             WHERE NOT EXISTS (SELECT 1 FROM redacted_messages WHERE ticket_id = $1 AND message_id = $2)
             ON CONFLICT (ticket_id, message_id, version) DO NOTHING"
        }
        IfKnown::Replace => {
            "INSERT INTO archive_messages (ticket_id, message_id, version, subject_id, body)
             SELECT $1, $2, $3, $4, $5
             WHERE NOT EXISTS (SELECT 1 FROM redacted_messages WHERE ticket_id = $1 AND message_id = $2)
             ON CONFLICT (ticket_id, message_id, version) DO UPDATE
             SET subject_id = excluded.subject_id, body = excluded.body"
        }
    };
    sqlx::query(text)
        .bind(ticket.to_string())
        .bind(row.message.get())
        .bind(row.version)
        .bind(subject_column(row.subject))
        .bind(row.body)
        .execute(conn)
        .await?;
    Ok(())
}

/// Writes another body over that of a version, and removes the versions before it if `alone`.
pub async fn replace(
    conn: &mut AnyConnection,
    ticket: TicketId,
    (message, version): (MessageId, i64),
    body: Vec<u8>,
    alone: bool,
) -> Result<(), StorageError> {
    sqlx::query(
        "UPDATE archive_messages SET body = $4
         WHERE ticket_id = $1 AND message_id = $2 AND version = $3",
    )
    .bind(ticket.to_string())
    .bind(message.get())
    .bind(version)
    .bind(body)
    .execute(&mut *conn)
    .await?;
    if alone {
        sqlx::query(
            "DELETE FROM archive_messages WHERE ticket_id = $1 AND message_id = $2 AND version < $3",
        )
        .bind(ticket.to_string())
        .bind(message.get())
        .bind(version)
        .execute(conn)
        .await?;
    }
    Ok(())
}

/// The newest version of a message, if the live archive has it.
pub async fn newest(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
    message: MessageId,
) -> Result<Option<VersionRow>, StorageError> {
    sqlx::query(
        "SELECT message_id, version, subject_id, body FROM archive_messages
         WHERE ticket_id = $1 AND message_id = $2 ORDER BY version DESC LIMIT 1",
    )
    .bind(ticket.to_string())
    .bind(message.get())
    .fetch_optional(db)
    .await?
    .as_ref()
    .map(read)
    .transpose()
}

/// The newest message below id `before` of a ticket's live archive.
pub async fn last_message(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
    before: i64,
) -> Result<Option<MessageId>, StorageError> {
    sqlx::query(
        "SELECT message_id FROM archive_messages WHERE ticket_id = $1 AND message_id < $2
         ORDER BY message_id DESC LIMIT 1",
    )
    .bind(ticket.to_string())
    .bind(before)
    .fetch_optional(db)
    .await?
    .map(|row| row.id("message_id", MessageId::new))
    .transpose()
}

/// Closed tickets of which messages have not moved into chunks, or deletions have not, at most `limit`.
pub async fn left_behind(
    db: impl AnyExecutor<'_>,
    limit: i64,
) -> Result<Vec<TicketId>, StorageError> {
    let rows = sqlx::query(
        "SELECT id FROM tickets
         WHERE state = 'closed'
           AND id IN (SELECT ticket_id FROM archive_messages UNION SELECT ticket_id FROM archive_deletions)
         ORDER BY id LIMIT $1",
    )
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| row.uuid("id", TicketId::new)).collect()
}

/// Messages from id `from` on with the bytes that all versions of each take, in order, at most `limit`.
pub async fn sizes(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
    from: i64,
    limit: i64,
) -> Result<Vec<(MessageId, i64)>, StorageError> {
    let rows = sqlx::query(
        "SELECT message_id, CAST(SUM(LENGTH(body)) AS BIGINT) AS size FROM archive_messages
         WHERE ticket_id = $1 AND message_id >= $2
         GROUP BY message_id ORDER BY message_id LIMIT $3",
    )
    .bind(ticket.to_string())
    .bind(from)
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| Ok((row.id("message_id", MessageId::new)?, row.int("size")?))).collect()
}

/// The first messages from id `from` on, at most `limit`: of one person, if given.
pub async fn ids_from(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
    from: i64,
    of: Option<UserId>,
    limit: i64,
) -> Result<Vec<MessageId>, StorageError> {
    let rows = sqlx::query(
        "SELECT DISTINCT message_id FROM archive_messages
         WHERE ticket_id = $1 AND message_id >= $2 AND ($4 < 0 OR subject_id = $4)
         ORDER BY message_id LIMIT $3",
    )
    .bind(ticket.to_string())
    .bind(from)
    .bind(limit)
    .bind(of.map_or(-1, UserId::get))
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| row.id("message_id", MessageId::new)).collect()
}

/// The last messages below id `before`, the latest first, at most `limit`: of one person, if given.
pub async fn ids_before(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
    before: i64,
    of: Option<UserId>,
    limit: i64,
) -> Result<Vec<MessageId>, StorageError> {
    let rows = sqlx::query(
        "SELECT DISTINCT message_id FROM archive_messages
         WHERE ticket_id = $1 AND message_id < $2 AND ($4 < 0 OR subject_id = $4)
         ORDER BY message_id DESC LIMIT $3",
    )
    .bind(ticket.to_string())
    .bind(before)
    .bind(limit)
    .bind(of.map_or(-1, UserId::get))
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| row.id("message_id", MessageId::new)).collect()
}

/// The ids of the messages from `first` to `last`, both included.
pub async fn message_ids(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
    first: i64,
    last: i64,
) -> Result<Vec<MessageId>, StorageError> {
    let rows = sqlx::query(
        "SELECT DISTINCT message_id FROM archive_messages
         WHERE ticket_id = $1 AND message_id >= $2 AND message_id <= $3",
    )
    .bind(ticket.to_string())
    .bind(first)
    .bind(last)
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| row.id("message_id", MessageId::new)).collect()
}

/// All versions of the messages from `first` to `last`, both included, by message and version.
pub async fn versions(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
    first: i64,
    last: i64,
) -> Result<Vec<VersionRow>, StorageError> {
    let rows = sqlx::query(
        "SELECT message_id, version, subject_id, body FROM archive_messages
         WHERE ticket_id = $1 AND message_id >= $2 AND message_id <= $3
         ORDER BY message_id, version",
    )
    .bind(ticket.to_string())
    .bind(first)
    .bind(last)
    .fetch_all(db)
    .await?;
    rows.iter().map(read).collect()
}

/// Whether the live archive of a ticket has anything between two messages, both of them included: words, or a deletion.
pub async fn is_any(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
    first: i64,
    last: i64,
) -> Result<bool, StorageError> {
    let row = sqlx::query(
        "SELECT CAST(CASE WHEN EXISTS (SELECT 1 FROM archive_messages
                                  WHERE ticket_id = $1 AND message_id >= $2 AND message_id <= $3)
                       OR EXISTS (SELECT 1 FROM archive_deletions
                                  WHERE ticket_id = $1 AND message_id >= $2 AND message_id <= $3)
                     THEN 1 ELSE 0 END AS BIGINT) AS n",
    )
    .bind(ticket.to_string())
    .bind(first)
    .bind(last)
    .fetch_one(db)
    .await?;
    Ok(row.int("n")? != 0)
}

/// Like [`versions`], and takes them out of the live archive.
pub async fn take_versions(
    conn: &mut AnyConnection,
    ticket: TicketId,
    first: i64,
    last: i64,
) -> Result<Vec<VersionRow>, StorageError> {
    let rows = sqlx::query(
        "DELETE FROM archive_messages
         WHERE ticket_id = $1 AND message_id >= $2 AND message_id <= $3
         RETURNING message_id, version, subject_id, body",
    )
    .bind(ticket.to_string())
    .bind(first)
    .bind(last)
    .fetch_all(conn)
    .await?;
    let mut versions: Vec<VersionRow> = rows.iter().map(read).collect::<Result<_, _>>()?;
    versions.sort_unstable_by_key(|v| (v.message, v.version));
    Ok(versions)
}

/// Notes that a message was deleted. The first time counts.
pub async fn mark_deleted(
    conn: &mut AnyConnection,
    ticket: TicketId,
    message: MessageId,
    at: Millis,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO archive_deletions (ticket_id, message_id, at) VALUES ($1, $2, $3)
         ON CONFLICT (ticket_id, message_id) DO NOTHING",
    )
    .bind(ticket.to_string())
    .bind(message.get())
    .bind(at.0)
    .execute(conn)
    .await?;
    Ok(())
}

fn read_deletion(row: &AnyRow) -> Result<DeletionRow, StorageError> {
    Ok(DeletionRow { message: row.id("message_id", MessageId::new)?, at: Millis(row.int("at")?) })
}

/// Deletions of messages from `first` to `last`, both included.
pub async fn deletions(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
    first: i64,
    last: i64,
) -> Result<Vec<DeletionRow>, StorageError> {
    let rows = sqlx::query(
        "SELECT message_id, at FROM archive_deletions
         WHERE ticket_id = $1 AND message_id >= $2 AND message_id <= $3",
    )
    .bind(ticket.to_string())
    .bind(first)
    .bind(last)
    .fetch_all(db)
    .await?;
    rows.iter().map(read_deletion).collect()
}

/// Like [`deletions`], and takes them out of the live archive, but for those of messages that went into a
/// chunk before: nothing would say any more that they were deleted. To be called before the versions are
/// taken.
pub async fn take_deletions(
    conn: &mut AnyConnection,
    ticket: TicketId,
    first: i64,
    last: i64,
) -> Result<Vec<DeletionRow>, StorageError> {
    let rows = sqlx::query(
        "DELETE FROM archive_deletions
         WHERE ticket_id = $1 AND message_id >= $2 AND message_id <= $3
           AND EXISTS (SELECT 1 FROM archive_messages known
                       WHERE known.ticket_id = archive_deletions.ticket_id
                         AND known.message_id = archive_deletions.message_id)
           AND NOT EXISTS (SELECT 1 FROM transcript_chunks chunk
                           WHERE chunk.ticket_id = archive_deletions.ticket_id
                             AND chunk.first_message_id <= archive_deletions.message_id
                             AND chunk.last_message_id >= archive_deletions.message_id)
         RETURNING message_id, at",
    )
    .bind(ticket.to_string())
    .bind(first)
    .bind(last)
    .fetch_all(conn)
    .await?;
    rows.iter().map(read_deletion).collect()
}

/// Deletions of a ticket's messages of which the live archive has nothing: they went into a chunk before.
pub async fn late_deletions(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
) -> Result<Vec<DeletionRow>, StorageError> {
    let rows = sqlx::query(
        "SELECT message_id, at FROM archive_deletions gone
         WHERE ticket_id = $1
           AND NOT EXISTS (SELECT 1 FROM archive_messages known
                           WHERE known.ticket_id = gone.ticket_id AND known.message_id = gone.message_id)
         ORDER BY message_id",
    )
    .bind(ticket.to_string())
    .fetch_all(db)
    .await?;
    rows.iter().map(read_deletion).collect()
}

/// Forgets that a message was deleted: its chunk says so.
pub async fn forget_deletion(
    conn: &mut AnyConnection,
    ticket: TicketId,
    message: MessageId,
) -> Result<(), StorageError> {
    sqlx::query("DELETE FROM archive_deletions WHERE ticket_id = $1 AND message_id = $2")
        .bind(ticket.to_string())
        .bind(message.get())
        .execute(conn)
        .await?;
    Ok(())
}

/// Versions of messages past message `newest` or past the edit `edited` (its time), in order, after the
/// message and version `after`, at most `limit`.
pub async fn changed(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
    (newest, edited): (i64, i64),
    after: (i64, i64),
    limit: i64,
) -> Result<Vec<VersionRow>, StorageError> {
    let rows = sqlx::query(
        "SELECT message_id, version, subject_id, body FROM archive_messages
         WHERE ticket_id = $1 AND (message_id > $2 OR version > $3)
           AND (message_id > $4 OR (message_id = $4 AND version > $5))
         ORDER BY message_id, version LIMIT $6",
    )
    .bind(ticket.to_string())
    .bind(newest)
    .bind(edited)
    .bind(after.0)
    .bind(after.1)
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter().map(read).collect()
}
