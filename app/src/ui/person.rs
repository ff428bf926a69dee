use leptos::prelude::*;

use crate::ui::{Avatar, AvatarSize};

/// A person's face and name in a line.
#[component]
pub fn Person(
    /// The name.
    #[prop(into)]
    name: String,
    /// The picture's address.
    #[prop(optional_no_strip, into)]
    avatar: Option<String>,
) -> impl IntoView {
    view! {
        <span class="person">
            <Avatar name=name.clone() src=avatar size=AvatarSize::Small/>
            <span>{name}</span>
        </span>
    }
}
