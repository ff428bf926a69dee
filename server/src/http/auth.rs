//! Signing in and out.

use app::forward;
use axum::Form;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::{Extension, extract::Request};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use tower_sessions::Session as CookieSession;
use wardesk_core::accounts::sign_in::{Answer, TRANSACTION_SECONDS};
use wardesk_core::accounts::{self, SignInError};

use super::observe::Refusal;
use super::session::Viewer;
use super::{AppState, session};

/// The cookie of a sign-in under way. Lax: it has to come along when Discord sends the browser back.
const TRANSACTION: &str = "__Host-oauth_tx";

/// The form of the sign-in button.
#[derive(Deserialize)]
pub struct Login {
    #[serde(default, rename = "return")]
    return_path: String,
}

fn transaction_cookie(value: &str, seconds: i64) -> Option<HeaderValue> {
    let text =
        format!("{TRANSACTION}={value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={seconds}");
    HeaderValue::try_from(text).ok()
}

/// Begins a sign-in and sends the browser to Discord.
pub async fn login(State(state): State<AppState>, Form(form): Form<Login>) -> Response {
    let begun = match accounts::begin_sign_in(&state.wardesk, &form.return_path).await {
        Ok(begun) => begun,
        Err(error) => return failed(&error, Some(&form.return_path)),
    };
    let mut response = forward::page(&begun.authorize_url);
    if let Some(cookie) = transaction_cookie(begun.cookie.expose_secret(), TRANSACTION_SECONDS) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Back to the first page, which says why. `back` is where the sign-in was to lead: the next try leads there too.
fn failed(error: &SignInError, back: Option<&str>) -> Response {
    // The reason travels as a code; the page has the words.
    let code = match error {
        SignInError::Expired => "expired",
        SignInError::Cancelled => "cancelled",
        SignInError::Refused => "refused",
        SignInError::Unavailable => "unavailable",
        SignInError::Storage(error) => {
            tracing::error!(%error, "a sign-in failed");
            "internal"
        }
    };
    metrics::counter!("sign_ins_total", "result" => code).increment(1);
    let mut to = format!("/?problem={code}");
    if let Some(back) = back.map(accounts::own_path).filter(|back| *back != "/") {
        to.push_str("&return=");
        to.extend(url::form_urlencoded::byte_serialize(back.as_bytes()));
    }
    let mut response = Redirect::to(&to).into_response();
    response.extensions_mut().insert(Refusal(match error {
        SignInError::Expired => "sign_in_expired",
        SignInError::Cancelled => "sign_in_cancelled",
        SignInError::Refused => "sign_in_refused",
        SignInError::Unavailable => "sign_in_unavailable",
        SignInError::Storage(_) => "sign_in_failed",
    }));
    response
}

/// The single value of a query parameter; `None` if it is missing or given twice.
fn single(query: &str, name: &str) -> Option<String> {
    let mut values = url::form_urlencoded::parse(query.as_bytes())
        .filter(|(n, _)| n == name)
        .map(|(_, value)| value.into_owned());
    let value = values.next()?;
    values.next().is_none().then_some(value)
}

fn cookie_value(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('=').map(str::to_owned))
}

/// Discord sends the browser back to here.
pub async fn callback(
    State(state): State<AppState>,
    cookie: CookieSession,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = query.unwrap_or_default();
    let (Some(transaction), Some(given_state)) =
        (cookie_value(&headers, TRANSACTION), single(&query, "state"))
    else {
        return failed(&SignInError::Expired, None);
    };
    let answer = match single(&query, "code") {
        Some(code) => Answer::Code(SecretString::from(code)),
        None => Answer::Error,
    };
    let signed_in =
        accounts::finish_sign_in(&state.wardesk, &transaction, &given_state, answer).await;
    let signed_in = match signed_in {
        Ok(signed_in) => signed_in,
        Err(failure) => return failed(&failure.error, failure.return_path.as_deref()),
    };
    if let Err(error) = session::begin(&cookie, signed_in.profile, &signed_in.token, &headers).await
    {
        tracing::error!(%error, "a session could not be begun");
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    metrics::counter!("sign_ins_total", "result" => "done").increment(1);
    // Not a redirect: the new cookie is Strict, and only a request that begins here brings it along.
    let mut response = forward::page(&signed_in.return_path);
    if let Some(cookie) = transaction_cookie("", 0) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Ends the session.
pub async fn logout(
    State(state): State<AppState>,
    Extension(Viewer(session)): Extension<Viewer>,
    cookie: CookieSession,
    _request: Request,
) -> Response {
    if let Some(session) = session
        && let Err(error) = accounts::sign_out(&state.wardesk, &session).await
    {
        tracing::error!(%error, "a session could not be ended");
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    if let Err(error) = cookie.flush().await {
        tracing::warn!(%error, "a session's cookie could not be taken back");
    }
    let mut response = Redirect::to("/?done=signed_out").into_response();
    let clear = HeaderValue::from_static("\"cache\", \"storage\"");
    response.headers_mut().insert("clear-site-data", clear);
    response
}
