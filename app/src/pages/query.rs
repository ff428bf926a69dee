//! What an address says besides its path. Codes and ids; of texts only what is searched for.

use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_url};
use url::form_urlencoded;

/// A parameter of the path; empty if it is not there.
pub fn param(name: &str) -> String {
    use_params_map().with_untracked(|map| map.get(name).unwrap_or_default())
}

/// A parameter of the query, the last one of its name. From the address itself: the router's map unescapes once more
/// what is unescaped already, so that `%2541` would be `A`.
pub fn query(name: &str) -> Option<String> {
    use_url().with_untracked(|url| {
        let all = form_urlencoded::parse(url.search().as_bytes());
        let last = all.filter(|(key, _)| key == name).last();
        last.map(|(_, value)| value.into_owned()).filter(|value| !value.is_empty())
    })
}
