//! The addresses of share links, which hold a secret: what the edge has to know about them.

use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use domain::ids::ShareId;

/// What an address under `/shared` leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A transcript.
    Page,
    /// What is on its page.
    Beside,
}

/// The parts of an address under `/shared` after that.
fn parts(path: &str) -> Option<impl Iterator<Item = &str>> {
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    (parts.next() == Some("shared")).then_some(parts)
}

/// What an address leads to, if it is one of these. Addresses that are almost one count too.
pub(super) fn place(path: &str) -> Option<Place> {
    let mut parts = parts(path)?;
    parts.next();
    Some(if parts.next().is_some() { Place::Beside } else { Place::Page })
}

/// Whether an address is that of a link which names people: they have to be signed in. Whether there is such a
/// link does not show here.
pub(super) fn names_people(path: &str) -> bool {
    let link = parts(path).and_then(|mut parts| parts.next());
    link.is_some_and(|link| link.parse::<ShareId>().is_ok())
}

/// No page learns the address of a link from what follows it, not even one of this site.
pub(super) async fn no_referrer(request: Request, next: Next) -> Response {
    let shared = place(request.uri().path()).is_some();
    let mut response = next.run(request).await;
    if shared {
        let value = HeaderValue::from_static("no-referrer");
        response.headers_mut().insert(header::REFERRER_POLICY, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_known_however_they_are_written() {
        assert_eq!(place("/shared/abc"), Some(Place::Page));
        assert_eq!(place("//shared/abc/"), Some(Place::Page));
        assert_eq!(place("/shared/abc/files/5"), Some(Place::Beside));
        for other in ["/", "/transcripts/shared", "/sharedx/abc", "/servers"] {
            assert_eq!(place(other), None, "{other}");
        }
        assert!(names_people("/shared/0193b3c4-5d6e-7f80-9123-456789abcdef/files/5"));
        assert!(!names_people("/shared/0193b3c45d6e7f809123456789abcdef"));
        assert!(!names_people("/transcripts/0193b3c4-5d6e-7f80-9123-456789abcdef"));
    }
}
