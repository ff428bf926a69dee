//! Files of transcripts, for those who may read the transcript.

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use domain::ids::{AttachmentId, TicketId};
use futures::StreamExt as _;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use wardesk_core::transcripts::shared::Address;
use wardesk_core::transcripts::{self, AttachmentBytes, TranscriptError};

use super::AppState;
use super::session::Viewer;

/// `GET /transcripts/{ticket}/files/{attachment}`. Whoever may not read the transcript gets the same
/// answer as for a file that does not exist.
pub async fn attachment(
    State(state): State<AppState>,
    Extension(Viewer(session)): Extension<Viewer>,
    Path((ticket, attachment)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let ids = ticket.parse::<TicketId>().ok().zip(attachment.parse::<AttachmentId>().ok());
    let (Some(session), Some((ticket, id))) = (session, ids) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let found = match transcripts::authorize(&state.wardesk, &session, ticket).await {
        Ok(access) => transcripts::attachment(&access, id).await,
        Err(error) => Err(error),
    };
    answer(found, id, &headers)
}

/// `GET /shared/{link}/files/{attachment}`: for whoever may read the transcript by the link.
pub async fn shared(
    State(state): State<AppState>,
    Extension(Viewer(session)): Extension<Viewer>,
    Path((link, attachment)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let (Some(address), Ok(id)) = (Address::parse(&link), attachment.parse::<AttachmentId>())
    else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let reader = session.map(|session| session.user);
    let found = match transcripts::shared::open(&state.wardesk, &address, reader).await {
        Ok(shared) => shared.attachment(id).await,
        Err(error) => Err(error),
    };
    answer(found, id, &headers)
}

fn answer(
    found: Result<AttachmentBytes, TranscriptError>,
    id: AttachmentId,
    headers: &HeaderMap,
) -> Response {
    match found {
        // What is kept under an id never changes, but it may be erased, and rights may end: a browser may
        // keep it and asks each time.
        Ok(_) if is_known(headers, id) => {
            with_caching(StatusCode::NOT_MODIFIED.into_response(), id)
        }
        Ok(file) => with_caching(deliver(file), id),
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
    response
}

fn tag(id: AttachmentId) -> String {
    format!("\"{id}\"")
}

/// Whether the browser says that it has the file. Source: RFC 9110, 13.1.2.
fn is_known(headers: &HeaderMap, id: AttachmentId) -> bool {
    let known = headers.get_all(header::IF_NONE_MATCH);
    known.iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(',')).any(|known| {
        let known = known.trim();
        known.strip_prefix("W/").unwrap_or(known) == tag(id)
    })
}

fn with_caching(mut response: Response, id: AttachmentId) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    if let Ok(tag) = HeaderValue::try_from(tag(id)) {
        headers.insert(header::ETAG, tag);
    }
    response
}

/// All but the characters that stand for themselves in an extended value. Source: RFC 8187, 3.2.1.
const EXTENDED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `Content-Disposition` with the name in the extended form. Source: RFC 6266, 4.3.
pub(super) fn disposition(name: &str, inline: bool) -> String {
    let kind = if inline { "inline" } else { "attachment" };
    let end = name.floor_char_boundary(200);
    format!("{kind}; filename*=UTF-8''{}", utf8_percent_encode(&name[..end], EXTENDED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_that_has_the_file_need_not_read_it_again() {
        let id = AttachmentId::new(5).unwrap();
        let known = |value: &'static str| {
            let value = HeaderValue::from_static(value);
            is_known(&HeaderMap::from_iter([(header::IF_NONE_MATCH, value)]), id)
        };
        assert!(known("\"5\"") && known("W/\"5\"") && known("\"4\", \"5\""));
        assert!(!known("\"6\"") && !known("5") && !is_known(&HeaderMap::new(), id));
        let response = with_caching(StatusCode::OK.into_response(), id);
        assert_eq!(response.headers()[header::CACHE_CONTROL], "private, no-cache");
        assert_eq!(response.headers()[header::ETAG], "\"5\"");
    }

    #[test]
    fn names_cannot_leave_their_place() {
        let given = "a\"; filename=x\r\nSet-Cookie: b=c/../ü.png";
        let text = disposition(given, false);
        assert!(text.starts_with("attachment; filename*=UTF-8''a%22%3B%20filename%3Dx%0D%0ASet"));
        assert!(text.bytes().all(|b| b.is_ascii_graphic() || b == b' '));
    }
}
