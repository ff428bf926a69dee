//! What a person said and sent, ticket by ticket, for their own copy of it.

use domain::ids::{AttachmentId, TicketId, UserId};
use sqlx::AnyPool;

use crate::StorageError;
use crate::columns::Columns as _;
use crate::transcripts::archive::{self, VersionRow};
use crate::transcripts::chunks::{self, PartRow};
use crate::transcripts::reactions::{self, ReactionRow};

/// Tickets after `after` that the person opened, was let into, or wrote in; at most `limit`.
pub async fn tickets(
    db: &AnyPool,
    user: UserId,
    after: Option<TicketId>,
    limit: i64,
) -> Result<Vec<TicketId>, StorageError> {
    let rows = sqlx::query(
        "SELECT x.ticket_id FROM (
             SELECT id AS ticket_id FROM tickets WHERE opener_id = $1
             UNION SELECT id FROM tickets WHERE closed_by = $1
             UNION SELECT ticket_id FROM ticket_members WHERE user_id = $1
             UNION SELECT ticket_id FROM transcript_parts WHERE subject_id = $1
             UNION SELECT ticket_id FROM archive_messages WHERE subject_id = $1
             UNION SELECT ticket_id FROM attachments WHERE subject_id = $1
             UNION SELECT ticket_id FROM transcript_reactions WHERE subject_id = $1) x
         WHERE x.ticket_id > $2 ORDER BY x.ticket_id LIMIT $3",
    )
    .bind(user.get())
    .bind(after.map(|ticket| ticket.to_string()).unwrap_or_default())
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| row.uuid("ticket_id", TicketId::new)).collect()
}

/// The person's part of the first chunk after `after` (chunk and part) that has one, with the chunk's number.
pub async fn part(
    db: &AnyPool,
    ticket: TicketId,
    user: UserId,
    after: (i64, i64),
) -> Result<Option<(i64, PartRow)>, StorageError> {
    let row = sqlx::query(
        "SELECT chunk, part, subject_id, body FROM transcript_parts
         WHERE ticket_id = $1 AND subject_id = $2 AND (chunk > $3 OR (chunk = $3 AND part > $4))
         ORDER BY chunk, part LIMIT 1",
    )
    .bind(ticket.to_string())
    .bind(user.get())
    .bind(after.0)
    .bind(after.1)
    .fetch_optional(db)
    .await?;
    row.map(|row| Ok((row.int("chunk")?, chunks::part(&row)?))).transpose()
}

/// Versions of the person's messages in the live archive after `after` (message and version), at most `limit`.
pub async fn live(
    db: &AnyPool,
    ticket: TicketId,
    user: UserId,
    after: (i64, i64),
    limit: i64,
) -> Result<Vec<VersionRow>, StorageError> {
    let rows = sqlx::query(
        "SELECT message_id, version, subject_id, body FROM archive_messages
         WHERE ticket_id = $1 AND subject_id = $2
           AND (message_id > $3 OR (message_id = $3 AND version > $4))
         ORDER BY message_id, version LIMIT $5",
    )
    .bind(ticket.to_string())
    .bind(user.get())
    .bind(after.0)
    .bind(after.1)
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter().map(archive::read).collect()
}

/// The person's files of a ticket after `after`, at most `limit`.
pub async fn files(
    db: &AnyPool,
    ticket: TicketId,
    user: UserId,
    after: Option<AttachmentId>,
    limit: i64,
) -> Result<Vec<AttachmentId>, StorageError> {
    let rows = sqlx::query(
        "SELECT attachment_id FROM attachments
         WHERE ticket_id = $1 AND subject_id = $2 AND attachment_id > $3
         ORDER BY attachment_id LIMIT $4",
    )
    .bind(ticket.to_string())
    .bind(user.get())
    .bind(after.map_or(0, AttachmentId::get))
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter().map(|row| row.id("attachment_id", AttachmentId::new)).collect()
}

/// The person's reactions in a ticket after `after` (message and number), at most `limit`.
pub async fn reactions(
    db: &AnyPool,
    ticket: TicketId,
    user: UserId,
    after: (i64, i64),
    limit: i64,
) -> Result<Vec<ReactionRow>, StorageError> {
    let rows = sqlx::query(
        "SELECT message_id, number, subject_id, at, body FROM transcript_reactions
         WHERE ticket_id = $1 AND subject_id = $2
           AND (message_id > $3 OR (message_id = $3 AND number > $4))
         ORDER BY message_id, number LIMIT $5",
    )
    .bind(ticket.to_string())
    .bind(user.get())
    .bind(after.0)
    .bind(after.1)
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter().map(reactions::read).collect()
}
