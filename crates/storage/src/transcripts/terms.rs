//! What transcripts are found by: sealed indexes of words, one for each part of a chunk.

use domain::ids::{GuildId, MessageId, PanelId, TicketId, UserId};
use domain::time::Millis;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyExecutor};

use super::{read_subject, subject_column};
use crate::StorageError;
use crate::columns::Columns as _;

/// The place of a row among those of its server, in the order of writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// When it was written.
    pub at: Millis,
    /// The ticket.
    pub ticket: TicketId,
    /// The chunk.
    pub chunk: i64,
    /// The part of the chunk.
    pub part: i64,
}

/// The sealed index of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermsRow {
    /// Which part.
    pub place: Place,
    /// The panel of its ticket.
    pub panel: PanelId,
    /// Whose words; `None` for no person's.
    pub subject: Option<UserId>,
    /// Sealed; see [`terms_aad`].
    pub body: Vec<u8>,
}

/// What binds a sealed index to its row.
pub fn terms_aad(ticket: TicketId, chunk: i64, part: i64) -> Vec<u8> {
    format!("transcript_terms.body:{ticket}:{chunk}:{part}").into_bytes()
}

/// Writes the index of a part. One that is there stays.
pub async fn insert(
    conn: &mut AnyConnection,
    guild: GuildId,
    place: Place,
    subject: Option<UserId>,
    body: Vec<u8>,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO transcript_terms (guild_id, ticket_id, chunk, part, subject_id, at, body)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (ticket_id, chunk, part) DO NOTHING",
    )
    .bind(guild.get())
    .bind(place.ticket.to_string())
    .bind(place.chunk)
    .bind(place.part)
    .bind(subject_column(subject))
    .bind(place.at.0)
    .bind(body)
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes another index over that of a part.
pub async fn replace(
    conn: &mut AnyConnection,
    ticket: TicketId,
    chunk: i64,
    part: i64,
    body: Vec<u8>,
) -> Result<(), StorageError> {
    sqlx::query(
        "UPDATE transcript_terms SET body = $4 WHERE ticket_id = $1 AND chunk = $2 AND part = $3",
    )
    .bind(ticket.to_string())
    .bind(chunk)
    .bind(part)
    .bind(body)
    .execute(conn)
    .await?;
    Ok(())
}

fn read(row: &AnyRow) -> Result<TermsRow, StorageError> {
    Ok(TermsRow {
        place: Place {
            at: Millis(row.int("at")?),
            ticket: row.uuid("ticket_id", TicketId::new)?,
            chunk: row.int("chunk")?,
            part: row.int("part")?,
        },
        panel: row.uuid("panel_id", PanelId::new)?,
        subject: read_subject(row.int("subject_id")?),
        body: row.bytes_opt("body")?.ok_or(StorageError::Corrupt("transcript_terms.body"))?,
    })
}

/// Indexes of a server that were written at `since` or later, in the order of writing, after `after`, at most
/// `limit`.
pub async fn of_guild(
    db: impl AnyExecutor<'_>,
    guild: GuildId,
    since: Millis,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<TermsRow>, StorageError> {
    let nowhere =
        Place { at: since, ticket: TicketId::new(uuid::Uuid::nil()), chunk: -1, part: -1 };
    let after = after.unwrap_or(nowhere);
    let rows = sqlx::query(
        "SELECT x.at, x.ticket_id, x.chunk, x.part, x.subject_id, x.body, t.panel_id
         FROM transcript_terms x JOIN tickets t ON t.id = x.ticket_id
         WHERE x.guild_id = $1 AND x.at >= $2
           AND (x.at > $2 OR x.ticket_id > $3
                OR (x.ticket_id = $3 AND (x.chunk > $4 OR (x.chunk = $4 AND x.part > $5))))
         ORDER BY x.at, x.ticket_id, x.chunk, x.part LIMIT $6",
    )
    .bind(guild.get())
    .bind(after.at.0)
    .bind(after.ticket.to_string())
    .bind(after.chunk)
    .bind(after.part)
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter().map(read).collect()
}

/// How many indexes of a server were written from `since` to `until`, both of them included.
pub async fn count_of_guild(
    db: impl AnyExecutor<'_>,
    guild: GuildId,
    since: Millis,
    until: Millis,
) -> Result<i64, StorageError> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS n FROM transcript_terms WHERE guild_id = $1 AND at >= $2 AND at <= $3",
    )
    .bind(guild.get())
    .bind(since.0)
    .bind(until.0)
    .fetch_one(db)
    .await?;
    row.int("n")
}

/// How many indexes a ticket has.
pub async fn count_of_ticket(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
) -> Result<i64, StorageError> {
    let row = sqlx::query("SELECT COUNT(*) AS n FROM transcript_terms WHERE ticket_id = $1")
        .bind(ticket.to_string())
        .fetch_one(db)
        .await?;
    row.int("n")
}

/// Indexes of a ticket, after chunk `chunk` and part `part`, at most `limit`.
pub async fn of_ticket(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
    (chunk, part): (i64, i64),
    limit: i64,
) -> Result<Vec<TermsRow>, StorageError> {
    let rows = sqlx::query(
        "SELECT x.at, x.ticket_id, x.chunk, x.part, x.subject_id, x.body, t.panel_id
         FROM transcript_terms x JOIN tickets t ON t.id = x.ticket_id
         WHERE x.ticket_id = $1 AND (x.chunk > $2 OR (x.chunk = $2 AND x.part > $3))
         ORDER BY x.chunk, x.part LIMIT $4",
    )
    .bind(ticket.to_string())
    .bind(chunk)
    .bind(part)
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter().map(read).collect()
}

/// Parts of chunks that have no index yet: ticket, chunk and part, at most `limit`.
pub async fn missing(
    db: impl AnyExecutor<'_>,
    limit: i64,
) -> Result<Vec<(TicketId, i64, i64)>, StorageError> {
    let rows = sqlx::query(
        "SELECT p.ticket_id, p.chunk, p.part FROM transcript_parts p
         WHERE NOT EXISTS (SELECT 1 FROM transcript_terms x
                           WHERE x.ticket_id = p.ticket_id AND x.chunk = p.chunk AND x.part = p.part)
           AND NOT EXISTS (SELECT 1 FROM restricted_people r WHERE r.user_id = p.subject_id)
           AND NOT EXISTS (SELECT 1 FROM objections o WHERE o.user_id = p.subject_id AND (
               o.guild_id IS NULL OR o.guild_id = (SELECT t.guild_id FROM tickets t WHERE t.id = p.ticket_id)))
         LIMIT $1",
    )
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| Ok((row.uuid("ticket_id", TicketId::new)?, row.int("chunk")?, row.int("part")?)))
        .collect()
}

/// The live archive of a ticket in short: when it changed, this changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LiveState {
    /// The ticket.
    pub ticket: TicketId,
    /// The panel of the ticket.
    pub panel: PanelId,
    /// Versions of messages.
    pub versions: i64,
    /// The newest message.
    pub newest: MessageId,
    /// The time of the newest edit; 0 for none.
    pub edited: i64,
}

const LIVE: &str =
    "SELECT a.ticket_id, t.panel_id, COUNT(*) AS versions, MAX(a.message_id) AS newest,
        MAX(a.version) AS edited
 FROM archive_messages a JOIN tickets t ON t.id = a.ticket_id";

fn read_live(row: &AnyRow) -> Result<LiveState, StorageError> {
    Ok(LiveState {
        ticket: row.uuid("ticket_id", TicketId::new)?,
        panel: row.uuid("panel_id", PanelId::new)?,
        versions: row.int("versions")?,
        newest: row.id("newest", MessageId::new)?,
        edited: row.int("edited")?,
    })
}

/// The live archives of a server's tickets.
pub async fn live_of_guild(
    db: impl AnyExecutor<'_>,
    guild: GuildId,
) -> Result<Vec<LiveState>, StorageError> {
    let text = format!(
        "{LIVE} WHERE t.guild_id = $1 AND t.state IN ('opening', 'open', 'closing')
         GROUP BY a.ticket_id, t.panel_id"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(text)).bind(guild.get()).fetch_all(db).await?;
    rows.iter().map(read_live).collect()
}

/// The live archive of a ticket; `None` when it is empty.
pub async fn live_of_ticket(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
) -> Result<Option<LiveState>, StorageError> {
    let text = format!("{LIVE} WHERE a.ticket_id = $1 GROUP BY a.ticket_id, t.panel_id");
    let row =
        sqlx::query(sqlx::AssertSqlSafe(text)).bind(ticket.to_string()).fetch_optional(db).await?;
    row.as_ref().map(read_live).transpose()
}
