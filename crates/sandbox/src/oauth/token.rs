//! The token endpoint and revocation (RFC 6749 3.2, RFC 7009), answering as Discord does.

use axum::Form;
use axum::Json;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::json;

use super::OAuth;
use super::grants::{GrantError, TOKEN_LIFE_S, Tokens};
use crate::id::Id;

/// The form of the token endpoint.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct TokenForm {
    grant_type: Option<String>,
    code: Option<String>,
    redirect_uri: Option<String>,
    code_verifier: Option<String>,
    refresh_token: Option<String>,
    token: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
}

/// An OAuth2 error answer: status, word, description.
struct OAuthError(StatusCode, &'static str, &'static str);

const INVALID_CLIENT: OAuthError =
    OAuthError(StatusCode::UNAUTHORIZED, "invalid_client", "Unknown client or wrong secret.");

impl OAuthError {
    const fn request(description: &'static str) -> Self {
        Self(StatusCode::BAD_REQUEST, "invalid_request", description)
    }
}

impl From<GrantError> for OAuthError {
    fn from(error: GrantError) -> Self {
        let description = match error {
            GrantError::Code => "Invalid \"code\" in request.",
            GrantError::RedirectUri => "Invalid \"redirect_uri\" in request.",
            GrantError::Verifier => "Invalid \"code_verifier\" in request.",
            GrantError::RefreshToken => "Invalid \"refresh_token\" in request.",
        };
        Self(StatusCode::BAD_REQUEST, "invalid_grant", description)
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let Self(status, error, description) = self;
        let body = Json(json!({"error": error, "error_description": description}));
        let mut response = (status, [(header::CACHE_CONTROL, "no-store")], body).into_response();
        if status == StatusCode::UNAUTHORIZED {
            let value = header::HeaderValue::from_static("Basic realm=\"oauth2\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
        }
        response
    }
}

/// `POST /oauth2/token`: grants `authorization_code` and `refresh_token`.
pub(crate) async fn exchange(
    State(oauth): State<OAuth>,
    headers: HeaderMap,
    form: Result<Form<TokenForm>, FormRejection>,
) -> Response {
    match issue(&oauth, &headers, form) {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

fn issue(
    oauth: &OAuth,
    headers: &HeaderMap,
    form: Result<Form<TokenForm>, FormRejection>,
) -> Result<Response, OAuthError> {
    let form = read(form)?;
    let mut grants = oauth.grants();
    let mut world = oauth.shared.world();
    let application_id = client(headers, &form, &world)?;
    let tokens = match form.grant_type.as_deref() {
        Some("authorization_code") => {
            let code = form.code.as_deref().ok_or(OAuthError::request("\"code\" is missing."))?;
            let redirect_uri = form
                .redirect_uri
                .as_deref()
                .ok_or(OAuthError::request("\"redirect_uri\" is missing."))?;
            let verifier = form.code_verifier.as_deref().unwrap_or_default();
            grants.exchange(application_id, code, redirect_uri, verifier, &mut world)?
        }
        Some("refresh_token") => {
            let token = form
                .refresh_token
                .as_deref()
                .ok_or(OAuthError::request("\"refresh_token\" is missing."))?;
            grants.refresh(application_id, token, &mut world)?
        }
        Some(_) => {
            let words = "Only authorization_code and refresh_token are supported.";
            return Err(OAuthError(StatusCode::BAD_REQUEST, "unsupported_grant_type", words));
        }
        None => return Err(OAuthError::request("\"grant_type\" is missing.")),
    };
    let guild = tokens.guild_id.and_then(|id| Some(world.guild_json(world.guild(id)?, false)));
    let Tokens { access, refresh, scope, .. } = tokens;
    let mut body = json!({
        "access_token": access, "token_type": "Bearer", "expires_in": TOKEN_LIFE_S,
        "refresh_token": refresh, "scope": scope,
    });
    if let Some(guild) = guild {
        body["guild"] = guild;
    }
    // RFC 6749 5.1: tokens are not to be kept by caches.
    let no_store = [(header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")];
    Ok((no_store, Json(body)).into_response())
}

/// `POST /oauth2/token/revoke`: ends the whole authorisation that the token belongs to.
pub(crate) async fn revoke(
    State(oauth): State<OAuth>,
    headers: HeaderMap,
    form: Result<Form<TokenForm>, FormRejection>,
) -> Response {
    let ended = read(form).and_then(|form| {
        // Locks are always taken in this order: grants, then world.
        let grants = oauth.grants();
        let mut world = oauth.shared.world();
        let application_id = client(&headers, &form, &world)?;
        let token = form.token.as_deref().ok_or(OAuthError::request("\"token\" is missing."))?;
        grants.revoke(application_id, token, &mut world);
        Ok(())
    });
    match ended {
        Ok(()) => Json(json!({})).into_response(),
        Err(error) => error.into_response(),
    }
}

/// Discord takes only `application/x-www-form-urlencoded` here.
fn read(form: Result<Form<TokenForm>, FormRejection>) -> Result<TokenForm, OAuthError> {
    form.map(|Form(form)| form)
        .map_err(|_| OAuthError::request("The body must be application/x-www-form-urlencoded."))
}

/// The client, by HTTP Basic or by the body, never by both (RFC 6749 2.3).
fn client(
    headers: &HeaderMap,
    form: &TokenForm,
    world: &crate::world::World,
) -> Result<Id, OAuthError> {
    let basic = headers.get(header::AUTHORIZATION).map(|value| basic(value).ok_or(INVALID_CLIENT));
    let (id, secret) = match (basic, &form.client_secret) {
        (Some(_), Some(_)) => {
            return Err(OAuthError::request("Send the client's secret once, not twice."));
        }
        (Some(basic), None) => basic?,
        (None, Some(secret)) => (form.client_id.clone().ok_or(INVALID_CLIENT)?, secret.clone()),
        (None, None) => return Err(INVALID_CLIENT),
    };
    // Some clients name themselves in the body as well; it has to be the same name.
    if form.client_id.as_ref().is_some_and(|named| *named != id) {
        return Err(INVALID_CLIENT);
    }
    let id: Id = id.parse().map_err(|_| INVALID_CLIENT)?;
    match world.application(id) {
        Some(application) if application.client_secret == secret => Ok(id),
        _ => Err(INVALID_CLIENT),
    }
}

/// User and password of HTTP Basic, each form-encoded inside (RFC 6749 2.3.1).
fn basic(value: &header::HeaderValue) -> Option<(String, String)> {
    let encoded = value.to_str().ok()?.strip_prefix("Basic ")?;
    let pair = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    Some((form_decode(id), form_decode(secret)))
}

fn form_decode(text: &str) -> String {
    url::form_urlencoded::parse(text.as_bytes()).map(|(name, _)| name.into_owned()).collect()
}
