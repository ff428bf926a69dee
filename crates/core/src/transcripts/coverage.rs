//! Since when nothing that happened in tickets was missed.
//!
//! A session of the gateway delivers every event in order, across broken connections too when it is resumed.
//! So what was written since a session began need not be read again when a ticket closes. What is older has
//! to be: between two sessions a message of any age may have been edited or deleted unheard.
//!
//! This is known in memory only: a process that starts begins a session.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::ids::TicketId;
use domain::time::Millis;

use crate::Wardesk;

/// Since when nothing was missed.
#[derive(Debug, Default)]
pub struct Coverage(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    session: Session,
    /// Tickets that are heard since later than the session.
    later: HashMap<TicketId, Millis>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Session {
    /// None, or one that is over.
    #[default]
    None,
    /// It delivers, and began then.
    Live(Millis),
    /// It began then, and its connection broke: what it has missed comes when it is resumed.
    Broken(Millis),
}

impl Coverage {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(Session) -> Session) {
        let mut state = self.lock();
        let session = change(state.session);
        if session == Session::None {
            state.later.clear();
        }
        state.session = session;
    }

    /// Notes that something of a ticket before `now` was missed, or nobody listened to it yet.
    pub(crate) fn missed(&self, ticket: TicketId, now: Millis) {
        let mut state = self.lock();
        if state.session != Session::None {
            state.later.insert(ticket, now);
        }
    }

    /// Forgets a ticket that is closed.
    pub(super) fn forget(&self, ticket: TicketId) {
        self.lock().later.remove(&ticket);
    }

    /// Since when nothing of a ticket was missed; `None` when that is not known.
    pub(super) fn of(&self, ticket: TicketId) -> Option<Millis> {
        let state = self.lock();
        let Session::Live(since) = state.session else { return None };
        Some(state.later.get(&ticket).map_or(since, |later| since.max(*later)))
    }
}

/// A new session of the gateway begins. Call it when READY has come.
pub fn began(w: &Wardesk) {
    let coverage = &w.transcript_caches().coverage;
    coverage.change(|_| Session::None);
    coverage.change(|_| Session::Live(w.now()));
}

/// The connection of the gateway broke.
pub fn broke(w: &Wardesk) {
    w.transcript_caches().coverage.change(|session| match session {
        Session::Live(since) | Session::Broken(since) => Session::Broken(since),
        Session::None => Session::None,
    });
}

/// The session goes on, and what it had missed has come.
pub fn resumed(w: &Wardesk) {
    w.transcript_caches().coverage.change(|session| match session {
        Session::Live(since) | Session::Broken(since) => Session::Live(since),
        Session::None => Session::None,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_covers_from_its_beginning_while_it_delivers() {
        let coverage = Coverage::default();
        let ticket = TicketId::new(uuid::Uuid::nil());
        coverage.missed(ticket, Millis(5));
        assert_eq!(coverage.of(ticket), None);
        coverage.change(|_| Session::Live(Millis(10)));
        assert_eq!(coverage.of(ticket), Some(Millis(10)));
        coverage.missed(ticket, Millis(30));
        assert_eq!(coverage.of(ticket), Some(Millis(30)));
        coverage.change(|_| Session::Broken(Millis(10)));
        assert_eq!(coverage.of(ticket), None);
        coverage.change(|_| Session::Live(Millis(10)));
        assert_eq!(coverage.of(ticket), Some(Millis(30)));
        coverage.change(|_| Session::None);
        coverage.change(|_| Session::Live(Millis(40)));
        assert_eq!(coverage.of(ticket), Some(Millis(40)));
    }
}
