//! How the bot is, for the status page, the servers' pages and `/readyz`.

use serde::{Deserialize, Serialize};

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
