//! How the bot is, for the status page, the servers' pages and `/readyz`.

use std::time::Duration;

use moka::future::Cache;
use serde::{Deserialize, Serialize};

use crate::Wardesk;
use crate::transcripts::check;

/// How long an answer of the database is cached. Cached because anyone may ask, and each check uses the single write
/// connection.
const REPEATED: Duration = Duration::from_secs(1);

/// Where the bot stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BotState {
    /// Connecting, or going on after a break.
    #[default]
    Connecting,
    /// Events arrive.
    Connected,
    /// Another process of this installation runs the bot.
    Elsewhere,
    /// Discord does not take the token. The operator must act.
    BadToken,
    /// Discord does not grant an intent. The operator must act.
    MissingIntent,
    /// The bot is on more servers than one session may serve. Source: Discord API documentation, "Sharding".
    TooManyServers,
    /// Discord refuses the connection for another reason. The operator must act.
    Refused,
    /// Shut down.
    Stopped,
}

/// How the bot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Where it stands.
    pub bot: BotState,
    /// Whether messages arrive with their content.
    pub content_available: bool,
}

impl Default for Status {
    fn default() -> Self {
        Self { bot: BotState::default(), content_available: true }
    }
}

/// What was seen when it was last looked.
pub(crate) struct Looks {
    writable: Cache<(), bool>,
    damaged: Cache<(), Option<u64>>,
}

impl Default for Looks {
    fn default() -> Self {
        Self {
            writable: Cache::builder().max_capacity(1).time_to_live(REPEATED).build(),
            damaged: Cache::builder().max_capacity(1).time_to_live(REPEATED).build(),
        }
    }
}

/// Whether the database takes writes, as of a second ago at the most.
pub async fn database_writable(w: &Wardesk) -> bool {
    let look = async {
        let written = w.store().is_writable().await;
        if let Err(error) = &written {
            tracing::error!(%error, "the database takes no writes");
        }
        written.is_ok()
    };
    w.looks().writable.get_with((), look).await
}

/// How many copies of files are damaged, as of a second ago at the most; `None` while that cannot be read.
pub async fn damaged_copies(w: &Wardesk) -> Option<u64> {
    let look = async {
        let damaged = check::damaged(w).await;
        if let Err(error) = &damaged {
            tracing::error!(%error, "the copies of files cannot be counted");
        }
        damaged.ok()
    };
    w.looks().damaged.get_with((), look).await
}
