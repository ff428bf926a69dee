//! Headers of every answer, whatever its status.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine as _;

/// The nonce of one answer: the only inline scripts and styles that run carry it.
#[derive(Debug, Clone)]
pub struct PageNonce(pub String);

/// Tells a proxy to pass on at once what a live page is told, and not to gather it. Source: nginx, `proxy_buffering`.
pub const UNBUFFERED: [(HeaderName, HeaderValue); 1] =
    [(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"))];

fn nonce() -> String {
    let mut bytes = [0; 16];
    wardesk_core::ports::Random::fill(&wardesk_core::ports::SystemRandom, &mut bytes);
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

fn policy(nonce: &str) -> Option<HeaderValue> {
    let text = format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; \
         style-src 'self' 'nonce-{nonce}'; img-src 'self'; media-src 'self'; font-src 'self'; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
         object-src 'none'; manifest-src 'self'"
    );
    HeaderValue::try_from(text).ok()
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.entry(name).or_insert(HeaderValue::from_static(value));
}

/// Gives the request a nonce and the answer its headers. A handler's own value stays.
pub async fn secure(mut request: Request, next: Next) -> Response {
    let nonce = nonce();
    request.extensions_mut().insert(PageNonce(nonce.clone()));
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if let Some(policy) = policy(&nonce) {
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    }
    set(headers, header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains");
    set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    // Forms without scripts return to where they were: the address may stay within this site.
    set(headers, header::REFERRER_POLICY, "same-origin");
    set(headers, HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(headers, HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(
        headers,
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    );
    set(headers, header::CACHE_CONTROL, "no-store");
    // Files of transcripts have no page to say it in.
    set(headers, HeaderName::from_static("x-robots-tag"), "noindex, nofollow");
    response
}

/// Built files carry a hash in their name: kept for a year.
pub async fn lasting(request: Request, next: Next) -> Response {
    let hashed = request.uri().path().starts_with("/pkg/");
    let mut response = next.run(request).await;
    let good = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
    let value = match (good, hashed) {
        (true, true) => "public, max-age=31536000, immutable",
        (true, false) => "public, max-age=3600",
        (false, _) => "no-store",
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(value));
    response
}
