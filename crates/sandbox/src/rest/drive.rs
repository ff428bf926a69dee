//! The way of every request: faults, who asks, limits, the act, the record, the check.

use std::collections::HashMap;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{RawPathParams, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::Route;
use super::body;
use super::call::{Access, Call, Caller, Reply};
use crate::Shared;
use crate::error::{self, ApiError};
use crate::faults::FaultKind;
use crate::id::Id;
use crate::journal::Entry;
use crate::limits::{State as Bucket, Verdict, table};
use crate::server::Cut;
use crate::world::{Violation, World, fields};

/// An answer on its way: status, body, headers of the rate limit.
#[derive(Debug, Default)]
struct Outcome {
    status: u16,
    code: u32,
    body: Option<Value>,
    headers: HeaderMap,
    /// The request did what it asked.
    effect: bool,
    /// Counts as an invalid request.
    invalid: bool,
}

impl Outcome {
    fn refused(error: &ApiError) -> Self {
        Self {
            status: error.status,
            code: error.code,
            body: Some(error.body()),
            invalid: matches!(error.status, 401 | 403 | 429),
            ..Self::default()
        }
    }
}

/// What a fault does to the answer.
#[derive(Debug, Default)]
struct Disturbance {
    delay: Duration,
    cut_after: bool,
    broken_json: bool,
    struck: bool,
}

pub(super) async fn answer(
    shared: Shared,
    route: &'static Route,
    params: RawPathParams,
    request: Request,
) -> Response {
    let path = request.uri().path().to_owned();
    let headers = request.headers().clone();
    let params: HashMap<String, String> =
        params.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let query: HashMap<String, String> =
        url::form_urlencoded::parse(request.uri().query().unwrap_or("").as_bytes())
            .into_owned()
            .collect();
    let read = body::read(request).await;

    let (struck, now) = {
        let mut world = shared.world();
        let now = world.now();
        (world.faults.strike(route.method, route.path, &path, now), now)
    };
    let mut disturbance = Disturbance { struck: !struck.is_empty(), ..Disturbance::default() };
    for fault in struck {
        let early = match fault {
            FaultKind::Delay { ms } => {
                disturbance.delay += Duration::from_millis(ms);
                continue;
            }
            FaultKind::CutAfter => {
                disturbance.cut_after = true;
                continue;
            }
            FaultKind::BrokenJson => {
                disturbance.broken_json = true;
                continue;
            }
            other => other,
        };
        tokio::time::sleep(disturbance.delay).await;
        return early_answer(&shared, route, &path, &early, now);
    }

    let (read, read_error) = match read {
        Ok(read) => (read, None),
        Err(error) => (body::Read { json: None, uploads: Vec::new() }, Some(error)),
    };
    let request_body = read.json.clone();
    let mut call = Call {
        params,
        query,
        body: read.json.unwrap_or_else(|| json!({})),
        uploads: read.uploads,
        reason: reason(&headers),
        ..Call::default()
    };
    let outcome = {
        let mut world = shared.world();
        let outcome = match read_error {
            Some(error) => Outcome::refused(&error),
            None => run(&mut world, route, &headers, &mut call),
        };
        record(&mut world, route, &path, &call, &outcome, &disturbance);
        outcome
    };
    check(&shared, route, request_body.as_ref(), &outcome);
    tokio::time::sleep(disturbance.delay).await;
    if disturbance.cut_after {
        return cut();
    }
    respond(outcome, disturbance.broken_json)
}

fn cut() -> Response {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(Cut);
    response
}

/// The answer of a fault that keeps the request from doing anything.
fn early_answer(
    shared: &Shared,
    route: &Route,
    path: &str,
    fault: &FaultKind,
    now: i64,
) -> Response {
    let mut outcome = Outcome::default();
    match fault {
        FaultKind::RateLimit { retry_after, global, shared: of_others, without_retry_after } => {
            outcome = limited(*retry_after, *global);
            outcome.invalid = !of_others;
            let scope = if *of_others {
                "shared"
            } else if *global {
                "global"
            } else {
                "user"
            };
            put(&mut outcome.headers, "x-ratelimit-scope", scope);
            if *without_retry_after {
                outcome.headers.remove(header::RETRY_AFTER);
                outcome.body =
                    Some(json!({"message": "You are being rate limited.", "global": global}));
            }
        }
        FaultKind::Status { status } => {
            outcome.status = *status;
            let code = error::Fail(*status, 0, "Injected");
            outcome.body = (*status < 500).then(|| ApiError::from(code).body());
            outcome.invalid = matches!(status, 401 | 403 | 429);
        }
        FaultKind::Html => outcome.status = 200,
        _ => {}
    }
    let entry = Entry {
        seq: 0,
        at: now,
        method: route.method.into(),
        route: route.path.into(),
        path: redact(route, path),
        actor: None,
        status: outcome.status,
        code: 0,
        result: None,
        nonce: None,
        effect: false,
        faulty: true,
    };
    let mut world = shared.world();
    world.journal.note(entry);
    if outcome.invalid {
        world.limits.count_invalid(now, "fault");
    }
    drop(world);
    match fault {
        FaultKind::CutBefore => cut(),
        FaultKind::Html => {
            ([(header::CONTENT_TYPE, "text/html")], "<html>hello</html>").into_response()
        }
        FaultKind::Status { status } if *status >= 500 => {
            let page = format!("<html><head><title>{status}</title></head></html>");
            let mut response = ([(header::CONTENT_TYPE, "text/html")], page).into_response();
            *response.status_mut() = status_of(*status);
            response
        }
        _ => respond(outcome, false),
    }
}

fn status_of(status: u16) -> axum::http::StatusCode {
    axum::http::StatusCode::from_u16(status)
        .unwrap_or(axum::http::StatusCode::INTERNAL_SERVER_ERROR)
}

/// Who asks, whether they may, and what comes of it.
fn run(world: &mut World, route: &Route, headers: &HeaderMap, call: &mut Call) -> Outcome {
    let now = world.now();
    if world.limits.banned(now) {
        // Discord's edge answers then, not its API.
        return Outcome {
            status: 429,
            body: Some(
                json!({"message": "You are being blocked from accessing our API temporarily due to exceeding our rate limits frequently."}),
            ),
            ..Outcome::default()
        };
    }
    match authenticate(world, route.access, headers) {
        Ok(caller) => call.caller = caller,
        Err(error) => {
            let mut outcome = Outcome::refused(&error);
            outcome.invalid = true;
            return outcome;
        }
    }
    let rule = table::rule_of(route.method, route.path, &call.body);
    let verdict = world.limits.check(now, &identity(call), &rule, &major(route, call));
    let state = match verdict {
        Verdict::Pass(state) => state,
        Verdict::Stop { wait_ms, global, state } => {
            #[expect(clippy::cast_precision_loss, reason = "waits are short")]
            let mut outcome = limited(wait_ms as f64 / 1_000.0, global);
            put(&mut outcome.headers, "x-ratelimit-scope", if global { "global" } else { "user" });
            if let Some(state) = state {
                limit_headers(&mut outcome.headers, &state, now);
            }
            return outcome;
        }
    };
    let mut outcome = match (route.handler)(world, call) {
        Ok(Reply { status, body }) => Outcome { status, body, effect: true, ..Outcome::default() },
        Err(error) => Outcome::refused(&error),
    };
    limit_headers(&mut outcome.headers, &state, now);
    outcome
}

fn authenticate(world: &World, access: Access, headers: &HeaderMap) -> Result<Caller, ApiError> {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if let Some(token) = given.and_then(|given| given.strip_prefix("Bot ")) {
        if let Some(application) = world.application_by_token(token) {
            let (user, application) = (Some(application.bot), Some(application.id));
            return Ok(Caller { user, application, scopes: None });
        }
    } else if let Some(token) = given.and_then(|given| given.strip_prefix("Bearer "))
        && let Some(grant) = world.bearer(token)
        && let Access::Scope(needed) = access
    {
        if !grant.scopes.iter().any(|scope| scope == needed) {
            return Err(error::MISSING_ACCESS.into());
        }
        return Ok(Caller {
            user: Some(grant.user_id),
            application: Some(grant.application_id),
            scopes: Some(grant.scopes.clone()),
        });
    }
    if access == Access::Open { Ok(Caller::default()) } else { Err(error::UNAUTHORIZED.into()) }
}

fn identity(call: &Call) -> String {
    match (call.caller.user, call.caller.application) {
        (Some(user), Some(application)) => format!("{user}@{application}"),
        _ => "nobody".into(),
    }
}

/// The channel, server or webhook that a bucket belongs to.
fn major(route: &Route, call: &Call) -> String {
    if route.path.starts_with("/interactions/") {
        return call.text("interaction_id").to_owned();
    }
    let parts = ["channel_id", "guild_id", "webhook_id", "webhook_token"];
    parts.iter().filter_map(|name| call.params.get(*name)).cloned().collect::<Vec<_>>().join("/")
}

fn limited(seconds: f64, global: bool) -> Outcome {
    let mut headers = HeaderMap::new();
    put(&mut headers, "retry-after", &format!("{}", seconds.ceil()));
    if global {
        put(&mut headers, "x-ratelimit-global", "true");
    }
    Outcome {
        status: 429,
        body: Some(json!({"message": "You are being rate limited.", "retry_after": seconds,
            "global": global, "code": 0})),
        headers,
        invalid: true,
        ..Outcome::default()
    }
}

fn put(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

fn limit_headers(headers: &mut HeaderMap, state: &Bucket, now: i64) {
    let seconds = |ms: i64| format!("{}.{:03}", ms / 1_000, ms % 1_000);
    put(headers, "x-ratelimit-limit", &state.limit.to_string());
    put(headers, "x-ratelimit-remaining", &state.remaining.to_string());
    put(headers, "x-ratelimit-reset", &seconds(state.resets_at));
    put(headers, "x-ratelimit-reset-after", &seconds((state.resets_at - now).max(0)));
    put(headers, "x-ratelimit-bucket", &state.bucket);
}

fn reason(headers: &HeaderMap) -> Option<String> {
    let text = headers.get("x-audit-log-reason")?.to_str().ok()?;
    let pairs = format!("r={}", text.replace('+', "%2B"));
    url::form_urlencoded::parse(pairs.as_bytes()).next().map(|(_, value)| value.into_owned())
}

fn redact(route: &Route, path: &str) -> String {
    let path = path.trim_start_matches("/api/v10").trim_start_matches("/api");
    if !route.path.contains("_token}") {
        return path.to_owned();
    }
    let parts = route.path.split('/').zip(path.split('/'));
    let shown: Vec<&str> =
        parts.map(|(known, part)| if known.ends_with("_token}") { "…" } else { part }).collect();
    shown.join("/")
}

fn record(
    world: &mut World,
    route: &Route,
    path: &str,
    call: &Call,
    outcome: &Outcome,
    disturbance: &Disturbance,
) {
    let now = world.now();
    let result =
        outcome.body.as_ref().filter(|_| outcome.effect).and_then(|body| fields::id(body, "id"));
    world.journal.note(Entry {
        seq: 0,
        at: now,
        method: route.method.into(),
        route: route.path.into(),
        path: redact(route, path),
        actor: call.caller.user,
        status: if disturbance.cut_after { 0 } else { outcome.status },
        code: outcome.code,
        result,
        nonce: call.body.get("nonce").and_then(Value::as_str).map(str::to_owned),
        effect: outcome.effect,
        faulty: disturbance.struck,
    });
    if outcome.invalid {
        world.limits.count_invalid(now, &identity(call));
    }
}

fn check(shared: &Shared, route: &Route, body: Option<&Value>, outcome: &Outcome) {
    let Some(checker) = shared.checker() else { return };
    let mut found = checker.request(route.method, route.path, body);
    found.extend(checker.response(route.method, route.path, outcome.status, outcome.body.as_ref()));
    if !found.is_empty() {
        let mut world = shared.world();
        for violation in found {
            world.note_violation(violation);
        }
    }
}

fn respond(outcome: Outcome, broken: bool) -> Response {
    let mut response = match outcome.body {
        Some(body) => {
            let mut text = body.to_string();
            if broken {
                let half = (0..=text.len() / 2).rev().find(|at| text.is_char_boundary(*at));
                text.truncate(half.unwrap_or(0));
            }
            ([(header::CONTENT_TYPE, "application/json")], text).into_response()
        }
        None => Response::new(Body::empty()),
    };
    *response.status_mut() = status_of(outcome.status);
    response.headers_mut().extend(outcome.headers);
    response
}

/// An endpoint that the sandbox does not serve, or serves with other methods only.
pub(super) fn refuse_route(shared: &Shared, method: &Method, path: &str, known: bool) -> Response {
    let error = ApiError::from(if known { error::METHOD_NOT_ALLOWED } else { error::NOT_FOUND });
    let mut world = shared.world();
    let now = world.now();
    let shown = path.trim_start_matches("/api/v10").trim_start_matches("/api").to_owned();
    world.journal.note(Entry {
        seq: 0,
        at: now,
        method: method.to_string(),
        route: String::new(),
        path: shown.clone(),
        actor: None,
        status: error.status,
        code: 0,
        result: None::<Id>,
        nonce: None,
        effect: false,
        faulty: false,
    });
    world.note_violation(Violation {
        kind: "unknown_route".into(),
        method: method.to_string(),
        route: shown,
        status: error.status,
        detail: "the sandbox serves no such endpoint".into(),
    });
    drop(world);
    respond(Outcome::refused(&error), false)
}
