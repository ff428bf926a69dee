use leptos::prelude::*;

use crate::context::words;
use crate::ui::{ButtonKind, Icon, IconName};

/// The button that opens a [`Dialog`]. Works without script: the browser does it.
#[component]
pub fn DialogButton(
    /// The dialog's id.
    #[prop(into)]
    target: String,
    /// How much it asks for attention.
    #[prop(optional)]
    kind: ButtonKind,
    /// Its words.
    children: Children,
) -> impl IntoView {
    let class = match kind {
        ButtonKind::Primary => "button button-primary",
        ButtonKind::Plain => "button button-plain",
        ButtonKind::Quiet => "button button-quiet",
        ButtonKind::Danger => "button button-danger",
    };
    view! { <button type="button" class=class popovertarget=target>{children()}</button> }
}

/// A small window over the page, for a question before something that cannot be undone.
#[component]
pub fn Dialog(
    /// Its id.
    #[prop(into)]
    id: String,
    /// Its heading.
    #[prop(into)]
    title: String,
    /// What it holds; usually a form.
    children: Children,
) -> impl IntoView {
    let w = words();
    let title_id = format!("{id}-title");
    view! {
        // A popover takes the focus only where `autofocus` says so.
        <div id=id.clone() popover="auto" class="dialog" role="dialog" tabindex="-1" autofocus=true aria-labelledby=title_id.clone()>
            <div class="dialog-head">
                <h2 id=title_id.clone()>{title}</h2>
                <button
                    type="button"
                    class="button button-quiet button-small button-square"
                    popovertarget=id.clone()
                    popovertargetaction="hide"
                    aria-label=w.common_close()
                >
                    <Icon name=IconName::Close/>
                </button>
            </div>
            <div class="dialog-body">{children()}</div>
        </div>
    }
}
