//! What is known about servers and members for at most 60 s.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use domain::ids::{ChannelId, GuildId, UserId};
use moka::future::Cache;
use tokio::sync::OnceCell;
use wardesk_core::ports::{ChannelFacts, GuildFacts, GuildMember};

use super::Rest;

/// Rights read from here decide who may manage a server, so they may be this old and no older.
const FRESH: Duration = Duration::from_mins(1);
/// How long the people found by a name are remembered.
const FOUND: Duration = Duration::from_secs(30);
/// How long the channel to a person is remembered. It stays the same for ever; the time bounds what is kept of people.
const DIRECT: Duration = Duration::from_mins(10);

/// What is known about one server, kept up to date by events until it is too old.
pub(super) struct KnownGuild(RwLock<Arc<GuildFacts>>);

impl KnownGuild {
    pub(super) fn new(facts: Arc<GuildFacts>) -> Arc<Self> {
        Arc::new(Self(RwLock::new(facts)))
    }

    pub(super) fn facts(&self) -> Arc<GuildFacts> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn change(&self, how: impl FnOnce(&mut GuildFacts)) {
        how(Arc::make_mut(&mut self.0.write().unwrap_or_else(PoisonError::into_inner)));
    }
}

pub(crate) struct Known {
    pub(super) guilds: Cache<GuildId, Arc<KnownGuild>>,
    /// `None` for someone who is not there.
    pub(super) members: Cache<(GuildId, UserId), Option<GuildMember>>,
    /// Who was found by a name. A page that refreshes itself asks again with each change.
    pub(super) searches: Cache<(GuildId, String, u8), Vec<GuildMember>>,
    /// The channels of direct messages, which Discord lets a bot ask for only so often.
    pub(super) direct: Cache<UserId, ChannelId>,
    pub(super) bot: OnceCell<UserId>,
}

impl Default for Known {
    fn default() -> Self {
        Self {
            guilds: Cache::builder().max_capacity(10_000).time_to_live(FRESH).build(),
            members: Cache::builder()
                .max_capacity(100_000)
                .time_to_live(FRESH)
                .support_invalidation_closures()
                .build(),
            searches: Cache::builder().max_capacity(1_000).time_to_live(FOUND).build(),
            direct: Cache::builder().max_capacity(10_000).time_to_live(DIRECT).build(),
            bot: OnceCell::new(),
        }
    }
}

impl Rest {
    /// Forgets what is known about a server: a role or the server itself changed.
    pub(crate) async fn forget_guild(&self, guild: GuildId) {
        self.known().guilds.invalidate(&guild).await;
        self.0.gate.forbidden.forget_server(guild);
    }

    /// A channel was made or changed. Asking for the whole server again would cost three calls for each
    /// ticket that is opened or closed.
    pub(crate) async fn note_channel(&self, guild: GuildId, channel: ChannelFacts) {
        self.0.gate.forbidden.note_homes(guild, std::iter::once(channel.id));
        self.0.gate.forbidden.forget(channel.id.get());
        // That a ticket's channel cannot be made in a category is remembered of the server.
        self.0.gate.forbidden.forget(guild.get());
        let Some(known) = self.known().guilds.get(&guild).await else { return };
        known.change(|facts| match facts.channels.iter_mut().find(|c| c.id == channel.id) {
            Some(there) => *there = channel,
            None => facts.channels.push(channel),
        });
    }

    /// A channel is gone.
    pub(crate) async fn drop_channel(&self, guild: GuildId, channel: ChannelId) {
        self.0.gate.forbidden.forget(channel.get());
        let Some(known) = self.known().guilds.get(&guild).await else { return };
        known.change(|facts| facts.channels.retain(|c| c.id != channel));
    }

    /// Forgets a member: roles or name changed, or they left.
    pub(crate) async fn forget_member(&self, guild: GuildId, user: UserId) {
        self.known().members.invalidate(&(guild, user)).await;
    }
}
