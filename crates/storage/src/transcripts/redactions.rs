//! What was redacted, by whom and when; and the writing over of what was kept.

use domain::ids::{MessageId, TicketId, UserId};
use domain::time::Millis;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyExecutor};

use crate::StorageError;
use crate::columns::Columns as _;

/// What is redacted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One message.
    Message,
    /// Numbers of cards.
    Cards,
    /// Addresses of mail.
    Emails,
    /// Numbers of accounts.
    Ibans,
    /// Words.
    Text,
}

impl Kind {
    /// Its name in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Cards => "cards",
            Self::Emails => "emails",
            Self::Ibans => "ibans",
            Self::Text => "text",
        }
    }

    /// The one of that name.
    pub fn parse(word: &str) -> Result<Self, StorageError> {
        [Self::Message, Self::Cards, Self::Emails, Self::Ibans, Self::Text]
            .into_iter()
            .find(|kind| kind.as_str() == word)
            .ok_or(StorageError::Corrupt("redactions.kind"))
    }
}

/// A redaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedactionRow {
    /// The ticket.
    pub ticket: TicketId,
    /// Its number, from 1 on for each ticket.
    pub redaction: i64,
    /// What is redacted.
    pub kind: Kind,
    /// For a message: which.
    pub message: Option<MessageId>,
    /// For a message: whether its files go too.
    pub files: bool,
    /// For words: which, sealed; see [`words_aad`].
    pub words: Option<Vec<u8>>,
    /// By whom.
    pub by: UserId,
    /// When.
    pub at: Millis,
}

/// What binds sealed words to their row.
pub fn words_aad(ticket: TicketId, redaction: i64) -> Vec<u8> {
    format!("redactions.words:{ticket}:{redaction}").into_bytes()
}

fn read(row: &AnyRow) -> Result<RedactionRow, StorageError> {
    Ok(RedactionRow {
        ticket: row.uuid("ticket_id", TicketId::new)?,
        redaction: row.int("redaction")?,
        kind: Kind::parse(&row.text("kind")?)?,
        message: row.id_opt("message_id", MessageId::new)?,
        files: row.int("files")? != 0,
        words: row.bytes_opt("words")?,
        by: row.id("made_by", UserId::new)?,
        at: Millis(row.int("made_at")?),
    })
}

/// The number that the next redaction in a ticket gets.
pub async fn next_number(db: impl AnyExecutor<'_>, ticket: TicketId) -> Result<i64, StorageError> {
    let row = sqlx::query(
        "SELECT COALESCE(MAX(redaction) + 1, 1) AS next FROM redactions WHERE ticket_id = $1",
    )
    .bind(ticket.to_string())
    .fetch_one(db)
    .await?;
    row.int("next")
}

/// Notes a redaction that begins; `false`: there is one of that number.
pub async fn begin(conn: &mut AnyConnection, row: &RedactionRow) -> Result<bool, StorageError> {
    let begun = sqlx::query(
        "INSERT INTO redactions (ticket_id, redaction, kind, message_id, files, words, made_by, made_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
    )
    .bind(row.ticket.to_string())
    .bind(row.redaction)
    .bind(row.kind.as_str())
    .bind(row.message.map(MessageId::get))
    .bind(i64::from(row.files))
    .bind(row.words.clone())
    .bind(row.by.get())
    .bind(row.at.0)
    .execute(conn)
    .await?;
    Ok(begun.rows_affected() == 1)
}

/// Whether a ticket has a redaction that was asked for then.
pub async fn is_noted(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
    at: Millis,
) -> Result<bool, StorageError> {
    let row = sqlx::query(
        "SELECT 1 AS found FROM redactions WHERE ticket_id = $1 AND made_at = $2 LIMIT 1",
    )
    .bind(ticket.to_string())
    .bind(at.0)
    .fetch_optional(db)
    .await?;
    Ok(row.is_some())
}

/// Redactions that are under way, at most `limit`.
pub async fn under_way(
    db: impl AnyExecutor<'_>,
    limit: i64,
) -> Result<Vec<RedactionRow>, StorageError> {
    let rows = sqlx::query(
        "SELECT ticket_id, redaction, kind, message_id, files, words, made_by, made_at FROM redactions
         WHERE done_at IS NULL ORDER BY ticket_id, redaction LIMIT $1",
    )
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter().map(read).collect()
}

/// Notes that the last of it is gone; the words that were looked for go as well.
pub async fn done(
    conn: &mut AnyConnection,
    ticket: TicketId,
    redaction: i64,
    now: Millis,
) -> Result<(), StorageError> {
    sqlx::query(
        "UPDATE redactions SET done_at = $3, words = NULL
         WHERE ticket_id = $1 AND redaction = $2 AND done_at IS NULL",
    )
    .bind(ticket.to_string())
    .bind(redaction)
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Marks a message: from now on nothing more is written of it.
pub async fn mark(
    conn: &mut AnyConnection,
    ticket: TicketId,
    message: MessageId,
    redaction: i64,
    whole: bool,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO redacted_messages (ticket_id, message_id, redaction, whole) VALUES ($1, $2, $3, $4)
         ON CONFLICT (ticket_id, message_id) DO UPDATE
         SET redaction = excluded.redaction, whole = excluded.whole WHERE redacted_messages.whole = 0",
    )
    .bind(ticket.to_string())
    .bind(message.get())
    .bind(redaction)
    .bind(i64::from(whole))
    .execute(conn)
    .await?;
    Ok(())
}

/// The mark of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarkRow {
    /// The message.
    pub message: MessageId,
    /// Who redacted it.
    pub by: UserId,
    /// When.
    pub at: Millis,
    /// Whether all that it said went.
    pub whole: bool,
}

/// The marks of messages from `first` to `last`, both included.
pub async fn marks(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
    first: i64,
    last: i64,
) -> Result<Vec<MarkRow>, StorageError> {
    let rows = sqlx::query(
        "SELECT m.message_id, m.whole, r.made_by, r.made_at
         FROM redacted_messages m JOIN redactions r
           ON r.ticket_id = m.ticket_id AND r.redaction = m.redaction
         WHERE m.ticket_id = $1 AND m.message_id >= $2 AND m.message_id <= $3",
    )
    .bind(ticket.to_string())
    .bind(first)
    .bind(last)
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(MarkRow {
                message: row.id("message_id", MessageId::new)?,
                by: row.id("made_by", UserId::new)?,
                at: Millis(row.int("made_at")?),
                whole: row.int("whole")? != 0,
            })
        })
        .collect()
}

/// Takes files out of the database: of the redacted message the pictures of its embeds and, with `attached`,
/// what was attached to it; of messages that repeated it everything. Answers where their bytes are.
pub async fn take_files(
    conn: &mut AnyConnection,
    row: &RedactionRow,
    attached: bool,
) -> Result<Vec<String>, StorageError> {
    let rows = sqlx::query(
        "DELETE FROM attachments
         WHERE ticket_id = $1 AND kind IN ('attachment', 'embed')
           AND (message_id = $3 OR message_id IN (
             SELECT m.message_id FROM redacted_messages m WHERE m.ticket_id = $1 AND m.redaction = $2))
           AND (message_id <> $3 OR kind = 'embed' OR $4 = 1)
         RETURNING blob",
    )
    .bind(row.ticket.to_string())
    .bind(row.redaction)
    .bind(row.message.map_or(0, MessageId::get))
    .bind(i64::from(attached))
    .fetch_all(conn)
    .await?;
    let blobs: Vec<Option<String>> =
        rows.iter().map(|row| row.text_opt("blob")).collect::<Result<_, _>>()?;
    Ok(blobs.into_iter().flatten().collect())
}
