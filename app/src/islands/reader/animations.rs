//! Stickers that move (Lottie): their player is fetched when the first of them is seen.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use leptos::prelude::{document, request_animation_frame, window};
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::js_sys::{Array, Function, JSON, Object, Promise, Reflect};
use web_sys::{HtmlElement, Response};

use super::messages::{elements, view_height};
use crate::islands::dom;

/// Where the player is. The build puts it there.
const PLAYER: &str = "/player/lottie.js";
/// How often a sticker moves when it comes into view, after the first time. What moves for more than five seconds would
/// need a way to stop it. Source: WCAG 2.2, 2.2.2.
const AGAIN: u32 = 1;

thread_local! {
    static LOADING: RefCell<Option<Promise>> = const { RefCell::new(None) };
}

/// The player, once for the page.
async fn player() -> Result<JsValue, JsValue> {
    let loading = LOADING.with_borrow_mut(|loading| loading.get_or_insert_with(load).clone());
    JsFuture::from(loading).await?;
    Reflect::get(&window(), &"lottie".into())
}

fn load() -> Promise {
    Promise::new(&mut |loaded, failed| {
        let Ok(script) = document().create_element("script") else { return };
        for (event, then) in [("load", loaded), ("error", failed)] {
            dom::listen(&script, event, move |_| {
                let _ = then.call0(&JsValue::UNDEFINED);
            });
        }
        dom::set(&script, "src", PLAYER);
        if let Some(head) = document().head() {
            let _ = head.append_child(&script);
        }
    })
}

/// Whether the person asked for little movement.
fn still() -> bool {
    let ask = || -> Result<JsValue, JsValue> {
        let ask: Function = Reflect::get(&window(), &"matchMedia".into())?.dyn_into()?;
        let list = ask.call1(&window(), &"(prefers-reduced-motion: reduce)".into())?;
        Reflect::get(&list, &"matches".into())
    };
    ask().is_ok_and(|matches| matches.is_truthy())
}

fn call(of: &JsValue, name: &str, arguments: [&JsValue; 2]) -> Result<JsValue, JsValue> {
    let function: Function = Reflect::get(of, &name.into())?.dyn_into()?;
    function.call2(of, arguments[0], arguments[1])
}

/// Puts the moving sticker in the place of its name. On a failure the name stays.
async fn play(place: HtmlElement, address: String) -> Result<(), JsValue> {
    let player = player().await?;
    let fetched = JsFuture::from(window().fetch_with_str(&address)).await?;
    let response: Response = fetched.dyn_into()?;
    if !response.ok() {
        return Ok(());
    }
    let text = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    let animation = JSON::parse(&text)?;
    if !Reflect::get(&animation, &"layers".into())?.is_instance_of::<Array>() {
        return Ok(());
    }
    let frame: HtmlElement = document().create_element("div")?.dyn_into()?;
    dom::set(&frame, "class", "t-sticker");
    dom::set(&frame, "role", "img");
    for name in ["aria-label", "title"] {
        dom::set(&frame, name, &place.get_attribute("title").unwrap_or_default());
    }
    let still = still();
    let options = Object::new();
    for (name, value) in [
        // Drawn on a canvas, nothing in the file becomes an element.
        ("renderer", JsValue::from("canvas")),
        ("container", JsValue::from(frame.clone())),
        ("animationData", animation),
        ("loop", if still { false.into() } else { AGAIN.into() }),
        ("autoplay", (!still).into()),
    ] {
        Reflect::set(&options, &name.into(), &value)?;
    }
    place.replace_with_with_node_1(&frame)?;
    let load: Function = Reflect::get(&player, &"loadAnimation".into())?.dyn_into()?;
    let animation = match load.call1(&player, &options) {
        Ok(animation) => animation,
        Err(error) => {
            frame.replace_with_with_node_1(&place)?;
            return Err(error);
        }
    };
    if still {
        call(&animation, "goToAndStop", [&0.into(), &true.into()])?;
    } else {
        dom::listen(&frame, "pointerenter", move |_| {
            let _ = call(&animation, "goToAndPlay", [&0.into(), &true.into()]);
        });
    }
    Ok(())
}

/// Plays what can be seen and has not played yet.
pub fn look() {
    for place in elements(document().query_selector_all("#windows [data-lottie]")) {
        let at = place.get_bounding_client_rect();
        let hidden = at.height() == 0.0 || at.bottom() < 0.0 || at.top() > view_height();
        let Some(address) = place.get_attribute("data-lottie").filter(|_| !hidden) else {
            continue;
        };
        let _ = place.remove_attribute("data-lottie");
        spawn_local(async move {
            // What cannot be played stays what it was: the sticker's name.
            let _ = play(place, address).await;
        });
    }
}

/// Looks now, and whenever the page is scrolled.
pub fn watch() {
    let asked = Rc::new(Cell::new(false));
    dom::listen(&document(), "scroll", move |_| {
        if !asked.replace(true) {
            let asked = Rc::clone(&asked);
            request_animation_frame(move || {
                asked.set(false);
                look();
            });
        }
    });
    look();
}
