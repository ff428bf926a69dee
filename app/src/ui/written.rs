//! The one place where finished HTML enters a page. It comes from one of two writers that escape every text and every
//! attribute's value: that of `transcript`, whose [`RenderedHtml`] nothing else can make, and maud's `html!`. `./test --only
//! raw-html` sees to it that there is no other place, and that nothing is marked as escaped by hand.

use leptos::prelude::*;
use leptos::tachys::html::InertElement;
use maud::Markup;
use transcript::RenderedHtml;

/// As Leptos takes the static parts of its own templates.
fn finished(html: String) -> InertElement {
    InertElement::new(html)
}

/// A piece of a page that maud's macro has written.
///
/// For what a page has many of, and what stands on every page: it never changes in the browser, so that it needs no
/// view, and a view of a table of fifty rows takes the server many times as long.
pub fn written(piece: Markup) -> impl IntoView {
    finished(piece.into_string())
}

/// A rendered transcript in the page.
#[component]
pub fn Rendered(
    /// The writer's output.
    html: RenderedHtml,
) -> impl IntoView {
    view! { <div class="transcript t-log">{finished(html.into_string())}</div> }
}
