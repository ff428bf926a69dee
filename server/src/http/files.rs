//! Files of transcripts, for those who may read the transcript: whole, or the part that a player asks for.

use std::ops::Range;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use domain::ids::{AttachmentId, TicketId};
use futures::StreamExt as _;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use wardesk_core::transcripts::shared::Address;
use wardesk_core::transcripts::{self, FileBytes, StoredFile, TranscriptError};

use super::AppState;
use super::ranges::{self, Wanted};
use super::session::Viewer;

/// `GET /transcripts/{ticket}/files/{attachment}`. Whoever may not read the transcript gets the same
/// answer as for a file that does not exist.
pub async fn attachment(
    State(state): State<AppState>,
    Extension(Viewer(session)): Extension<Viewer>,
    Path((ticket, attachment)): Path<(String, String)>,
    method: Method,
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
    answer(found, id, &method, &headers).await
}

/// `GET /shared/{link}/files/{attachment}`: for whoever may read the transcript by the link.
pub async fn shared(
    State(state): State<AppState>,
    Extension(Viewer(session)): Extension<Viewer>,
    Path((link, attachment)): Path<(String, String)>,
    method: Method,
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
    answer(found, id, &method, &headers).await
}

async fn answer(
    found: Result<StoredFile, TranscriptError>,
    id: AttachmentId,
    method: &Method,
    headers: &HeaderMap,
) -> Response {
    let answered = match found {
        // What is kept under an id never changes, but it may be erased, and rights may end: a browser may
        // keep it and asks each time.
        Ok(_) if is_known(headers, id) => Ok(StatusCode::NOT_MODIFIED.into_response()),
        Ok(file) => {
            let wanted = ranges::wanted(method, headers, &tag(id), file.length);
            deliver(file, wanted).await
        }
        Err(error) => Err(error),
    };
    match answered {
        Ok(response) => with_caching(response, id),
        Err(TranscriptError::NotFound) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(%error, "a file of a transcript could not be read");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

async fn deliver(file: StoredFile, wanted: Wanted) -> Result<Response, TranscriptError> {
    let about = About::of(&file);
    Ok(match wanted {
        Wanted::Whole => about.whole(file.bytes().await?),
        Wanted::Part(part) => {
            let bytes = file.part(part.clone()).await?;
            about.part(&part, bytes)
        }
        Wanted::NotThere => about.not_there(),
    })
}

/// What an answer says about a file.
struct About {
    content_type: &'static str,
    disposition: String,
    length: u64,
}

impl About {
    fn of(file: &StoredFile) -> Self {
        let disposition = disposition(&file.name, file.inline);
        Self { content_type: file.content_type, disposition, length: file.length }
    }

    fn whole(&self, bytes: FileBytes) -> Response {
        self.answer(StatusCode::OK, self.length, bytes)
    }

    fn part(&self, part: &Range<u64>, bytes: FileBytes) -> Response {
        let length = part.end.saturating_sub(part.start);
        let response = self.answer(StatusCode::PARTIAL_CONTENT, length, bytes);
        let place = format!("{}-{}", part.start, part.end.saturating_sub(1));
        self.with_range(response, &place)
    }

    fn not_there(&self) -> Response {
        self.with_range(StatusCode::RANGE_NOT_SATISFIABLE.into_response(), "*")
    }

    fn answer(&self, status: StatusCode, length: u64, bytes: FileBytes) -> Response {
        // The error's text is logged, not sent. The connection breaks, so the browser sees an incomplete file.
        let bytes = bytes.map(|part| {
            part.map_err(|error| {
                tracing::error!(%error, "a stored file is damaged");
                std::io::Error::other("damaged")
            })
        });
        let mut response = (status, Body::from_stream(bytes)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        // Players seek in what can be had in parts, and those of iOS play nothing else. Source: Apple, "Safari Web
        // Content Guide", "Configuring Your Server".
        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        if let Ok(value) = HeaderValue::try_from(&self.disposition) {
            headers.insert(header::CONTENT_DISPOSITION, value);
        }
        // Nothing in a stored file may run, whatever it is.
        headers.insert(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("sandbox; default-src 'none'"),
        );
        response
    }

    /// Source: RFC 9110, 14.4.
    fn with_range(&self, mut response: Response, place: &str) -> Response {
        if let Ok(value) = HeaderValue::try_from(format!("bytes {place}/{}", self.length)) {
            response.headers_mut().insert(header::CONTENT_RANGE, value);
        }
        response
    }
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

    fn film() -> About {
        let disposition = disposition("film.mp4", true);
        About { content_type: "video/mp4", disposition, length: 100 }
    }

    fn nothing() -> FileBytes {
        futures::stream::empty().boxed()
    }

    #[test]
    fn a_part_says_where_it_is_and_is_otherwise_like_the_whole() {
        let whole = film().whole(nothing());
        assert_eq!(whole.status(), StatusCode::OK);
        assert_eq!(whole.headers()[header::CONTENT_LENGTH], "100");
        assert_eq!(whole.headers()[header::ACCEPT_RANGES], "bytes");
        assert!(!whole.headers().contains_key(header::CONTENT_RANGE));
        let part = film().part(&(0..2), nothing());
        assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
        assert_eq!(part.headers()[header::CONTENT_RANGE], "bytes 0-1/100");
        assert_eq!(part.headers()[header::CONTENT_LENGTH], "2");
        for same in [
            header::CONTENT_TYPE,
            header::CONTENT_DISPOSITION,
            header::CONTENT_SECURITY_POLICY,
            header::ACCEPT_RANGES,
        ] {
            assert_eq!(part.headers()[&same], whole.headers()[&same], "{same}");
        }
        let refused = film().not_there();
        assert_eq!(refused.status(), StatusCode::RANGE_NOT_SATISFIABLE);
        assert_eq!(refused.headers()[header::CONTENT_RANGE], "bytes */100");
    }

    #[test]
    fn names_cannot_leave_their_place() {
        let given = "a\"; filename=x\r\nSet-Cookie: b=c/../ü.png";
        let text = disposition(given, false);
        assert!(text.starts_with("attachment; filename*=UTF-8''a%22%3B%20filename%3Dx%0D%0ASet"));
        assert!(text.bytes().all(|b| b.is_ascii_graphic() || b == b' '));
    }
}
