//! The one place where finished HTML enters a page. There are two kinds, and neither can be made of a text: a
//! transcript's, which the escaping writer of `transcript` makes alone, and a view that was rendered before.

use std::sync::Arc;

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

/// A view that was rendered once, to be shown to many. Without islands in it.
#[derive(Debug, Clone)]
pub struct Fragment(Arc<str>);

impl Fragment {
    /// Renders a view, which escapes every text in it.
    pub fn of(view: impl IntoView) -> Self {
        Self(view.into_view().to_html().into())
    }
}

/// A view that was rendered before, in the page.
#[component]
pub fn Kept(
    /// The view.
    fragment: Fragment,
) -> impl IntoView {
    view! { <div inner_html=fragment.0.as_ref().to_owned()></div> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_escaped() {
        let fragment = Fragment::of(view! { <td title="\"><b>">{"<script>x</script>"}</td> });
        assert!(!fragment.0.contains("<script>"), "{}", fragment.0);
        assert!(!fragment.0.contains("<b>"), "{}", fragment.0);
    }
}
