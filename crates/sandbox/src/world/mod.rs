//! The world: people, servers, channels and what happens in them.
//!
//! Every method that changes something takes the acting person (a bot's user counts as one) first,
//! checks permissions and limits as Discord would, and tells the gateway. Bodies are Discord's own
//! request bodies. Reading methods take the viewer where that matters.

pub mod access;
pub mod applications;
pub mod bans;
pub mod channels;
pub mod commands;
pub mod components;
pub mod crowd;
pub mod dms;
pub mod embeds;
pub mod events;
pub mod example;
pub mod fields;
pub mod guilds;
pub mod interaction;
pub mod interactions;
pub mod media;
pub mod members;
pub mod message_body;
pub mod messages;
pub mod model;
pub mod overwrites;
pub mod person;
pub mod pins;
mod placed;
pub mod reactions;
pub mod render;
pub mod responses;
pub mod roles;
pub mod snapshot;
pub mod threads;
pub mod users;
pub mod webhooks;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;
use tokio::sync::{broadcast, watch};

use crate::faults::Faults;
use crate::gateway::Gateway;
use crate::gateway::session::Session;
use crate::id::{Id, IdGenerator};
use crate::journal::Journal;
use crate::limits::Limiter;
use crate::stripe::Provider;
use interaction::Interaction;
use model::{Application, BearerGrant, Channel, Guild, User, Webhook};

/// Something that the sandbox noticed and that Discord's description does not allow.
#[derive(Debug, Clone, Serialize)]
pub struct Violation {
    /// `request` or `response`, or `unknown_route`.
    pub kind: String,
    /// HTTP method.
    pub method: String,
    /// Path template, for example `/channels/{channel_id}/messages`.
    pub route: String,
    /// HTTP status of the answer; 0 for a request.
    pub status: u16,
    /// Where in the body and what is wrong there.
    pub detail: String,
}

/// The whole state of the sandbox.
pub struct World {
    pub(crate) users: BTreeMap<Id, User>,
    pub(crate) applications: BTreeMap<Id, Application>,
    pub(crate) guilds: BTreeMap<Id, Guild>,
    pub(crate) channels: HashMap<Id, Channel>,
    pub(crate) webhooks: BTreeMap<Id, Webhook>,
    pub(crate) interactions: BTreeMap<Id, Interaction>,
    pub(crate) interaction_tokens: HashMap<String, Id>,
    pub(crate) bearer: HashMap<String, BearerGrant>,
    pub(crate) sessions: BTreeMap<String, Session>,
    /// Creation nonces: (channel, author, nonce) to message and moment.
    pub(crate) nonces: HashMap<(Id, Id, String), (Id, i64)>,
    /// Pairs with a direct message channel.
    pub(crate) dms: HashMap<(Id, Id), Id>,
    /// Settings and counters of the gateway.
    pub gateway: Gateway,
    /// Injected faults.
    pub faults: Faults,
    /// Rate limits.
    pub limits: Limiter,
    /// The payment provider.
    pub stripe: Provider,
    /// Everything that was asked and done.
    pub journal: Journal,
    pub(crate) violations: Vec<Violation>,
    /// How many dispatches are kept for [`World::recent_events`]; the oldest are forgotten first.
    pub history_limit: usize,
    /// Recent dispatches, for `replay`.
    pub(crate) history: VecDeque<Arc<events::WorldEvent>>,
    ids: IdGenerator,
    clock_offset_ms: i64,
    pub(crate) base_url: String,
    pub(crate) cdn_key: [u8; 32],
    feed: broadcast::Sender<Arc<events::WorldEvent>>,
    changed: watch::Sender<u64>,
}

impl Default for World {
    fn default() -> Self {
        Self::empty()
    }
}

impl World {
    /// A world without anybody in it.
    #[expect(
        clippy::disallowed_methods,
        reason = "the sandbox is not the product: its secrets guard nothing"
    )]
    pub fn empty() -> Self {
        Self {
            users: BTreeMap::new(),
            applications: BTreeMap::new(),
            guilds: BTreeMap::new(),
            channels: HashMap::new(),
            webhooks: BTreeMap::new(),
            interactions: BTreeMap::new(),
            interaction_tokens: HashMap::new(),
            bearer: HashMap::new(),
            sessions: BTreeMap::new(),
            nonces: HashMap::new(),
            dms: HashMap::new(),
            gateway: Gateway::default(),
            faults: Faults::default(),
            limits: Limiter::default(),
            stripe: Provider::default(),
            journal: Journal::default(),
            violations: Vec::new(),
            history_limit: 2_000,
            history: VecDeque::new(),
            ids: IdGenerator::default(),
            clock_offset_ms: 0,
            base_url: String::new(),
            cdn_key: rand::random(),
            feed: broadcast::channel(4096).0,
            changed: watch::channel(0).0,
        }
    }

    /// The sandbox's clock: milliseconds UTC, moved by [`World::advance`].
    #[expect(clippy::disallowed_methods, reason = "the one place where the sandbox reads a clock")]
    pub fn now(&self) -> i64 {
        let real =
            SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        i64::try_from(real).unwrap_or(i64::MAX) + self.clock_offset_ms
    }

    /// Moves the sandbox's clock forward by `ms` and lets what is due happen.
    pub fn advance(&mut self, ms: i64) {
        self.clock_offset_ms += ms;
        self.expire();
        // Webhooks that are due again by now.
        self.stripe.webhooks.touch();
    }

    /// Lets time-driven things happen: interactions fail after 3 s, idle threads archive,
    /// detached gateway sessions die, subscriptions renew. Runs by itself every 250 ms in a started sandbox.
    pub fn expire(&mut self) {
        self.expire_interactions();
        self.expire_threads();
        self.expire_sessions();
        self.expire_nonces();
        let seconds = self.now().div_euclid(1_000);
        self.stripe.run_until(seconds);
    }

    /// A new snowflake at the sandbox's time.
    pub fn new_id(&mut self) -> Id {
        let now = self.now();
        self.ids.next(now)
    }

    /// A random text of letters and digits, `length` characters long.
    #[expect(
        clippy::disallowed_methods,
        reason = "the sandbox is not the product: its secrets guard nothing"
    )]
    pub fn new_secret(&mut self, length: usize) -> String {
        use rand::Rng;
        use rand::distr::Alphanumeric;
        rand::rng().sample_iter(Alphanumeric).take(length).map(char::from).collect()
    }

    /// Everything that happens from now on, unfiltered; the chat page shows it live.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<events::WorldEvent>> {
        self.feed.subscribe()
    }

    /// Changes whenever an interaction's fate changes; to wait on without polling.
    pub fn watch_interactions(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    pub(crate) fn interaction_changed(&self) {
        self.changed.send_modify(|count| *count = count.wrapping_add(1));
    }

    pub(crate) fn publish(&mut self, event: Arc<events::WorldEvent>) {
        while self.history.len() >= self.history_limit.max(1) {
            self.history.pop_front();
        }
        self.history.push_back(Arc::clone(&event));
        // Nobody listening is fine.
        let _ = self.feed.send(event);
    }

    /// Mismatches with Discord's OpenAPI description, oldest first.
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// Forgets recorded mismatches.
    pub fn clear_violations(&mut self) {
        self.violations.clear();
    }

    pub(crate) fn note_violation(&mut self, violation: Violation) {
        const KEPT: usize = 1_000;
        if self.violations.len() < KEPT {
            tracing::warn!(
                kind = violation.kind,
                method = violation.method,
                route = violation.route,
                status = violation.status,
                detail = violation.detail,
                "openapi mismatch"
            );
            self.violations.push(violation);
        }
    }

    /// A user by id.
    pub fn user(&self, id: Id) -> Option<&User> {
        self.users.get(&id)
    }

    /// All users, bots included, by id.
    pub fn users(&self) -> impl Iterator<Item = &User> {
        self.users.values()
    }

    /// An application by id.
    pub fn application(&self, id: Id) -> Option<&Application> {
        self.applications.get(&id)
    }

    /// All applications.
    pub fn applications(&self) -> impl Iterator<Item = &Application> {
        self.applications.values()
    }

    /// A server by id.
    pub fn guild(&self, id: Id) -> Option<&Guild> {
        self.guilds.get(&id)
    }

    /// All servers by id.
    pub fn guilds(&self) -> impl Iterator<Item = &Guild> {
        self.guilds.values()
    }

    /// A channel, thread or direct message by id.
    pub fn channel(&self, id: Id) -> Option<&Channel> {
        self.channels.get(&id)
    }

    /// A message by channel and id, whoever may see it.
    pub fn message(&self, channel_id: Id, id: Id) -> Option<&model::Message> {
        self.channels.get(&channel_id)?.messages.get(&id)
    }

    /// An interaction by id.
    pub fn interaction(&self, id: Id) -> Option<&Interaction> {
        self.interactions.get(&id)
    }

    /// Says under which address the sandbox is reached, when that is not the one it listens on. Addresses
    /// handed out from now on (files, gateway) begin with it.
    pub fn set_base_url(&mut self, url: &str) {
        url.clone_into(&mut self.base_url);
        url.clone_into(&mut self.stripe.base_url);
    }

    /// The address under which the sandbox is reached, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }
}
