//! The audit log: who changed what on a server, before and after. Kept 90 days.

use domain::access::Capability;
use domain::ids::{GuildId, UserId};
use domain::time::Millis;
use serde::Serialize;
use sqlx::AnyConnection;
use storage::StorageError;
pub use storage::audit::EntryRow as AuditEntry;

use crate::guilds::{GuildAccess, GuildError};
use crate::privacy::restrict;

/// How many entries a page of the log holds.
pub const PAGE: i64 = 50;

/// What is to be noted. Goes into the transaction of the change itself.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    /// The server.
    pub guild: GuildId,
    /// When.
    pub at: Millis,
    /// Who acted; `None` for the bot itself.
    pub actor: Option<UserId>,
    /// What was done, as `feature.verb`: `panel.saved`, `ticket.claimed`.
    pub action: &'a str,
    /// To what: an id, or empty.
    pub target: &'a str,
}

/// Notes a change. `before` and `after` hold settings and ids, never words of a ticket.
pub async fn record<B: Serialize, A: Serialize>(
    conn: &mut AnyConnection,
    change: Change<'_>,
    before: Option<&B>,
    after: Option<&A>,
) -> Result<i64, StorageError> {
    let corrupt = |_| StorageError::Corrupt("audit_log");
    let entry = storage::audit::NewEntry {
        guild: change.guild,
        at: change.at,
        actor: change.actor,
        action: change.action,
        target: change.target,
        before: before.map(serde_json::to_string).transpose().map_err(corrupt)?,
        after: after.map(serde_json::to_string).transpose().map_err(corrupt)?,
    };
    storage::audit::append(conn, &entry).await
}

/// Entries below number `before` (`None`: the newest), newest first, at most [`PAGE`].
pub async fn list(
    access: &GuildAccess,
    before: Option<i64>,
) -> Result<Vec<AuditEntry>, GuildError> {
    access.require(Capability::Configure)?;
    let pool = access.wardesk().store().read();
    Ok(storage::audit::page(pool, access.guild(), before, PAGE).await?)
}

/// What a person is called on the server, for the log's lines; `None`: it cannot be known, or they are restricted.
pub async fn name_of(access: &GuildAccess, user: UserId) -> Result<Option<String>, GuildError> {
    access.require(Capability::Configure)?;
    let (w, guild) = (access.wardesk(), access.guild());
    if user.is_pseudonym() || restrict::is_restricted(w, guild, user).await? {
        return Ok(None);
    }
    match w.discord().member(guild, user).await {
        Ok(member) => Ok(Some(member.display_name)),
        // Left, or Discord does not answer: the id stands in.
        Err(_) => Ok(None),
    }
}
