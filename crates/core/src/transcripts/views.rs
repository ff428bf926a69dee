//! That staff read transcripts, and what they do with them, is in the audit log.

use domain::ids::{GuildId, UserId};
use domain::time::Millis;
use serde::Serialize;
use sqlx::AnyConnection;
use storage::StorageError;
use storage::tickets::TicketRow;

use crate::audit::{self, Change};
use crate::guilds::GuildAccess;

/// Seconds for which one entry stands: whoever goes from page to page of a transcript looks once.
pub(super) const ONCE_IN_S: i64 = 3600;

/// What an entry holds: the ticket's number, which lasts longer than the ticket.
#[derive(Serialize)]
struct Note {
    number: i64,
}

/// Notes that someone reads a transcript, unless they did in the hour before.
pub(crate) async fn viewed(by: &GuildAccess, ticket: &TicketRow) -> Result<(), StorageError> {
    let note = Note { number: ticket.number };
    once(by, ticket.guild, "transcript.viewed", &ticket.id.to_string(), Some(&note)).await
}

/// Notes that someone looks through the transcripts of a server, unless they did in the hour before.
pub(super) async fn searched(by: &GuildAccess) -> Result<(), StorageError> {
    once(by, by.guild(), "transcripts.searched", "", None).await
}

/// Notes what someone did with a transcript, in the transaction that does it.
pub(super) async fn note(
    conn: &mut AnyConnection,
    at: Millis,
    by: UserId,
    action: &'static str,
    ticket: &TicketRow,
) -> Result<(), StorageError> {
    let target = ticket.id.to_string();
    let change =
        Change { guild: ticket.guild, at, actor: Some(by), action, target: target.as_str() };
    let note = Note { number: ticket.number };
    audit::record(conn, change, None::<&()>, Some(&note)).await.map(|_| ())
}

async fn once(
    by: &GuildAccess,
    guild: GuildId,
    action: &'static str,
    target: &str,
    note: Option<&Note>,
) -> Result<(), StorageError> {
    let (w, user) = (by.wardesk(), by.user());
    let at = w.now();
    let since = at.plus_seconds(-ONCE_IN_S);
    let db = w.store().read();
    if storage::audit::noted_since(db, guild, Some(user), action, target, since).await? {
        return Ok(());
    }
    let mut tx = w.store().begin().await?;
    // Two requests of one page may come at once: the second waits here, and finds the entry of the first.
    storage::audit::lock(tx.conn(), guild).await?;
    if !storage::audit::noted_since(&mut *tx.conn(), guild, Some(user), action, target, since)
        .await?
    {
        let change = Change { guild, at, actor: Some(user), action, target };
        audit::record(tx.conn(), change, None::<&()>, note).await?;
    }
    tx.commit().await
}
