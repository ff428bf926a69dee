//! The forms of a transcript's page.

use axum::Extension;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use domain::ids::TicketId;
use wardesk_core::Wardesk;
use wardesk_core::transcripts::{self, Refusal, TranscriptAccess, TranscriptError, hold};

use super::fields::Posted;
use super::{Asker, done, failed, problem, signed_out};

/// The proof that the person may read the transcript named in the address, or the answer that they get instead.
async fn opened(
    wardesk: &Wardesk,
    asker: &Asker,
    ticket: &str,
) -> Result<TranscriptAccess, Response> {
    let Some(session) = &asker.0 else { return Err(signed_out()) };
    let ticket = ticket.parse::<TicketId>().map_err(|_| StatusCode::NOT_FOUND.into_response())?;
    transcripts::authorize(wardesk, session, ticket).await.map_err(|e| transcript_failed(&e))
}

fn transcript_failed(error: &TranscriptError) -> Response {
    match error {
        TranscriptError::NotFound => StatusCode::NOT_FOUND.into_response(),
        TranscriptError::Discord(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        TranscriptError::FilesPending | TranscriptError::Refused(_) => {
            StatusCode::CONFLICT.into_response()
        }
        TranscriptError::Storage(error) => failed(error),
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
