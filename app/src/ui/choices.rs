use leptos::prelude::*;

use crate::context::words;
use crate::islands::FilterList;
use crate::ui::{Icon, IconName};

/// One entry of a [`ChoiceList`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What it submits.
    pub value: String,
    /// What it says.
    pub label: String,
    /// `0xRRGGBB` of the dot before it; `None` draws no dot.
    pub colour: Option<u32>,
    /// Why it is no good choice, in words.
    pub problem: Option<String>,
    /// Whether it is ticked.
    pub checked: bool,
}

/// A colour as an SVG attribute, since inline styles are not allowed.
fn dot(colour: u32) -> impl IntoView {
    // Discord's 0 means "no colour".
    let fill = if colour == 0 {
        "currentColor".to_owned()
    } else {
        format!("#{:06x}", colour & 0xFF_FFFF)
    };
    view! {
        <span class="dot">
            <svg viewBox="0 0 8 8" aria-hidden="true"><circle cx="4" cy="4" r="4" fill=fill></circle></svg>
        </span>
    }
}

/// A choice of several: ticked boxes in a list that can be searched.
#[component]
pub fn ChoiceList(
    /// The name that every ticked box submits; ends in `[]` for a list.
    #[prop(into)]
    name: String,
    /// The id of the group.
    #[prop(into)]
    id: String,
    /// What is asked.
    #[prop(into)]
    label: String,
    /// A line of help.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What is wrong.
    #[prop(optional_no_strip)]
    error: Option<String>,
    /// What can be chosen.
    choices: Vec<Choice>,
) -> impl IntoView {
    let w = words();
    let described = crate::ui::describedby(&id, hint.is_some(), error.is_some(), false);
    let searchable = choices.len() > 8;
    let list_id = format!("{id}-list");
    view! {
        <fieldset class="group field" id=id.clone() tabindex="-1" aria-describedby=described>
            <legend class="field-label">{label}</legend>
            {hint.map(|hint| view! { <p class="field-hint" id=format!("{id}-hint")>{hint}</p> })}
            <div class="choices">
                {searchable.then(|| view! {
                    <FilterList
                        list=list_id.clone()
                        label=w.common_filter_list().to_owned()
                        none=w.common_filter_none().to_owned()
                    />
                })}
                <div class="choices-list" id=list_id.clone()>
                    {choices.into_iter().map(|c| { let (wrong, filter) = (c.problem.is_some(), c.label.to_lowercase()); view! {
                        <label class="choice" data-problem=wrong.then_some("") data-filter=filter>
                            <input class="check-box" type="checkbox" name=name.clone() value=c.value checked=c.checked/>
                            {c.colour.map(dot)}
                            <span class="name">{c.label}</span>
                            {c.problem.map(|p| view! { <small>"· "{p}</small> })}
                        </label>
                    }}).collect_view()}
                </div>
            </div>
            {error.map(|error| view! {
                <p class="field-error" id=format!("{id}-error")><Icon name=IconName::Alert/>{error}</p>
            })}
        </fieldset>
    }
}

/// A role, or another small thing with a name and a colour.
#[component]
pub fn Chip(
    /// Its name.
    #[prop(into)]
    label: String,
    /// `0xRRGGBB`; 0 is none.
    #[prop(optional)]
    colour: Option<u32>,
) -> impl IntoView {
    view! { <span class="chip">{colour.map(dot)}{label}</span> }
}
