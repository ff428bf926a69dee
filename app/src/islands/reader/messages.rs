//! The messages that are on the page.

use leptos::prelude::{document, window};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, Node, NodeList};

use crate::islands::dom;

/// The elements of a list.
pub fn elements(list: Result<NodeList, wasm_bindgen::JsValue>) -> Vec<HtmlElement> {
    let Ok(list) = list else { return Vec::new() };
    let nodes = (0..list.length()).filter_map(|index| list.item(index));
    nodes.filter_map(|node: Node| node.dyn_into().ok()).collect()
}

/// Every message that is on the page, in order.
pub fn all() -> Vec<HtmlElement> {
    elements(document().query_selector_all("#windows article[id]"))
}

/// The message that an element is in.
pub fn of(element: &Element) -> Option<HtmlElement> {
    element.closest("#windows article[id]").ok()??.dyn_into().ok()
}

/// The height of what can be seen, pixels.
pub fn view_height() -> f64 {
    window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or_default()
}

/// The first message of which the beginning can be seen; one that is taller than the view, where there is none.
pub fn first_seen() -> Option<HtmlElement> {
    let height = view_height();
    let all = all();
    // In order from top to bottom: the first that ends below the upper edge.
    let at = all.partition_point(|one| one.get_bounding_client_rect().bottom() <= 1.0);
    let seen = all.get(at).filter(|one| one.get_bounding_client_rect().top() < height)?;
    let next = all.get(at + 1).filter(|one| one.get_bounding_client_rect().top() < height);
    let begins = seen.get_bounding_client_rect().top() >= 0.0;
    Some(if begins { seen.clone() } else { next.unwrap_or(seen).clone() })
}

/// Makes a message the one that has the keyboard, and the one place among messages where Tab stops.
pub fn focus(message: &HtmlElement) {
    for old in elements(document().query_selector_all("#windows article[tabindex]")) {
        let _ = old.remove_attribute("tabindex");
    }
    dom::set(message, "tabindex", "0");
    let _ = message.focus();
}

/// Says something to those who hear the page.
pub fn say(words: &str) {
    if let Some(place) = document().get_element_by_id("reader-says") {
        place.set_text_content(Some(words));
    }
}
