//! The chat page: static files, embedded. What the page does, it does through the control API.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use crate::Shared;
use crate::control::guard;
use crate::id::Id;

const PAGE: &str = include_str!("../../assets/index.html");

/// Scripts and styles from this address only; pictures also from the product under test, which runs under
/// another port of this machine.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data: blob: http://localhost:* http://127.0.0.1:*; media-src 'self'; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

macro_rules! assets {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../assets/", $path)))),*]
    };
}

/// Every file of the page, by its path below `/assets/`.
const ASSETS: &[(&str, &str)] = assets![
    "icon.svg",
    "css/base.css",
    "css/consent.css",
    "css/controls.css",
    "css/layout.css",
    "css/message.css",
    "css/pay.css",
    "js/api.js",
    "js/attachments.js",
    "js/choices.js",
    "js/commands.js",
    "js/components.js",
    "js/composer.js",
    "js/dom.js",
    "js/embeds.js",
    "js/emoji.js",
    "js/interactions.js",
    "js/log.js",
    "js/main.js",
    "js/markdown.js",
    "js/members.js",
    "js/message.js",
    "js/modal.js",
    "js/people.js",
    "js/sidebar.js",
    "js/store.js",
    "js/suggest.js",
    "js/time.js",
];

/// `/`, `/assets/…`, and the address of a channel as Discord has it.
pub fn router(shared: Shared) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/channels/{guild}/{channel}", get(channel))
        .route("/assets/{*path}", get(asset))
        .layer(axum::middleware::from_fn(guard::same_machine))
        .with_state(shared)
}

async fn page() -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    ];
    (headers, PAGE).into_response()
}

/// The page finds its place behind the `#`.
async fn channel(Path((guild, channel)): Path<(Id, Id)>) -> Redirect {
    Redirect::to(&format!("/#/{guild}/{channel}"))
}

async fn asset(Path(path): Path<String>) -> Response {
    let Some((_, text)) = ASSETS.iter().find(|(known, _)| *known == path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let content_type = match path.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        _ => "image/svg+xml",
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        // The files change with the program, not with their names.
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (headers, *text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file that a page or script names but the program does not carry would fail only in a browser.
    #[test]
    fn every_named_file_is_carried() {
        let carried = |path: &str| ASSETS.iter().any(|(known, _)| *known == path);
        for part in PAGE.split("/assets/").skip(1) {
            let path = part.split('"').next().unwrap();
            assert!(carried(path), "{path} is named by index.html");
        }
        for (name, text) in ASSETS.iter().filter(|(name, _)| name.starts_with("js/")) {
            for line in text.lines().filter(|line| line.starts_with("import ")) {
                let import = line.split("\"./").nth(1).unwrap().split('"').next().unwrap();
                assert!(carried(&format!("js/{import}")), "{import} is named by {name}");
            }
        }
    }

    #[test]
    fn no_script_parses_html() {
        for (name, text) in ASSETS {
            for sink in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("]
            {
                assert!(!text.contains(sink), "{sink} in {name}");
            }
        }
    }
}
