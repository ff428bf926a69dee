//! Transcripts as files. The body is made while the browser takes it, and breaks off where it fails.

use std::time::Duration;

use app::forms::Fields;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Form};
use domain::ids::{TicketId, UserId};
use futures::{StreamExt as _, stream};
use jiff::tz::TimeZone;
use tokio::sync::watch;
use tokio::time::Instant;
use transcript::export::Format;
use wardesk_core::transcripts::export::{self, Export, ExportError, Full, Progress, Wish};
use wardesk_core::transcripts::{self, TranscriptAccess, TranscriptError};
use words::Words;

use super::headers::UNBUFFERED;
use super::observe::Refusal;
use super::seats::Seat;
use super::session::Viewer;
use super::{AppState, context, files, live};

/// How long one stream of progress lasts; the browser asks again by itself, and is then checked again.
const LIFE: Duration = Duration::from_mins(5);
/// Progress is told so often at most.
const PACE: Duration = Duration::from_millis(500);
/// When to come back, in seconds, where all places are taken.
const COME_BACK: &str = "60";

async fn access(
    state: &AppState,
    viewer: Viewer,
    ticket: &str,
) -> Result<TranscriptAccess, Response> {
    let not_found = || StatusCode::NOT_FOUND.into_response();
    let (Some(session), Ok(ticket)) = (viewer.0, ticket.parse::<TicketId>()) else {
        return Err(not_found());
    };
    match transcripts::authorize(&state.wardesk, &session, ticket).await {
        Ok(access) => Ok(access),
        Err(TranscriptError::NotFound) => Err(not_found()),
        Err(error) => Err(failed(&error)),
    }
}

fn failed(error: &TranscriptError) -> Response {
    tracing::error!(%error, "a transcript could not be exported");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

/// `POST /transcripts/{ticket}/export` with `format` and `zone`: the file. A form, so that nothing else begins
/// one: it takes a place and may be noted in the audit log.
pub async fn export(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    Path(ticket): Path<String>,
    headers: HeaderMap,
    Form(fields): Form<Fields>,
) -> Response {
    let chosen = viewer.0.as_ref().and_then(|session| session.choices.locale);
    let locale = chosen.or_else(|| context::accepted(&headers)).unwrap_or_default();
    let access = match access(&state, viewer, &ticket).await {
        Ok(access) => access,
        Err(response) => return response,
    };
    let (format, zone_name) = (Format::parse(fields.get("format")), fields.get("zone"));
    let (Some(format), Ok(zone)) = (format, TimeZone::get(zone_name)) else {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    };
    let labels = match app::labels(locale) {
        Ok(labels) => labels,
        Err(error) => {
            tracing::error!(%error, "words of transcripts are missing");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let zone_name = zone_name.to_owned();
    let wish = Wish { format, zone, zone_name, labels, words: Words::new(locale) };
    match export::start(&access, wish).await {
        Ok(export) => deliver(export),
        Err(ExportError::Busy(full)) => busy(full),
        Err(ExportError::Transcript(TranscriptError::NotFound)) => {
            StatusCode::NOT_FOUND.into_response()
        }
        Err(ExportError::Transcript(error)) => failed(&error),
    }
}

fn deliver(export: Export) -> Response {
    // The error's text stays here. The connection breaks, and a browser calls that a failed download.
    let bytes = export.bytes.map(|part| {
        part.map_err(|error| {
            tracing::error!(%error, "an export broke off");
            std::io::Error::other("broken off")
        })
    });
    let mut response = Body::from_stream(bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(export.media_type));
    if let Ok(value) = HeaderValue::try_from(files::disposition(&export.file_name, false)) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("sandbox; default-src 'none'"),
    );
    response
}

fn busy(full: Full) -> Response {
    let (status, reason) = match full {
        Full::Own => (StatusCode::TOO_MANY_REQUESTS, app::context::OWN_EXPORTS),
        Full::All => (StatusCode::SERVICE_UNAVAILABLE, app::context::ALL_EXPORTS),
    };
    let mut response = status.into_response();
    response.extensions_mut().insert(Refusal(reason));
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(COME_BACK));
    response
}

/// Someone who looks on.
struct Onlooker {
    _seat: Seat<UserId>,
    access: TranscriptAccess,
    changes: watch::Receiver<()>,
    seen: Vec<Progress>,
    ends: Instant,
}

/// `GET /transcripts/{ticket}/export/live`: `text/event-stream`, an event when an export of this reader went on.
pub async fn progress(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    Path(ticket): Path<String>,
) -> Response {
    let access = match access(&state, viewer, &ticket).await {
        Ok(access) => access,
        Err(response) => return response,
    };
    let seat = match state.streams.take(Some(access.reader())) {
        Ok(seat) => seat,
        Err(full) => return live::too_many(full),
    };
    let changes = export::changes(&access);
    let seen = Vec::new();
    let onlooker = Onlooker { _seat: seat, access, changes, seen, ends: Instant::now() + LIFE };
    let events = stream::unfold(onlooker, |mut onlooker| async move {
        onlooker.next_change().await?;
        Some((Ok::<_, std::convert::Infallible>(Event::default().data("progress")), onlooker))
    });
    let events = events.take_until(state.draining.cancelled_owned());
    (UNBUFFERED, Sse::new(events).keep_alive(KeepAlive::default())).into_response()
}

impl Onlooker {
    /// Waits until there is something new to show; `None` when the stream's time is over.
    async fn next_change(&mut self) -> Option<()> {
        if !self.seen.is_empty() {
            tokio::time::sleep(PACE).await;
        }
        loop {
            self.changes.mark_unchanged();
            let now = export::under_way(&self.access);
            if now != self.seen {
                self.seen = now;
                return Some(());
            }
            tokio::time::timeout_at(self.ends, self.changes.changed()).await.ok()?.ok()?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_finds_no_place_is_told_why_and_when_to_come_back() {
        for (full, status, reason) in [
            (Full::Own, StatusCode::TOO_MANY_REQUESTS, "own_exports"),
            (Full::All, StatusCode::SERVICE_UNAVAILABLE, "exports"),
        ] {
            let response = busy(full);
            assert_eq!(response.status(), status);
            assert_eq!(response.headers()[header::RETRY_AFTER], COME_BACK);
            assert_eq!(response.extensions().get::<Refusal>().map(|r| r.0), Some(reason));
        }
    }
}
