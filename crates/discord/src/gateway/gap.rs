//! Since when messages may have been missed that were not read back yet.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::time::Millis;

/// Since when everything has to be read back; at first nothing has. Known in memory only: what a process had not read
/// when it ended is read when the ticket closes.
#[derive(Debug, Clone, Default)]
pub(super) struct Gap(Arc<Mutex<Option<Millis>>>);

/// An attempt to read everything back. Unless it ends well, what it was for is to be read back still: also when it is
/// aborted.
#[derive(Debug)]
pub(super) struct Attempt<'a> {
    gap: &'a Gap,
    since: Millis,
    done: bool,
}

impl Gap {
    fn lock(&self) -> MutexGuard<'_, Option<Millis>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that everything since then has to be read back.
    pub(super) fn note(&self, since: Millis) {
        let mut pending = self.lock();
        *pending = Some(pending.map_or(since, |known| known.min(since)));
    }

    /// Begins an attempt that goes back to `since`, or to what is pending from before. What is noted while it lasts is
    /// left to the next one.
    pub(super) fn attempt(&self, since: Millis) -> Attempt<'_> {
        let pending = self.lock().take();
        let since = pending.map_or(since, |known| known.min(since));
        Attempt { gap: self, since, done: false }
    }
}

impl Attempt<'_> {
    /// Since when everything is to be read.
    pub(super) const fn since(&self) -> Millis {
        self.since
    }

    /// Everything was read.
    pub(super) fn end(mut self) {
        self.done = true;
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if !self.done {
            self.gap.note(self.since);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_attempt_leaves_is_for_the_next_one() {
        let gap = Gap::default();
        let first = gap.attempt(Millis(50));
        assert_eq!(first.since(), Millis(50));
        drop(first);
        let second = gap.attempt(Millis(90));
        assert_eq!(second.since(), Millis(50));
        second.end();
        assert_eq!(gap.attempt(Millis(120)).since(), Millis(120));
    }

    #[test]
    fn what_is_noted_during_an_attempt_stays() {
        let gap = Gap::default();
        gap.note(Millis(30));
        gap.note(Millis(10));
        gap.note(Millis(20));
        let attempt = gap.attempt(Millis(40));
        assert_eq!(attempt.since(), Millis(10));
        gap.note(Millis(60));
        attempt.end();
        let next = gap.attempt(Millis(90));
        assert_eq!(next.since(), Millis(60));
        // Two at once: each is for its own.
        gap.note(Millis(70));
        let other = gap.attempt(Millis(95));
        assert_eq!(other.since(), Millis(70));
        drop(next);
        other.end();
        assert_eq!(gap.attempt(Millis(99)).since(), Millis(60));
    }

    #[tokio::test]
    async fn what_an_aborted_attempt_was_for_is_not_forgotten() {
        let gap = Gap::default();
        let mine = gap.clone();
        let (begun, begins) = tokio::sync::oneshot::channel();
        let task = tokio::spawn(async move {
            let _attempt = mine.attempt(Millis(5));
            begun.send(()).unwrap();
            std::future::pending::<()>().await;
        });
        begins.await.unwrap();
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        assert_eq!(gap.attempt(Millis(9)).since(), Millis(5));
    }
}
