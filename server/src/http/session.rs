//! Sessions of browsers: the cookie is tower-sessions', the rows are ours.

use app::forms::Asker;
use app::forward;
use async_trait::async_trait;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::{Session as CookieSession, SessionStore, session_store};
use wardesk_core::Wardesk;
use wardesk_core::accounts::{Session, sessions};
use wardesk_core::ports::{AccessToken, Profile};

use super::AppState;

/// The cookie's name. The prefix makes browsers insist on Secure, Path=/ and no Domain.
pub const COOKIE: &str = "__Host-session";
/// How it is taken back: with the attributes under which it was given.
const REMOVAL: &str = "__Host-session=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0";
/// The one entry of a session record.
const ACCOUNT: &str = "account";

/// What the callback puts into a new session; the store takes it apart and seals it.
#[derive(Serialize, Deserialize)]
struct Account {
    profile: Profile,
    token: String,
    browser: String,
}

/// Our rows behind tower-sessions. Only signed-in sessions are kept.
#[derive(Debug, Clone)]
pub struct Sessions(pub Wardesk);

fn bytes(id: Id) -> [u8; 16] {
    id.0.to_be_bytes()
}

fn backend(error: impl std::fmt::Display) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        // A record that was cleared still has the id that the browser brought, which somebody may have
        // put there: whoever signs in gets an id that nobody knew before.
        record.id = Id(i128::from_be_bytes(self.0.random_bytes()));
        self.save(record).await
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        let account = record.data.get(ACCOUNT).cloned().ok_or_else(|| backend("no account"))?;
        let account: Account = serde_json::from_value(account).map_err(backend)?;
        let token: AccessToken = account.token.into();
        // A row is written once: what changes later is its own columns. A second row under the same
        // id, which 122 random bits make a defect and not chance, is refused by the primary key.
        sessions::begin(&self.0, &bytes(record.id), &account.profile, &token, &account.browser)
            .await
            .map_err(backend)
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let found = sessions::find(&self.0, &bytes(*id)).await.map_err(backend)?;
        let Some(session) = found else { return Ok(None) };
        let account = Account {
            profile: session.profile.clone(),
            token: session.token().expose_secret().to_owned(),
            browser: session.browser.clone(),
        };
        let account = serde_json::to_value(account).map_err(backend)?;
        let expiry = OffsetDateTime::from_unix_timestamp(session.expires_at.0 / 1000);
        Ok(Some(Record {
            id: *id,
            data: [(ACCOUNT.to_owned(), account)].into(),
            expiry_date: expiry.map_err(backend)?,
        }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        sessions::end(&self.0, &bytes(*id)).await.map_err(backend)
    }
}

/// Begins a session for someone who just signed in, under a new id.
pub async fn begin(
    cookie: &CookieSession,
    profile: Profile,
    token: &SecretString,
    headers: &HeaderMap,
) -> Result<(), tower_sessions::session::Error> {
    // Whatever session this browser had before ends here.
    if cookie.id().is_some() {
        cookie.flush().await?;
    }
    let account =
        Account { profile, token: token.expose_secret().to_owned(), browser: browser(headers) };
    // The layer saves it on the way out, under a new id.
    cookie.insert(ACCOUNT, account).await
}

/// The browser and system in coarse words: enough to tell one's own sessions apart.
fn browser(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let first = |list: &[(&str, &'static str)]| {
        list.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
    };
    // Order matters: most browsers also name the ones they descend from.
    let name = first(&[
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Chrome/", "Chrome"),
        ("CriOS/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (name, system) {
        (Some(name), Some(system)) => format!("{name} · {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => String::new(),
    }
}

/// Pages that need a session. The list is of areas, never of things: whether a thing exists does not
/// show here.
fn is_protected(path: &str) -> bool {
    // To a browser, what begins with two slashes is another site: such an address is never sent back.
    if path.starts_with("//") {
        return false;
    }
    let mut parts = path.split('/').filter(|p| !p.is_empty());
    matches!(parts.next(), Some("servers" | "transcripts" | "account" | "donate" | "operator"))
        || super::shared::names_people(path)
}

/// Finds the session of a request and gives it to handlers and pages.
///
/// A Strict cookie is not sent when a link on another site leads here. Such a request to a protected
/// page is answered with a page that asks again from here, once: then the cookie is sent if there is one.
pub async fn identify(
    State(state): State<AppState>,
    cookie: CookieSession,
    mut request: Request,
    next: Next,
) -> Response {
    let session = match cookie.id() {
        Some(id) => match sessions::find(&state.wardesk, &bytes(id)).await {
            Ok(session) => session,
            Err(error) => {
                tracing::error!(%error, "a session could not be read");
                return axum::http::StatusCode::SERVICE_UNAVAILABLE.into_response();
            }
        },
        None => None,
    };
    let path = request.uri().path().to_owned();
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if session.is_none() && reads && is_protected(&path) {
        let whole = request.uri().path_and_query().map_or("/", |p| p.as_str()).to_owned();
        let site = request.headers().get("sec-fetch-site").and_then(|v| v.to_str().ok());
        if site == Some("cross-site") && cookie.id().is_none() {
            return forward::page(&whole);
        }
        let to: String = url::form_urlencoded::byte_serialize(whole.as_bytes()).collect();
        return Redirect::to(&format!("/?return={to}")).into_response();
    }
    if let Some(session) = &session {
        request.extensions_mut().insert(session.choices.clone());
    }
    request.extensions_mut().insert(Asker(session.clone()));
    request.extensions_mut().insert(Viewer(session));
    next.run(request).await
}

/// tower-sessions removes the cookie without `Secure`; browsers ignore that for `__Host-` cookies, so they would keep
/// it. Adds the missing attributes.
pub async fn take_back(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let emptied = format!("{COOKIE}=;");
    let is_removal = |value: &HeaderValue| value.as_bytes().starts_with(emptied.as_bytes());
    if !headers.get_all(header::SET_COOKIE).iter().any(is_removal) {
        return response;
    }
    let cookies: Vec<HeaderValue> = headers.get_all(header::SET_COOKIE).iter().cloned().collect();
    headers.remove(header::SET_COOKIE);
    for cookie in cookies {
        let whole = if is_removal(&cookie) { HeaderValue::from_static(REMOVAL) } else { cookie };
        headers.append(header::SET_COOKIE, whole);
    }
    response
}

/// Who asks; put into every request by [`identify`].
#[derive(Debug, Clone, Default)]
pub struct Viewer(pub Option<Session>);

#[cfg(test)]
mod tests {
    use super::is_protected;

    #[test]
    fn areas_are_protected_and_other_sites_are_none() {
        let thanks = "/donate/thanks/0193";
        let operator = "/operator/privacy/0193";
        for path in
            ["/servers", "/servers/1/tickets", "/transcripts/0193", "/account", thanks, operator]
        {
            assert!(is_protected(path), "{path}");
        }
        for path in
            ["/", "/status", "/privacy/requests/x", "//servers/1", "//servers", "///account"]
        {
            assert!(!is_protected(path), "{path}");
        }
    }
}
