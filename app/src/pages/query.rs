//! What an address says besides its path. Codes and ids; of texts only what is searched for.

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
