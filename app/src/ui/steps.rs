use leptos::prelude::*;

use crate::ui::{Icon, IconName};

/// One line of a checklist.
#[component]
pub fn Step(
    /// Counted from 1.
    number: u8,
    /// Whether it is done.
    done: bool,
    /// What to do.
    #[prop(into)]
    title: String,
    /// Why, or what is missing.
    #[prop(into)]
    text: String,
    /// What a screen reader hears in place of the tick.
    #[prop(into)]
    done_label: String,
    /// A link to where it is done.
    children: Children,
) -> impl IntoView {
    let mark = if done {
        view! { <Icon name=IconName::Check/><span class="visually-hidden">{done_label}</span> }
            .into_any()
    } else {
        number.to_string().into_any()
    };
    view! {
        <li class="step" data-done=done.then_some("")>
            <span class="step-mark">{mark}</span>
            <div class="grow"><h3>{title}</h3><p>{text}</p></div>
            {children()}
        </li>
    }
}
