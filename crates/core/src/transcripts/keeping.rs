//! How long transcripts are kept, and their removal when that time is over.

use std::collections::BTreeSet;

use domain::access::Capability;
use domain::ids::{GuildId, TicketId};
use domain::licences::Limits;
use domain::time::Millis;
use domain::transcripts::Retention;
use storage::StorageError;
use storage::counters::{self, Counter};
use storage::transcripts::expiry::{self, Due};
use storage::transcripts::{holds, removals};

use super::{TranscriptAccess, TranscriptError};
use crate::Wardesk;
use crate::guilds::{GuildAccess, GuildError};
use crate::licences;

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
    /// Its ticket is not closed yet; so many days after that.
    AfterClosing(u64),
    /// For ever.
    ForEver,
    /// Until a legal hold is lifted.
    Held,
}

/// What says how long the tickets of a server are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// What the server wants.
    pub wanted: Retention,
    /// What its plan allows now.
    pub plan: Limits,
}

impl Rules {
    /// How long a ticket is kept. `closed`: when it ended, if it has. `noted`: latest removal date from its old plan,
    /// which a plan without a limit lifts. `held`: under a legal hold.
    pub fn kept(&self, closed: Option<Millis>, noted: Option<Millis>, held: bool) -> Kept {
        if held {
            return Kept::Held;
        }
        let Some(closed) = closed else {
            let plan = self.plan.keep_days.map(i64::from);
            let days = self.wanted.days().into_iter().chain(plan).min();
            return days.map_or(Kept::ForEver, |days| Kept::AfterClosing(days.unsigned_abs()));
        };
        // A plan that allows more days than the one it ended under lifts the limit to them.
        let plan = noted.zip(self.plan.keep_until(closed)).map(|(noted, now)| noted.max(now));
        let until = self.wanted.until(closed).into_iter().chain(plan).min();
        until.map_or(Kept::ForEver, Kept::Until)
    }
}

/// What says how long the tickets of a server are kept; at most ten seconds old.
pub async fn rules(w: &Wardesk, guild: GuildId) -> Result<Rules, TranscriptError> {
    let wanted = crate::guilds::known(w, guild).await?.settings.retention;
    Ok(Rules { wanted, plan: licences::limits(w, guild).await? })
}

/// How long a transcript is kept: said to everyone who may read it.
pub async fn of(access: &TranscriptAccess) -> Result<Kept, TranscriptError> {
    let (w, ticket) = (&access.wardesk, &access.ticket);
    let held = holds::active(w.store().read(), ticket.id).await?.is_some();
    let found = storage::guilds::settings(w.store().read(), ticket.guild).await?;
    let wanted = found.unwrap_or_default().0.retention;
    let rules = Rules { wanted, plan: licences::limits(w, ticket.guild).await? };
    Ok(rules.kept(ticket.closed_at, ticket.keep_until, held))
}

/// How many transcripts of the server would go within the hour if they were kept so long from now on.
pub async fn would_go(access: &GuildAccess, retention: Retention) -> Result<u64, GuildError> {
    access.require(Capability::Configure)?;
    let w = access.wardesk();
    let Some(limit) = retention.limit(w.now()) else { return Ok(0) };
    let due = Due { ended: Some(limit), noted: None };
    let count = expiry::count_due(w.store().read(), access.guild(), due).await?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// Removes every ticket whose time is over, with all that is kept of it. Safe to repeat and to stop anywhere:
/// what is left goes the next time. Answers how many went.
pub async fn remove_expired(w: &Wardesk) -> Result<u64, StorageError> {
    let (mut after, mut removed) = (None, 0);
    loop {
        let some = storage::guilds::all_settings(w.store().read(), after, GUILDS).await?;
        let Some((last, _)) = some.last() else { break };
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
    Ok(removed + remove_noted(w).await?)
}

/// Removes the tickets that are past the time that the plan they ended under allows, where the server's plan still
/// has a limit; where it has a longer one or none any more, lifts theirs.
async fn remove_noted(w: &Wardesk) -> Result<u64, StorageError> {
    let (mut after, mut removed) = (None, 0);
    loop {
        let some = expiry::noted(w.store().read(), after, GUILDS).await?;
        let Some(last) = some.last() else { return Ok(removed) };
        after = Some(*last);
        for guild in some {
            let days = licences::limits(w, guild).await?.keep_days;
            let mut tx = w.store().begin().await?;
            expiry::lift(tx.conn(), guild, days).await?;
            tx.commit().await?;
            match remove_of(w, guild).await {
                Ok(more) => removed += more,
                Err(StorageError::Corrupt(place)) => {
                    tracing::error!(
                        place,
                        "what a server keeps cannot be read, so nothing of it goes"
                    );
                }
                Err(error) => return Err(error),
            }
        }
    }
}

async fn remove_of(w: &Wardesk, guild: GuildId) -> Result<u64, StorageError> {
    let (mut after, mut removed) = (None, 0);
    // Read anew for each ticket: a server that changes its mind keeps what is left.
    while let Some(due) = due_of(w, guild).await? {
        let due = expiry::due(w.store().read(), guild, due, after, TICKETS).await?;
        let Some(last) = due.last() else { break };
        after = Some(*last);
        for (_, ticket) in due {
            removed += u64::from(remove(w, guild, ticket).await?);
        }
    }
    Ok(removed)
}

/// Which tickets of a server are to go now; `None`: none.
async fn due_of(w: &Wardesk, guild: GuildId) -> Result<Option<Due>, StorageError> {
    due_at(w, guild, w.now()).await
}

/// Which tickets of a server are to go at a time, as things stand now; `None`: none.
pub(crate) async fn due_at(
    w: &Wardesk,
    guild: GuildId,
    at: Millis,
) -> Result<Option<Due>, StorageError> {
    let found = storage::guilds::settings(w.store().read(), guild).await?;
    let days = licences::limits_at(w, guild, at).await?.keep_days;
    let due = Due {
        ended: found.and_then(|(settings, _)| settings.retention.limit(at)),
        noted: days.map(|days| (at, at.plus_seconds(-i64::from(days) * 86_400))),
    };
    Ok(Some(due).filter(|due| due.is_any()))
}

/// Removes a ticket in small transactions; `false`: it may not go any more.
async fn remove(w: &Wardesk, guild: GuildId, ticket: TicketId) -> Result<bool, StorageError> {
    let Some(due) = due_of(w, guild).await? else { return Ok(false) };
    loop {
        let mut tx = w.store().begin().await?;
        // Whoever places a hold waits here, or was before.
        let there = storage::tickets::lock(tx.conn(), ticket).await?.is_some();
        if !there || !expiry::is_due(&mut *tx.conn(), guild, due, ticket).await? {
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

/// Forgets what this process has in memory of a server's tickets: some of them went.
pub(crate) async fn forget(w: &Wardesk, guild: GuildId) {
    w.transcript_caches().shelves.forget(guild).await;
    w.ticket_caches().list_changed(guild);
}

/// Removes the bytes of files whose rows are gone, unless another file has the same ones. What cannot be removed
/// now is tried again the next time.
pub async fn remove_blobs(w: &Wardesk) -> Result<(), StorageError> {
    let (_, failed) = remove_each(w).await?;
    failed.map_or(Ok(()), Err)
}

/// As [`remove_blobs`], for those whom an object that cannot be removed, perhaps of another server, must not hold up: it
/// stays asked for, and goes with a sweep. Answers the servers that have such objects; `None` is the service itself.
pub(crate) async fn remove_what_goes(
    w: &Wardesk,
) -> Result<BTreeSet<Option<GuildId>>, StorageError> {
    let (left, failed) = remove_each(w).await?;
    if let Some(error) = failed {
        tracing::error!(%error, servers = left.len(), "a file could not be removed; it is tried again");
    }
    Ok(left)
}

/// Tries every removal that was asked for. Answers the servers where one failed, and the last error.
async fn remove_each(
    w: &Wardesk,
) -> Result<(BTreeSet<Option<GuildId>>, Option<StorageError>), StorageError> {
    let (mut after, mut left, mut failed) = (None, BTreeSet::new(), None);
    loop {
        let some = removals::asked(w.store().read(), after.as_ref(), BLOBS).await?;
        if some.is_empty() {
            return Ok((left, failed));
        }
        for (guild, blob) in &some {
            if let Err(error) = remove_blob(w, *guild, blob).await {
                left.insert(*guild);
                failed = Some(error);
            }
        }
        after = some.last().cloned();
    }
}

async fn remove_blob(w: &Wardesk, guild: Option<GuildId>, blob: &str) -> Result<(), StorageError> {
    let used = removals::is_used(w.store().read(), guild, blob).await?;
    if !used {
        // Where an object is does not depend on whose it is.
        let scope = guild.map_or(storage::KeyScope::SERVICE, storage::KeyScope::server);
        w.store().blobs().delete(&scope, blob).await?;
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
