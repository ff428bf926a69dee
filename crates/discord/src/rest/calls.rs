//! Calls that only this crate makes: the gateway's address, answers to interactions, commands.

use domain::ids::{InteractionId, UserId};
use reqwest::Method;
use secrecy::SecretString;
use serde_json::Value;
use wardesk_core::ports::DiscordError;

use super::Rest;
use super::facts::{id, text};
use super::gate::Cargo;
use super::route::Route;

/// The answer to `GET /gateway/bot`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayInfo {
    /// Where to connect.
    pub url: String,
    /// How many shards Discord recommends.
    pub shards: u32,
    /// How many sessions may start.
    pub start_limit: StartLimit,
}

/// How many sessions may start. Exceeding it makes Discord reset the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StartLimit {
    /// A day's allowance.
    pub total: u32,
    /// What is left of it.
    pub remaining: u32,
    /// Milliseconds until the allowance is whole again.
    pub reset_after_ms: u64,
    /// Sessions that may start in 5 s.
    pub max_concurrency: u32,
}

/// The privileged intents that the application's settings grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Granted {
    /// What people write.
    pub(crate) content: bool,
    /// Who joins and leaves.
    pub(crate) members: bool,
}

impl Rest {
    /// Where the gateway is and how many sessions may start.
    pub async fn gateway_info(&self) -> Result<GatewayInfo, DiscordError> {
        let answer = self.0.gate.call(&Route::gateway_bot(), Cargo::default()).await?;
        let limit = answer.get("session_start_limit").cloned().unwrap_or_default();
        let number = |v: &Value, key: &str| v.get(key).and_then(Value::as_u64);
        let small = |v: &Value, key: &str| number(v, key).and_then(|n| u32::try_from(n).ok());
        Ok(GatewayInfo {
            url: text(&answer, "url").ok_or(UNREADABLE)?.to_owned(),
            shards: small(&answer, "shards").unwrap_or(1),
            start_limit: StartLimit {
                total: small(&limit, "total").unwrap_or(1000),
                remaining: small(&limit, "remaining").unwrap_or(1000),
                reset_after_ms: number(&limit, "reset_after").unwrap_or(0),
                max_concurrency: small(&limit, "max_concurrency").unwrap_or(1).max(1),
            },
        })
    }

    /// The bot's own account. Asked once.
    pub async fn bot(&self) -> Result<UserId, DiscordError> {
        let load = async || {
            let me = self.0.gate.call(&Route::me(), Cargo::default()).await?;
            id(&me, "id").ok_or(UNREADABLE)
        };
        self.known().bot.get_or_try_init(load).await.copied()
    }

    /// Which privileged intents the application's settings grant. Source: Discord API documentation, "Application
    /// Flags": `GATEWAY_GUILD_MEMBERS`, `GATEWAY_MESSAGE_CONTENT` and, for small bots, their `_LIMITED`.
    pub(crate) async fn granted(&self) -> Result<Granted, DiscordError> {
        let own = self.0.gate.call(&Route::own_application(), Cargo::default()).await?;
        let flags = own.get("flags").and_then(Value::as_u64).ok_or(UNREADABLE)?;
        Ok(Granted {
            content: flags & (1 << 18 | 1 << 19) != 0,
            members: flags & (1 << 14 | 1 << 15) != 0,
        })
    }

    /// Gives the first answer to an interaction; `body` is Discord's interaction response object.
    pub async fn answer_interaction(
        &self,
        interaction: InteractionId,
        token: &SecretString,
        body: &Value,
    ) -> Result<(), DiscordError> {
        let route = Route::interaction_callback(interaction, token);
        self.0.gate.call(&route, Cargo { body: Some(body), ..Cargo::default() }).await?;
        Ok(())
    }

    /// All global commands of the application, with their names in every language.
    pub async fn commands(&self) -> Result<Value, DiscordError> {
        let route = Route::commands(Method::GET, self.application());
        let query = [("with_localizations", "true".to_owned())];
        self.0.gate.call(&route, Cargo { query: &query, ..Cargo::default() }).await
    }

    /// Replaces all global commands of the application.
    pub async fn set_commands(&self, commands: &Value) -> Result<(), DiscordError> {
        let route = Route::commands(Method::PUT, self.application());
        self.0.gate.call(&route, Cargo { body: Some(commands), ..Cargo::default() }).await?;
        Ok(())
    }

    /// The gateway learnt that the token is not valid (close code 4004).
    pub(crate) fn refuse_token(&self) {
        self.0.gate.refuse_token();
    }
}

/// Discord answered something that has not the shape its documentation gives.
pub(super) const UNREADABLE: DiscordError = DiscordError::Unavailable { retry_after_ms: None };
