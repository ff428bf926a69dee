//! A sandbox, a database and the settings of a program that uses both.

use std::sync::Arc;

use base64::Engine as _;
use discord::{Rest, RestConfig};
use domain::guilds::GuildSettings;
use domain::ids::{GuildId, PanelId, UserId};
use domain::panels::{PanelSettings, Question, QuestionStyle};
use domain::permissions::Permissions;
use sandbox::id::Id;
use sandbox::world::example;
use sandbox::{Sandbox, SandboxConfig};
use secrecy::ExposeSecret as _;
use storage::testing::TestStore;
use wardesk_core::guilds::{self, ActingMember, GuildAccess};
use wardesk_core::ports::{SystemClock, SystemRandom};
use wardesk_core::testing::FakeIdentity;
use wardesk_core::{Parts, Wardesk, tickets};

use crate::program::Program;

/// Where people reach the pages, as the program is told. Its redirect address is the one that the
/// sandbox knows from the start.
pub const PUBLIC_URL: &str = "http://localhost:8080";

/// The engines at hand: SQLite always, PostgreSQL when the environment names one.
#[expect(clippy::disallowed_methods, reason = "where the tests' own database is")]
pub fn engines() -> Vec<Engine> {
    let postgres = std::env::var("WARDESK_TEST_POSTGRES_URL").ok().map(Engine::Postgres);
    std::iter::once(Engine::Sqlite).chain(postgres).collect()
}

/// Where a test's database is made.
#[derive(Debug, Clone)]
pub enum Engine {
    Sqlite,
    /// In a database of its own on the server at this address.
    Postgres(String),
}

impl Engine {
    /// Its name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }

    /// A fresh store.
    pub async fn store(&self) -> TestStore {
        match self {
            Self::Sqlite => storage::testing::sqlite().await,
            Self::Postgres(url) => storage::testing::postgres(url).await,
        }
    }
}

/// The example server.
pub fn guild() -> GuildId {
    example::HARBOUR_LIGHTS.to_string().parse().unwrap()
}

/// A person of the sandbox as the product names them.
pub fn user(id: Id) -> UserId {
    id.to_string().parse().unwrap()
}

/// A panel with one question in a channel.
pub fn panel_in(channel: Id) -> PanelSettings {
    PanelSettings {
        name: "Support".into(),
        channel: channel.to_string().parse().ok(),
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

/// One installation of the product.
pub struct Desk {
    /// Its Discord.
    pub sandbox: Sandbox,
    /// Its database; `engine` names it.
    pub store: TestStore,
    /// The use-cases in this process, on the same database and the same Discord: another process of the
    /// same installation.
    pub w: Wardesk,
}

impl Desk {
    /// A desk with nothing set up, on a fresh database.
    pub async fn new(store: TestStore) -> Self {
        Self::with(store, SandboxConfig::fast()).await
    }

    /// The same with a sandbox of a certain kind.
    pub async fn with(store: TestStore, config: SandboxConfig) -> Self {
        // Another test of this process may have installed it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let sandbox = Sandbox::start(config).await.unwrap();
        let application = example::APPLICATION.to_string().parse().unwrap();
        let rest = Rest::new(RestConfig {
            api: sandbox.api_url().parse().unwrap(),
            token: example::BOT_TOKEN.to_owned().into(),
            application,
            cdns: vec![sandbox.base_url().parse().unwrap()],
            allow_loopback: true,
            random: Arc::new(SystemRandom),
            egress: domain::egress::Egress::new(["127.0.0.1".to_owned()]),
        });
        let w = Wardesk::new(Parts {
            store: store.store.clone(),
            discord: Arc::new(rest.unwrap()),
            identity: Arc::new(FakeIdentity::default()),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            public_url: PUBLIC_URL.into(),
            cdn_url: sandbox.cdn_url(),
            media_url: sandbox.cdn_url(),
            app_url: sandbox.base_url(),
            application,
            plans: wardesk_core::testing::generous_plans(),
            operators: Vec::new(),
            imprint: wardesk_core::privacy::imprint::Imprint::default(),
        });
        let leptos = concat!(env!("CARGO_MANIFEST_DIR"), "/../Leptos.toml");
        std::fs::copy(leptos, store.folder.path().join("Leptos.toml")).unwrap();
        Self { sandbox, store, w }
    }

    /// The settings of a program for this desk; `more` adds or replaces.
    pub fn settings(&self, more: &[(&str, &str)]) -> Vec<(String, String)> {
        let config = &self.store.config;
        let key = base64::engine::general_purpose::STANDARD.encode(storage::testing::MASTER_KEY);
        let base = self.sandbox.base_url();
        let folder = self.store.folder.path().display().to_string();
        let mut settings: Vec<(String, String)> = [
            ("WARDESK_SANDBOX", "1"),
            ("WARDESK_BIND", "127.0.0.1:0"),
            ("WARDESK_METRICS_BIND", "127.0.0.1:0"),
            ("WARDESK_PUBLIC_URL", PUBLIC_URL),
            ("WARDESK_DATA_DIR", &folder),
            ("WARDESK_DATABASE_URL", config.database_url.expose_secret()),
            ("WARDESK_KEYS_URL", config.keys_url.expose_secret()),
            ("WARDESK_MASTER_KEY", &key),
            ("WARDESK_BLOBS_URL", &config.blobs_url),
            ("DISCORD_TOKEN", example::BOT_TOKEN),
            ("DISCORD_CLIENT_ID", &example::APPLICATION.to_string()),
            ("DISCORD_CLIENT_SECRET", example::CLIENT_SECRET),
            ("DISCORD_API_URL", &self.sandbox.api_url()),
            ("DISCORD_OAUTH_AUTHORIZE_URL", &format!("{base}/oauth2/authorize")),
            ("DISCORD_OAUTH_TOKEN_URL", &format!("{base}/api/oauth2/token")),
            ("DISCORD_OAUTH_REVOKE_URL", &format!("{base}/api/oauth2/token/revoke")),
            ("DISCORD_APP_URL", &self.sandbox.base_url()),
            ("DISCORD_CDN_URL", &self.sandbox.cdn_url()),
            ("DISCORD_MEDIA_URL", &self.sandbox.cdn_url()),
            // There is no built site beside the tests.
            ("LEPTOS_HASH_FILES", "false"),
            ("RUST_LOG", "info"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        for (name, value) in more {
            settings.retain(|(known, _)| known != name);
            settings.push(((*name).to_owned(), (*value).to_owned()));
        }
        settings
    }

    /// Starts the program.
    pub async fn start(&self, more: &[(&str, &str)]) -> Program {
        Program::start(self.store.folder.path(), &self.settings(more)).await
    }

    /// Olivia, who owns the server, as the use-cases know her.
    pub async fn owner(&self) -> GuildAccess {
        self.owner_of(guild()).await
    }

    /// The same on another server of hers.
    pub async fn owner_of(&self, guild: GuildId) -> GuildAccess {
        let olivia = ActingMember {
            user: user(example::OLIVIA),
            display_name: "Olivia".into(),
            username: "olivia".into(),
            avatar: None,
            roles: Vec::new(),
            permissions: Permissions::MANAGE_GUILD,
            locale: None,
        };
        guilds::authorize_member(&self.w, guild, &olivia).await.unwrap()
    }

    /// Sets the server up and asks for a panel with one question to be posted in `#welcome`.
    pub async fn set_up(&self) -> PanelId {
        let id = |id: Id| id.to_string();
        let owner = self.owner().await;
        let settings = GuildSettings {
            support_roles: vec![id(example::SUPPORT_ROLE).parse().unwrap()],
            ticket_category: id(example::TICKETS).parse().ok(),
            transcript_channel: id(example::TRANSCRIPTS).parse().ok(),
            log_channel: id(example::SUPPORT_LOG).parse().ok(),
            ..GuildSettings::default()
        };
        guilds::save_settings(&owner, settings, 0).await.unwrap();
        let panel = tickets::panels::create(&owner, panel_in(example::WELCOME)).await.unwrap();
        tickets::panels::publish(&owner, panel).await.unwrap();
        panel
    }

    /// What waiting would do after a program died: its leases run out.
    pub async fn let_leases_end(&self) {
        for statement in [
            "UPDATE leases SET until = 0",
            "UPDATE outbox SET lease_until = 0 WHERE lease_until IS NOT NULL",
            "UPDATE attachments SET due_at = 0 WHERE state = 'pending'",
        ] {
            let mut tx = self.store.store.begin().await.unwrap();
            sqlx::query(statement).execute(tx.conn()).await.unwrap();
            tx.commit().await.unwrap();
        }
    }

    /// One number out of the database.
    pub async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(self.store.store.read()).await.unwrap()
    }
}
