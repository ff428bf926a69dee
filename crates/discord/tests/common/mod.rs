//! A sandbox, and the adapters that talk to it.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

use std::sync::Arc;
use std::time::Duration;

use discord::gateway::{self, GatewayConfig, GatewayHealth, GatewayState};
use discord::{OAuth, OAuthConfig, Rest, RestConfig};
use domain::egress::Egress;
use domain::ids::{ApplicationId, ChannelId, GuildId, InteractionId, TicketId, UserId};
use domain::panels::PanelSettings;
use domain::permissions::Permissions;
use sandbox::id::Id;
use sandbox::world::example;
use sandbox::{Sandbox, SandboxConfig};
use storage::testing::TestStore;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use wardesk_core::guilds::{self, ActingMember};
use wardesk_core::ports::{SystemClock, SystemRandom};
use wardesk_core::tickets::{self, open::SubmitOpen};
use wardesk_core::{Parts, Wardesk};

/// No wait in these tests is meant to come near this.
pub const PATIENCE: Duration = Duration::from_secs(40);

pub fn guild() -> GuildId {
    example::HARBOUR_LIGHTS.to_string().parse().unwrap()
}

pub fn channel(id: Id) -> ChannelId {
    id.to_string().parse().unwrap()
}

pub fn user(id: Id) -> UserId {
    id.to_string().parse().unwrap()
}

pub fn application() -> ApplicationId {
    example::APPLICATION.to_string().parse().unwrap()
}

/// Without limits, unless the test is about them.
pub async fn fast() -> Sandbox {
    Sandbox::start(SandboxConfig::fast()).await.unwrap()
}

pub fn rest(sandbox: &Sandbox) -> Rest {
    Rest::new(RestConfig {
        api: sandbox.api_url().parse().unwrap(),
        token: example::BOT_TOKEN.to_owned().into(),
        application: application(),
        cdns: vec![sandbox.base_url().parse().unwrap()],
        allow_loopback: true,
        random: Arc::new(SystemRandom),
        egress: here(),
    })
    .unwrap()
}

/// Nobody but the sandbox is contacted.
fn here() -> Egress {
    Egress::new(["127.0.0.1".to_owned()])
}

pub fn oauth(sandbox: &Sandbox) -> OAuth {
    let at = |path: &str| format!("{}{path}", sandbox.base_url()).parse().unwrap();
    let config = OAuthConfig {
        authorize: at("/oauth2/authorize"),
        token: at("/api/oauth2/token"),
        revoke: at("/api/oauth2/token/revoke"),
        api: sandbox.api_url().parse().unwrap(),
        application: application(),
        client_secret: example::CLIENT_SECRET.to_owned().into(),
        redirect: example::REDIRECT_URI.parse().unwrap(),
        egress: here(),
    };
    OAuth::new(config).unwrap()
}

/// One process of the product: everything but the web.
pub struct Bot {
    pub w: Wardesk,
    pub rest: Rest,
    pub health: watch::Receiver<GatewayHealth>,
    pub stop: CancellationToken,
    running: JoinHandle<()>,
}

impl Bot {
    pub fn start(sandbox: &Sandbox, store: &TestStore) -> Self {
        Self::start_with(sandbox, store, true)
    }

    /// As [`Bot::start`]; `members` is whether to hear who joins and leaves.
    pub fn start_with(sandbox: &Sandbox, store: &TestStore, members: bool) -> Self {
        let rest = rest(sandbox);
        let w = Wardesk::new(Parts {
            store: store.store.clone(),
            discord: Arc::new(rest.clone()),
            identity: Arc::new(oauth(sandbox)),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            public_url: "http://localhost:8080".into(),
            cdn_url: sandbox.cdn_url(),
            media_url: sandbox.cdn_url(),
            app_url: sandbox.base_url(),
            application: application(),
            plans: wardesk_core::testing::generous_plans(),
            operators: Vec::new(),
            imprint: wardesk_core::privacy::imprint::Imprint::default(),
        });
        let (sender, health) = watch::channel(GatewayHealth::default());
        let stop = CancellationToken::new();
        let config = GatewayConfig {
            token: example::BOT_TOKEN.to_owned().into(),
            allow_plain: true,
            random: Arc::new(SystemRandom),
            content_every: Duration::from_millis(200),
            egress: here(),
            members,
        };
        let running =
            tokio::spawn(gateway::run(w.clone(), rest.clone(), config, sender, stop.clone()));
        Self { w, rest, health, stop, running }
    }

    /// Waits until the gateway is in a state.
    pub async fn wait_for(&mut self, wanted: impl Fn(&GatewayHealth) -> bool) -> GatewayHealth {
        let waiting = async { *self.health.wait_for(wanted).await.expect("the gateway ended") };
        let found = tokio::time::timeout(PATIENCE, waiting).await;
        found.unwrap_or_else(|_| panic!("the gateway stayed {:?}", self.health.borrow()))
    }

    pub async fn connected(&mut self) {
        self.wait_for(|h| h.state == GatewayState::Connected).await;
    }

    /// A ticket of Mia's whose channel is there. Nobody answers the press of a button that never was.
    pub async fn open_ticket(&self) -> (TicketId, Id) {
        let ticket = self.wish().await;
        wardesk_core::outbox::drain(&self.w).await.unwrap();
        (ticket, self.channel_of(ticket).await.expect("the channel was made"))
    }

    /// As [`Bot::open_ticket`], carried out by a worker that runs.
    pub async fn open_ticket_by_worker(&self) -> (TicketId, Id) {
        let ticket = self.wish().await;
        let made = until("the channel was made", async || self.channel_of(ticket).await).await;
        (ticket, made)
    }

    async fn channel_of(&self, ticket: TicketId) -> Option<Id> {
        let row = storage::tickets::get(self.w.store().read(), ticket).await.unwrap().unwrap();
        row.life.channel.map(|channel| channel.to_string().parse().unwrap())
    }

    async fn wish(&self) -> TicketId {
        let person = |id: Id, permissions| ActingMember {
            user: user(id),
            display_name: "Someone".into(),
            username: "someone".into(),
            avatar: None,
            roles: Vec::new(),
            permissions,
            locale: None,
        };
        let owner = person(example::OLIVIA, Permissions::MANAGE_GUILD);
        let owner = guilds::authorize_member(&self.w, guild(), &owner).await.unwrap();
        let settings = PanelSettings {
            name: "Support".into(),
            channel: Some(channel(example::GENERAL)),
            title: "Need help?".into(),
            text: "Press the button.".into(),
            colour: 0x58_65_F2,
            button_label: "Open a ticket".into(),
            button_emoji: String::new(),
            welcome: "Hello!".into(),
            questions: Vec::new(),
            support_roles: Vec::new(),
        };
        let panel = tickets::panels::create(&owner, settings).await.unwrap();
        let opener = person(example::MIA, Permissions::default());
        let access = guilds::authorize_member(&self.w, guild(), &opener).await.unwrap();
        let interaction = InteractionId::new(1).unwrap();
        let token = "nobody-waits".to_owned().into();
        let wish = SubmitOpen { panel, answers: Vec::new(), interaction, token, opener };
        tickets::open::submit(&access, wish).await.unwrap()
    }

    /// Waits until the archive has a message.
    pub async fn archived(&self, ticket: TicketId, message: Id) {
        let message: i64 = message.to_string().parse().unwrap();
        until("the message is archived", async || {
            let db = self.w.store().read();
            let all = storage::transcripts::archive::message_ids(db, ticket, message, message);
            (!all.await.unwrap().is_empty()).then_some(())
        })
        .await;
    }

    pub async fn shut_down(self) {
        self.stop.cancel();
        tokio::time::timeout(PATIENCE, self.running)
            .await
            .expect("the gateway does not stop")
            .unwrap();
    }
}

/// Waits until something holds in the sandbox or the store.
pub async fn until<T>(what: &str, mut check: impl AsyncFnMut() -> Option<T>) -> T {
    let waiting = async {
        loop {
            if let Some(found) = check().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let found = tokio::time::timeout(PATIENCE, waiting).await;
    found.unwrap_or_else(|_| panic!("waited in vain until {what}"))
}
