//! What the transcripts feature keeps in memory.

use domain::ids::{AttachmentId, TicketId, UserId};
use moka::future::Cache;
use tokio::sync::Notify;

use super::coverage::Coverage;
use super::export::Places;
use super::search::Shelves;

/// People whose profile is known to be written.
const PROFILES: u64 = 20_000;

/// Pictures that are known to be noted.
const PICTURES: u64 = 100_000;

/// What the transcripts feature keeps in memory.
pub struct TranscriptCaches {
    /// Woken when a file is to be copied.
    pub(super) files: Notify,
    /// A hash of the profile that was last written for someone of a ticket.
    pub(super) profiles: Cache<(TicketId, UserId), u64>,
    /// Pictures of tickets that are noted to be copied, or were copied.
    pub(super) pictures: Cache<(TicketId, AttachmentId), ()>,
    /// What transcripts are found by.
    pub(super) shelves: Shelves,
    /// Exports that are under way.
    pub(super) exports: Places,
    /// Since when nothing was missed.
    pub(crate) coverage: Coverage,
}

impl TranscriptCaches {
    /// Forgets that the names of somebody who was erased are written.
    pub(crate) fn forget_person(&self, user: UserId) {
        let _ = self.profiles.invalidate_entries_if(move |(_, known), _| *known == user);
    }
}

impl Default for TranscriptCaches {
    fn default() -> Self {
        Self {
            files: Notify::new(),
            profiles: Cache::builder()
                .max_capacity(PROFILES)
                .support_invalidation_closures()
                .build(),
            pictures: Cache::builder().max_capacity(PICTURES).build(),
            shelves: Shelves::default(),
            exports: Places::default(),
            coverage: Coverage::default(),
        }
    }
}
