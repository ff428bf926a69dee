//! The forms of a transcript's page.

use axum::Extension;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use domain::access::Capability;
use domain::ids::TicketId;
use domain::transcripts::patterns::Pattern;
use domain::validation::{FieldError, Problem};
use wardesk_core::Wardesk;
use wardesk_core::transcripts::redact::{self, What};
use wardesk_core::transcripts::{self, Refusal, TranscriptAccess, TranscriptError, hold};

use super::fields::Posted;
use super::{Asker, Draft, Fields, done, draft, failed, problem, signed_out};

/// The proof that the person may read the transcript named in the address, or the answer that they get instead.
pub(super) async fn opened(
    wardesk: &Wardesk,
    asker: &Asker,
    ticket: &str,
) -> Result<TranscriptAccess, Response> {
    let Some(session) = &asker.0 else { return Err(signed_out()) };
    let ticket = ticket.parse::<TicketId>().map_err(|_| StatusCode::NOT_FOUND.into_response())?;
    transcripts::authorize(wardesk, session, ticket).await.map_err(|e| transcript_failed(&e))
}

pub(super) fn transcript_failed(error: &TranscriptError) -> Response {
    match error {
        TranscriptError::NotFound => StatusCode::NOT_FOUND.into_response(),
        TranscriptError::Discord(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        TranscriptError::FilesPending | TranscriptError::Refused(_) => {
            StatusCode::CONFLICT.into_response()
        }
        TranscriptError::Storage(error) => failed(error),
    }
}

/// What the form of a redaction asks for: a message, or a pattern.
pub fn read_redaction(fields: &Fields) -> Result<What, FieldError> {
    let message = fields.get("message");
    if !message.is_empty() {
        let message =
            message.parse().map_err(|_| FieldError::new("message", Problem::Malformed))?;
        return Ok(What::Message { message, files: fields.has("files") });
    }
    let pattern = match fields.get("pattern") {
        "cards" => Pattern::Cards,
        "emails" => Pattern::Emails,
        "ibans" => Pattern::Ibans,
        "text" => Pattern::text(fields.get("text"))
            .ok_or_else(|| FieldError::new("text", Problem::Malformed))?,
        _ => return Err(FieldError::new("pattern", Problem::Required)),
    };
    Ok(What::Pattern(pattern))
}

/// Shows what would go, or lets it go: the pressed button says which.
pub async fn redact(
    Extension(wardesk): Extension<Wardesk>,
    Extension(asker): Extension<Asker>,
    Path(ticket): Path<String>,
    Posted { 0: fields }: Posted,
) -> Result<Response, Response> {
    let access = opened(&wardesk, &asker, &ticket).await?;
    if access.require(Capability::Privacy).is_err() {
        return Err(StatusCode::NOT_FOUND.into_response());
    }
    let transcript = format!("/transcripts/{}", access.ticket());
    let path = format!("{transcript}/redact");
    let what = match read_redaction(&fields) {
        Ok(what) => what,
        Err(error) => {
            let draft = Draft { fields, errors: vec![error], conflict: false };
            return Ok(draft::back(&wardesk, &asker, &path, &draft).await);
        }
    };
    if fields.get("action") != "redact" {
        // What is looked for stays out of the address.
        let draft = Draft { fields, ..Draft::default() };
        return Ok(draft::back(&wardesk, &asker, &path, &draft).await);
    }
    match redact::redact(&access, &what).await {
        Ok(()) => Ok(done(&transcript, "redacted")),
        Err(TranscriptError::Refused(Refusal::Held)) => Ok(problem(&path, "held")),
        Err(TranscriptError::Refused(_)) => Ok(problem(&path, "stale")),
        Err(error) => Err(transcript_failed(&error)),
    }
}

/// Places a legal hold, or lifts it: the pressed button says which.
pub async fn hold(
    Extension(wardesk): Extension<Wardesk>,
    Extension(asker): Extension<Asker>,
    Path(ticket): Path<String>,
    Posted { 0: fields }: Posted,
) -> Result<Response, Response> {
    let access = opened(&wardesk, &asker, &ticket).await?;
    let path = format!("/transcripts/{}", access.ticket());
    let reason = fields.text("reason");
    let (outcome, code) = match fields.get("action") {
        "place" => (hold::place(&access, &reason).await, "held"),
        "lift" => (hold::lift(&access, &reason).await, "released"),
        _ => return Err(StatusCode::UNPROCESSABLE_ENTITY.into_response()),
    };
    match outcome {
        Err(TranscriptError::Refused(Refusal::Reason)) => Ok(problem(&path, "hold_reason")),
        // Refused for another reason: somebody else did it a moment ago.
        Ok(()) | Err(TranscriptError::Refused(_)) => Ok(done(&path, code)),
        Err(error) => Err(transcript_failed(&error)),
    }
}
