use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Hides the entries of a list that do not hold what is typed. Returns whether none is left.
fn apply(list: &str, query: &str) -> bool {
    let query = query.trim().to_lowercase();
    let Some(list) = document().get_element_by_id(list) else {
        return false;
    };
    let entries = list.children();
    let mut shown = 0;
    for index in 0..entries.length() {
        let Some(entry) = entries.item(index) else { continue };
        let matches = entry.get_attribute("data-filter").unwrap_or_default().contains(&query);
        shown += u32::from(matches);
        if let Some(entry) = entry.dyn_ref::<HtmlElement>() {
            entry.set_hidden(!matches);
        }
    }
    shown == 0
}

/// A search field over the list with the id `list`.
#[island]
pub fn FilterList(
    /// The list's id; its children carry lower-case `data-filter`.
    list: String,
    /// What the field is for.
    label: String,
    /// What is said when nothing matches.
    none: String,
) -> impl IntoView {
    let empty = RwSignal::new(false);
    let on_input = move |event| empty.set(apply(&list, &event_target_value(&event)));
    view! {
        <input
            class="input choices-filter needs-script"
            type="search"
            autocomplete="off"
            aria-label=label.clone()
            placeholder=label
            on:input=on_input
        />
        <p class="choices-none" role="status" hidden=move || !empty.get()>{none}</p>
    }
}
