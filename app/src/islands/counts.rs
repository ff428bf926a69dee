use domain::validation::discord_len;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlFormElement};

use crate::islands::dom;

fn recount(counter: &Element) {
    let target = counter.get_attribute("data-count-for").and_then(|id| dom::value(&id));
    let limit = counter.get_attribute("data-limit").and_then(|l| l.parse::<u32>().ok());
    let (Some(text), Some(limit)) = (target, limit) else { return };
    let count = discord_len(&text);
    counter.set_text_content(Some(&format!("{count} / {limit}")));
    let _ = if count > limit {
        counter.set_attribute("data-over", "")
    } else {
        counter.remove_attribute("data-over")
    };
}

fn recount_all(form: &HtmlFormElement) {
    let Ok(counters) = form.query_selector_all("[data-count-for]") else { return };
    for index in 0..counters.length() {
        if let Some(counter) = counters.item(index).and_then(|n| n.dyn_into().ok()) {
            recount(&counter);
        }
    }
}

/// Puts counts where a form's fields say their limits (`data-count-for`, `data-limit`), and keeps them up to date.
#[island]
pub fn CharacterCounts(
    /// The form's id.
    form: String,
) -> impl IntoView {
    Effect::new(move |_| {
        let Some(form) = dom::form(&form) else { return };
        recount_all(&form);
        let counted = form.clone();
        dom::listen(&form, "input", move |_| recount_all(&counted));
    });
}
