//! The WASM entry point. The islands of `app` do the rest.

/// Called by the page once its code has arrived; brings the islands to life.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    // Linked in, not called: the loader finds each island by name.
    let _ = app::islands::FilterList;
    leptos::mount::hydrate_islands();
}
