//! A page that sends the browser on. It is used where a redirect would break something: a Strict
//! cookie is not sent along a chain of redirects that began on another site, and browsers apply
//! `form-action` to every redirect of a form.

use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse as _, Response};
use leptos::prelude::*;

/// A page that goes to `target` at once, and offers a link where that does not work.
pub fn page(target: &str) -> Response {
    let refresh = format!("0;url={target}");
    let view = view! {
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="robots" content="noindex"/>
                <meta http-equiv="refresh" content=refresh/>
                <title>"Wardesk"</title>
            </head>
            <body>
                <p><a href=target.to_owned()>"Wardesk …"</a></p>
            </body>
        </html>
    };
    let mut response = Html(format!("<!DOCTYPE html>{}", view.to_html())).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
