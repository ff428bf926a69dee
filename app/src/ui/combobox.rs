use leptos::prelude::*;

use crate::context::words;
use crate::islands::SearchableSelect;

/// What takes the place of the select with the id `id` where scripts run: a field to search in and the
/// list that it opens. The island fills the list from the select.
#[component]
pub fn Combobox(
    /// The select's id. The label's is the same with `-label`.
    id: String,
    /// The select's `aria-describedby`.
    described: Option<String>,
    /// The select's `aria-invalid`.
    invalid: Option<&'static str>,
    /// Greyed out.
    disabled: bool,
) -> impl IntoView {
    let w = words();
    let list = format!("{id}-list");
    view! {
        <div class="combo" hidden>
            <input
                class="input combo-input"
                id=format!("{id}-search")
                type="text"
                role="combobox"
                aria-autocomplete="list"
                aria-expanded="false"
                aria-controls=list.clone()
                aria-describedby=described
                aria-invalid=invalid
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                disabled=disabled
            />
            <div class="combo-popup" id=format!("{id}-popup") hidden>
                <div class="combo-list" id=list role="listbox" aria-labelledby=format!("{id}-label")></div>
                <p class="combo-none" id=format!("{id}-none") role="status"></p>
            </div>
        </div>
        <SearchableSelect select=id none=w.common_filter_none().to_owned()/>
    }
}
