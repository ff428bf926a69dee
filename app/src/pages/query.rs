//! What an address says besides its path. Codes and ids only: no text is taken from it.

use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

/// A parameter of the path; empty if it is not there.
pub fn param(name: &str) -> String {
    use_params_map().with_untracked(|map| map.get(name).unwrap_or_default())
}

/// A parameter of the query.
pub fn query(name: &str) -> Option<String> {
    use_query_map().with_untracked(|map| map.get(name)).filter(|v| !v.is_empty())
}
