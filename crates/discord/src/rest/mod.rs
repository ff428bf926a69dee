//! Discord's REST API behind one gate for the whole process.

mod addresses;
pub(crate) mod answer;
mod attachments;
mod breaker;
mod buckets;
mod calls;
pub(crate) mod facts;
mod forbidden;
mod gate;
mod global;
mod known;
mod metrics;
mod port;
mod route;

use std::sync::Arc;

use domain::egress::Egress;
use domain::ids::ApplicationId;
use secrecy::SecretString;
use tokio::sync::watch;
use url::Url;
use wardesk_core::ports::Random;

pub(crate) use breaker::Breaker;
pub(crate) use calls::Granted;
pub use calls::{GatewayInfo, StartLimit};

use attachments::Attachments;
use gate::Gate;
use known::Known;

/// What the gate needs.
pub struct RestConfig {
    /// Where the API is, with its version: `https://discord.com/api/v10`.
    pub api: Url,
    /// The bot's token, without `Bot ` in front.
    pub token: SecretString,
    /// The application the token belongs to.
    pub application: ApplicationId,
    /// Where attachments may be read from, such as `https://cdn.discordapp.com`.
    pub cdns: Vec<Url>,
    /// Whether attachments may be read from this machine: only with the sandbox.
    pub allow_loopback: bool,
    /// For the jitter.
    pub random: Arc<dyn Random>,
    /// Who may be contacted.
    pub egress: Egress,
}

/// Whether calls are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestHealth {
    /// Calls are sent.
    Good,
    /// Discord refuses the token (401). Nothing is sent until the program starts with another one.
    BadToken,
    /// Too many invalid requests in 10 minutes; calls are sent again when the count has fallen.
    Stopped,
}

/// The bot's REST calls. Cheap to clone; all clones are one gate.
#[derive(Clone)]
pub struct Rest(Arc<Inner>);

struct Inner {
    gate: Gate,
    application: ApplicationId,
    attachments: Attachments,
    known: Known,
}

impl Rest {
    /// Makes the gate. Sends nothing. Fails only if the system offers no TLS.
    pub fn new(config: RestConfig) -> Result<Self, reqwest::Error> {
        Ok(Self(Arc::new(Inner {
            gate: Gate::new(config.api.as_str(), config.token, config.random, config.egress)?,
            application: config.application,
            attachments: Attachments::new(&config.cdns, config.allow_loopback)?,
            known: Known::default(),
        })))
    }

    /// Whether calls are sent, and when that changes.
    pub fn health(&self) -> watch::Receiver<RestHealth> {
        self.0.gate.health()
    }

    /// The application the token belongs to.
    pub fn application(&self) -> ApplicationId {
        self.0.application
    }

    pub(crate) fn known(&self) -> &Known {
        &self.0.known
    }
}
