//! Files of messages, the pictures that they show, how far their copying is, and whether the copies are whole.

use domain::ids::{AttachmentId, GuildId, MessageId, TicketId, UserId};
use domain::time::Millis;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyExecutor, AssertSqlSafe};

use super::{read_subject, subject_column};
use crate::StorageError;
use crate::columns::Columns as _;

/// How far the copying of a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttachmentState {
    /// To be copied.
    Pending,
    /// Copied and sealed.
    Stored,
    /// Past a limit, not copied.
    TooLarge,
    /// Not copied, since the server's plan had no room for it.
    NoRoom,
    /// Could not be copied.
    Failed,
    /// Was copied, and its bytes are gone or altered since.
    Damaged,
}

impl AttachmentState {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Stored => "stored",
            Self::TooLarge => "too_large",
            Self::NoRoom => "no_room",
            Self::Failed => "failed",
            Self::Damaged => "damaged",
        }
    }

    fn parse(word: &str) -> Result<Self, StorageError> {
        let all = [
            Self::Pending,
            Self::Stored,
            Self::TooLarge,
            Self::NoRoom,
            Self::Failed,
            Self::Damaged,
        ];
        all.into_iter()
            .find(|state| state.as_str() == word)
            .ok_or(StorageError::Corrupt("attachments.state"))
    }
}

/// What a copy is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// A file that someone sent.
    Attachment,
    /// The picture of someone who wrote.
    Avatar,
    /// A custom emoji.
    Emoji,
    /// A sticker.
    Sticker,
    /// A picture of an embed or a component.
    Embed,
}

impl FileKind {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Attachment, Self::Avatar, Self::Emoji, Self::Sticker, Self::Embed];

    /// Its name in the database and in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Attachment => "attachment",
            Self::Avatar => "avatar",
            Self::Emoji => "emoji",
            Self::Sticker => "sticker",
            Self::Embed => "embed",
        }
    }

    fn parse(word: &str) -> Result<Self, StorageError> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == word)
            .ok_or(StorageError::Corrupt("attachments.kind"))
    }
}

/// A file of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentRow {
    /// The ticket.
    pub ticket: TicketId,
    /// The server of the ticket.
    pub guild: GuildId,
    /// The file.
    pub id: AttachmentId,
    /// What it is.
    pub kind: FileKind,
    /// The message it belongs to, or was first shown by.
    pub message: MessageId,
    /// Whose file; `None` for no person's.
    pub subject: Option<UserId>,
    /// How far its copying is.
    pub state: AttachmentState,
    /// Name and address, sealed; see [`details_aad`].
    pub details: Vec<u8>,
    /// Where its bytes are.
    pub blob: Option<String>,
    /// How many bytes; set with `blob`.
    pub length: Option<i64>,
    /// The media type, for what may be shown; `None` for downloads.
    pub media_type: Option<String>,
    /// How often copying or repairing was begun.
    pub attempts: i64,
    /// When its bytes were last found whole.
    pub checked_at: Millis,
}

/// A file seen for the first time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAttachment {
    /// The file.
    pub id: AttachmentId,
    /// What it is.
    pub kind: FileKind,
    /// The message it belongs to, or is first shown by.
    pub message: MessageId,
    /// Whose file; `None` for no person's.
    pub subject: Option<UserId>,
    /// Name and address, sealed.
    pub details: Vec<u8>,
    /// Copied from this time on.
    pub due: Millis,
}

/// What binds sealed details to their row.
pub fn details_aad(ticket: TicketId, attachment: AttachmentId) -> Vec<u8> {
    format!("attachments.details:{ticket}:{attachment}").into_bytes()
}

macro_rules! columns {
    () => {
        "a.ticket_id, t.guild_id, a.attachment_id, a.kind, a.message_id, a.subject_id, a.state, a.details, a.blob,
         a.length, a.media_type, a.attempts, a.checked_at FROM attachments a JOIN tickets t ON t.id = a.ticket_id"
    };
}

fn read(row: &AnyRow) -> Result<AttachmentRow, StorageError> {
    Ok(AttachmentRow {
        ticket: row.uuid("ticket_id", TicketId::new)?,
        guild: row.id("guild_id", GuildId::new)?,
        id: row.id("attachment_id", AttachmentId::new)?,
        kind: FileKind::parse(&row.text("kind")?)?,
        message: row.id("message_id", MessageId::new)?,
        subject: read_subject(row.int("subject_id")?),
        state: AttachmentState::parse(&row.text("state")?)?,
        details: row.bytes_opt("details")?.ok_or(StorageError::Corrupt("attachments.details"))?,
        blob: row.text_opt("blob")?,
        length: row.int_opt("length")?,
        media_type: row.text_opt("media_type")?,
        attempts: row.int("attempts")?,
        checked_at: Millis(row.int("checked_at")?),
    })
}

/// Pictures of a ticket, at most: what is shown past them is not copied.
pub const PICTURES: i64 = 5_000;

/// Notes a file to be copied. A file that is known stays as it is, except that one still pending gets the
/// newer address. Of a message that was redacted no file is noted, nor a picture of an embed.
pub async fn insert(
    conn: &mut AnyConnection,
    ticket: TicketId,
    new: NewAttachment,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO attachments (ticket_id, attachment_id, message_id, subject_id, state, details,
                                  attempts, due_at, kind, guild_id)
         SELECT $1, $2, $3, $4, 'pending', $5, 0, $6, $7, t.guild_id FROM tickets t
         WHERE t.id = $1 AND ($7 = 'attachment' OR $8 > (
             SELECT COUNT(*) FROM attachments a WHERE a.ticket_id = $1 AND a.kind <> 'attachment'))
           AND ($7 NOT IN ('attachment', 'embed') OR NOT EXISTS (
             SELECT 1 FROM redacted_messages r WHERE r.ticket_id = $1 AND r.message_id = $3))
         ON CONFLICT (ticket_id, attachment_id) DO UPDATE SET details = excluded.details
         WHERE attachments.state = 'pending'",
    )
    .bind(ticket.to_string())
    .bind(new.id.get())
    .bind(new.message.get())
    .bind(subject_column(new.subject))
    .bind(new.details)
    .bind(new.due.0)
    .bind(new.kind.as_str())
    .bind(PICTURES)
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes one file that is due, and holds it until `until`. Of `ticket`, if given: the pending one of it that was begun
/// least often, so that one which hangs keeps no other from its turn. Else any that is pending, then any that is damaged. The attempt is counted before it is made.
pub async fn claim(
    conn: &mut AnyConnection,
    ticket: Option<TicketId>,
    now: Millis,
    until: Millis,
) -> Result<Option<AttachmentRow>, StorageError> {
    let found = if let Some(ticket) = ticket {
        sqlx::query(
            "SELECT ticket_id, attachment_id FROM attachments
                 WHERE ticket_id = $1 AND state = 'pending' AND due_at <= $2
                 ORDER BY attempts, attachment_id LIMIT 1",
        )
        .bind(ticket.to_string())
        .bind(now.0)
        .fetch_optional(&mut *conn)
        .await?
    } else {
        let mut found = None;
        for state in ["pending", "damaged"] {
            if found.is_none() {
                found = sqlx::query(
                    "SELECT ticket_id, attachment_id FROM attachments
                         WHERE state = $1 AND due_at <= $2 ORDER BY due_at LIMIT 1",
                )
                .bind(state)
                .bind(now.0)
                .fetch_optional(&mut *conn)
                .await?;
            }
        }
        found
    };
    let Some(found) = found else { return Ok(None) };
    let (ticket, id) = (found.text("ticket_id")?, found.int("attachment_id")?);
    let taken = sqlx::query(
        "UPDATE attachments SET attempts = attempts + 1, due_at = $4
         WHERE ticket_id = $1 AND attachment_id = $2 AND state IN ('pending', 'damaged') AND due_at <= $3",
    )
    .bind(ticket.as_str())
    .bind(id)
    .bind(now.0)
    .bind(until.0)
    .execute(&mut *conn)
    .await?;
    if taken.rows_affected() == 0 {
        // Another process was quicker.
        return Ok(None);
    }
    sqlx::query(concat!("SELECT ", columns!(), " WHERE a.ticket_id = $1 AND a.attachment_id = $2"))
        .bind(ticket)
        .bind(id)
        .fetch_optional(conn)
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// Whether a file is due, to be copied or to be repaired, without writing.
pub async fn any_due(db: impl AnyExecutor<'_>, now: Millis) -> Result<bool, StorageError> {
    let row = sqlx::query(
        "SELECT 1 AS found FROM attachments
         WHERE state IN ('pending', 'damaged') AND due_at <= $1 LIMIT 1",
    )
    .bind(now.0)
    .fetch_optional(db)
    .await?;
    Ok(row.is_some())
}

/// The newest message of a ticket that has a file pending; `None` when no file is.
pub async fn newest_pending(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
) -> Result<Option<MessageId>, StorageError> {
    let row = sqlx::query(
        "SELECT message_id FROM attachments WHERE ticket_id = $1 AND state = 'pending'
         ORDER BY message_id DESC LIMIT 1",
    )
    .bind(ticket.to_string())
    .fetch_optional(db)
    .await?;
    row.map(|row| row.id("message_id", MessageId::new)).transpose()
}

/// Makes whoever else is about to store a file of the same server wait until the transaction ends: on PostgreSQL two
/// who sum up at once would each see a sum without the other's file, and both find room. Nothing else locks this row,
/// and it is to be the first that the transaction locks, so that two never wait for each other. A file that is gone
/// locks nothing, and names no server that was cleared.
pub async fn lock_room(conn: &mut AnyConnection, row: &AttachmentRow) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO guild_counters (guild_id, purpose, value)
         SELECT a.guild_id, 'files', 0 FROM attachments a
         WHERE a.ticket_id = $1 AND a.attachment_id = $2
         ON CONFLICT (guild_id, purpose) DO UPDATE SET value = guild_counters.value",
    )
    .bind(row.ticket.to_string())
    .bind(row.id.get())
    .execute(conn)
    .await?;
    Ok(())
}

/// How many files of a ticket are pending.
pub async fn pending(db: impl AnyExecutor<'_>, ticket: TicketId) -> Result<i64, StorageError> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS n FROM attachments WHERE ticket_id = $1 AND state = 'pending'",
    )
    .bind(ticket.to_string())
    .fetch_one(db)
    .await?;
    row.int("n")
}

/// How many bytes of files of a ticket are stored.
pub async fn stored_bytes(db: impl AnyExecutor<'_>, ticket: TicketId) -> Result<i64, StorageError> {
    let row = sqlx::query(
        "SELECT CAST(COALESCE(SUM(length), 0) AS BIGINT) AS total FROM attachments WHERE ticket_id = $1",
    )
    .bind(ticket.to_string())
    .fetch_one(db)
    .await?;
    row.int("total")
}

/// How many bytes of files of a server are stored.
pub async fn stored_bytes_of_guild(
    db: impl AnyExecutor<'_>,
    guild: GuildId,
) -> Result<i64, StorageError> {
    let row = sqlx::query(
        "SELECT CAST(COALESCE(SUM(length), 0) AS BIGINT) AS total FROM attachments WHERE guild_id = $1",
    )
    .bind(guild.get())
    .fetch_one(db)
    .await?;
    row.int("total")
}

/// What came of copying a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is stored.
    Stored {
        /// Where its bytes are.
        blob: String,
        /// How many.
        length: i64,
        /// The media type, for what may be shown.
        media_type: Option<&'static str>,
    },
    /// It is past a limit.
    TooLarge,
    /// The server's plan has no room for it.
    NoRoom,
    /// It cannot be copied.
    Failed,
    /// To be tried again from this time on.
    Later(Millis),
}

/// Due never: nothing more can be done about it.
const NEVER: Millis = Millis(i64::MAX);

/// Notes what came of the attempt that `row` is about, at `now`. `details` are the new sealed details, if they
/// changed; what was written there since the attempt began stays. `false`: another attempt has begun since, and what comes of that one counts.
///
/// A file that cannot be repaired stays damaged, with what is known of it.
pub async fn settle(
    conn: &mut AnyConnection,
    row: &AttachmentRow,
    outcome: &Outcome,
    details: Option<Vec<u8>>,
    now: Millis,
) -> Result<bool, StorageError> {
    if row.state == AttachmentState::Damaged && !matches!(outcome, Outcome::Stored { .. }) {
        let due = if let Outcome::Later(at) = outcome { *at } else { NEVER };
        return settle_damaged(conn, row, due, details).await;
    }
    let (state, blob, length, media_type, due) = match outcome {
        Outcome::Stored { blob, length, media_type } => {
            (AttachmentState::Stored, Some(blob.as_str()), Some(*length), *media_type, 0)
        }
        Outcome::TooLarge => (AttachmentState::TooLarge, None, None, None, 0),
        Outcome::NoRoom => (AttachmentState::NoRoom, None, None, None, 0),
        Outcome::Failed => (AttachmentState::Failed, None, None, None, 0),
        Outcome::Later(at) => (AttachmentState::Pending, None, None, None, at.0),
    };
    let settled = sqlx::query(
        "UPDATE attachments
         SET state = $3, blob = $4, length = $5, media_type = $6, due_at = $7,
             details = CASE WHEN details = $12 THEN COALESCE($8, details) ELSE details END,
             checked_at = $11
         WHERE ticket_id = $1 AND attachment_id = $2 AND state = $10 AND attempts = $9",
    )
    .bind(row.ticket.to_string())
    .bind(row.id.get())
    .bind(state.as_str())
    .bind(blob)
    .bind(length)
    .bind(media_type)
    .bind(due)
    .bind(details)
    .bind(row.attempts)
    .bind(row.state.as_str())
    .bind(now.0)
    .bind(row.details.as_slice())
    .execute(conn)
    .await?;
    Ok(settled.rows_affected() == 1)
}

async fn settle_damaged(
    conn: &mut AnyConnection,
    row: &AttachmentRow,
    due: Millis,
    details: Option<Vec<u8>>,
) -> Result<bool, StorageError> {
    let settled = sqlx::query(
        "UPDATE attachments
         SET due_at = $3, details = CASE WHEN details = $6 THEN COALESCE($4, details) ELSE details END
         WHERE ticket_id = $1 AND attachment_id = $2 AND state = 'damaged' AND attempts = $5",
    )
    .bind(row.ticket.to_string())
    .bind(row.id.get())
    .bind(due.0)
    .bind(details)
    .bind(row.attempts)
    .bind(row.details.as_slice())
    .execute(conn)
    .await?;
    Ok(settled.rows_affected() == 1)
}

/// Sealed details of a ticket's files, by file, after this one.
pub async fn details(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
    after: i64,
    limit: i64,
) -> Result<Vec<(AttachmentId, Option<UserId>, Vec<u8>)>, StorageError> {
    let rows = sqlx::query(
        "SELECT attachment_id, subject_id, details FROM attachments
         WHERE ticket_id = $1 AND attachment_id > $2 ORDER BY attachment_id LIMIT $3",
    )
    .bind(ticket.to_string())
    .bind(after)
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| {
            let details = row.bytes_opt("details")?;
            Ok((
                row.id("attachment_id", AttachmentId::new)?,
                read_subject(row.int("subject_id")?),
                details.ok_or(StorageError::Corrupt("attachments.details"))?,
            ))
        })
        .collect()
}

/// Writes other details over those of a file, in a transaction that holds the row from here on. `false`: they
/// are not `before` any more.
pub async fn replace_details(
    conn: &mut AnyConnection,
    ticket: TicketId,
    attachment: AttachmentId,
    before: &[u8],
    after: Vec<u8>,
) -> Result<bool, StorageError> {
    let replaced = sqlx::query(
        "UPDATE attachments SET details = $4
         WHERE ticket_id = $1 AND attachment_id = $2 AND details = $3",
    )
    .bind(ticket.to_string())
    .bind(attachment.get())
    .bind(before)
    .bind(after)
    .execute(conn)
    .await?;
    Ok(replaced.rows_affected() == 1)
}

/// Deletes the files of a message, and the pictures of its embeds. Answers where their bytes are.
pub async fn delete_of(
    conn: &mut AnyConnection,
    ticket: TicketId,
    message: MessageId,
) -> Result<Vec<String>, StorageError> {
    let rows = sqlx::query(
        "DELETE FROM attachments
         WHERE ticket_id = $1 AND message_id = $2 AND kind IN ('attachment', 'embed') RETURNING blob",
    )
    .bind(ticket.to_string())
    .bind(message.get())
    .fetch_all(conn)
    .await?;
    let blobs: Vec<Option<String>> =
        rows.iter().map(|row| row.text_opt("blob")).collect::<Result<_, _>>()?;
    Ok(blobs.into_iter().flatten().collect())
}

/// Gives the attempt that `row` is about back: it failed here and not at the source. It is made again at
/// `due`, unless another has begun since.
pub async fn give_back(
    conn: &mut AnyConnection,
    row: &AttachmentRow,
    due: Millis,
) -> Result<(), StorageError> {
    sqlx::query(
        "UPDATE attachments SET attempts = attempts - 1, due_at = $3
         WHERE ticket_id = $1 AND attachment_id = $2 AND state IN ('pending', 'damaged') AND attempts = $4",
    )
    .bind(row.ticket.to_string())
    .bind(row.id.get())
    .bind(due.0)
    .bind(row.attempts)
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes that the bytes of a stored file are not what they were; its repair is due at once. `false`: that was
/// known, or it was stored anew since.
pub async fn mark_damaged(
    conn: &mut AnyConnection,
    row: &AttachmentRow,
    now: Millis,
) -> Result<bool, StorageError> {
    let marked = sqlx::query(
        "UPDATE attachments SET state = 'damaged', attempts = 0, due_at = $3
         WHERE ticket_id = $1 AND attachment_id = $2 AND state = 'stored' AND blob = $4
           AND checked_at = $5",
    )
    .bind(row.ticket.to_string())
    .bind(row.id.get())
    .bind(now.0)
    .bind(row.blob.as_deref())
    .bind(row.checked_at.0)
    .execute(conn)
    .await?;
    Ok(marked.rows_affected() == 1)
}

/// Notes that a stored file was read to its end at `now` and is whole.
pub async fn mark_checked(
    conn: &mut AnyConnection,
    row: &AttachmentRow,
    now: Millis,
) -> Result<(), StorageError> {
    sqlx::query(
        "UPDATE attachments SET checked_at = $3
         WHERE ticket_id = $1 AND attachment_id = $2 AND state = 'stored'",
    )
    .bind(row.ticket.to_string())
    .bind(row.id.get())
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Stored files that were last found whole before `before`, those first that wait longest.
pub async fn unchecked(
    db: impl AnyExecutor<'_>,
    before: Millis,
    limit: i64,
) -> Result<Vec<AttachmentRow>, StorageError> {
    let rows = sqlx::query(concat!(
        "SELECT ",
        columns!(),
        " WHERE a.state = 'stored' AND a.checked_at < $1 ORDER BY a.checked_at LIMIT $2"
    ))
    .bind(before.0)
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter().map(read).collect()
}

/// How many files are damaged.
pub async fn damaged(db: impl AnyExecutor<'_>) -> Result<i64, StorageError> {
    let row = sqlx::query("SELECT COUNT(*) AS n FROM attachments WHERE state = 'damaged'")
        .fetch_one(db)
        .await?;
    row.int("n")
}

/// One file of a ticket.
pub async fn get(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
    id: AttachmentId,
) -> Result<Option<AttachmentRow>, StorageError> {
    sqlx::query(concat!("SELECT ", columns!(), " WHERE a.ticket_id = $1 AND a.attachment_id = $2"))
        .bind(ticket.to_string())
        .bind(id.get())
        .fetch_optional(db)
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// What became of an attachment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fate {
    /// The file.
    pub id: AttachmentId,
    /// How far its copying is.
    pub state: AttachmentState,
    /// What the first bytes of its copy show it to be.
    pub media_type: Option<String>,
}

/// What became of the attachments of the messages from `first` to `last`, both included.
pub async fn fates(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
    first: i64,
    last: i64,
) -> Result<Vec<Fate>, StorageError> {
    let rows = sqlx::query(
        "SELECT attachment_id, state, media_type FROM attachments
         WHERE ticket_id = $1 AND message_id >= $2 AND message_id <= $3 AND kind = 'attachment'",
    )
    .bind(ticket.to_string())
    .bind(first)
    .bind(last)
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Fate {
                id: row.id("attachment_id", AttachmentId::new)?,
                state: AttachmentState::parse(&row.text("state")?)?,
                media_type: row.text_opt("media_type")?,
            })
        })
        .collect()
}

/// State of these files of a ticket, as far as they are there.
pub async fn states_of(
    db: &sqlx::AnyPool,
    ticket: TicketId,
    ids: &[AttachmentId],
) -> Result<Vec<(AttachmentId, AttachmentState)>, StorageError> {
    /// Parameters of one statement: both engines take far more.
    const AT_ONCE: usize = 200;
    let mut found = Vec::with_capacity(ids.len());
    for some in ids.chunks(AT_ONCE) {
        let places: Vec<String> = (2..some.len() + 2).map(|n| format!("${n}")).collect();
        let text = format!(
            "SELECT attachment_id, state FROM attachments
             WHERE ticket_id = $1 AND attachment_id IN ({})",
            places.join(", ")
        );
        let mut query = sqlx::query(AssertSqlSafe(text)).bind(ticket.to_string());
        for id in some {
            query = query.bind(id.get());
        }
        for row in query.fetch_all(db).await? {
            let state = AttachmentState::parse(&row.text("state")?)?;
            found.push((row.id("attachment_id", AttachmentId::new)?, state));
        }
    }
    Ok(found)
}
