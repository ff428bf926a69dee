use leptos::prelude::*;
use maud::{Markup, html};

use crate::ui::{self, AvatarSize, written};

/// A [`Person`], written.
pub fn person(name: &str, avatar: Option<&str>) -> Markup {
    html! {
        span class="person" {
            (ui::avatar(name, avatar, false, AvatarSize::Small))
            span { (name) }
        }
    }
}

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
    written(person(&name, avatar.as_deref()))
}
