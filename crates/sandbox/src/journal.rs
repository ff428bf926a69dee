//! A record of every request and what came of it, so that a test can say "exactly once".

use std::collections::VecDeque;

use serde::Serialize;

use crate::id::Id;

/// Entries kept; older ones are dropped.
const KEPT: usize = 100_000;

/// One request.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    /// Counts up from 1.
    pub seq: u64,
    /// When it was answered, milliseconds UTC of the sandbox's clock.
    pub at: i64,
    /// HTTP method.
    pub method: String,
    /// Route template without version, for example `/channels/{channel_id}/messages`.
    pub route: String,
    /// Path as asked, with tokens of webhooks and interactions replaced by `…`.
    pub path: String,
    /// The bot, person or nobody who asked.
    pub actor: Option<Id>,
    /// HTTP status; 0 when the connection was cut.
    pub status: u16,
    /// Discord's error code, 0 for success.
    pub code: u32,
    /// The `id` of what was answered: the created message, channel and so on.
    pub result: Option<Id>,
    /// The nonce of a created message.
    pub nonce: Option<String>,
    /// Whether the request did what it asked, even if the answer was lost.
    pub effect: bool,
    /// Whether a fault struck.
    pub faulty: bool,
}

/// The record.
#[derive(Debug, Default)]
pub struct Journal {
    entries: VecDeque<Entry>,
    last: u64,
}

impl Journal {
    pub(crate) fn note(&mut self, mut entry: Entry) {
        self.last += 1;
        entry.seq = self.last;
        if self.entries.len() == KEPT {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    /// Entries after a sequence number, oldest first.
    pub fn since(&self, seq: u64) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.seq > seq)
    }

    /// All entries, oldest first.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// How many requests of a method and route took effect.
    pub fn effects(&self, method: &str, route: &str) -> usize {
        self.entries.iter().filter(|e| e.effect && e.method == method && e.route == route).count()
    }

    /// The newest sequence number.
    pub fn last_seq(&self) -> u64 {
        self.last
    }

    /// Forgets all entries; sequence numbers go on.
    pub fn clear(&mut self) {
        self.entries.clear();
    }
}
