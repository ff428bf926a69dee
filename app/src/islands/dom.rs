//! The few calls to the browser that the islands share. All of them are no-ops where an element is
//! missing.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{
    Element, Event, EventTarget, FormData, HtmlFormElement, HtmlInputElement, HtmlTextAreaElement,
    UrlSearchParams,
};

/// The element with this id, if it is of that kind.
pub fn element<T: JsCast>(id: &str) -> Option<T> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// The form with this id.
pub fn form(id: &str) -> Option<HtmlFormElement> {
    element(id)
}

/// Sets an attribute. Names are ours, so that it cannot fail.
pub fn set(element: &Element, name: &str, value: &str) {
    let _ = element.set_attribute(name, value);
}

/// What a text control with this id holds.
pub fn value(id: &str) -> Option<String> {
    let element = document().get_element_by_id(id)?;
    element
        .dyn_ref::<HtmlInputElement>()
        .map(HtmlInputElement::value)
        .or_else(|| element.dyn_ref::<HtmlTextAreaElement>().map(HtmlTextAreaElement::value))
}

/// All that the form would submit, as one text to compare.
pub fn snapshot(form: &HtmlFormElement) -> String {
    FormData::new_with_form(form)
        .and_then(|data| UrlSearchParams::new_with_str_sequence_sequence(&data))
        .map(|params| String::from(params.to_string()))
        .unwrap_or_default()
}

/// Listens for as long as the page lives.
pub fn listen(target: &EventTarget, event: &str, handler: impl FnMut(Event) + 'static) {
    let closure = Closure::<dyn FnMut(Event)>::new(handler);
    let added = target.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
    if added.is_ok() {
        closure.forget();
    }
}
