//! The handle that every use-case starts from.

use std::sync::Arc;

use domain::ids::{ApplicationId, GuildId, UserId};
use domain::licences::Plans;
use domain::time::Millis;
use secrecy::SecretString;
use storage::{StorageError, Store};
use tokio::sync::{Notify, broadcast, watch};

use crate::guilds::GuildCaches;
use crate::licences::{LicenceCaches, PaymentsState};
use crate::ports::{Clock, Discord, Identity, Payments, Random};
use crate::privacy::documents::{DocumentCaches, Documents};
use crate::privacy::imprint::Imprint;
use crate::status::{Looks, Status};

/// How many live events a slow listener may lag behind before it has to read from the database.
const LIVE_BACKLOG: usize = 1024;

/// What the program wires together once at start.
pub struct Parts {
    /// Database, keys and blobs.
    pub store: Store,
    /// Discord's REST API.
    pub discord: Arc<dyn Discord>,
    /// Sign-in with Discord.
    pub identity: Arc<dyn Identity>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// Where people reach the web pages, without a slash at the end: `https://desk.example`.
    pub public_url: String,
    /// Where avatars and icons of Discord are, without a slash at the end.
    pub cdn_url: String,
    /// Where Discord's media proxy is, without a slash at the end.
    pub media_url: String,
    /// Where people open Discord, without a slash at the end: `https://discord.com`.
    pub app_url: String,
    /// The bot identity that this process acts as.
    pub application: ApplicationId,
    /// What servers may use.
    pub plans: Plans,
    /// The accounts that may issue and revoke licences.
    pub operators: Vec<UserId>,
    /// Who operates this installation, and what it says about itself.
    pub imprint: Imprint,
}

/// Something happened on a server: listeners read what, by sequence, from the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LiveEvent {
    /// The server.
    pub guild: GuildId,
    /// The event's number on that server.
    pub seq: i64,
}

struct Inner {
    parts: Parts,
    outbox: Notify,
    live: broadcast::Sender<LiveEvent>,
    status: watch::Sender<Status>,
    payments: Option<Arc<dyn Payments>>,
    webhook_secrets: Vec<SecretString>,
    payments_due: Notify,
    prices: crate::licences::payments::PriceCache,
    payments_state: watch::Sender<PaymentsState>,
    leading: watch::Sender<bool>,
    guilds: GuildCaches,
    tickets: crate::tickets::TicketCaches,
    transcripts: crate::transcripts::TranscriptCaches,
    licences: LicenceCaches,
    documents: DocumentCaches,
    privacy: crate::privacy::PrivacyCaches,
    looks: Looks,
}

/// A cheap handle to everything a use-case may touch.
#[derive(Clone)]
pub struct Wardesk(Arc<Inner>);

impl Wardesk {
    /// Wires the parts, without payments. Reads and starts nothing.
    pub fn new(parts: Parts) -> Self {
        Self::wired(parts, None, Vec::new())
    }

    /// Wires the parts and the payment provider, with the secrets that it signs webhooks with: the present
    /// one and, while it is being changed, the one before. Reads and starts nothing.
    pub fn with_payments(
        parts: Parts,
        payments: Arc<dyn Payments>,
        webhook_secrets: Vec<SecretString>,
    ) -> Self {
        Self::wired(parts, Some(payments), webhook_secrets)
    }

    fn wired(
        parts: Parts,
        payments: Option<Arc<dyn Payments>>,
        webhook_secrets: Vec<SecretString>,
    ) -> Self {
        let state = payments.as_ref().map_or(PaymentsState::Off, |_| PaymentsState::Checking);
        let (live, _) = broadcast::channel(LIVE_BACKLOG);
        Self(Arc::new(Inner {
            parts,
            outbox: Notify::new(),
            live,
            status: watch::Sender::new(Status::default()),
            payments,
            webhook_secrets,
            payments_due: Notify::new(),
            prices: crate::licences::payments::PriceCache::default(),
            payments_state: watch::Sender::new(state),
            leading: watch::Sender::new(false),
            guilds: GuildCaches::default(),
            tickets: crate::tickets::TicketCaches::default(),
            transcripts: crate::transcripts::TranscriptCaches::default(),
            licences: LicenceCaches::default(),
            documents: DocumentCaches::default(),
            privacy: crate::privacy::PrivacyCaches::default(),
            looks: Looks::default(),
        }))
    }

    /// Database, keys and blobs.
    pub fn store(&self) -> &Store {
        &self.0.parts.store
    }

    /// Discord's REST API.
    pub fn discord(&self) -> &dyn Discord {
        self.0.parts.discord.as_ref()
    }

    /// Sign-in with Discord.
    pub fn identity(&self) -> &dyn Identity {
        self.0.parts.identity.as_ref()
    }

    /// Now.
    pub fn now(&self) -> Millis {
        self.0.parts.clock.now()
    }

    /// Randomness.
    pub fn random(&self) -> &dyn Random {
        self.0.parts.random.as_ref()
    }

    /// Where people reach the web pages, without a slash at the end.
    pub fn public_url(&self) -> &str {
        &self.0.parts.public_url
    }

    /// Discord's CDN, without a slash at the end.
    pub fn cdn_url(&self) -> &str {
        &self.0.parts.cdn_url
    }

    /// Where people open Discord, without a slash at the end. Links to channels lead there.
    pub fn app_url(&self) -> &str {
        &self.0.parts.app_url
    }

    /// Discord's media proxy, without a slash at the end.
    pub fn media_url(&self) -> &str {
        &self.0.parts.media_url
    }

    /// The bot identity that this process acts as.
    pub fn application(&self) -> ApplicationId {
        self.0.parts.application
    }

    /// The bot's account, in whose name the service does what nobody asked it for at that moment.
    pub(crate) fn own_user(&self) -> Result<UserId, StorageError> {
        UserId::new(self.application().get()).map_err(|_| StorageError::Corrupt("application"))
    }

    /// What servers may use.
    pub fn plans(&self) -> &Plans {
        &self.0.parts.plans
    }

    /// The accounts that may issue and revoke licences.
    pub fn operators(&self) -> &[UserId] {
        &self.0.parts.operators
    }

    /// Who operates this installation, and what it says about itself.
    pub fn imprint(&self) -> &Imprint {
        &self.0.parts.imprint
    }

    /// The privacy policy and the terms.
    pub fn documents(&self) -> &Documents {
        &self.0.parts.imprint.documents
    }

    /// Tells the outbox worker that there is something to do. Call it after the commit.
    pub fn wake_outbox(&self) {
        self.0.outbox.notify_one();
    }

    /// Waits for [`Wardesk::wake_outbox`].
    pub async fn outbox_woken(&self) {
        self.0.outbox.notified().await;
    }

    /// Tells listeners about an event. Call it after the commit.
    pub fn announce(&self, event: LiveEvent) {
        // No listener is no error.
        let _ = self.0.live.send(event);
    }

    /// Events from now on. A listener that lags reads the missed ones by sequence.
    pub fn live(&self) -> broadcast::Receiver<LiveEvent> {
        self.0.live.subscribe()
    }

    /// Whether anyone listens to [`Wardesk::live`].
    pub fn has_listeners(&self) -> bool {
        self.0.live.receiver_count() > 0
    }

    /// How the bot is.
    pub fn status(&self) -> Status {
        *self.0.status.borrow()
    }

    /// Says how the bot is. Called by whoever runs it.
    pub fn set_status(&self, status: Status) {
        self.0.status.send_replace(status);
    }

    /// The payment provider; `None` where payments are off.
    pub fn payments(&self) -> Option<&dyn Payments> {
        self.0.payments.as_deref()
    }

    /// What the payment provider signs webhooks with.
    pub(crate) fn webhook_secrets(&self) -> &[SecretString] {
        &self.0.webhook_secrets
    }

    pub(crate) fn prices(&self) -> &crate::licences::payments::PriceCache {
        &self.0.prices
    }

    /// Tells the worker of payments that there is something to do. Call it after the commit.
    pub fn wake_payments(&self) {
        self.0.payments_due.notify_one();
    }

    /// Waits for [`Wardesk::wake_payments`].
    pub(crate) async fn payments_woken(&self) {
        self.0.payments_due.notified().await;
    }

    /// Jumps of the clock from now on; see [`Clock::jumps`].
    pub fn jumps(&self) -> Jumps {
        Jumps(self.0.parts.clock.jumps())
    }

    /// Asks what time it is where the clock only follows another one.
    pub(crate) async fn refresh_clock(&self) {
        self.0.parts.clock.refresh().await;
    }

    /// Whether payments work.
    pub fn payments_state(&self) -> PaymentsState {
        *self.0.payments_state.borrow()
    }

    pub(crate) fn set_payments_state(&self, state: PaymentsState) {
        self.0.payments_state.send_replace(state);
    }

    /// Says that this process holds the lease of its bot identity, until the value is dropped. Only
    /// then may it carry effects out: the archive knows the channels that this process makes.
    pub fn lead(&self) -> Lead {
        self.0.leading.send_replace(true);
        Lead(self.clone())
    }

    /// Whether this process holds the lease, now and as it changes.
    pub fn leading(&self) -> watch::Receiver<bool> {
        self.0.leading.subscribe()
    }

    /// `N` random bytes.
    pub fn random_bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random().fill(&mut bytes);
        bytes
    }

    /// A new version 7 UUID.
    pub fn new_uuid(&self) -> uuid::Uuid {
        self.random().uuid(self.now())
    }

    pub(crate) fn guild_caches(&self) -> &GuildCaches {
        &self.0.guilds
    }

    pub(crate) fn transcript_caches(&self) -> &crate::transcripts::TranscriptCaches {
        &self.0.transcripts
    }

    pub(crate) fn licence_caches(&self) -> &LicenceCaches {
        &self.0.licences
    }

    pub(crate) fn document_caches(&self) -> &DocumentCaches {
        &self.0.documents
    }

    pub(crate) fn privacy_caches(&self) -> &crate::privacy::PrivacyCaches {
        &self.0.privacy
    }

    pub(crate) fn looks(&self) -> &Looks {
        &self.0.looks
    }

    pub(crate) fn ticket_caches(&self) -> &crate::tickets::TicketCaches {
        &self.0.tickets
    }
}

/// Waits for the clock to jump. It never does but in the sandbox.
#[derive(Debug)]
pub struct Jumps(Option<watch::Receiver<u64>>);

impl Jumps {
    /// Waits for a jump since the last one that this value has told of.
    pub async fn next(&mut self) {
        if let Some(jumps) = &mut self.0
            && jumps.changed().await.is_ok()
        {
            return;
        }
        std::future::pending::<()>().await;
    }
}

/// This process holds the lease of its bot identity. See [`Wardesk::lead`].
#[derive(Debug)]
#[must_use = "dropped, it says that the lease is lost"]
pub struct Lead(Wardesk);

impl Drop for Lead {
    fn drop(&mut self) {
        self.0.0.leading.send_replace(false);
    }
}

impl std::fmt::Debug for Wardesk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wardesk").field("application", &self.application()).finish_non_exhaustive()
    }
}
