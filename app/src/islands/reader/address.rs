//! The address of the page is that of what is read: reload, back and the address bar lead there.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::{document, set_timeout, window};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::js_sys::Reflect;
use web_sys::{Element, HtmlElement, UrlSearchParams};

use super::messages;
use crate::islands::dom;

/// After the last scrolling, how long until the address follows. Browsers take so many changes of it and no more.
const PAUSE: Duration = Duration::from_millis(400);
/// The words of an address that say a place.
const PLACES: [&str; 5] = ["at", "from", "before", "date", "go"];

/// The address of a message, with what else this page was asked for; without it where it is `bare`.
pub fn of(message: &HtmlElement, bare: bool) -> Option<String> {
    let id = message.id();
    let number = id.strip_prefix("m-")?;
    let location = window().location();
    let query = UrlSearchParams::new_with_str(&location.search().ok()?).ok()?;
    for place in PLACES {
        query.delete(place);
    }
    if bare {
        query.delete("by");
        query.delete("zone");
        query.delete("size");
    }
    query.set("at", number);
    Some(format!("{}?{}#{id}", location.pathname().ok()?, String::from(query.to_string())))
}

fn note() {
    let above = dom::element::<HtmlElement>("messages")
        .is_none_or(|part| part.get_bounding_client_rect().top() > 0.0);
    let message = messages::first_seen();
    if let (false, Some(address)) = (above, message.and_then(|message| of(&message, false)))
        && let Ok(history) = window().history()
    {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
        // The form of the page keeps the place as well.
        if let Ok(Some(place)) = document().query_selector(".reading-form input[name=at]")
            && let Some((_, id)) = address.rsplit_once("#m-")
        {
            dom::set(&place, "value", id);
        }
    }
}

/// Lets the address follow. The message that an address led to has the keyboard.
pub fn follow() {
    if let Ok(history) = window().history() {
        let _ = Reflect::set(&history, &"scrollRestoration".into(), &"manual".into());
    }
    let hash = window().location().hash().unwrap_or_default();
    if let Some(target) = hash.strip_prefix('#').and_then(dom::element::<HtmlElement>)
        && messages::of(&target).is_some()
    {
        messages::focus(&target);
    }
    let latest = Rc::new(Cell::new(0_u32));
    dom::listen(&document(), "scroll", move |_| {
        let this = latest.get().wrapping_add(1);
        latest.set(this);
        let latest = Rc::clone(&latest);
        set_timeout(
            move || {
                if latest.get() == this {
                    note();
                }
            },
            PAUSE,
        );
    });
    // A link to a message that is here needs no new page.
    let Some(root) = document().get_element_by_id("windows") else { return };
    dom::listen(&root, "click", |event| {
        let Some(from) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else {
            return;
        };
        let Ok(Some(link)) = from.closest("a[href*='#m-']") else { return };
        let href = link.get_attribute("href").unwrap_or_default();
        let Some((page, id)) = href.rsplit_once('#') else { return };
        // One that leads to another page about the message does.
        let path = page.split('?').next().unwrap_or_default();
        if !path.is_empty() && window().location().pathname().is_ok_and(|here| here != path) {
            return;
        }
        let Some(target) = dom::element::<HtmlElement>(id) else { return };
        event.prevent_default();
        let _ = window().location().set_hash(id);
        messages::focus(&target);
    });
}
