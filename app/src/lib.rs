//! Pages, components and server functions.
//!
//! Built twice. Native, with the feature `ssr`: everything. For the browser, with `hydrate`: the islands
//! alone, so that a page costs the browser only what it adds to it.
//!
//! What the server puts into Leptos' context for every request, for pages and for server functions
//! alike: see [`context::provide`].
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
mod pages;
#[cfg(feature = "ssr")]
mod shell;
#[cfg(feature = "ssr")]
mod ui;

#[cfg(feature = "ssr")]
pub use pages::App;
#[cfg(feature = "ssr")]
pub use shell::shell;
