//! Keeps other sites out of the pages and of the control API.
//!
//! The sandbox listens on loopback only, but a browser on the same machine may hold a page of any site. Two
//! checks stop such a page: the Host header names this machine (against DNS rebinding), and a request that
//! changes something does not come from another site (against forged forms). Programs send neither
//! `Sec-Fetch-Site` nor `Origin` and pass.

use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use url::{Host, Url};

/// Middleware: 403 for requests that another site made a browser send.
pub(crate) async fn same_machine(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if !names_this_machine(headers, request.uri()) {
        return (StatusCode::FORBIDDEN, "The Host header must name this machine.\n")
            .into_response();
    }
    if !safe && is_foreign(headers) {
        return (StatusCode::FORBIDDEN, "Requests from other sites are refused.\n").into_response();
    }
    next.run(request).await
}

/// Whether an address (`host` or `host:port`) is a loopback one.
pub(crate) fn is_loopback(authority: &str) -> bool {
    let Ok(url) = Url::parse(&format!("http://{authority}/")) else { return false };
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn names_this_machine(headers: &HeaderMap, uri: &Uri) -> bool {
    let named = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    named.or_else(|| uri.authority().map(Authority::as_str)).is_some_and(is_loopback)
}

/// Fetch metadata first; an old browser's `Origin` otherwise, which must be the Host's own.
fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return site != "same-origin" && site != "none";
    }
    text("origin").is_some_and(|origin| {
        let here = text("host").map(|host| format!("http://{host}"));
        here.as_deref() != Some(origin)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn only_this_machine_is_named() {
        for host in ["127.0.0.1:4010", "localhost", "[::1]:4010", "sandbox.localhost:1"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in
            ["example.test", "127.0.0.1.example.test", "10.0.0.1", "", "localhost.example.test"]
        {
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn a_foreign_page_is_told_by_fetch_metadata_or_origin() {
        let host = ("host", "127.0.0.1:4010");
        for foreign in [
            headers(&[host, ("sec-fetch-site", "cross-site")]),
            headers(&[host, ("sec-fetch-site", "same-site")]),
            headers(&[host, ("origin", "http://localhost:8080")]),
            headers(&[host, ("origin", "null")]),
        ] {
            assert!(is_foreign(&foreign));
        }
        for own in [
            headers(&[host]),
            headers(&[host, ("sec-fetch-site", "same-origin"), ("origin", "null")]),
            headers(&[host, ("sec-fetch-site", "none")]),
            headers(&[host, ("origin", "http://127.0.0.1:4010")]),
        ] {
            assert!(!is_foreign(&own));
        }
    }
}
