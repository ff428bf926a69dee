use leptos::prelude::*;
use maud::{Markup, html};

use crate::ui::{Tone, written};

/// A [`Badge`], written.
pub fn badge(label: &str, tone: Option<Tone>) -> Markup {
    let class = match tone {
        None => "badge",
        Some(Tone::Good) => "badge badge-good",
        Some(Tone::Warn) => "badge badge-warn",
        Some(Tone::Danger) => "badge badge-danger",
        Some(Tone::Info) => "badge badge-info",
    };
    html! { span class=(class) { (label) } }
}

/// A state in one or two words. The words say it; the colour only repeats it.
#[component]
pub fn Badge(
    /// Its words.
    #[prop(into)]
    label: String,
    /// Its colour; none is grey.
    #[prop(optional)]
    tone: Option<Tone>,
) -> impl IntoView {
    written(badge(&label, tone))
}
