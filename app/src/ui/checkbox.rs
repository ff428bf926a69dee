use leptos::prelude::*;

/// A box to tick, with its words beside it.
#[component]
pub fn Checkbox(
    /// The name it submits.
    #[prop(into)]
    name: String,
    /// What it submits when ticked.
    #[prop(default = "true".to_owned(), into)]
    value: String,
    /// Its words.
    #[prop(into)]
    label: String,
    /// A line of help.
    #[prop(optional, into)]
    hint: Option<String>,
    /// Whether it is ticked.
    #[prop(optional)]
    checked: bool,
    /// One of several: `radio`.
    #[prop(default = "checkbox")]
    input_type: &'static str,
    /// Greyed out.
    #[prop(optional)]
    disabled: bool,
) -> impl IntoView {
    view! {
        <label class="check">
            <input type=input_type name=name value=value checked=checked disabled=disabled/>
            <span>{label}{hint.map(|hint| view! { <small class="check-hint">{hint}</small> })}</span>
        </label>
    }
}
