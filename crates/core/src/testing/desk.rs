//! A whole desk for tests: a fresh store, one server in the fake Discord, and people with roles.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use domain::guilds::GuildSettings;
use domain::ids::{
    ApplicationId, ChannelId, GuildId, InteractionId, PanelId, RoleId, TicketId, UserId,
};
use domain::licences::{Limits, MAX_PANELS, Plans};
use domain::panels::{PanelSettings, Question, QuestionStyle};
use domain::permissions::Permissions;
use domain::time::Millis;
use secrecy::{ExposeSecret as _, SecretString};
use storage::testing::TestStore;

use super::{FakeDiscord, FakeIdentity};
use crate::accounts::{Session, sessions, sign_in};
use crate::guilds::{self, ActingMember, GuildAccess};
use crate::ports::{ChannelKind, Clock, Random};
use crate::privacy::imprint::Imprint;
use crate::tickets::open::SubmitOpen;
use crate::tickets::{self, TicketError};
use crate::{Parts, Wardesk, licences, outbox};

/// A clock that stands until it is moved.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl TestClock {
    /// Moves the clock on.
    pub fn advance(&self, milliseconds: i64) {
        self.0.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Millis {
        Millis(self.0.load(Ordering::SeqCst))
    }
}

/// Numbers that never repeat and are the same in every run.
#[derive(Debug, Default)]
pub struct TestRandom(AtomicU64);

impl Random for TestRandom {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            let next = self.0.fetch_add(1, Ordering::SeqCst).wrapping_add(1);
            let mixed = next.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(31);
            chunk.copy_from_slice(&mixed.to_le_bytes()[..chunk.len()]);
        }
    }
}

/// A whole desk.
pub struct Desk {
    /// The handle of the use-cases.
    pub w: Wardesk,
    /// The Discord it talks to.
    pub discord: Arc<FakeDiscord>,
    /// Where people sign in.
    pub identity: Arc<FakeIdentity>,
    /// Its clock.
    pub clock: Arc<TestClock>,
    /// What servers may use. Where a test is about plans, [`Desk::sell`] changes it.
    pub plans: Plans,
    /// What the installation says about itself. [`Desk::publish`] changes it.
    pub imprint: Imprint,
    /// What keeps the store alive; `engine` names it.
    pub store: TestStore,
    /// The server.
    pub guild: GuildId,
    /// The support role.
    pub support: RoleId,
    /// The category of tickets.
    pub category: ChannelId,
    /// Where summaries go.
    pub transcripts: ChannelId,
    /// Where alerts go.
    pub log: ChannelId,
}

const GUILD: i64 = 1000;
const BOT: i64 = 900;
const SUPPORT: i64 = 2000;
/// The account that manages the server.
const MANAGER: i64 = 50;

/// The account that operates the service.
pub const OPERATOR: i64 = 60;

/// The shipped plans, with a free one that lets servers do what tests are about.
pub fn generous_plans() -> Plans {
    let shipped = licences::read_plans(licences::SHIPPED).unwrap();
    let mut all = shipped.all().to_vec();
    let free = all.iter_mut().find(|plan| plan.key == shipped.default_plan().key).unwrap();
    free.limits = Limits { panels: MAX_PANELS, keep_days: None, storage: 20 << 30 };
    Plans::new(&shipped.default_plan().key, all).unwrap()
}

/// One configured desk for each engine at hand.
pub async fn desks() -> Vec<Desk> {
    let mut all = Vec::new();
    for store in storage::testing::stores().await {
        all.push(Desk::new(store).await);
    }
    all
}

/// Like [`desks`], and one whose blobs are in S3.
pub async fn file_desks() -> Vec<Desk> {
    let mut all = Vec::new();
    for store in storage::testing::blob_stores().await {
        all.push(Desk::new(store).await);
    }
    all
}

impl Desk {
    async fn new(store: TestStore) -> Self {
        let clock = Arc::new(TestClock(AtomicI64::new(1_700_000_000_000)));
        let guild = GuildId::new(GUILD).unwrap();
        let discord = Arc::new(FakeDiscord::new(clock.clone(), guild, UserId::new(BOT).unwrap()));
        let support = discord.add_role(SUPPORT);
        let category = discord.add_channel(ChannelKind::Category, None);
        let transcripts = discord.add_channel(ChannelKind::Text, None);
        let log = discord.add_channel(ChannelKind::Text, None);
        discord.add_member(MANAGER, &[]);
        let identity = Arc::new(FakeIdentity::default());
        let w = Wardesk::new(Parts {
            store: store.store.clone(),
            discord: discord.clone(),
            identity: identity.clone(),
            clock: clock.clone(),
            random: Arc::new(TestRandom::default()),
            public_url: "https://desk.example".into(),
            cdn_url: "https://cdn.example".into(),
            media_url: "https://media.example".into(),
            app_url: "https://discord.example".into(),
            application: ApplicationId::new(BOT).unwrap(),
            plans: generous_plans(),
            operators: vec![UserId::new(OPERATOR).unwrap()],
            imprint: Imprint::default(),
        });
        let plans = generous_plans();
        let desk = Self {
            w,
            discord,
            identity,
            clock,
            plans,
            imprint: Imprint::default(),
            store,
            guild,
            support,
            category,
            transcripts,
            log,
        };
        let settings = GuildSettings {
            support_roles: vec![support],
            ticket_category: Some(category),
            transcript_channel: Some(transcripts),
            log_channel: Some(log),
            ..GuildSettings::default()
        };
        guilds::arrived(&desk.w, guild, "Example", None).await.unwrap();
        guilds::save_settings(&desk.manager().await, settings, 0).await.unwrap();
        desk
    }

    /// The same desk after a restart: memory is empty, the store is the same.
    #[must_use]
    pub fn restarted(&self) -> Wardesk {
        Wardesk::new(self.parts())
    }

    /// What a process of this desk is wired from.
    pub fn parts(&self) -> Parts {
        Parts {
            store: self.store.store.clone(),
            discord: self.discord.clone(),
            identity: self.identity.clone(),
            clock: self.clock.clone(),
            // Another run draws other numbers.
            random: Arc::new(TestRandom(AtomicU64::new(u64::from_le_bytes(self.w.random_bytes())))),
            public_url: "https://desk.example".into(),
            cdn_url: "https://cdn.example".into(),
            media_url: "https://media.example".into(),
            app_url: "https://discord.example".into(),
            application: ApplicationId::new(BOT).unwrap(),
            plans: self.plans.clone(),
            operators: vec![UserId::new(OPERATOR).unwrap()],
            imprint: self.imprint.clone(),
        }
    }

    /// Another process on the same database, with connections of its own.
    pub async fn beside(&self) -> Wardesk {
        Wardesk::new(Parts { store: self.store.again().await, ..self.parts() })
    }

    /// Restarts the desk after some milliseconds: what was in memory is lost.
    pub fn restart(&mut self, after: i64) {
        self.clock.advance(after);
        self.w = self.restarted();
    }

    /// Offers other plans from now on, as after a restart with another file. Memory is empty then.
    pub fn sell(&mut self, plans: Plans) {
        self.plans = plans;
        self.w = self.restarted();
    }

    /// Offers the shipped plans, of which the free one has limits.
    pub fn sell_shipped(&mut self) {
        self.sell(licences::read_plans(licences::SHIPPED).unwrap());
    }

    /// Says something else about itself from now on, as after a restart with other settings. Memory is empty then.
    pub fn publish(&mut self, imprint: Imprint) {
        self.imprint = imprint;
        self.w = self.restarted();
    }

    /// A person as an interaction shows them.
    pub fn acting(&self, id: i64, roles: &[RoleId], permissions: Permissions) -> ActingMember {
        ActingMember {
            user: UserId::new(id).unwrap(),
            display_name: format!("User {id}"),
            username: format!("user{id}"),
            avatar: None,
            roles: roles.to_vec(),
            permissions,
            locale: None,
        }
    }

    async fn access(&self, member: ActingMember) -> GuildAccess {
        guilds::authorize_member(&self.w, self.guild, &member).await.unwrap()
    }

    /// Signs a person in by the whole way, in a browser of that name.
    pub async fn sign_in(&self, id: i64, browser: &str) -> Session {
        let begun = sign_in::begin_sign_in(&self.w, "/").await.unwrap();
        let (code, state) = self.identity.agree(&begun.authorize_url, UserId::new(id).unwrap());
        let cookie = begun.cookie.expose_secret();
        let answer = sign_in::Answer::Code(code.into());
        let done = sign_in::finish_sign_in(&self.w, cookie, &state, answer).await.unwrap();
        let key: [u8; 16] = self.w.random_bytes();
        sessions::begin(&self.w, &key, &done.profile, &done.token, browser).await.unwrap();
        sessions::find(&self.w, &key).await.unwrap().unwrap()
    }

    /// An ordinary member.
    pub async fn member(&self, id: i64) -> GuildAccess {
        self.discord.add_member(id, &[]);
        self.access(self.acting(id, &[], Permissions::default())).await
    }

    /// Someone of the support team.
    pub async fn staff(&self, id: i64) -> GuildAccess {
        self.discord.add_member(id, &[SUPPORT]);
        self.access(self.acting(id, &[self.support], Permissions::default())).await
    }

    /// Someone who manages the server.
    pub async fn manager(&self) -> GuildAccess {
        self.access(self.acting(MANAGER, &[], Permissions::MANAGE_GUILD)).await
    }

    /// The settings of a panel with one question.
    pub fn panel_settings(&self) -> PanelSettings {
        PanelSettings {
            name: "Support".into(),
            channel: Some(self.log),
            title: "Need help?".into(),
            text: "Press the button.".into(),
            colour: 0x58_65_F2,
            button_label: "Open a ticket".into(),
            button_emoji: "🎫".into(),
            welcome: "Hello!".into(),
            questions: vec![Question {
                label: "What is it about?".into(),
                placeholder: String::new(),
                style: QuestionStyle::Short,
                required: true,
            }],
            support_roles: Vec::new(),
        }
    }

    /// A panel with one question.
    pub async fn panel(&self) -> PanelId {
        let manager = self.manager().await;
        tickets::panels::create(&manager, self.panel_settings()).await.unwrap()
    }

    /// A member's wish to open a ticket, delivered by interaction `number`.
    pub async fn wish(
        &self,
        panel: PanelId,
        member: i64,
        number: i64,
    ) -> Result<TicketId, TicketError> {
        self.wish_in(&self.w, panel, member, number).await
    }

    /// As [`Desk::wish`], taken by another process.
    pub async fn wish_in(
        &self,
        w: &Wardesk,
        panel: PanelId,
        member: i64,
        number: i64,
    ) -> Result<TicketId, TicketError> {
        self.discord.add_member(member, &[]);
        let acting = self.acting(member, &[], Permissions::default());
        let access = guilds::authorize_member(w, self.guild, &acting).await.unwrap();
        let wish = SubmitOpen {
            panel,
            answers: vec!["My <b>login</b> @everyone".into()],
            interaction: InteractionId::new(number).unwrap(),
            token: SecretString::from(format!("token-{number}")),
            opener: self.acting(member, &[], Permissions::default()),
        };
        tickets::open::submit(&access, wish).await
    }

    /// An open ticket with its channel, everything settled.
    pub async fn open_ticket(&self, panel: PanelId, member: i64) -> (TicketId, ChannelId) {
        let ticket = self.wish(panel, member, member * 1000).await.unwrap();
        self.settle().await;
        let row = storage::tickets::get(self.w.store().read(), ticket).await.unwrap().unwrap();
        (ticket, row.life.channel.unwrap())
    }

    /// Carries out every effect, also those that wait for another attempt, until none is left.
    pub async fn settle(&self) {
        for _ in 0..40 {
            outbox::drain(&self.w).await.unwrap();
            if outbox::stats(&self.w).await.unwrap().pending == 0 {
                return;
            }
            self.clock.advance(30_000);
        }
        panic!("effects do not come to an end");
    }
}
