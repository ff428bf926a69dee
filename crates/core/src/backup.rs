//! Backups every night, and what follows when one was put back. Source of how long they are kept: P28.

use std::path::Path;
use std::time::Duration;

use domain::time::Millis;
use storage::backup::{self, Contents, Folder, Recipient, Restored};
use storage::{StorageError, Store};
use tokio_util::sync::CancellationToken;

use crate::{Wardesk, licences, privacy};

/// How often it is looked whether a backup is due.
const LOOK_EVERY: Duration = Duration::from_mins(10);
/// Seconds between two backups of the same kind.
const EVERY_SECONDS: i64 = 24 * 3600;
/// Seconds by which clocks of two machines may differ: what was erased so long before a backup is erased again too.
const CLOCKS_DIFFER: i64 = 3600;

/// Makes a backup of the content and one of the key store each day, in the folders `content` and `keys` of `folder`, and
/// removes those whose time is over, until `shutdown`. Two processes with one folder make two backups at worst.
pub async fn run(
    w: Wardesk,
    folder: std::path::PathBuf,
    recipient: Recipient,
    shutdown: CancellationToken,
) {
    let mut look = tokio::time::interval(LOOK_EVERY);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut jumps = w.jumps();
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = look.tick() => {}
            () = jumps.next() => {}
        }
        for contents in [Contents::Content, Contents::Keys] {
            tokio::select! {
                () = shutdown.cancelled() => return,
                made = make_if_due(&w, &folder, &recipient, contents) => {
                    if let Err(error) = made {
                        tracing::error!(%error, contents = name(contents), "a backup could not be made");
                        metrics::counter!("wardesk_backups_failed_total", "contents" => name(contents))
                            .increment(1);
                    }
                }
            }
        }
    }
}

/// The folder of backups of these contents, and their label.
const fn name(contents: Contents) -> &'static str {
    match contents {
        Contents::Content => "content",
        Contents::Keys => "keys",
    }
}

/// Makes a backup unless there is one of the last 24 hours, and removes those that are too old. Answers whether it made
/// one.
pub async fn make_if_due(
    w: &Wardesk,
    folder: &Path,
    recipient: &Recipient,
    contents: Contents,
) -> Result<bool, StorageError> {
    let folder = Folder::open(&folder.join(name(contents)))?;
    let now = w.now();
    let newest = folder.newest(contents, now)?;
    let fresh = newest.is_some_and(|at| now.0 < at.plus_seconds(EVERY_SECONDS).0);
    let made = if fresh {
        Ok(None)
    } else {
        let path = folder.place(contents, now);
        make(w.store(), contents, &path, recipient, now).await.map(Some)
    };
    // Also after a failure: what is too old goes, and of the content the newest ones stay.
    let pruned = folder.prune(now);
    if let Some(made) = made? {
        if made.missing > 0 {
            let missing = made.missing;
            tracing::error!(missing, "files that the database names are not in the store");
        }
        tracing::info!(contents = name(contents), bytes = made.length, "made a backup");
    }
    pruned?;
    Ok(!fresh)
}

/// Makes one backup.
pub async fn make(
    store: &Store,
    contents: Contents,
    path: &Path,
    recipient: &Recipient,
    now: Millis,
) -> Result<backup::Made, StorageError> {
    match contents {
        Contents::Content => backup::make(store, path, recipient, now).await,
        Contents::Keys => backup::make_keys(&store.key_store(), path, recipient, now).await,
    }
}

/// What was done again after a restore.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    /// People who were erased again.
    pub erased: u64,
    /// Restrictions, redactions, legal holds and ends of share links.
    pub protected: u64,
}

/// What has to be done before anybody uses a database that was put back: what is over for good ends again, what protects
/// people is done again, and who was erased since is erased again. Only then may a program start on it.
pub async fn settle_restored(w: &Wardesk, restored: &Restored) -> Result<Settled, StorageError> {
    let since = restored.made_at.plus_seconds(-CLOCKS_DIFFER);
    // Before the erasures: whoever holds a licence after this was not erased without a trace.
    licences::bury_again(w).await?;
    // Before them too: an erasure then meets what is restricted, held and redacted as it was.
    let protected = privacy::protections::again(w, since).await?;
    let erased = privacy::replay::since(w, since).await?;
    w.store().end_restore().await?;
    Ok(Settled { erased, protected })
}
