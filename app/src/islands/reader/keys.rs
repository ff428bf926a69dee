//! Keys of the page. None is taken from somebody who types, nor from what is open over the page.

use std::rc::Rc;

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

use super::copy::Copier;
use super::messages;
use crate::islands::dom;

fn is_taken(event: &KeyboardEvent) -> bool {
    if event.ctrl_key() || event.meta_key() || event.alt_key() || event.default_prevented() {
        return true;
    }
    let over = document().query_selector("dialog[open], :popover-open").ok().flatten();
    let typing = document().active_element().is_some_and(|active| {
        active
            .matches(
                "input:not([type=checkbox]), textarea, select, [contenteditable], video, audio",
            )
            .unwrap_or(true)
    });
    typing || over.is_some()
}

/// Goes one message on or back, from the one that has the keyboard, or the first that is seen.
fn step(back: bool) {
    let current = document().active_element().and_then(|active| messages::of(&active));
    let all = messages::all();
    let to = match current.and_then(|current| all.iter().position(|one| *one == current)) {
        Some(at) if back => at.checked_sub(1).and_then(|at| all.get(at)).cloned(),
        Some(at) => all.get(at + 1).cloned(),
        None => messages::first_seen().or_else(|| all.first().cloned()),
    };
    if let Some(to) = to {
        messages::focus(&to);
    }
}

/// Listens to j and k, c, / and ?.
pub fn listen(copier: Option<Rc<Copier>>) {
    dom::listen(&document(), "keydown", move |event| {
        let Some(key) = event.dyn_ref::<KeyboardEvent>() else { return };
        if is_taken(key) {
            return;
        }
        match key.key().as_str() {
            "j" => step(false),
            "k" => step(true),
            "c" => {
                let active = document().active_element();
                let message = active.and_then(|active| messages::of(&active));
                if let (Some(copier), Some(message)) = (&copier, message) {
                    copier.copy(&message);
                }
            }
            "/" => {
                let field = document().query_selector("form[role=search] input").ok().flatten();
                if let Some(field) = field.and_then(|field| field.dyn_into::<HtmlElement>().ok()) {
                    let _ = field.focus();
                }
            }
            "?" => {
                if let Some(button) = dom::element::<HtmlElement>("show-keys") {
                    button.click();
                }
            }
            _ => return,
        }
        event.prevent_default();
    });
}
