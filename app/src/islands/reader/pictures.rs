//! Pictures in full size, over the page. Without scripts their links lead to them.

use std::cell::Cell;
use std::rc::Rc;

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDialogElement, HtmlElement, KeyboardEvent, MouseEvent};

use super::messages::elements;
use crate::islands::dom;

/// The pictures that can be seen: those behind a spoiler are nobody's to leaf through.
fn pictures() -> Vec<HtmlElement> {
    let mut all = elements(document().query_selector_all("#windows a.t-picture"));
    all.retain(|one| matches!(one.closest("details:not([open])"), Ok(None)));
    all
}

struct Lightbox {
    dialog: HtmlDialogElement,
    at: Cell<usize>,
}

impl Lightbox {
    fn show(&self, at: usize) {
        let all = pictures();
        let Some(link) = all.get(at) else { return };
        self.at.set(at);
        let address = link.get_attribute("href").unwrap_or_default();
        let small = link.query_selector("img").ok().flatten();
        let words = small.and_then(|img| img.get_attribute("alt")).unwrap_or_default();
        let name = link.get_attribute("title").unwrap_or_default();
        if let (Some(frame), Ok(picture)) =
            (document().get_element_by_id("lightbox-picture"), document().create_element("img"))
        {
            dom::set(&picture, "src", &address);
            dom::set(&picture, "alt", &words);
            frame.set_text_content(None);
            let _ = frame.append_child(&picture);
        }
        if let Some(original) = document().get_element_by_id("lightbox-original") {
            dom::set(&original, "href", &address);
        }
        // A picture without words of its own is called by its name already.
        let words = if words.contains(&name) && !name.is_empty() { "" } else { words.as_str() };
        for (id, text) in [
            ("lightbox-name", name.as_str()),
            ("lightbox-words", words),
            ("lightbox-count", &format!("{} / {}", at + 1, all.len())),
        ] {
            if let Some(place) = document().get_element_by_id(id) {
                place.set_text_content(Some(text));
            }
        }
        for (id, there) in [("lightbox-previous", at > 0), ("lightbox-next", at + 1 < all.len())] {
            if let Some(button) = document().get_element_by_id(id) {
                // Not `disabled`: the keyboard would lose its place at the last picture.
                dom::set(&button, "aria-disabled", if there { "false" } else { "true" });
            }
        }
    }

    fn step(&self, back: bool) {
        let at = self.at.get();
        let to = if back { at.checked_sub(1) } else { Some(at + 1) };
        if let Some(to) = to {
            self.show(to);
        }
    }
}

/// Opens the lightbox when a picture is pressed.
pub fn listen() {
    let Some(dialog) = dom::element::<HtmlDialogElement>("lightbox") else { return };
    let Some(root) = document().get_element_by_id("windows") else { return };
    let lightbox = Rc::new(Lightbox { dialog, at: Cell::new(0) });

    let opened = Rc::clone(&lightbox);
    dom::listen(&root, "click", move |event| {
        let Some(mouse) = event.dyn_ref::<MouseEvent>() else { return };
        // Other presses ask the browser for the link: in a new tab, say.
        if mouse.button() != 0 || mouse.ctrl_key() || mouse.meta_key() || mouse.shift_key() {
            return;
        }
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let Some(link) = target.and_then(|from| from.closest("a.t-picture").ok().flatten()) else {
            return;
        };
        let Some(at) = pictures().iter().position(|one| **one == link) else { return };
        event.prevent_default();
        opened.show(at);
        // The browser keeps the keyboard inside, and gives it back to the link afterwards.
        let _ = opened.dialog.show_modal();
    });

    for (id, back) in [("lightbox-previous", true), ("lightbox-next", false)] {
        let Some(button) = document().get_element_by_id(id) else { continue };
        let lightbox = Rc::clone(&lightbox);
        dom::listen(&button, "click", move |_| lightbox.step(back));
    }
    let closing = Rc::clone(&lightbox);
    dom::listen(&lightbox.dialog, "click", move |event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let close = target.is_some_and(|target| {
            // Beside the picture as well.
            matches!(target.closest("#lightbox-close"), Ok(Some(_)))
                || matches!(target.id().as_str(), "lightbox" | "lightbox-picture")
        });
        if close {
            closing.dialog.close();
        }
    });
    let keys = Rc::clone(&lightbox);
    dom::listen(&lightbox.dialog, "keydown", move |event| {
        let Some(key) = event.dyn_ref::<KeyboardEvent>() else { return };
        match key.key().as_str() {
            "ArrowLeft" => keys.step(true),
            "ArrowRight" => keys.step(false),
            "Home" => keys.show(0),
            "End" => keys.show(pictures().len().saturating_sub(1)),
            _ => return,
        }
        event.prevent_default();
    });
}
