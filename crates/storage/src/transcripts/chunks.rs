//! Chunks: the stored form of a transcript.

use domain::ids::{MessageId, TicketId, UserId};
use domain::time::Millis;
use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyExecutor};

use super::{read_subject, subject_column};
use crate::StorageError;
use crate::columns::Columns as _;

/// The part of a message whose words were erased before they came into the chunk.
pub const ERASED: i64 = -1;

/// One message of a chunk: its id, the number of the part that holds it (or [`ERASED`]), and when it was
/// deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry(pub MessageId, pub i64, pub Option<Millis>);

/// A chunk without its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkRow {
    /// Its number within the transcript, from 0 on.
    pub chunk: i64,
    /// The lowest id of its messages.
    pub first: i64,
    /// The highest.
    pub last: i64,
    /// Its messages, by id.
    pub entries: Vec<Entry>,
}

/// What one person said in a chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartRow {
    /// Its number within the chunk, from 0 on.
    pub part: i64,
    /// Whose words; `None` for no person's.
    pub subject: Option<UserId>,
    /// Compressed and sealed; see [`part_aad`].
    pub body: Vec<u8>,
}

/// What binds a sealed part to its row.
pub fn part_aad(ticket: TicketId, chunk: i64, part: i64) -> Vec<u8> {
    format!("transcript_parts.body:{ticket}:{chunk}:{part}").into_bytes()
}

/// The number that the next chunk of a transcript gets.
pub async fn next_number(db: impl AnyExecutor<'_>, ticket: TicketId) -> Result<i64, StorageError> {
    let row = sqlx::query(
        "SELECT COALESCE(MAX(chunk) + 1, 0) AS next FROM transcript_chunks WHERE ticket_id = $1",
    )
    .bind(ticket.to_string())
    .fetch_one(db)
    .await?;
    row.int("next")
}

fn entries_column(entries: &[Entry]) -> Result<String, StorageError> {
    serde_json::to_string(entries).map_err(|_| StorageError::Corrupt("transcript_chunks.entries"))
}

/// Writes a chunk with its parts. An empty chunk is not written.
pub async fn insert(
    conn: &mut AnyConnection,
    ticket: TicketId,
    chunk: i64,
    entries: &[Entry],
    parts: Vec<PartRow>,
) -> Result<(), StorageError> {
    let (Some(first), Some(last)) = (entries.first(), entries.last()) else { return Ok(()) };
    let json = entries_column(entries)?;
    sqlx::query(
        "INSERT INTO transcript_chunks (ticket_id, chunk, first_message_id, last_message_id, messages,
                                        entries)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(ticket.to_string())
    .bind(chunk)
    .bind(first.0.get())
    .bind(last.0.get())
    .bind(i64::try_from(entries.len()).unwrap_or(i64::MAX))
    .bind(json)
    .execute(&mut *conn)
    .await?;
    for part in parts {
        sqlx::query(
            "INSERT INTO transcript_parts (ticket_id, chunk, part, subject_id, body)
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(ticket.to_string())
        .bind(chunk)
        .bind(part.part)
        .bind(subject_column(part.subject))
        .bind(part.body)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

fn read(row: &AnyRow) -> Result<ChunkRow, StorageError> {
    Ok(ChunkRow {
        chunk: row.int("chunk")?,
        first: row.int("first_message_id")?,
        last: row.int("last_message_id")?,
        entries: serde_json::from_str(&row.text("entries")?)
            .map_err(|_| StorageError::Corrupt("transcript_chunks.entries"))?,
    })
}

/// As [`read`], with the entries of one part alone where the row names one.
fn read_part(row: &AnyRow, of: Option<UserId>) -> Result<ChunkRow, StorageError> {
    let mut chunk = read(row)?;
    if of.is_some() {
        let part = row.int_opt("part")?;
        chunk.entries.retain(|entry| Some(entry.1) == part);
    }
    Ok(chunk)
}

/// The columns of a chunk with the part of person `$6`; below zero it is every chunk, else those with a part of theirs.
macro_rules! chunks_of {
    ($rest:literal) => {
        concat!(
            "SELECT c.chunk, c.first_message_id, c.last_message_id, c.entries,
                    (SELECT MIN(p.part) FROM transcript_parts p
                     WHERE p.ticket_id = c.ticket_id AND p.chunk = c.chunk AND p.subject_id = $6) AS part
             FROM transcript_chunks c
             WHERE c.ticket_id = $1
               AND ($6 < 0 OR EXISTS (SELECT 1 FROM transcript_parts p
                     WHERE p.ticket_id = c.ticket_id AND p.chunk = c.chunk AND p.subject_id = $6)) ",
            $rest
        )
    };
}

/// What stands for everybody where one person could be asked for.
const ANYBODY: i64 = -1;

/// Chunks that reach to message `from` or past it, by their first message, after the one that begins
/// with `after` (first message and number), at most `limit`. Of one person: those with words of theirs, and in
/// each their messages alone.
pub async fn from_message(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
    from: i64,
    after: Option<(i64, i64)>,
    of: Option<UserId>,
    limit: i64,
) -> Result<Vec<ChunkRow>, StorageError> {
    let (first, number) = after.unwrap_or((0, -1));
    let rows = sqlx::query(chunks_of!(
        "AND c.last_message_id >= $2 AND c.first_message_id >= $3
         AND (c.first_message_id > $3 OR c.chunk > $4)
         ORDER BY c.first_message_id, c.chunk LIMIT $5"
    ))
    .bind(ticket.to_string())
    .bind(from)
    .bind(first)
    .bind(number)
    .bind(limit)
    .bind(of.map_or(ANYBODY, UserId::get))
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| read_part(row, of)).collect()
}

/// Chunks that begin below message `before`, by their last message and the latest first, after the one that ends
/// with `after` (last message and number), at most `limit`. Of one person as in [`from_message`].
pub async fn before_message(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
    before: i64,
    after: Option<(i64, i64)>,
    of: Option<UserId>,
    limit: i64,
) -> Result<Vec<ChunkRow>, StorageError> {
    let (last, number) = after.unwrap_or((i64::MAX, i64::MAX));
    let rows = sqlx::query(chunks_of!(
        "AND c.first_message_id < $2 AND c.last_message_id <= $3
         AND (c.last_message_id < $3 OR c.chunk < $4)
         ORDER BY c.last_message_id DESC, c.chunk DESC LIMIT $5"
    ))
    .bind(ticket.to_string())
    .bind(before)
    .bind(last)
    .bind(number)
    .bind(limit)
    .bind(of.map_or(ANYBODY, UserId::get))
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| read_part(row, of)).collect()
}

/// The parts of a chunk.
pub async fn parts(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
    chunk: i64,
) -> Result<Vec<PartRow>, StorageError> {
    let rows = sqlx::query(
        "SELECT part, subject_id, body FROM transcript_parts
         WHERE ticket_id = $1 AND chunk = $2 ORDER BY part",
    )
    .bind(ticket.to_string())
    .bind(chunk)
    .fetch_all(db)
    .await?;
    rows.iter().map(part).collect()
}

/// One part of a chunk.
pub async fn part_at(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
    chunk: i64,
    part: i64,
) -> Result<Option<PartRow>, StorageError> {
    let row = sqlx::query(
        "SELECT part, subject_id, body FROM transcript_parts
         WHERE ticket_id = $1 AND chunk = $2 AND part = $3",
    )
    .bind(ticket.to_string())
    .bind(chunk)
    .bind(part)
    .fetch_optional(db)
    .await?;
    row.as_ref().map(self::part).transpose()
}

/// A part as it is read, of `part`, `subject_id` and `body`.
pub(crate) fn part(row: &AnyRow) -> Result<PartRow, StorageError> {
    Ok(PartRow {
        part: row.int("part")?,
        subject: read_subject(row.int("subject_id")?),
        body: row.bytes_opt("body")?.ok_or(StorageError::Corrupt("transcript_parts.body"))?,
    })
}

/// Writes other words over those of a part.
pub async fn replace_part(
    conn: &mut AnyConnection,
    ticket: TicketId,
    chunk: i64,
    part: i64,
    body: Vec<u8>,
) -> Result<(), StorageError> {
    sqlx::query(
        "UPDATE transcript_parts SET body = $4 WHERE ticket_id = $1 AND chunk = $2 AND part = $3",
    )
    .bind(ticket.to_string())
    .bind(chunk)
    .bind(part)
    .bind(body)
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes down what became of the messages of a chunk. They are the same as before.
pub async fn replace_entries(
    conn: &mut AnyConnection,
    ticket: TicketId,
    chunk: i64,
    entries: &[Entry],
) -> Result<(), StorageError> {
    sqlx::query("UPDATE transcript_chunks SET entries = $3 WHERE ticket_id = $1 AND chunk = $2")
        .bind(ticket.to_string())
        .bind(chunk)
        .bind(entries_column(entries)?)
        .execute(conn)
        .await?;
    Ok(())
}

/// The numbers of a transcript's chunks, in order.
pub async fn numbers(db: impl AnyExecutor<'_>, ticket: TicketId) -> Result<Vec<i64>, StorageError> {
    let rows =
        sqlx::query("SELECT chunk FROM transcript_chunks WHERE ticket_id = $1 ORDER BY chunk")
            .bind(ticket.to_string())
            .fetch_all(db)
            .await?;
    rows.iter().map(|row| row.int("chunk")).collect()
}

/// The chunks that may hold message `message`.
pub async fn around(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
    message: MessageId,
) -> Result<Vec<ChunkRow>, StorageError> {
    let rows = sqlx::query(
        "SELECT chunk, first_message_id, last_message_id, entries FROM transcript_chunks
         WHERE ticket_id = $1 AND first_message_id <= $2 AND last_message_id >= $2 ORDER BY chunk",
    )
    .bind(ticket.to_string())
    .bind(message.get())
    .fetch_all(db)
    .await?;
    rows.iter().map(read).collect()
}

/// How many messages a ticket's transcript and live archive hold together. A message whose edit came late
/// may count twice.
pub async fn count_messages(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
) -> Result<i64, StorageError> {
    let row = sqlx::query(
        "SELECT CAST(COALESCE((SELECT SUM(messages) FROM transcript_chunks WHERE ticket_id = $1), 0)
             + (SELECT COUNT(DISTINCT message_id) FROM archive_messages WHERE ticket_id = $1) AS BIGINT) AS n",
    )
    .bind(ticket.to_string())
    .fetch_one(db)
    .await?;
    row.int("n")
}
