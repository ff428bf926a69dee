use domain::validation::discord_len;
use leptos::prelude::*;

use crate::context::words;
use crate::ui::{Icon, IconName};

/// What a control names in `aria-describedby`: its hint, its error, its count.
pub fn describedby(id: &str, hint: bool, error: bool, limit: bool) -> Option<String> {
    let mut ids = Vec::new();
    if error {
        ids.push(format!("{id}-error"));
    }
    if hint {
        ids.push(format!("{id}-hint"));
    }
    if limit {
        ids.push(format!("{id}-count"));
    }
    (!ids.is_empty()).then(|| ids.join(" "))
}

/// Label, hint, error and count around one control, which has the same `id`.
#[component]
pub fn Field(
    /// The control's id.
    #[prop(into)]
    id: String,
    /// What is asked.
    #[prop(into)]
    label: String,
    /// A line of help.
    #[prop(optional_no_strip)]
    hint: Option<String>,
    /// What is wrong, in words.
    #[prop(optional_no_strip)]
    error: Option<String>,
    /// Says that it may stay empty.
    #[prop(optional)]
    optional: bool,
    /// The most characters, counted as Discord does, and the text they are counted in.
    #[prop(optional_no_strip)]
    limit: Option<(u32, String)>,
    /// The control.
    children: Children,
) -> impl IntoView {
    let w = words();
    // Counts only where `CharacterCounts` runs; everywhere else it says the limit.
    let count = limit.map(|(limit, text)| {
        let count = discord_len(&text);
        view! {
            <span
                class="field-count"
                id=format!("{id}-count")
                data-over=(count > limit).then_some("")
                data-count-for=id.clone()
                data-limit=limit.to_string()
            >
                {w.common_characters_most(limit)}
            </span>
        }
    });
    view! {
        <div class="field">
            <label class="field-label" id=format!("{id}-label") for=id.clone()>
                {label}
                {optional.then(|| view! { <small>{w.common_optional()}</small> })}
            </label>
            {hint.map(|hint| view! { <p class="field-hint" id=format!("{id}-hint")>{hint}</p> })}
            {children()}
            {(error.is_some() || count.is_some()).then(|| view! {
                <div class="field-foot">
                    {error.map(|error| view! {
                        <p class="field-error" id=format!("{id}-error")><Icon name=IconName::Alert/>{error}</p>
                    })}
                    {count}
                </div>
            })}
        </div>
    }
}
