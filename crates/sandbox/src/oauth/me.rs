//! `GET /oauth2/@me`: what an access token stands for.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::OAuth;
use crate::error;
use crate::id::timestamp;

/// Application, scopes, expiry, and the person when `identify` was granted.
pub(crate) async fn current_authorization(
    State(oauth): State<OAuth>,
    headers: HeaderMap,
) -> Response {
    let world = oauth.shared.world();
    let grant = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .and_then(|token| world.bearer(token));
    let Some((grant, application)) =
        grant.and_then(|grant| Some((grant, world.application(grant.application_id)?)))
    else {
        let body = crate::error::ApiError::from(error::UNAUTHORIZED).body();
        return (StatusCode::UNAUTHORIZED, Json(body)).into_response();
    };
    let mut about = world.application_json(application);
    if let Value::Object(fields) = &mut about {
        let shown = [
            "id",
            "name",
            "icon",
            "description",
            "type",
            "verify_key",
            "flags",
            "flags_new",
            "bot_public",
            "bot_require_code_grant",
            "max_participants",
            "tags",
        ];
        fields.retain(|name, _| shown.contains(&name.as_str()));
    }
    let mut body = json!({
        "application": about, "scopes": grant.scopes, "expires": timestamp(grant.expires_at),
    });
    if grant.scopes.iter().any(|scope| scope == "identify") {
        body["user"] = world.user_json(grant.user_id);
    }
    Json(body).into_response()
}
