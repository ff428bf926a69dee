//! What pages are given for each request.

use app::context::{Refused, RequestMeta, Theme};
use axum::body::{Body, HttpBody as _};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use domain::locale::Locale;
use leptos::nonce::Nonce;
use leptos::prelude::{provide_context, use_context};
use wardesk_core::Wardesk;
use wardesk_core::accounts::Session;
use wardesk_core::accounts::choices::Choices;

use super::AppState;
use super::headers::PageNonce;
use super::observe::{Correlation, Refusal};
use super::session::Viewer;

/// The language that a browser asks for.
pub(super) fn accepted(headers: &HeaderMap) -> Option<Locale> {
    let text = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    Locale::from_accept_language(text)
}

/// Puts into Leptos' context: the use-cases, who asks (`Option<Session>`), language, theme and path,
/// and the nonce that the answer's Content-Security-Policy names.
pub fn provider(wardesk: Wardesk) -> impl Fn() + Clone + Send + Sync + 'static {
    move || {
        provide_context(wardesk.clone());
        let parts: Option<Parts> = use_context();
        let session: Option<Session> =
            parts.as_ref().and_then(|p| p.extensions.get::<Viewer>()).and_then(|v| v.0.clone());
        provide_context(session);
        let Some(parts) = parts else { return };
        let choices = parts.extensions.get::<Choices>().cloned().unwrap_or_default();
        provide_context(RequestMeta {
            locale: choices.locale.or_else(|| accepted(&parts.headers)).unwrap_or_default(),
            theme: choices.theme.as_deref().map(Theme::parse).unwrap_or_default(),
            path: parts.uri.path().to_owned(),
            correlation: parts
                .extensions
                .get::<Correlation>()
                .map(|c| c.0.clone())
                .unwrap_or_default(),
        });
        if let Some(nonce) = parts.extensions.get::<PageNonce>() {
            provide_context(Nonce::from_value(nonce.0.as_str()));
        }
    }
}

/// An address that has no page: the frame around it is the same, and what it says is the error.
const NO_PAGE: &str = "/-";

/// Handlers of forms answer a refusal by its status alone. A person gets it as a page, with the words for
/// it in their language; whoever did not ask for HTML gets the bare status. So do those whom Discord sends back
/// from a sign-in, and those who open a share link too often.
pub async fn in_words(
    State(state): State<AppState>,
    request: Request<Body>,
    next: Next,
) -> Response {
    let accepts = request.headers().get(header::ACCEPT).and_then(|v| v.to_str().ok());
    let path = request.uri().path();
    let answers_bare = *request.method() == Method::POST
        || path == "/auth/callback"
        || super::shared::place(path) == Some(super::shared::Place::Page);
    if !answers_bare || !accepts.is_some_and(|a| a.contains("text/html")) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let kept = parts.clone();
    let response = next.run(Request::from_parts(parts, body)).await;
    let status = response.status();
    let bare = response.body().size_hint().exact() == Some(0);
    if !bare || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let mut page = Request::from_parts(kept, Body::empty());
    *page.method_mut() = Method::GET;
    *page.uri_mut() = Uri::from_static(NO_PAGE);
    let options = state.leptos.clone();
    let provide = provider(state.wardesk);
    let reason = response.extensions().get::<Refusal>().map_or("", |refusal| refusal.0);
    let render = leptos_axum::render_app_async_with_context(
        move || {
            provide();
            provide_context(Refused { status, reason });
        },
        move || app::shell(options.clone()),
    );
    let mut page = render(page).await.into_response();
    *page.status_mut() = status;
    // What is written down about the refusal, and when to come back.
    if let Some(refusal) = response.extensions().get::<Refusal>() {
        page.extensions_mut().insert(*refusal);
    }
    if let Some(wait) = response.headers().get(header::RETRY_AFTER) {
        page.headers_mut().insert(header::RETRY_AFTER, wait.clone());
    }
    page
}

/// The page for addresses that lead nowhere.
///
/// The address is not looked at any more: what matches no route here may match one after a renderer made `..` of it.
pub async fn not_found(State(state): State<AppState>, mut request: Request<Body>) -> Response {
    *request.uri_mut() = Uri::from_static(NO_PAGE);
    let options = state.leptos.clone();
    let render = leptos_axum::render_app_async_with_context(provider(state.wardesk), move || {
        app::shell(options.clone())
    });
    let mut response = render(request).await.into_response();
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}
