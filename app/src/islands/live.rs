use std::cell::Cell;
use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DomParser, EventSource, Response, SupportedType};

use crate::islands::dom;

/// What is known of a part that is kept up to date.
#[derive(Default)]
struct Looks {
    /// A look is under way: a second one beside it could end first, and what it showed would be undone.
    under_way: Cell<bool>,
    /// Something happened since that look began, or while a person was at work in the part.
    owed: Cell<bool>,
}

/// Looks until nothing is owed any more.
fn look(looks: &Rc<Looks>, region: &str) {
    looks.owed.set(true);
    if looks.under_way.replace(true) {
        return;
    }
    let (looks, region) = (Rc::clone(looks), region.to_owned());
    spawn_local(async move {
        while !document().hidden() && !is_in_use(&region) && looks.owed.replace(false) {
            if let Err(InUse) = refresh(&region).await.unwrap_or(Ok(())) {
                looks.owed.set(true);
            }
        }
        looks.under_way.set(false);
    });
}

/// A person is at work in the part: it stays as it is until they leave it.
struct InUse;

fn is_in_use(region: &str) -> bool {
    let Some(part) = document().get_element_by_id(region) else { return false };
    let focused = document().active_element().filter(|active| part.contains(Some(active)));
    // Who followed a link comes back to it, and is not at work.
    focused.is_some_and(|focused| !focused.has_attribute("href"))
        || part.query_selector(":popover-open").is_ok_and(|open| open.is_some())
}

/// Fetches this page again and puts its part with the id `region` in place of the one shown. The server
/// renders it; there is no second renderer to keep in step.
async fn refresh(region: &str) -> Result<Result<(), InUse>, JsValue> {
    let fetched = JsFuture::from(window().fetch_with_str(&window().location().href()?)).await?;
    let response: Response = fetched.dyn_into()?;
    if !response.ok() {
        return Ok(Ok(()));
    }
    let html = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    let page = DomParser::new()?.parse_from_string(&html, SupportedType::TextHtml)?;
    let (Some(new), Some(old)) =
        (page.get_element_by_id(region), document().get_element_by_id(region))
    else {
        return Ok(Ok(()));
    };
    if new.is_equal_node(Some(&old)) {
        return Ok(Ok(()));
    }
    if is_in_use(region) {
        return Ok(Err(InUse));
    }
    let focused = document().active_element().filter(|active| old.contains(Some(active)));
    old.replace_with_with_node_1(&new)?;
    if let Some(address) = focused.and_then(|link| link.get_attribute("href"))
        && let Some(link) = new.query_selector(&format!("[href=\"{address}\"]"))?
        && let Ok(link) = link.dyn_into::<web_sys::HtmlElement>()
    {
        link.focus()?;
    }
    Ok(Ok(()))
}

/// Keeps the part of the page with the id `region` up to date: when the server says so, or every so often.
#[island]
pub fn LiveRegion(
    /// The part's id.
    region: String,
    /// Where the server sends an event per change (`text/event-stream`); may be empty.
    events: String,
    /// Milliseconds between looks, where there are no events; 0 never looks.
    every: u32,
    /// What is said about it.
    note: String,
) -> impl IntoView {
    let alive = RwSignal::new(false);
    Effect::new(move |_| {
        let looks = Rc::new(Looks::default());
        let again = {
            let (looks, region) = (Rc::clone(&looks), region.clone());
            move || look(&looks, &region)
        };
        if !events.is_empty()
            && let Ok(source) = EventSource::new(&events)
        {
            let on_message = again.clone();
            dom::listen(&source, "message", move |_| on_message());
            // Between the page and its stream, and between one stream and the next, nobody listened.
            let on_open = again.clone();
            dom::listen(&source, "open", move |_| {
                alive.set(true);
                on_open();
            });
            dom::listen(&source, "error", move |_| alive.set(false));
        } else if every > 0 {
            alive.set(true);
            let period = std::time::Duration::from_millis(u64::from(every));
            let _ = set_interval_with_handle(again.clone(), period);
        }
        dom::listen(&document(), "visibilitychange", move |_| again());
        // Before the focus is somewhere else, it is still here: the look comes after.
        let region = region.clone();
        dom::listen(&document(), "focusout", move |_| {
            if looks.owed.get() {
                let (looks, region) = (Rc::clone(&looks), region.clone());
                set_timeout(move || look(&looks, &region), std::time::Duration::ZERO);
            }
        });
    });
    view! { <span class="live-dot" hidden=move || !alive.get()>{note}</span> }
}
