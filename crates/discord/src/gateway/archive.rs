//! Message events in small batches.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};
use wardesk_core::Wardesk;
use wardesk_core::transcripts::archive::{self, RawFrame};

/// The most events that are written together.
const BATCH: usize = 256;

/// The longest the first event of a batch waits for others.
const WAIT: Duration = Duration::from_millis(10);

/// Events on their way to the archive; when it is full, reading from Discord pauses.
pub(super) const BACKLOG: usize = 8192;

/// Writes events in the order they came until the last sender is gone.
pub(super) async fn run(w: Wardesk, mut frames: mpsc::Receiver<RawFrame>) {
    while let Some(batch) = next_batch(&mut frames).await {
        metrics::histogram!("discord_archive_batch_size")
            .record(f64::from(u32::try_from(batch.len()).unwrap_or(u32::MAX)));
        archive::frames(&w, batch).await;
    }
}

async fn next_batch(frames: &mut mpsc::Receiver<RawFrame>) -> Option<Vec<RawFrame>> {
    let mut batch = vec![frames.recv().await?];
    let until = Instant::now() + WAIT;
    while batch.len() < BATCH {
        match timeout_at(until, frames.recv()).await {
            Ok(Some(frame)) => batch.push(frame),
            Ok(None) | Err(_) => break,
        }
    }
    Some(batch)
}
