//! “Copy link”: one button, which goes to the message under the pointer or with the keyboard.

use std::cell::Cell;
use std::rc::Rc;

use leptos::prelude::{document, window};
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::js_sys::{Function, Promise, Reflect};
use web_sys::{Element, Event, HtmlElement};

use super::{address, messages};
use crate::islands::dom;

/// The button.
pub struct Copier {
    button: HtmlElement,
    words: String,
    /// What it says after a copy.
    done: String,
    /// Counts the copies, so that an answer that comes late changes nothing.
    times: Cell<u32>,
}

impl Copier {
    fn go_to(&self, message: &HtmlElement) {
        if !message.contains(Some(&self.button)) && message.append_with_node_1(&self.button).is_ok()
        {
            self.times.set(self.times.get().wrapping_add(1));
            self.button.set_text_content(Some(&self.words));
        }
    }

    /// Copies the address of a message. Where the browser does not allow it, it stands in the address bar.
    pub fn copy(self: &Rc<Self>, message: &HtmlElement) {
        let Some(path) = address::of(message, true) else { return };
        let address = window().location().origin().unwrap_or_default() + &path;
        self.go_to(message);
        let this = self.times.get().wrapping_add(1);
        self.times.set(this);
        let (copier, id) = (Rc::clone(self), message.id());
        spawn_local(async move {
            if write(&address).await.is_ok() {
                if copier.times.get() == this {
                    copier.button.set_text_content(Some(&copier.done));
                }
                messages::say(&copier.done);
            } else {
                let _ = window().location().set_hash(&id);
            }
        });
    }
}

/// Puts a text into the clipboard. Fails where the browser does not allow it; there is none without TLS.
async fn write(text: &str) -> Result<(), JsValue> {
    let clipboard =
        Reflect::get(&Reflect::get(&window(), &"navigator".into())?, &"clipboard".into())?;
    let write: Function = Reflect::get(&clipboard, &"writeText".into())?.dyn_into()?;
    let written: Promise = write.call1(&clipboard, &text.into())?.dyn_into()?;
    JsFuture::from(written).await.map(|_| ())
}

fn message_of(event: &Event) -> Option<HtmlElement> {
    messages::of(&event.target()?.dyn_into::<Element>().ok()?)
}

/// Makes the button.
pub fn offer(words: String, done: String) -> Option<Rc<Copier>> {
    let button: HtmlElement = document().create_element("button").ok()?.dyn_into().ok()?;
    dom::set(&button, "type", "button");
    dom::set(&button, "class", "t-copy");
    // By the keyboard it is a key, and not one more stop at each message.
    dom::set(&button, "tabindex", "-1");
    let this = Rc::new(Copier { button, words, done, times: Cell::new(0) });
    let root = document().get_element_by_id("windows")?;
    for kind in ["pointerover", "focusin"] {
        let this = Rc::clone(&this);
        dom::listen(&root, kind, move |event| {
            if let Some(message) = message_of(&event) {
                this.go_to(&message);
            }
        });
    }
    let pressed = Rc::clone(&this);
    dom::listen(&this.button, "click", move |event| {
        if let Some(message) = message_of(&event) {
            pressed.copy(&message);
        }
    });
    Some(this)
}
