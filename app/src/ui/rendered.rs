//! The one place where finished HTML enters a page: a transcript's, made by the escaping writer of
//! `transcript`. [`RenderedHtml`] can be made by that writer alone, so nothing else can come this way.

use leptos::prelude::*;
use transcript::RenderedHtml;

/// A rendered transcript in the page.
#[component]
pub fn Rendered(
    /// The writer's output.
    html: RenderedHtml,
) -> impl IntoView {
    view! { <div class="transcript t-log" inner_html=html.into_string()></div> }
}
