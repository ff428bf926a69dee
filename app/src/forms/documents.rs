//! Taking note of a new version of the privacy policy or of the terms.

use axum::Extension;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use wardesk_core::Wardesk;
use wardesk_core::accounts::own_path;
use wardesk_core::privacy::PrivacyError;
use wardesk_core::privacy::documents::{DocumentKind, acknowledge};

use super::fields::Posted;
use super::{Asker, failed, signed_out};

/// Notes that the person has taken note, and leads back to where they were.
pub async fn acknowledged(
    Extension(wardesk): Extension<Wardesk>,
    Extension(asker): Extension<Asker>,
    Posted { 0: fields }: Posted,
) -> Response {
    let Some(session) = &asker.0 else { return signed_out() };
    let kind = DocumentKind::parse(fields.get("document"));
    let version = fields.get("version").parse().ok();
    let Some((kind, version)) = kind.zip(version) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match acknowledge(&wardesk, session, kind, version).await {
        Ok(()) => Redirect::to(own_path(fields.get("return"))).into_response(),
        Err(PrivacyError::Storage(error)) => failed(&error),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}
