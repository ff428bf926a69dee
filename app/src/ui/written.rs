use leptos::prelude::*;
use leptos::tachys::html::InertElement;
use maud::Markup;

/// A piece of a page that was written by maud's `html!`, which escapes every text and every attribute's value.
///
/// For what a page has many of, and what stands on every page: it never changes in the browser, so that it needs no
/// view, and a view of a table of fifty rows takes the server many times as long. What a [`Markup`] holds was
/// written by that macro alone: `./test --only raw-html` sees to it that nothing is marked as escaped by hand.
pub fn written(piece: Markup) -> impl IntoView {
    InertElement::new(piece.into_string())
}
