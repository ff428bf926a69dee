//! What was done to protect people outlives a restore: it is noted in the key store, which no backup of the content
//! takes back, for as long as a backup may be older than it, and done again after one was put back.

use domain::ids::{GuildId, MessageId, RequestId, ShareId, TicketId, UserId};
use domain::time::Millis;
use serde::{Deserialize, Serialize};
use storage::privacy::restricted;
use storage::tickets::TicketRow;
use storage::{KeyScope, StorageError};

use super::restrict;
use crate::Wardesk;
use crate::transcripts::{hold, redact, share};

/// Days for which it is noted: one more than the backups of the content are kept.
pub const DAYS: i64 = 31;

/// What was done, as the key store has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Protection {
    /// All that restricts the use of somebody's data.
    Restrictions { user: UserId, everywhere: Option<Millis>, requests: Vec<Because> },
    /// A legal hold on a ticket.
    Hold { ticket: TicketId, at: Millis, reason: String },
    /// A redaction in a ticket.
    Redaction { ticket: TicketId, redacted: Redacted },
    /// The end of a share link.
    Unshared { ticket: TicketId, share: ShareId, at: Millis },
}

/// A restriction that a request brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Because {
    request: RequestId,
    guild: Option<GuildId>,
    since: Millis,
}

/// What was redacted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Redacted {
    /// When somebody asked for it: which redaction of the ticket it is.
    pub at: Millis,
    /// For a message: which.
    pub message: Option<MessageId>,
    /// For a message: whether its files went too.
    pub files: bool,
    /// Its kind, as the database names it.
    pub pattern: String,
    /// For words: which.
    pub words: Option<String>,
}

impl Protection {
    /// What it is about: of the same thing the latest counts.
    fn thing(&self) -> String {
        match self {
            Self::Restrictions { user, .. } => format!("restrictions:{user}"),
            Self::Hold { ticket, .. } => format!("hold:{ticket}"),
            Self::Redaction { ticket, redacted } => format!("redaction:{ticket}:{}", redacted.at.0),
            Self::Unshared { share, .. } => format!("unshared:{share}"),
        }
    }
}

/// Notes what restricts the use of somebody's data now.
pub(super) async fn restrictions(w: &Wardesk, user: UserId) -> Result<(), StorageError> {
    let (mut everywhere, mut requests) = (None, Vec::new());
    for row in restricted::of(w.store().read(), user).await? {
        match row.request {
            None => everywhere = Some(row.since),
            Some(request) => {
                requests.push(Because { request, guild: row.guild, since: row.since });
            }
        }
    }
    let done = Protection::Restrictions { user, everywhere, requests };
    note(w, KeyScope::account(user), &done).await
}

/// Notes that a hold was placed.
pub(crate) async fn held(
    w: &Wardesk,
    ticket: &TicketRow,
    at: Millis,
    reason: &str,
) -> Result<(), StorageError> {
    let done = Protection::Hold { ticket: ticket.id, at, reason: reason.to_owned() };
    note(w, KeyScope::server(ticket.guild), &done).await
}

/// Notes a redaction.
pub(crate) async fn redacted(
    w: &Wardesk,
    ticket: &TicketRow,
    redacted: Redacted,
) -> Result<(), StorageError> {
    let done = Protection::Redaction { ticket: ticket.id, redacted };
    note(w, KeyScope::server(ticket.guild), &done).await
}

/// Notes that a share link was revoked.
pub(crate) async fn unshared(
    w: &Wardesk,
    ticket: &TicketRow,
    share: ShareId,
    at: Millis,
) -> Result<(), StorageError> {
    let done = Protection::Unshared { ticket: ticket.id, share, at };
    note(w, KeyScope::server(ticket.guild), &done).await
}

async fn note(w: &Wardesk, scope: KeyScope, done: &Protection) -> Result<(), StorageError> {
    let body = serde_json::to_vec(done).map_err(|_| StorageError::Corrupt("protections.body"))?;
    w.store().keys().note_protection(scope, &done.thing(), &body, w.now()).await
}

/// Does again what was done since a backup was made that was put back. Answers how much there was. Safe to repeat.
///
/// A hold that was lifted since is in force again: what it keeps is not lost by mistake.
pub async fn again(w: &Wardesk, since: Millis) -> Result<u64, StorageError> {
    let mut count = 0;
    for body in w.store().keys().protections(since).await? {
        let done =
            serde_json::from_slice(&body).map_err(|_| StorageError::Corrupt("protections.body"))?;
        let there = match done {
            Protection::Restrictions { user, everywhere, requests } => {
                restrict_again(w, user, everywhere, &requests).await?
            }
            Protection::Hold { ticket, at, reason } => hold::again(w, ticket, at, &reason).await?,
            Protection::Redaction { ticket, redacted } => {
                redact::again(w, ticket, &redacted).await?
            }
            Protection::Unshared { ticket, share, at } => {
                share::revoke_again(w, ticket, share, at).await?
            }
        };
        count += u64::from(there);
    }
    redact::finish_every(w).await?;
    Ok(count)
}

/// Puts the restrictions on the use of somebody's data back as they were. `false`: they were so already.
async fn restrict_again(
    w: &Wardesk,
    user: UserId,
    everywhere: Option<Millis>,
    requests: &[Because],
) -> Result<bool, StorageError> {
    let mut changed = false;
    let mut tx = w.store().begin().await?;
    for row in restricted::of(&mut *tx.conn(), user).await? {
        changed |= match row.request {
            None if everywhere.is_none() => restricted::lift_everywhere(tx.conn(), user).await?,
            Some(id) if requests.iter().all(|known| known.request != id) => {
                restricted::declined(tx.conn(), id).await?
            }
            _ => false,
        };
    }
    if let Some(since) = everywhere {
        changed |= restricted::restrict(tx.conn(), user, since).await?;
    }
    for Because { request, guild, since } in requests {
        changed |= restricted::because_of(tx.conn(), *request, user, *guild, *since).await?;
    }
    tx.commit().await?;
    if changed {
        restrict::changed(w, user).await?;
    }
    Ok(changed)
}
