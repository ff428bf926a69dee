use leptos::prelude::*;

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
    let mut class = "avatar".to_owned();
    if server {
        class.push_str(" avatar-server");
    }
    match size {
        AvatarSize::Small => class.push_str(" avatar-small"),
        AvatarSize::Medium => {}
        AvatarSize::Large => class.push_str(" avatar-large"),
    }
    let inside = match src {
        Some(src) => view! {
            <img src=src alt="" width="48" height="48" loading="lazy" decoding="async" referrerpolicy="no-referrer"/>
        }
        .into_any(),
        None => initials(&name).into_any(),
    };
    view! { <span class=class aria-hidden="true">{inside}</span> }
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
