//! Discord: the bot's REST calls, sign-in, and the gateway. The only crate that names serenity.
//!
//! - [`Rest`] is the process-wide gate to Discord's REST API and implements
//!   `wardesk_core::ports::Discord`.
//! - [`OAuth`] implements `wardesk_core::ports::Identity`.
//! - [`gateway::run`] keeps the bot connected while this process holds the lease.
//!
//! Log lines of serenity may quote what people wrote. A program that uses this crate has to mute
//! them: see [`MUTED_TARGETS`].

pub mod gateway;
mod http;
pub mod interactions;
pub mod oauth;
pub mod rest;

pub use oauth::{OAuth, OAuthConfig};
pub use rest::{Rest, RestConfig};

/// Targets of `tracing` that must be off in every configuration: serenity 0.12.5 writes payloads
/// that it can't read into its warnings, and event contents into the fields of its spans.
pub const MUTED_TARGETS: &[&str] = &["serenity", "tungstenite", "tokio_tungstenite"];
