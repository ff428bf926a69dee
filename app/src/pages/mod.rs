//! The pages, by feature, and the frame around them.

mod design;
mod errors;
mod frame;
mod start;

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::SsrMode;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::path;

use crate::context::words;
use frame::{Footer, TopBar};

/// The whole of the web pages. Every page is rendered completely before its first byte leaves, so that
/// status and redirects can still be decided.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let w = words();
    view! {
        <Title formatter=|title: String| if title.is_empty() { "Wardesk".to_owned() } else { format!("{title} · Wardesk") }/>
        <a class="skip-link" href="#content">{w.common_skip_to_content()}</a>
        <Router>
            <TopBar/>
            <main class="page" id="content" tabindex="-1">
                <FlatRoutes fallback=errors::NotFound>
                    <Route path=path!("") view=start::Start ssr=SsrMode::Async/>
                    <Route path=path!("design") view=design::Design ssr=SsrMode::Async/>
                </FlatRoutes>
            </main>
        </Router>
        <Footer/>
    }
}
