//! The account's forms.

use axum::Extension;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use domain::locale::Locale;
use wardesk_core::Wardesk;
use wardesk_core::accounts::choices::{Choices, ChoicesError, save};
use wardesk_core::accounts::{self, AccountError};

use super::fields::Posted;
use super::{Asker, done, failed, signed_out};

/// Saves language and colours.
pub async fn choices(
    Extension(wardesk): Extension<Wardesk>,
    Extension(asker): Extension<Asker>,
    Posted { 0: fields }: Posted,
) -> Response {
    let Some(session) = &asker.0 else { return signed_out() };
    let theme = fields.get("theme");
    let choices = Choices {
        locale: Locale::from_tag(fields.get("locale")),
        theme: (!theme.is_empty()).then(|| theme.to_owned()),
    };
    match save(&wardesk, session, &choices).await {
        Ok(()) => done("/account", "saved"),
        Err(ChoicesError::Invalid(_)) => StatusCode::UNPROCESSABLE_ENTITY.into_response(),
        Err(ChoicesError::Storage(error)) => failed(&error),
    }
}

/// Ends one of the person's sessions.
pub async fn revoke(
    Extension(wardesk): Extension<Wardesk>,
    Extension(asker): Extension<Asker>,
    Posted { 0: fields }: Posted,
) -> Response {
    let Some(session) = &asker.0 else { return signed_out() };
    match accounts::revoke(&wardesk, session, fields.get("session")).await {
        // One that has ended meanwhile is signed out as well.
        Ok(()) | Err(AccountError::NotFound) => done("/account", "revoked"),
        Err(AccountError::Storage(error)) => failed(&error),
    }
}

/// Ends all of the person's sessions but this one.
pub async fn revoke_others(
    Extension(wardesk): Extension<Wardesk>,
    Extension(asker): Extension<Asker>,
) -> Response {
    let Some(session) = &asker.0 else { return signed_out() };
    match accounts::revoke_others(&wardesk, session).await {
        Ok(_) | Err(AccountError::NotFound) => done("/account", "revoked_others"),
        Err(AccountError::Storage(error)) => failed(&error),
    }
}
