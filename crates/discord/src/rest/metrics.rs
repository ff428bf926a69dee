//! Numbers about REST calls. Labels are route templates, never ids.

use reqwest::StatusCode;
use tokio::time::Instant;

use super::route::Route;

pub(super) fn answered(route: &Route, status: StatusCode, started: Instant) {
    record(route, status.as_str().to_owned(), started);
}

/// No answer came: a timeout, a broken connection.
pub(super) fn failed(route: &Route, started: Instant) {
    record(route, "none".to_owned(), started);
}

fn record(route: &Route, status: String, started: Instant) {
    let method = route.method.as_str().to_owned();
    metrics::histogram!(
        "discord_rest_seconds", "method" => method, "route" => route.template, "status" => status
    )
    .record(started.elapsed().as_secs_f64());
}

pub(super) fn limited(route: &Route, scope: &'static str) {
    metrics::counter!("discord_rest_limited_total", "route" => route.template, "scope" => scope)
        .increment(1);
}

pub(super) fn invalid(count: usize) {
    metrics::gauge!("discord_invalid_requests_10m")
        .set(f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
}
