//! What belongs to a server goes 30 days after the bot has left it. Source: P22 and P24.
//!
//! Within that time the bot may come back, and finds everything. A ticket under a legal hold stays, with what is
//! needed to read it, until the hold is lifted.

use domain::ids::{GuildId, TicketId};
use domain::time::Millis;
use storage::counters::{self, Counter};
use storage::privacy::clearing::{self, KEPT_AFTER_LEAVING_SECONDS, TABLES};
use storage::transcripts::expiry;
use storage::{StorageError, Tx};

use crate::Wardesk;
use crate::guilds::{self, GuildError};
use crate::ports::DiscordError;
use crate::transcripts::keeping;

/// Servers that are looked for at once.
const GUILDS: i64 = 200;
/// Tickets that are looked for at once.
const TICKETS: i64 = 50;
/// Seconds after which the server of a freed seat is forgotten: until then whoever gives the seat away again has
/// moved it.
const FREED_SECONDS: i64 = 86_400;

/// Left then or before is to be cleared now.
fn limit(w: &Wardesk) -> Millis {
    w.now().plus_seconds(-KEPT_AFTER_LEAVING_SECONDS)
}

/// Removes what is kept of servers that the bot left long enough ago, but for objects, keys, and that it was there.
/// Discord is asked about each before. Answers which servers these are; of one that failed, the error at the end.
/// Safe to repeat and to stop anywhere.
pub async fn empty(w: &Wardesk) -> (Vec<GuildId>, Result<(), StorageError>) {
    let (mut after, mut emptied, mut failed) = (None, Vec::new(), Ok(()));
    loop {
        let db = w.store().read();
        let some = match clearing::due(db, w.application(), limit(w), after, GUILDS).await {
            Ok(some) => some,
            Err(error) => return (emptied, Err(error)),
        };
        let Some(last) = some.last() else { return (emptied, failed) };
        after = Some(*last);
        for guild in some {
            match empty_one(w, guild).await {
                Ok(true) => emptied.push(guild),
                Ok(false) => {}
                Err(error) => failed = Err(error),
            }
        }
    }
}

/// `false`: it is not to be cleared now.
async fn empty_one(w: &Wardesk, guild: GuildId) -> Result<bool, StorageError> {
    if !is_gone(w, guild).await? {
        return Ok(false);
    }
    let mut after = None;
    loop {
        let some = clearing::tickets(w.store().read(), guild, after, TICKETS).await?;
        let Some(last) = some.last() else { break };
        after = Some(*last);
        for ticket in some {
            if !remove_ticket(w, guild, ticket).await? {
                return Ok(false);
            }
        }
    }
    for (table, fate) in TABLES {
        loop {
            let Some(mut tx) = begin(w, guild).await? else { return Ok(false) };
            let removed = clearing::remove_some(tx.conn(), guild, table, *fate).await?;
            fail::fail_point!(crate::failpoints::clearing::ROWS_BEFORE_COMMIT);
            tx.commit().await?;
            if removed == 0 {
                break;
            }
            fail::fail_point!(crate::failpoints::clearing::ROWS_AFTER_COMMIT);
            tokio::task::yield_now().await;
        }
    }
    w.guild_caches().changed(guild).await;
    Ok(true)
}

/// Whether the bot is still not on the server: what was noted may be wrong. While Discord does not say, it is not
/// gone.
async fn is_gone(w: &Wardesk, guild: GuildId) -> Result<bool, StorageError> {
    match w.discord().guild_fresh(guild).await {
        Err(DiscordError::Gone { .. } | DiscordError::Forbidden { .. }) => Ok(true),
        Err(error) => {
            tracing::warn!(%error, "a server that the bot left is kept: Discord does not say so now");
            Ok(false)
        }
        Ok(facts) => {
            tracing::warn!("a server was noted as left, and the bot is on it");
            match guilds::arrived(w, guild, &facts.name, facts.icon.as_deref()).await {
                Err(GuildError::Storage(error)) => Err(error),
                _ => Ok(false),
            }
        }
    }
}

/// Begins a step; `None`: the bot is back.
async fn begin(w: &Wardesk, guild: GuildId) -> Result<Option<Tx>, StorageError> {
    let mut tx = w.store().begin().await?;
    let gone = clearing::lock_gone(tx.conn(), w.application(), limit(w), guild).await?;
    Ok(gone.then_some(tx))
}

/// Removes a ticket in small transactions, unless a hold was placed on it; `false`: the bot is back.
async fn remove_ticket(
    w: &Wardesk,
    guild: GuildId,
    ticket: TicketId,
) -> Result<bool, StorageError> {
    loop {
        let Some(mut tx) = begin(w, guild).await? else { return Ok(false) };
        // Whoever places a hold waits here, or was before.
        let there = storage::tickets::lock(tx.conn(), ticket).await?.is_some();
        let held = storage::transcripts::holds::active(&mut *tx.conn(), ticket).await?.is_some();
        if !there || held {
            return Ok(true);
        }
        let more = expiry::remove_some(tx.conn(), guild, ticket, w.now()).await?;
        counters::next(tx.conn(), guild, Counter::Erasure).await?;
        fail::fail_point!(crate::failpoints::clearing::TICKET_BEFORE_COMMIT);
        tx.commit().await?;
        fail::fail_point!(crate::failpoints::clearing::TICKET_AFTER_COMMIT);
        keeping::forget(w, guild).await;
        if !more {
            return Ok(true);
        }
        tokio::task::yield_now().await;
    }
}

/// Destroys the keys of servers that have nothing left to open with them, and forgets that the bot was there. Answers
/// how many servers, or the error of one that failed.
pub async fn finish(w: &Wardesk, emptied: &[GuildId]) -> Result<u64, StorageError> {
    let (mut finished, mut failed) = (0, Ok(()));
    for guild in emptied {
        match finish_one(w, *guild).await {
            Ok(done) => finished += u64::from(done),
            Err(error) => failed = Err(error),
        }
    }
    failed.map(|()| finished)
}

async fn finish_one(w: &Wardesk, guild: GuildId) -> Result<bool, StorageError> {
    let Some(mut tx) = begin(w, guild).await? else { return Ok(false) };
    if clearing::is_waited_for(tx.conn(), guild).await? {
        return Ok(false);
    }
    // While the row is locked, the bot cannot come back: no new words are sealed under a key that goes.
    w.store().keys().destroy_guild(guild).await?;
    fail::fail_point!(crate::failpoints::clearing::KEYS_AFTER_DESTROY, |_| Ok(false));
    clearing::remove_installation(tx.conn(), limit(w), guild).await?;
    fail::fail_point!(crate::failpoints::clearing::FINISH_BEFORE_COMMIT, |_| Ok(false));
    tx.commit().await?;
    w.guild_caches().changed(guild).await;
    keeping::forget(w, guild).await;
    Ok(true)
}

/// Sees to what names servers and does not belong to them: seats and subscriptions that are over, the heads of audit
/// logs without any entry left. Servers that are not known to have been left begin to be cleared.
pub async fn tidy(w: &Wardesk) -> Result<(), StorageError> {
    let now = w.now();
    let mut tx = w.store().begin().await?;
    clearing::adopt(tx.conn(), w.application(), now).await?;
    let freed = now.plus_seconds(-FREED_SECONDS);
    clearing::leave_licences(tx.conn(), now, freed).await?;
    tx.commit().await?;
    loop {
        let some = clearing::bare_heads(w.store().read(), GUILDS).await?;
        if some.is_empty() {
            return Ok(());
        }
        for guild in some {
            let mut tx = w.store().begin().await?;
            storage::audit::lock(tx.conn(), guild).await?;
            clearing::remove_head(tx.conn(), guild).await?;
            tx.commit().await?;
        }
    }
}
