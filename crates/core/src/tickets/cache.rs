//! What the tickets feature keeps in memory: which channels are tickets, and the panels, so that a
//! pressed button is answered without waiting.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use domain::ids::{ChannelId, GuildId, PanelId, TicketId};
use domain::time::Millis;
use storage::StorageError;
use storage::panels::PanelRow;
use storage::tickets::channels::TicketChannel;

use super::list::PagesByQuery;
use super::overview::PeopleByPanels;
use crate::Wardesk;

/// How long the people that filters offer may be remembered.
const PEOPLE_FOR: Duration = Duration::from_secs(30);
/// For how many servers.
const PEOPLE_OF: u64 = 1_000;
/// How long a page of a list may be remembered: another process on the same database may change it.
const PAGES_FOR: Duration = Duration::from_secs(1);
/// For how many servers.
const PAGES_OF: u64 = 1_000;
/// How long panels may be remembered: another process on the same database may change them.
const PANELS_FOR: Duration = Duration::from_secs(10);
/// How many servers' panels are remembered.
const PANELS_OF: u64 = 10_000;

/// How long the messages of a channel that is gone are still taken: its last ones may be on their way.
const LAST_WORDS_MS: i64 = 60_000;

/// A ticket's channel, and when it went.
#[derive(Clone, Copy)]
struct Held {
    channel: TicketChannel,
    gone: Option<Millis>,
}

/// What the tickets feature keeps in memory.
pub struct TicketCaches {
    channels: RwLock<HashMap<ChannelId, Held>>,
    panels: moka::future::Cache<GuildId, Arc<Vec<PanelRow>>>,
    people: moka::sync::Cache<GuildId, Arc<PeopleByPanels>>,
    pages: moka::sync::Cache<GuildId, Arc<PagesByQuery>>,
}

impl Default for TicketCaches {
    fn default() -> Self {
        Self {
            channels: RwLock::default(),
            panels: moka::future::Cache::builder()
                .max_capacity(PANELS_OF)
                .time_to_live(PANELS_FOR)
                .build(),
            people: moka::sync::Cache::builder()
                .max_capacity(PEOPLE_OF)
                .time_to_live(PEOPLE_FOR)
                .build(),
            pages: moka::sync::Cache::builder()
                .max_capacity(PAGES_OF)
                .time_to_live(PAGES_FOR)
                .build(),
        }
    }
}

impl TicketCaches {
    fn add_channel(&self, channel: TicketChannel) {
        let mut all = self.channels.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(channel.channel, Held { channel, gone: None });
    }

    /// Notes that a channel is gone. Its last messages are still taken for a while.
    pub(crate) fn remove_channel(&self, channel: ChannelId, now: Millis) {
        let mut all = self.channels.write().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, held| held.gone.is_none_or(|gone| now.since(gone) < LAST_WORDS_MS));
        if let Some(held) = all.get_mut(&channel) {
            held.gone.get_or_insert(now);
        }
    }

    fn held(&self, channel: ChannelId) -> Option<Held> {
        self.channels.read().unwrap_or_else(PoisonError::into_inner).get(&channel).copied()
    }

    /// The ticket of a channel that is there.
    pub(crate) fn channel(&self, channel: ChannelId) -> Option<TicketChannel> {
        self.held(channel).filter(|held| held.gone.is_none()).map(|held| held.channel)
    }

    /// Reads every live ticket channel. Channels that were added meanwhile stay.
    pub(crate) async fn load_channels(&self, w: &Wardesk) -> Result<usize, StorageError> {
        let found = storage::tickets::channels::all(w.store().read(), w.application()).await?;
        let mut all = self.channels.write().unwrap_or_else(PoisonError::into_inner);
        for channel in found {
            all.insert(channel.channel, Held { channel, gone: None });
        }
        Ok(all.len())
    }

    /// The panels of a server, also removed ones, oldest first, at most ten seconds old.
    pub(crate) async fn panels(
        &self,
        w: &Wardesk,
        guild: GuildId,
    ) -> Result<Arc<Vec<PanelRow>>, StorageError> {
        if let Some(panels) = self.panels.get(&guild).await {
            return Ok(panels);
        }
        let panels = Arc::new(storage::panels::list_all(w.store().read(), guild).await?);
        self.panels.insert(guild, Arc::clone(&panels)).await;
        Ok(panels)
    }

    /// One panel of a server that is in use, at most ten seconds old.
    pub(crate) async fn panel(
        &self,
        w: &Wardesk,
        guild: GuildId,
        id: PanelId,
    ) -> Result<Option<PanelRow>, StorageError> {
        Ok(self
            .panels(w, guild)
            .await?
            .iter()
            .find(|p| p.id == id && p.removed_at.is_none())
            .cloned())
    }

    /// The name of a panel of a server, in use or removed, at most ten seconds old; empty if there is none.
    pub(crate) async fn panel_name(
        &self,
        w: &Wardesk,
        guild: GuildId,
        id: PanelId,
    ) -> Result<String, StorageError> {
        if let Some(panel) = self.panels(w, guild).await?.iter().find(|p| p.id == id) {
            return Ok(panel.settings.name.clone());
        }
        // Made by another process a moment ago.
        let panel = storage::panels::get(w.store().read(), guild, id).await?;
        Ok(panel.map(|p| p.settings.name).unwrap_or_default())
    }

    /// The people that filters of a server offer, as far as they were looked up since the last change.
    pub(super) fn people_of(&self, guild: GuildId) -> Arc<PeopleByPanels> {
        self.people.get_with(guild, Arc::default)
    }

    /// The pages of a server's list that were read since its last change, at most a second old.
    pub(super) fn pages_of(&self, guild: GuildId) -> Arc<PagesByQuery> {
        self.pages.get_with(guild, Arc::default)
    }

    /// Forgets the list of a server and the people of its filters: a ticket was changed, or somebody has a new
    /// name.
    pub(crate) fn list_changed(&self, guild: GuildId) {
        self.people.invalidate(&guild);
        self.pages.invalidate(&guild);
    }

    /// Forgets the panels of a server: they were changed.
    pub(crate) async fn panels_changed(&self, guild: GuildId) {
        self.panels.invalidate(&guild).await;
        self.pages.invalidate(&guild);
    }
}

/// Notes that a channel belongs to a ticket, whose messages are archived from now on.
pub(crate) fn listen(w: &Wardesk, channel: TicketChannel) {
    let caches = w.ticket_caches();
    if caches.held(channel.channel).is_none() {
        w.transcript_caches().coverage.missed(channel.ticket, w.now());
    }
    caches.add_channel(channel);
}

/// Whether a channel belongs to a ticket that is open or being closed. Asks memory only.
pub fn is_ticket_channel(w: &Wardesk, channel: ChannelId) -> bool {
    w.ticket_caches().channel(channel).is_some()
}

/// The ticket that a channel belongs to, while it is open or being closed. Asks memory only.
pub fn by_channel(w: &Wardesk, channel: ChannelId) -> Option<TicketId> {
    w.ticket_caches().channel(channel).map(|c| c.ticket)
}

/// The ticket that takes a message of this channel: also for a moment after the channel is gone.
pub(crate) fn archived_in(w: &Wardesk, channel: ChannelId) -> Option<TicketId> {
    let held = w.ticket_caches().held(channel)?;
    let late = held.gone.is_some_and(|gone| w.now().since(gone) >= LAST_WORDS_MS);
    (!late).then_some(held.channel.ticket)
}

/// Reads which channels are tickets; answers how many. Call it before the gateway connects.
pub async fn load_channels(w: &Wardesk) -> Result<usize, StorageError> {
    w.ticket_caches().load_channels(w).await
}
