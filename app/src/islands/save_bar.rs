use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlFormElement, KeyboardEvent};

use crate::islands::dom;

/// Listens to the form and to the page: sets `dirty` while the form differs from how it came, asks
/// before the page is left meanwhile, and submits on Ctrl+S or Cmd+S.
fn watch(form: &HtmlFormElement, changed: bool, dirty: RwSignal<bool>, leaving: RwSignal<bool>) {
    let original = dom::snapshot(form);
    let watched = form.clone();
    let compare = move || dirty.set(changed || dom::snapshot(&watched) != original);
    compare();
    let on_input = compare.clone();
    dom::listen(form, "input", move |_| on_input());
    let on_change = compare.clone();
    dom::listen(form, "change", move |_| on_change());
    dom::listen(form, "submit", move |_| leaving.set(true));
    // Every navigation loads a page here, so this covers links, the back button and closing the tab.
    dom::listen(&window(), "beforeunload", move |event| {
        if dirty.get_untracked() && !leaving.get_untracked() {
            event.prevent_default();
        }
    });
    // Back from the next page: the browser may show this one as it was left.
    dom::listen(&window(), "pageshow", move |_| {
        leaving.set(false);
        compare();
    });
    let submitted = form.clone();
    dom::listen(&document(), "keydown", move |event| {
        let Some(key) = event.dyn_ref::<KeyboardEvent>() else { return };
        if key.key().eq_ignore_ascii_case("s")
            && (key.ctrl_key() || key.meta_key())
            && !key.alt_key()
        {
            event.prevent_default();
            if dirty.get_untracked() && !leaving.get_untracked() {
                let _ = submitted.request_submit();
            }
        }
    });
}

/// A bar at the bottom of the window that appears with the first real change of a form and disappears
/// when it is undone.
#[island]
pub fn SaveBar(
    /// The form's id.
    form: String,
    /// “You have unsaved changes.”
    text: String,
    /// The words on the saving button.
    save: String,
    /// The words on it while saving.
    saving: String,
    /// The words on the other one.
    reset: String,
    /// The form came back refused: it differs from what is stored from the start.
    changed: bool,
    /// Where the stored values are shown.
    stored: String,
) -> impl IntoView {
    let dirty = RwSignal::new(false);
    let leaving = RwSignal::new(false);
    let id = StoredValue::new(form.clone());
    Effect::new(move |_| {
        if let Some(form) = dom::form(&id.get_value()) {
            watch(&form, changed, dirty, leaving);
        }
    });
    let undo = move |_| {
        if changed {
            leaving.set(true);
            let _ = window().location().assign(&stored);
        } else if let Some(form) = dom::form(&id.get_value()) {
            form.reset();
            // Preview and counts listen to this.
            if let Ok(event) = Event::new("input") {
                let _ = form.dispatch_event(&event);
            }
        }
    };
    let label = text.clone();
    view! {
        <div class="save-bar" role="region" aria-label=label hidden=move || !dirty.get()>
            <p role="status">{text}</p>
            <div class="row">
                <button type="button" class="button button-quiet" on:click=undo>{reset}</button>
                <button
                    type="submit"
                    class="button button-primary"
                    form=form
                    data-busy=move || leaving.get().then_some("")
                >
                    {move || if leaving.get() { saving.clone() } else { save.clone() }}
                </button>
            </div>
        </div>
    }
}
