//! The web pages: what they show, what their forms do, and what of them runs in the browser.
//!
//! Built twice. Native, with the feature `ssr`: everything. For the browser, with `hydrate`: the islands
//! alone, so that a page costs the browser only what it adds to it.
//!
//! Pages and forms call the use-cases of `wardesk_core` and authorise inside themselves. What a page knows
//! about its request, the server puts into Leptos' context: see [`context::RequestMeta`].
#![recursion_limit = "512"]
#![allow(
    clippy::needless_pass_by_value,
    reason = "components own their properties: the view outlives the call that made it"
)]

pub mod islands;

#[cfg(feature = "ssr")]
pub mod context;
#[cfg(feature = "ssr")]
pub mod forms;
#[cfg(feature = "ssr")]
pub mod forward;
#[cfg(feature = "ssr")]
mod labels;
#[cfg(feature = "ssr")]
mod pages;
#[cfg(feature = "ssr")]
mod shell;
#[cfg(feature = "ssr")]
mod ui;

#[cfg(feature = "ssr")]
pub use labels::labels;
#[cfg(feature = "ssr")]
pub use pages::App;
#[cfg(feature = "ssr")]
pub use shell::{shell, style_sheet};
