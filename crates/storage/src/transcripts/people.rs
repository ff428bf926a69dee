//! How the people of a ticket were named, each sealed under their own key.

use domain::ids::{TicketId, UserId};
use sqlx::{AnyConnection, AnyExecutor};

use crate::StorageError;
use crate::columns::Columns as _;

/// What binds a sealed profile to its row.
pub fn profile_aad(ticket: TicketId, user: UserId) -> Vec<u8> {
    format!("transcript_people.profile:{ticket}:{user}").into_bytes()
}

/// Keeps how someone is named now.
pub async fn write(
    conn: &mut AnyConnection,
    ticket: TicketId,
    user: UserId,
    profile: Vec<u8>,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO transcript_people (ticket_id, user_id, profile) VALUES ($1, $2, $3)
         ON CONFLICT (ticket_id, user_id) DO UPDATE SET profile = excluded.profile",
    )
    .bind(ticket.to_string())
    .bind(user.get())
    .bind(profile)
    .execute(conn)
    .await?;
    Ok(())
}

/// The sealed profile of one person of a ticket.
pub async fn one(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
    user: UserId,
) -> Result<Option<Vec<u8>>, StorageError> {
    let row =
        sqlx::query("SELECT profile FROM transcript_people WHERE ticket_id = $1 AND user_id = $2")
            .bind(ticket.to_string())
            .bind(user.get())
            .fetch_optional(db)
            .await?;
    row.map(|row| {
        row.bytes_opt("profile")?.ok_or(StorageError::Corrupt("transcript_people.profile"))
    })
    .transpose()
}

/// Everyone of a ticket with their sealed profile, at most `limit`.
pub async fn list(
    db: impl AnyExecutor<'_>,
    ticket: TicketId,
    limit: i64,
) -> Result<Vec<(UserId, Vec<u8>)>, StorageError> {
    let rows = sqlx::query(
        "SELECT user_id, profile FROM transcript_people WHERE ticket_id = $1 ORDER BY user_id LIMIT $2",
    )
    .bind(ticket.to_string())
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| {
            let profile = row.bytes_opt("profile")?;
            Ok((
                row.id("user_id", UserId::new)?,
                profile.ok_or(StorageError::Corrupt("transcript_people.profile"))?,
            ))
        })
        .collect()
}
