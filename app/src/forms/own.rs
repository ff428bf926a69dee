//! What people do about what is held of them.

use axum::Extension;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use wardesk_core::Wardesk;
use wardesk_core::guilds::GuildError;
use wardesk_core::privacy::erase::{self, Confirmed};
use wardesk_core::privacy::{PrivacyError, Refusal, choose, download, restrict};

use super::fields::Posted;
use super::{Asker, done, failed, guild_failed, problem, signed_out};

/// The address of the page.
const PATH: &str = "/account/privacy";

fn refused(error: &PrivacyError, path: &str) -> Response {
    match error {
        PrivacyError::NotFound => StatusCode::NOT_FOUND.into_response(),
        PrivacyError::Refused(Refusal::Acknowledge) => problem(path, "privacy_acknowledge"),
        PrivacyError::Refused(_) => problem(path, "request_too_many"),
        PrivacyError::Guild(error) => guild_failed(error),
        PrivacyError::Storage(error) => failed(error),
    }
}

/// Restricts, lifts, corrects, or withdraws.
pub async fn choose(
    Extension(wardesk): Extension<Wardesk>,
    Extension(asker): Extension<Asker>,
    Posted { 0: fields }: Posted,
) -> Result<Response, Response> {
    let session = asker.0.as_ref().ok_or_else(signed_out)?;
    let no = |error: PrivacyError| refused(&error, PATH);
    match fields.get("action") {
        "restrict" => {
            restrict::restrict_self(&wardesk, session.user).await.map_err(no)?;
            Ok(done(PATH, "privacy_restricted"))
        }
        "download" => {
            download::ask(&wardesk, session).await.map_err(no)?;
            Ok(done(PATH, "privacy_download"))
        }
        "lift" => {
            restrict::lift(&wardesk, session.user).await.map_err(|e| failed(&e))?;
            Ok(done(PATH, "privacy_lifted"))
        }
        "refresh" => match choose::refresh_names(&wardesk, session).await {
            Ok(true) => Ok(done(PATH, "privacy_refreshed")),
            Ok(false) => Ok(problem(PATH, "privacy_nowhere")),
            Err(PrivacyError::Guild(GuildError::Discord(_))) => {
                Ok(problem(PATH, "privacy_not_read"))
            }
            Err(error) => Err(no(error)),
        },
        "withdraw" => {
            choose::withdraw(&wardesk, session).await.map_err(no)?;
            Ok(done("/", "privacy_withdrawn"))
        }
        _ => Err(StatusCode::BAD_REQUEST.into_response()),
    }
}

/// Has everything of the person erased.
pub async fn erase(
    Extension(wardesk): Extension<Wardesk>,
    Extension(asker): Extension<Asker>,
    Posted { 0: fields }: Posted,
) -> Result<Response, Response> {
    let session = asker.0.as_ref().ok_or_else(signed_out)?;
    let confirmed =
        Confirmed { understood: fields.has("understood"), licences: fields.has("licences") };
    erase::ask_self(&wardesk, session, confirmed)
        .await
        .map_err(|error| refused(&error, "/account/privacy/erase"))?;
    Ok(done("/", "privacy_erased"))
}
