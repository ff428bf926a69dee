use leptos::prelude::*;

use crate::ui::{Field, describedby, raw_text};

/// One line of text with its label.
#[component]
pub fn TextInput(
    /// The name it submits, and its id unless `id` is given.
    #[prop(into)]
    name: String,
    /// Its id, where the name is no good one.
    #[prop(optional, into)]
    id: Option<String>,
    /// What is asked.
    #[prop(into)]
    label: String,
    /// What it holds.
    #[prop(optional, into)]
    value: String,
    /// A line of help.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What is wrong.
    #[prop(optional_no_strip)]
    error: Option<String>,
    /// The most characters. Not enforced while typing: the count says it, and the server decides.
    #[prop(optional)]
    limit: Option<u32>,
    /// May stay empty.
    #[prop(optional)]
    optional: bool,
    /// `text`, `search`, `color` …
    #[prop(default = "text")]
    input_type: &'static str,
    /// Grey text in the empty field.
    #[prop(optional, into)]
    placeholder: Option<String>,
    /// The id of a `datalist`.
    #[prop(optional, into)]
    list: Option<String>,
    /// A class beside `input`.
    #[prop(default = "")]
    class: &'static str,
    /// Greyed out.
    #[prop(optional)]
    disabled: bool,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| name.clone());
    let described = describedby(&id, hint.is_some(), error.is_some(), limit.is_some());
    let invalid = error.is_some().then_some("true");
    view! {
        <Field id=id.clone() label=label hint=hint error=error optional=optional limit=limit.map(|l| (l, value.clone()))>
            <input
                class=format!("input {class}")
                id=id.clone()
                name=name
                type=input_type
                value=value
                placeholder=placeholder
                list=list
                autocomplete="off"
                aria-describedby=described
                aria-invalid=invalid
                disabled=disabled
            />
        </Field>
    }
}

/// Several lines of text with their label.
#[component]
pub fn TextArea(
    /// The name it submits, and its id.
    #[prop(into)]
    name: String,
    /// What is asked.
    #[prop(into)]
    label: String,
    /// What it holds.
    #[prop(optional, into)]
    value: String,
    /// A line of help.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What is wrong.
    #[prop(optional_no_strip)]
    error: Option<String>,
    /// The most characters.
    #[prop(optional)]
    limit: Option<u32>,
    /// Takes no more than `limit` while typing: for a page that cannot show again what was refused.
    #[prop(optional)]
    strict: bool,
    /// May stay empty.
    #[prop(optional)]
    optional: bool,
) -> impl IntoView {
    let described = describedby(&name, hint.is_some(), error.is_some(), limit.is_some());
    let invalid = error.is_some().then_some("true");
    // UTF-16 code units, as `limit` is counted.
    let most = limit.filter(|_| strict);
    // HTML drops one line break right after the opening tag: give one that it may have.
    let shown = format!("\n{}", raw_text(&value));
    view! {
        <Field id=name.clone() label=label hint=hint error=error optional=optional limit=limit.map(|l| (l, value))>
            <textarea class="input" id=name.clone() name=name.clone() rows="4" maxlength=most aria-describedby=described aria-invalid=invalid>
                {shown}
            </textarea>
        </Field>
    }
}
