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
    /// A link or a button.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <Icon name=icon/>
            <h2>{title}</h2>
            <p>{text}</p>
            {children.map(|children| children())}
        </div>
    }
}
