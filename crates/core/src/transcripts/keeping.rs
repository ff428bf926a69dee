//! How long transcripts are kept, and their removal when that time is over.

use domain::access::Capability;
use domain::ids::{GuildId, TicketId};
use domain::time::Millis;
use domain::transcripts::Retention;
use storage::StorageError;
use storage::counters::{self, Counter};
use storage::transcripts::{expiry, holds, removals};

use super::{TranscriptAccess, TranscriptError};
use crate::Wardesk;
use crate::guilds::{GuildAccess, GuildError};

/// Servers whose settings are read at once.
const GUILDS: i64 = 500;
/// Tickets that are looked for at once.
const TICKETS: i64 = 50;
/// Objects that are looked for at once.
const BLOBS: i64 = 100;

/// How long a transcript is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Until a time; it goes within the hour after.
    Until(Millis),
    /// Its ticket is not closed yet; so long after that.
    AfterClosing(Retention),
    /// For ever.
    ForEver,
    /// Until a legal hold is lifted.
    Held,
}

/// How long a ticket is kept that ended at a time, on a server that keeps transcripts so long.
pub const fn kept(retention: Retention, closed: Option<Millis>, held: bool) -> Kept {
    if held {
        return Kept::Held;
    }
    match (retention.days(), closed) {
        (None, _) => Kept::ForEver,
        (Some(_), None) => Kept::AfterClosing(retention),
        (Some(days), Some(closed)) => Kept::Until(closed.plus_seconds(days * 86_400)),
    }
}

/// How long a transcript is kept: said to everyone who may read it.
pub async fn of(access: &TranscriptAccess) -> Result<Kept, TranscriptError> {
    let (w, ticket) = (&access.wardesk, &access.ticket);
    let held = holds::active(w.store().read(), ticket.id).await?.is_some();
    let found = storage::guilds::settings(w.store().read(), ticket.guild).await?;
    let retention = found.unwrap_or_default().0.retention;
    Ok(kept(retention, ticket.closed_at, held))
}

/// How many transcripts of the server would go within the hour if they were kept so long from now on.
pub async fn would_go(access: &GuildAccess, retention: Retention) -> Result<u64, GuildError> {
    access.require(Capability::Configure)?;
    let w = access.wardesk();
    let Some(limit) = retention.limit(w.now()) else { return Ok(0) };
    let count = expiry::count_due(w.store().read(), access.guild(), limit).await?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// Removes every ticket whose time is over, with all that is kept of it. Safe to repeat and to stop anywhere:
/// what is left goes the next time. Answers how many went.
pub async fn remove_expired(w: &Wardesk) -> Result<u64, StorageError> {
    let (mut after, mut removed) = (None, 0);
    loop {
        let some = storage::guilds::all_settings(w.store().read(), after, GUILDS).await?;
        let Some((last, _)) = some.last() else { return Ok(removed) };
        after = Some(*last);
        for (guild, settings) in some {
            match settings {
                Some(settings) if settings.retention == Retention::ForEver => {}
                Some(_) => removed += remove_of(w, guild).await?,
                None => {
                    tracing::error!("settings of a server cannot be read, so nothing of it goes");
                }
            }
        }
    }
}

async fn remove_of(w: &Wardesk, guild: GuildId) -> Result<u64, StorageError> {
    let (mut after, mut removed) = (None, 0);
    // Read anew for each ticket: a server that changes its mind keeps what is left.
    while let Some(limit) = limit_of(w, guild).await? {
        let due = expiry::due(w.store().read(), guild, limit, after, TICKETS).await?;
        let Some(last) = due.last() else { break };
        after = Some(*last);
        for (_, ticket) in due {
            removed += u64::from(remove(w, guild, ticket).await?);
        }
    }
    Ok(removed)
}

async fn limit_of(w: &Wardesk, guild: GuildId) -> Result<Option<Millis>, StorageError> {
    let found = storage::guilds::settings(w.store().read(), guild).await?;
    Ok(found.and_then(|(settings, _)| settings.retention.limit(w.now())))
}

/// Removes a ticket in small transactions; `false`: it may not go any more.
async fn remove(w: &Wardesk, guild: GuildId, ticket: TicketId) -> Result<bool, StorageError> {
    let Some(limit) = limit_of(w, guild).await? else { return Ok(false) };
    loop {
        let mut tx = w.store().begin().await?;
        // Whoever places a hold waits here, or was before.
        let there = storage::tickets::lock(tx.conn(), ticket).await?.is_some();
        if !there || !expiry::is_due(&mut *tx.conn(), guild, limit, ticket).await? {
            return Ok(false);
        }
        let more = expiry::remove_some(tx.conn(), guild, ticket, w.now()).await?;
        counters::next(tx.conn(), guild, Counter::Erasure).await?;
        fail::fail_point!(crate::failpoints::keeping::REMOVE_BEFORE_COMMIT);
        tx.commit().await?;
        fail::fail_point!(crate::failpoints::keeping::REMOVE_AFTER_COMMIT);
        w.transcript_caches().shelves.forget(guild).await;
        if !more {
            w.ticket_caches().list_changed(guild);
            return Ok(true);
        }
        // Others want the writer too.
        tokio::task::yield_now().await;
    }
}

/// Removes the bytes of files whose rows are gone, unless another file has the same ones. What cannot be removed
/// now is tried again the next time.
pub async fn remove_blobs(w: &Wardesk) -> Result<(), StorageError> {
    let (mut after, mut failed) = (None, None);
    loop {
        let some = removals::asked(w.store().read(), after.as_ref(), BLOBS).await?;
        if some.is_empty() {
            return failed.map_or(Ok(()), Err);
        }
        for (guild, blob) in &some {
            if let Err(error) = remove_blob(w, *guild, blob).await {
                failed = Some(error);
            }
        }
        after = some.last().cloned();
    }
}

async fn remove_blob(w: &Wardesk, guild: GuildId, blob: &str) -> Result<(), StorageError> {
    let used = removals::is_used(w.store().read(), guild, blob).await?;
    if !used {
        // Where an object is does not depend on whose it is.
        w.store().blobs().delete(&storage::KeyScope::server(guild), blob).await?;
        fail::fail_point!(crate::failpoints::keeping::BLOB_AFTER_DELETE);
    }
    let mut tx = w.store().begin().await?;
    if used {
        removals::forget(tx.conn(), guild, blob).await?;
    } else {
        removals::done(tx.conn(), guild, blob, w.now()).await?;
    }
    tx.commit().await
}
