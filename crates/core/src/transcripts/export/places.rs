//! How many exports may be under way at once, and how far each is. Of this process: others have their own.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::ids::{TicketId, UserId};
use tokio::sync::watch;
use transcript::export::Format;

use super::ExportError;

/// Exports of one person at once.
pub const OWN: usize = 2;
/// Exports at once.
pub const ALL: usize = 8;

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// Whoever asks has as many as one may have.
    Own,
    /// All are taken.
    All,
}

/// How far an export is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// As what.
    pub format: Format,
    /// Messages that were written.
    pub messages: u64,
    /// How many there are, as far as is known.
    pub total: u64,
}

#[derive(Debug)]
struct Taken {
    number: u64,
    user: UserId,
    ticket: TicketId,
    progress: Progress,
}

#[derive(Debug, Default)]
struct Inner {
    last: u64,
    taken: Vec<Taken>,
}

/// The places of a process. A cheap handle.
#[derive(Debug, Clone)]
pub struct Places {
    inner: Arc<Mutex<Inner>>,
    changes: watch::Sender<()>,
}

impl Default for Places {
    fn default() -> Self {
        Self { inner: Arc::default(), changes: watch::Sender::new(()) }
    }
}

impl Places {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place.
    pub(super) fn take(
        &self,
        user: UserId,
        ticket: TicketId,
        format: Format,
    ) -> Result<Place, ExportError> {
        let mut inner = self.lock();
        if inner.taken.iter().filter(|one| one.user == user).count() >= OWN {
            return Err(ExportError::Busy(Full::Own));
        }
        if inner.taken.len() >= ALL {
            return Err(ExportError::Busy(Full::All));
        }
        inner.last += 1;
        let number = inner.last;
        let progress = Progress { format, messages: 0, total: 0 };
        inner.taken.push(Taken { number, user, ticket, progress });
        drop(inner);
        self.changes.send_replace(());
        Ok(Place { places: self.clone(), number })
    }

    /// How far the exports of a person from a transcript are, oldest first.
    pub fn of(&self, user: UserId, ticket: TicketId) -> Vec<Progress> {
        let inner = self.lock();
        let own = inner.taken.iter().filter(|one| one.user == user && one.ticket == ticket);
        own.map(|one| one.progress).collect()
    }

    /// Changes when any export begins, goes on or ends.
    pub fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }
}

/// The place of an export, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Places,
    number: u64,
}

impl Place {
    /// Says how far it is. A known total never falls.
    pub(super) fn tell(&self, messages: u64, total: u64) {
        let mut inner = self.places.lock();
        if let Some(taken) = inner.taken.iter_mut().find(|one| one.number == self.number) {
            taken.progress.messages = messages;
            taken.progress.total = taken.progress.total.max(total);
        }
        drop(inner);
        self.places.changes.send_replace(());
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.lock().taken.retain(|one| one.number != self.number);
        self.places.changes.send_replace(());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(id: i64) -> UserId {
        UserId::new(id).unwrap()
    }

    fn ticket() -> TicketId {
        TicketId::new(uuid::Uuid::from_u128(1))
    }

    #[test]
    fn each_has_so_many_and_all_together_so_many() {
        let places = Places::default();
        let take = |id| places.take(user(id), ticket(), Format::Text);
        let mut held: Vec<Place> = Vec::new();
        for _ in 0..OWN {
            held.push(take(1).unwrap());
        }
        assert!(matches!(take(1), Err(ExportError::Busy(Full::Own))));
        for id in 2.. {
            match take(id) {
                Ok(place) => held.push(place),
                Err(error) => {
                    assert!(matches!(error, ExportError::Busy(Full::All)));
                    break;
                }
            }
        }
        assert_eq!(held.len(), ALL);
        held.remove(0);
        held.push(take(1).unwrap());
    }

    #[test]
    fn progress_is_told_to_whoever_asked_and_ends_with_the_export() {
        let places = Places::default();
        let mut changes = places.changes();
        let place = places.take(user(1), ticket(), Format::Json).unwrap();
        place.tell(0, 10);
        place.tell(7, 7);
        assert!(changes.has_changed().unwrap());
        changes.mark_unchanged();
        let progress = Progress { format: Format::Json, messages: 7, total: 10 };
        assert_eq!(places.of(user(1), ticket()), [progress]);
        assert!(places.of(user(2), ticket()).is_empty());
        drop(place);
        assert!(places.of(user(1), ticket()).is_empty() && changes.has_changed().unwrap());
    }
}
