use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DomParser, EventSource, Response, SupportedType};

use crate::islands::dom;

/// Fetches this page again and puts its part with the id `region` in place of the one shown. The server
/// renders it; there is no second renderer to keep in step.
async fn refresh(region: String) -> Result<(), JsValue> {
    let fetched = JsFuture::from(window().fetch_with_str(&window().location().href()?)).await?;
    let response: Response = fetched.dyn_into()?;
    if !response.ok() {
        return Ok(());
    }
    let html = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    let page = DomParser::new()?.parse_from_string(&html, SupportedType::TextHtml)?;
    let (Some(new), Some(old)) =
        (page.get_element_by_id(&region), document().get_element_by_id(&region))
    else {
        return Ok(());
    };
    // A person at work in the part keeps it until the next event.
    let busy = document().active_element().is_some_and(|active| old.contains(Some(&active)));
    let open = old.query_selector(":popover-open")?.is_some();
    if busy || open || new.is_equal_node(Some(&old)) {
        return Ok(());
    }
    old.replace_with_with_node_1(&new)
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
        let again = {
            let region = region.clone();
            move || {
                let region = region.clone();
                if !document().hidden() {
                    spawn_local(async move {
                        let _ = refresh(region).await;
                    });
                }
            }
        };
        if !events.is_empty()
            && let Ok(source) = EventSource::new(&events)
        {
            let on_message = again.clone();
            dom::listen(&source, "message", move |_| on_message());
            dom::listen(&source, "open", move |_| alive.set(true));
            dom::listen(&source, "error", move |_| alive.set(false));
        } else if every > 0 {
            alive.set(true);
            let period = std::time::Duration::from_millis(u64::from(every));
            let _ = set_interval_with_handle(again.clone(), period);
        }
        dom::listen(&document(), "visibilitychange", move |_| again());
    });
    view! { <span class="live-dot" hidden=move || !alive.get()>{note}</span> }
}
