//! The forms of share links.

use axum::Extension;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use domain::ids::ShareId;
use domain::transcripts::sharing;
use wardesk_core::Wardesk;
use wardesk_core::transcripts::{Refusal, TranscriptError, share};

use super::fields::Posted;
use super::transcripts::{opened, transcript_failed};
use super::{Asker, Draft, done, draft, problem};

/// Makes a link, or revokes one: the pressed button says which.
pub async fn links(
    Extension(wardesk): Extension<Wardesk>,
    Extension(asker): Extension<Asker>,
    Path(ticket): Path<String>,
    Posted { 0: fields }: Posted,
) -> Result<Response, Response> {
    let access = opened(&wardesk, &asker, &ticket).await?;
    if !share::may_share(&access).await {
        return Err(StatusCode::NOT_FOUND.into_response());
    }
    let path = format!("/transcripts/{}/links", access.ticket());
    let id: ShareId =
        fields.get("link").parse().map_err(|_| StatusCode::NOT_FOUND.into_response())?;
    if fields.get("action") == "revoke" {
        return match share::revoke(&access, id).await {
            Ok(()) => Ok(done(&path, "share_revoked")),
            Err(error) => Err(transcript_failed(&error)),
        };
    }
    let named = fields.get("for") == "people";
    let errors = match sharing::read_share(named, fields.get("people"), fields.get("time")) {
        Ok((people, time)) => match share::create(&access, id, people.as_deref(), time).await {
            Ok(()) => return Ok(done(&path, "shared")),
            Err(TranscriptError::Refused(Refusal::TooMany)) => {
                let code = "share_too_many";
                return Ok(draft::back_because(&wardesk, &asker, &path, fields, code).await);
            }
            Err(TranscriptError::Refused(_)) => return Ok(problem(&path, "stale")),
            Err(error) => return Err(transcript_failed(&error)),
        },
        Err(errors) => errors,
    };
    let draft = Draft { fields, errors, conflict: false };
    Ok(draft::back(&wardesk, &asker, &path, &draft).await)
}
