use leptos::prelude::*;

use crate::ui::{Icon, IconName};

/// What a list shows when it has nothing: why, and what to do about it.
#[component]
pub fn EmptyState(
    /// The picture.
    icon: IconName,
    /// What is missing.
    #[prop(into)]
    title: String,
    /// Why, and what to do.
    #[prop(into)]
    text: String,
    /// It is all that the page has: its title is the page's heading.
    #[prop(optional)]
    page: bool,
    /// A link or a button.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let heading = if page {
        view! { <h1>{title}</h1> }.into_any()
    } else {
        view! { <h2>{title}</h2> }.into_any()
    };
    view! {
        <div class="empty">
            <Icon name=icon/>
            {heading}
            <p>{text}</p>
            {children.map(|children| children())}
        </div>
    }
}
