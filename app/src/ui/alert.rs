use leptos::prelude::*;

use crate::ui::{Icon, IconName};

/// What a message means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Done.
    Good,
    /// Worth knowing.
    Info,
    /// Needs a look.
    Warn,
    /// Went wrong.
    Danger,
}

/// A message in the flow of the page.
#[component]
pub fn Alert(
    /// What it means.
    tone: Tone,
    /// The first line.
    #[prop(optional, into)]
    title: Option<String>,
    /// The outcome of what the person just did. Takes the focus, so that a screen reader starts here: what is there when
    /// a page loads is not read out for its role.
    #[prop(optional)]
    announce: bool,
    /// The rest.
    children: Children,
) -> impl IntoView {
    let (class, icon) = match tone {
        Tone::Good => ("alert alert-good", IconName::Check),
        Tone::Info => ("alert alert-info", IconName::Info),
        Tone::Warn => ("alert alert-warn", IconName::Alert),
        Tone::Danger => ("alert alert-danger", IconName::Alert),
    };
    view! {
        <div class=class role=announce.then_some("status") tabindex=announce.then_some("-1") autofocus=announce>
            <Icon name=icon/>
            <div class="alert-body">{title.map(|t| view! { <strong>{t}</strong> })}{children()}</div>
        </div>
    }
}
