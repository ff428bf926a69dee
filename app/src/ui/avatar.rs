use leptos::prelude::*;
use maud::{Markup, html};

use crate::ui::written;

/// How large an [`Avatar`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AvatarSize {
    /// In a line of text.
    Small,
    /// In a list.
    #[default]
    Medium,
    /// In a heading.
    Large,
}

/// The first letters of the first two words, for a face without a picture.
pub fn initials(name: &str) -> String {
    name.split_whitespace()
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()))
        .take(2)
        .flat_map(char::to_uppercase)
        .collect()
}

/// An [`Avatar`], written.
pub fn avatar(name: &str, src: Option<&str>, server: bool, size: AvatarSize) -> Markup {
    let size = match size {
        AvatarSize::Small => " avatar-small",
        AvatarSize::Medium => "",
        AvatarSize::Large => " avatar-large",
    };
    let server = if server { " avatar-server" } else { "" };
    html! {
        span class={ "avatar" (server) (size) } aria-hidden="true" {
            @if let Some(src) = src {
                img src=(src) alt="" width="48" height="48" loading="lazy" decoding="async" referrerpolicy="no-referrer";
            } @else {
                (initials(name))
            }
        }
    }
}

/// The picture of a person or a server, or initials. Decoration: the name stands beside it.
#[component]
pub fn Avatar(
    /// Whose.
    #[prop(into)]
    name: String,
    /// The picture's address.
    #[prop(optional_no_strip, into)]
    src: Option<String>,
    /// Squarish, for a server.
    #[prop(optional)]
    server: bool,
    /// How large.
    #[prop(optional)]
    size: AvatarSize,
) -> impl IntoView {
    written(avatar(&name, src.as_deref(), server, size))
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_are_letters_of_the_first_words() {
        assert_eq!(initials("The Owl House"), "TO");
        assert_eq!(initials("ärzte"), "Ä");
        assert_eq!(initials("🎮 [EU] games"), "EG");
        assert_eq!(initials("🎮"), "");
    }
}
