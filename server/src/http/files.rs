//! Files of transcripts, for those who may read the transcript.

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use domain::ids::{AttachmentId, TicketId};
use futures::StreamExt as _;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use wardesk_core::transcripts::{self, AttachmentBytes, TranscriptError};

use super::AppState;
use super::session::Viewer;

/// `GET /transcripts/{ticket}/files/{attachment}`. Whoever may not read the transcript gets the same
/// answer as for a file that does not exist.
pub async fn attachment(
    State(state): State<AppState>,
    Extension(Viewer(session)): Extension<Viewer>,
    Path((ticket, attachment)): Path<(String, String)>,
) -> Response {
    let ids = ticket.parse::<TicketId>().ok().zip(attachment.parse::<AttachmentId>().ok());
    let (Some(session), Some((ticket, id))) = (session, ids) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let found = match transcripts::authorize(&state.wardesk, &session, ticket).await {
        Ok(access) => transcripts::attachment(&access, id).await,
        Err(error) => Err(error),
    };
    match found {
        Ok(file) => deliver(file),
        Err(TranscriptError::NotFound) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(%error, "a file of a transcript could not be read");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

fn deliver(file: AttachmentBytes) -> Response {
    // Dropping the frame's place in the stream keeps the error's text out of the answer: the
    // connection breaks, and the browser shows an incomplete file as one.
    let bytes = file.stream.map(|part| {
        part.map_err(|error| {
            tracing::error!(%error, "a stored file is damaged");
            std::io::Error::other("damaged")
        })
    });
    let mut response = Body::from_stream(bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.content_type));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(file.length));
    if let Ok(value) = HeaderValue::try_from(disposition(&file.name, file.inline)) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    // Nothing in a stored file may run, whatever it is.
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("sandbox; default-src 'none'"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=3600"));
    response
}

/// All but the characters that stand for themselves in an extended value. Source: RFC 8187, 3.2.1.
const EXTENDED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `Content-Disposition` with the name in the extended form. Source: RFC 6266, 4.3.
fn disposition(name: &str, inline: bool) -> String {
    let kind = if inline { "inline" } else { "attachment" };
    let end = name.floor_char_boundary(200);
    format!("{kind}; filename*=UTF-8''{}", utf8_percent_encode(&name[..end], EXTENDED))
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn names_cannot_leave_their_place() {
        let given = "a\"; filename=x\r\nSet-Cookie: b=c/../ü.png";
        let text = disposition(given, false);
        assert!(text.starts_with("attachment; filename*=UTF-8''a%22%3B%20filename%3Dx%0D%0ASet"));
        assert!(text.bytes().all(|b| b.is_ascii_graphic() || b == b' '));
    }
}
