//! What is kept only for a time goes when that time is over. The rules are [`storage::retention::RULES`].

use std::time::Duration;

use domain::time::Millis;
use storage::leases::{self, Purpose};
use storage::retention::{self, RULES};
use storage::{StorageError, Tx};
use tokio_util::sync::CancellationToken;

use crate::Wardesk;
#[cfg(feature = "failpoints")]
use crate::failpoints::sweeping as at;
use crate::privacy::{clear, download, erase, protections};
use crate::{accounts, licences, transcripts};

/// Seconds between two sweeps, whichever processes make them.
const EVERY_SECONDS: i64 = 3600;
/// How often a process looks whether a sweep is due: that late, at most, one begins.
const LOOK_EVERY: Duration = Duration::from_mins(1);
/// Seconds that a sweep may take before another process takes its maker for dead.
const SWEEP_SECONDS: i64 = 600;
/// Seconds after which an upload that was begun is taken for abandoned.
const ABANDONED_SECONDS: i64 = 24 * 3600;

/// Sweeps once an hour, by one process of those on the database, until `shutdown`.
pub async fn run(w: Wardesk, shutdown: CancellationToken) {
    let mut look = tokio::time::interval(LOOK_EVERY);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut jumps = w.jumps();
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = look.tick() => {}
            () = jumps.next() => {}
        }
        fail::fail_point!(crate::failpoints::parts::RETENTION, |_| ());
        tokio::select! {
            () = shutdown.cancelled() => return,
            finished = transcripts::redact::finish_all(&w) => if let Err(error) = finished {
                tracing::error!(%error, "redactions could not be finished");
            }
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            given = accounts::sessions::give_back_rest(&w) => if let Err(error) = given {
                tracing::error!(%error, "tokens of ended sessions could not be given back");
            }
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            swept = sweep_if_due(&w) => if let Err(error) = swept {
                tracing::error!(%error, "what is too old could not be removed");
            }
        }
    }
}

/// Sweeps unless this or another process has done so in the last hour. Answers whether it did.
pub async fn sweep_if_due(w: &Wardesk) -> Result<bool, StorageError> {
    // A holder of its own for each sweep: who swept last waits like everyone else.
    let holder = w.new_uuid().to_string();
    let mut tx = w.store().begin().await?;
    let mine = hold(w, &mut tx, &holder, SWEEP_SECONDS).await?;
    tx.commit().await?;
    if !mine {
        return Ok(false);
    }
    fail::fail_point!(at::AFTER_LEASE);
    sweep(w).await?;
    fail::fail_point!(at::BEFORE_END);
    // The lease outlives the sweep: its end is when the next one is due.
    let mut tx = w.store().begin().await?;
    hold(w, &mut tx, &holder, EVERY_SECONDS).await?;
    tx.commit().await?;
    Ok(true)
}

/// When the next sweep is due: within an hour. It begins a minute later at most, where a process runs.
pub async fn next(w: &Wardesk) -> Result<Millis, StorageError> {
    let (now, latest) = (w.now(), w.now().plus_seconds(EVERY_SECONDS));
    let held = leases::holder(w.store().read(), w.application(), Purpose::Retention, 0).await?;
    Ok(held.map_or(now, |held| held.until).clamp(now, latest))
}

async fn hold(w: &Wardesk, tx: &mut Tx, holder: &str, seconds: i64) -> Result<bool, StorageError> {
    let (now, bot) = (w.now(), w.application());
    let until = now.plus_seconds(seconds);
    // No sweep is due later than this by a clock that goes on: see `leases::acquire`.
    let latest = now.plus_seconds(EVERY_SECONDS);
    leases::acquire(tx.conn(), bot, Purpose::Retention, 0, holder, now, until, latest).await
}

/// Carries out each rule; the last error, if there was one.
async fn carry_out_rules(w: &Wardesk) -> Option<StorageError> {
    let mut failed = None;
    for rule in RULES {
        match retention::sweep(w.store(), rule, w.now()).await {
            Ok(0) => {}
            Ok(removed) => {
                tracing::info!(rule = rule.name, removed, "removed what is too old");
                metrics::counter!("wardesk_retention_removed_total", "rule" => rule.name)
                    .increment(removed);
                fail::fail_point!(at::AFTER_RULE);
            }
            Err(error) => {
                tracing::error!(rule = rule.name, %error, "a rule could not be carried out");
                failed = Some(error);
            }
        }
    }
    failed
}

/// Removes everything that is too old now. Every part is safe to repeat and to stop anywhere; one that
/// fails does not keep the others from their turn, and its error is the answer then.
pub async fn sweep(w: &Wardesk) -> Result<(), StorageError> {
    let mut failed = carry_out_rules(w).await;
    if let Err(error) = licences::bury_again(w).await {
        tracing::error!(%error, "licences that are over for good could not be looked for");
        failed = Some(error);
    }
    let before = w.now().plus_seconds(-ABANDONED_SECONDS);
    if let Err(error) = w.store().blobs().remove_abandoned(before).await {
        failed = Some(error);
    }
    match transcripts::keeping::remove_expired(w).await {
        Ok(0) => {}
        Ok(removed) => {
            tracing::info!(removed, "removed transcripts whose time is over");
            metrics::counter!("wardesk_retention_removed_total", "rule" => "transcripts")
                .increment(removed);
        }
        Err(error) => {
            tracing::error!(%error, "transcripts could not be removed");
            failed = Some(error);
        }
    }
    fail::fail_point!(at::AFTER_EXPIRED);
    let before = w.now().plus_seconds(-protections::DAYS * 24 * 3600);
    match w.store().keys().forget_protections(before).await {
        Ok(0) => {}
        Ok(removed) => {
            tracing::info!(removed, "removed what no backup is older than any more");
            metrics::counter!("wardesk_retention_removed_total", "rule" => "protections")
                .increment(removed);
        }
        Err(error) => {
            tracing::error!(%error, "what no backup is older than could not be removed");
            failed = Some(error);
        }
    }
    if let Err(error) = download::remove_expired(w).await {
        tracing::error!(%error, "downloads could not be removed");
        failed = Some(error);
    }
    let (emptied, left) = clear::empty(w).await;
    if let Err(error) = left {
        tracing::error!(%error, "what is kept of a server that was left could not be removed");
        failed = Some(error);
    }
    if let Err(error) = transcripts::keeping::remove_blobs(w).await {
        tracing::error!(%error, "files could not be removed");
        failed = Some(error);
    }
    match clear::finish(w, &emptied).await {
        Ok(0) => {}
        Ok(removed) => {
            tracing::info!(removed, "removed what was kept of servers that were left");
            metrics::counter!("wardesk_retention_removed_total", "rule" => "servers")
                .increment(removed);
        }
        Err(error) => {
            tracing::error!(%error, "the keys of a server that was left could not be destroyed");
            failed = Some(error);
        }
    }
    if let Err(error) = clear::tidy(w).await {
        tracing::error!(%error, "what names servers that were left could not be removed");
        failed = Some(error);
    }
    // The last words of channels that are gone join their transcripts.
    loop {
        match transcripts::tidy(w).await {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) => {
                tracing::error!(%error, "transcripts could not be tidied");
                break;
            }
        }
    }
    // Transcripts of earlier versions get what they are found by.
    loop {
        match transcripts::search::index_missing(w).await {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) => {
                tracing::error!(%error, "transcripts could not be indexed");
                break;
            }
        }
    }
    if let Err(error) = erase::forget(w).await {
        tracing::error!(%error, "what was removed may still be in the write-ahead log");
        failed = Some(error);
    }
    failed.map_or(Ok(()), Err)
}
