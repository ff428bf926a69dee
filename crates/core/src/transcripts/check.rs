//! Whether the copies are what they were: found out when they are read, and by reading all of them now and
//! then. What is gone, altered or cut short is marked, and repaired from Discord while the message is there.

use std::time::Duration;

use futures::TryStreamExt as _;
use storage::transcripts::attachments::{self as rows, AttachmentRow};
use storage::{SealError, StorageError};
use tokio_util::sync::CancellationToken;

use super::seals;
use crate::Wardesk;

/// How often some copies are read.
const EVERY: Duration = Duration::from_secs(10);
/// Copies that are read at a time, at most.
const AT_ONCE: i64 = 16;
/// Bytes that are read at a time, at most, unless one copy alone is larger: 0.8 MiB a second.
const BYTES: i64 = 8 * 1024 * 1024;
/// Seconds after which a copy is read again.
const AGAIN_S: i64 = 7 * 24 * 3600;

/// Reads copies, slowly, until `shutdown`; in the process that runs the bot.
pub async fn run(w: Wardesk, shutdown: CancellationToken) {
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        if !*w.leading().borrow() {
            continue;
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            done = round(&w) => if let Err(error) = done {
                tracing::warn!(%error, "copies of files could not be checked");
            }
        }
    }
}

async fn round(w: &Wardesk) -> Result<(), StorageError> {
    check_some(w).await?;
    let damaged = u32::try_from(damaged(w).await?).unwrap_or(u32::MAX);
    metrics::gauge!("wardesk_damaged_copies").set(f64::from(damaged));
    Ok(())
}

/// How many copies are damaged at the moment.
pub async fn damaged(w: &Wardesk) -> Result<u64, StorageError> {
    Ok(u64::try_from(rows::damaged(w.store().read()).await?).unwrap_or(0))
}

/// Reads the copies that were not read for a week, as many as may be read at a time. Answers how many.
pub async fn check_some(w: &Wardesk) -> Result<usize, StorageError> {
    let before = w.now().plus_seconds(-AGAIN_S);
    let (mut checked, mut bytes) = (0, 0);
    for row in rows::unchecked(w.store().read(), before, AT_ONCE).await? {
        bytes += row.length.unwrap_or(0);
        if checked > 0 && bytes > BYTES {
            break;
        }
        checked += 1;
        match condition(w, &row).await? {
            Condition::Damaged => note_damage(w, &row).await?,
            Condition::Whole | Condition::Erased => {
                let mut tx = w.store().begin().await?;
                rows::mark_checked(tx.conn(), &row, w.now()).await?;
                tx.commit().await?;
            }
        }
    }
    Ok(checked)
}

/// How the bytes of a copy are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Condition {
    /// As they were.
    Whole,
    /// Gone, altered or cut short.
    Damaged,
    /// Unreadable on purpose.
    Erased,
}

/// Reads a copy to its end. Fails when that cannot be said now.
pub(super) async fn condition(w: &Wardesk, row: &AttachmentRow) -> Result<Condition, StorageError> {
    match read_through(w, row).await {
        Ok(length) if Some(length) == row.length => Ok(Condition::Whole),
        Ok(_) => Ok(Condition::Damaged),
        Err(error) => after(w, row, error).await,
    }
}

async fn read_through(w: &Wardesk, row: &AttachmentRow) -> Result<i64, StorageError> {
    let blob = row.blob.as_deref().ok_or(StorageError::Corrupt("attachments.blob"))?;
    let scope = seals::scope(row.guild, row.subject);
    let mut parts = w.store().blobs().get(&scope, blob).await?;
    let mut length = 0;
    while let Some(part) = parts.try_next().await? {
        length += i64::try_from(part.len()).unwrap_or(0);
    }
    Ok(length)
}

/// What an error that reading a copy ended with says about it; the error, if it says nothing.
pub(super) async fn after(
    w: &Wardesk,
    row: &AttachmentRow,
    error: StorageError,
) -> Result<Condition, StorageError> {
    if error.is_damage() {
        return Ok(Condition::Damaged);
    }
    if !matches!(error, StorageError::Sealed(SealError::Destroyed)) {
        return Err(error);
    }
    // An altered beginning names another key, and so looks like one that was destroyed. The row is sealed
    // under the same key.
    let scope = seals::scope(row.guild, row.subject);
    let keys = w.store().keys();
    let details = seals::open_details(keys, scope, row.ticket, row.id, row.details.clone()).await?;
    Ok(if details.is_some() { Condition::Damaged } else { Condition::Erased })
}

/// Marks a copy as damaged, tells the operator, and has it repaired.
pub(super) async fn note_damage(w: &Wardesk, row: &AttachmentRow) -> Result<(), StorageError> {
    let mut tx = w.store().begin().await?;
    let news = rows::mark_damaged(tx.conn(), row, w.now()).await?;
    tx.commit().await?;
    if news {
        tracing::error!("a stored copy of a file is damaged");
        metrics::counter!("wardesk_copies_found_damaged_total", "kind" => row.kind.as_str())
            .increment(1);
        w.transcript_caches().files.notify_one();
    }
    Ok(())
}
