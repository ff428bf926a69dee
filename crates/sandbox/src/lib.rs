//! A local Discord: REST, gateway, OAuth2, CDN, a chat page and a control API, on loopback.
//!
//! Tests start one in their own process:
//!
//! ```no_run
//! # async fn demo() -> Result<(), sandbox::StartError> {
//! use sandbox::world::example;
//! let sandbox = sandbox::Sandbox::start(sandbox::SandboxConfig::default()).await?;
//! let message = sandbox.world().say(example::MIA, example::GENERAL, "hello");
//! assert!(message.is_ok());
//! sandbox.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! It holds a payment provider like Stripe as well ([`stripe`]), on the same address and clock.
//!
//! The sandbox depends on none of the product's crates: it is the truth that they are held against.

// Objects of Stripe's API have many fields.
#![recursion_limit = "512"]

pub mod cdn;
pub mod chat;
pub mod control;
pub mod error;
pub mod faults;
pub mod gateway;
pub mod id;
pub mod journal;
pub mod limits;
pub mod oauth;
pub mod openapi;
pub mod permissions;
pub mod rest;
mod server;
mod shared;
pub mod stripe;
pub mod world;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::MutexGuard;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use shared::Shared;

use openapi::{Checker, OpenApiError};
use world::World;

/// Names the file with Discord's OpenAPI description, when [`SandboxConfig::openapi`] does not.
pub const OPENAPI_VARIABLE: &str = "WARDESK_DISCORD_OPENAPI";

/// How a sandbox starts.
pub struct SandboxConfig {
    /// Where it listens; port 0 takes a free one. Loopback only: other addresses are refused.
    pub address: SocketAddr,
    /// What is in it.
    pub world: World,
    /// Discord's OpenAPI description to check against.
    pub openapi: Option<PathBuf>,
    /// For tests: whether dropping the sandbox panics when something did not fit the description, so that
    /// a mismatch fails the test that caused it. Mismatches that a test wants are cleared by it first.
    pub strict: bool,
}

impl Default for SandboxConfig {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests everywhere take the description from one variable"
    )]
    /// A free port of 127.0.0.1, the example world, the description that the environment names.
    fn default() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            world: World::example(),
            openapi: std::env::var_os(OPENAPI_VARIABLE)
                .filter(|path| !path.is_empty())
                .map(PathBuf::from),
            strict: false,
        }
    }
}

impl SandboxConfig {
    /// The example world without rate limits or waiting between IDENTIFYs, for tests of other things.
    /// It is [`strict`](Self::strict).
    pub fn fast() -> Self {
        let mut config = Self { strict: true, ..Self::default() };
        config.world.limits.mode = limits::Mode::Off;
        config.world.gateway.identify_spacing_ms = 0;
        config
    }
}

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is not on this machine only.
    #[error("the sandbox listens on loopback only, not on {0}")]
    NotLoopback(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on {0}: {1}")]
    Bind(SocketAddr, std::io::Error),
    /// The OpenAPI description cannot be used.
    #[error(transparent)]
    OpenApi(#[from] OpenApiError),
}

/// A running sandbox. Dropping it stops it too, without waiting.
pub struct Sandbox {
    shared: Shared,
    address: SocketAddr,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
    strict: bool,
}

impl Sandbox {
    /// Listens and serves.
    pub async fn start(config: SandboxConfig) -> Result<Self, StartError> {
        if !config.address.ip().is_loopback() {
            return Err(StartError::NotLoopback(config.address));
        }
        let checker = config.openapi.as_deref().map(Checker::shared).transpose()?;
        let bind = |error| StartError::Bind(config.address, error);
        let listener = TcpListener::bind(config.address).await.map_err(bind)?;
        let address = listener.local_addr().map_err(bind)?;
        let mut world = config.world;
        world.set_base_url(&format!("http://{address}"));
        let stop = CancellationToken::new();
        let shared = Shared::new(world, checker, stop.clone());
        let tasks = vec![
            tokio::spawn(server::serve(listener, router(&shared), stop.clone())),
            tokio::spawn(tick(shared.clone(), stop.clone())),
            tokio::spawn(stripe::webhooks::send::deliver(shared.clone(), stop.clone())),
        ];
        Ok(Self { shared, address, stop, tasks, strict: config.strict })
    }

    /// `http://127.0.0.1:<port>`
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The base of REST: `<base>/api/v10`.
    pub fn api_url(&self) -> String {
        format!("{}/api/v10", self.base_url())
    }

    /// The base of the CDN: `<base>/cdn`.
    pub fn cdn_url(&self) -> String {
        format!("{}/cdn", self.base_url())
    }

    /// The base of the payment provider, in which `v1/…` lies: `<base>/stripe/`.
    pub fn stripe_url(&self) -> String {
        format!("{}/stripe/", self.base_url())
    }

    /// The websocket: `ws://…/gateway`.
    pub fn gateway_url(&self) -> String {
        format!("ws://{}/gateway", self.address)
    }

    /// The world, locked. Do not hold it over an await.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.shared.world()
    }

    /// A handle for tasks and for waiting on interactions.
    pub fn shared(&self) -> Shared {
        self.shared.clone()
    }

    /// Stops serving: gateway sockets are closed with 1001, other connections are cut.
    pub async fn shutdown(mut self) {
        self.stop.cancel();
        for task in self.tasks.drain(..) {
            // A task that panicked has said so already.
            let _ = task.await;
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.stop.cancel();
        if self.strict && !std::thread::panicking() {
            let found = self.world().violations().to_vec();
            assert!(found.is_empty(), "Discord's description does not allow this: {found:#?}");
        }
    }
}

fn router(shared: &Shared) -> Router {
    Router::new()
        .merge(rest::router(shared.clone()))
        .merge(gateway::router(shared.clone()))
        .merge(cdn::router(shared.clone()))
        .merge(oauth::router(shared.clone()))
        .merge(chat::router(shared.clone()))
        .merge(control::router(shared.clone()))
        .merge(stripe::router(shared.clone()))
}

/// Lets what depends on time happen.
async fn tick(shared: Shared, stop: CancellationToken) {
    let mut interval = tokio::time::interval(Duration::from_millis(250));
    loop {
        tokio::select! {
            _ = interval.tick() => shared.world().expire(),
            () = stop.cancelled() => return,
        }
    }
}
