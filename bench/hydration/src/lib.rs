//! A panel's editor as it would be with full hydration: router, components and texts travel to the browser, and what
//! the page shows comes as a resource. Measured beside the islands by `bench/run hydration`.
//!
//! Components and islands are those of `app` (`build.rs`); the page around them repeats `app/src/pages/panel.rs`,
//! which itself reads from use-cases and so cannot run in a browser.
#![recursion_limit = "512"]
#![allow(
    clippy::needless_pass_by_value,
    reason = "components own their properties: the view outlives the call that made it"
)]

mod data;
mod editor;
mod frame;

include!(concat!(env!("OUT_DIR"), "/app.rs"));

use domain::locale::Locale;
use leptos::prelude::*;
use leptos_meta::{MetaTags, Title, provide_meta_context};
use leptos_router::SsrMode;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::path;

pub use data::PanelPage;

/// As in `app`: what components know about the request.
mod context {
    use domain::locale::Locale;
    use leptos::prelude::use_context;
    use words::Words;

    /// All texts in the language of the page.
    pub fn words() -> Words {
        Words::new(use_context::<Locale>().unwrap_or_default())
    }
}

/// The pages: one, where the product has some forty.
#[component]
pub fn App(
    /// The language of the page.
    #[prop(optional)]
    locale: Locale,
) -> impl IntoView {
    provide_meta_context();
    provide_context(locale);
    let w = context::words();
    view! {
        <Title formatter=|title: String| format!("{title} · Wardesk")/>
        <a class="skip-link" href="#content">{w.common_skip_to_content()}</a>
        <Router>
            <frame::TopBar/>
            <main class="page" id="content" tabindex="-1">
                <FlatRoutes fallback=|| ()>
                    <Route path=path!("servers/:guild/panels/:panel") view=editor::Panel ssr=SsrMode::Async/>
                </FlatRoutes>
            </main>
        </Router>
        <frame::Footer/>
    }
}

/// The document around the page.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <HydrationScripts options/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// Called by the page once its code has arrived.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    let tag = document().document_element().and_then(|page| page.get_attribute("lang"));
    let locale = tag.and_then(|tag| Locale::from_tag(&tag)).unwrap_or_default();
    leptos::mount::hydrate_body(move || view! { <App locale/> });
}
