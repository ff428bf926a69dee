//! The times of this device: the server draws them in any zone, and the browser knows in which.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;
use web_sys::js_sys::{Array, Intl, Object, Reflect};

use crate::islands::dom;

fn device_zone() -> Option<String> {
    let format = Intl::DateTimeFormat::new(&Array::new(), &Object::new());
    Reflect::get(&format.resolved_options(), &"timeZone".into()).ok()?.as_string()
}

/// Offers the zone of this device, in these words.
pub fn offer(words: &str) {
    let Some(select) = dom::element::<HtmlSelectElement>("zone") else { return };
    let Some(zone) = device_zone() else { return };
    let label = words.replace("{zone}", &zone);
    let children = select.children();
    let known = (0..children.length()).filter_map(|index| children.item(index));
    for option in known {
        // One without a value has that of its text.
        let value = option.get_attribute("value").or_else(|| option.text_content());
        if value.as_deref() == Some(&zone) {
            dom::set(&option, "value", &zone);
            option.set_text_content(Some(&label));
            return;
        }
    }
    if let Ok(option) = document().create_element("option") {
        dom::set(&option, "value", &zone);
        option.set_text_content(Some(&label));
        let _ = select.append_child(option.unchecked_ref());
    }
}
