//! Which bytes of a file a request asks for. Source: RFC 9110, 13.1.5 and 14.
//!
//! `http-range-header`, which tower-http brings, refuses a suffix that is longer than the file, and that is all of it
//! (14.1.2).

use std::ops::Range;

use axum::http::{HeaderMap, HeaderName, Method, header};

/// What of a file is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// All of it.
    Whole,
    /// These bytes, at least one.
    Part(Range<u64>),
    /// Bytes that it does not have.
    NotThere,
}

/// What of a file of this tag and length is asked for. What cannot be understood is as if it were not said, and so are
/// several ranges: whoever answers may do that, and no player asks for them (14.2).
pub fn wanted(method: &Method, headers: &HeaderMap, tag: &str, length: u64) -> Wanted {
    // It is defined for no other method (14.2).
    if method != Method::GET {
        return Wanted::Whole;
    }
    let Some(range) = only(headers, &header::RANGE) else { return Wanted::Whole };
    // The rest of what a browser has of the file: only if it is the same file. The comparison is the strong one, so
    // that neither a weak tag nor a date is enough.
    if headers.contains_key(header::IF_RANGE) && only(headers, &header::IF_RANGE) != Some(tag) {
        return Wanted::Whole;
    }
    read(range, length).unwrap_or(Wanted::Whole)
}

/// The value of a header that stands there once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut all = headers.get_all(name).iter();
    let value = all.next()?.to_str().ok()?;
    all.next().is_none().then(|| value.trim())
}

/// Reads `bytes=a-b`, `bytes=a-` or `bytes=-n`; `None` for everything else.
fn read(range: &str, length: u64) -> Option<Wanted> {
    let (unit, bytes) = range.split_once('=')?;
    if !unit.eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (first, last) = bytes.trim().split_once('-')?;
    if first.is_empty() {
        return Some(match number(last)? {
            0 => Wanted::NotThere,
            // The end of nothing can be had, and a part of no bytes cannot be named.
            _ if length == 0 => Wanted::Whole,
            many => Wanted::Part(length.saturating_sub(many)..length),
        });
    }
    let first = number(first)?;
    let last = if last.is_empty() { u64::MAX } else { number(last)? };
    if last < first {
        return None;
    }
    Some(if first < length {
        Wanted::Part(first..last.saturating_add(1).min(length))
    } else {
        Wanted::NotThere
    })
}

/// A number of digits alone; one that is too large for any file stays too large.
fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const TAG: &str = "\"5\"";

    fn asked(said: &[(HeaderName, &'static str)], length: u64) -> Wanted {
        let mut headers = HeaderMap::new();
        for (name, value) in said {
            headers.append(name, HeaderValue::from_static(value));
        }
        wanted(&Method::GET, &headers, TAG, length)
    }

    #[test]
    fn one_range_is_a_part() {
        for (range, part) in [
            ("bytes=0-0", 0..1),
            // What a player of iOS asks for first.
            ("bytes=0-1", 0..2),
            ("bytes=3-", 3..10),
            ("bytes=0-", 0..10),
            ("bytes=9-9", 9..10),
            ("bytes=9-", 9..10),
            ("bytes=2-5", 2..6),
            // The end is where the file ends.
            ("bytes=2-10", 2..10),
            ("bytes=2-18446744073709551615", 2..10),
            ("bytes=2-99999999999999999999999", 2..10),
            ("bytes=-1", 9..10),
            ("bytes=-10", 0..10),
            // A suffix that is longer than the file is all of it.
            ("bytes=-11", 0..10),
            ("bytes=-99999999999999999999999", 0..10),
            ("BYTES=2-5", 2..6),
            ("bytes=002-005", 2..6),
            (" bytes= 2-5 ", 2..6),
        ] {
            assert_eq!(asked(&[(header::RANGE, range)], 10), Wanted::Part(part), "{range}");
        }
    }

    #[test]
    fn what_is_past_the_end_is_not_there() {
        for (range, length) in [
            ("bytes=10-", 10),
            ("bytes=10-20", 10),
            ("bytes=99999999999999999999999-", 10),
            ("bytes=-0", 10),
            ("bytes=0-", 0),
            ("bytes=0-0", 0),
            ("bytes=-0", 0),
        ] {
            assert_eq!(asked(&[(header::RANGE, range)], length), Wanted::NotThere, "{range}");
        }
        assert_eq!(asked(&[(header::RANGE, "bytes=-5")], 0), Wanted::Whole, "the end of nothing");
    }

    #[test]
    fn what_is_not_understood_was_not_said() {
        for range in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=5",
            "bytes=5-2",
            "bytes=a-b",
            "bytes=1-b",
            "bytes=+1-2",
            "bytes=1--2",
            "bytes=--2",
            "bytes=1.0-2",
            "bytes=0x1-2",
            "bytes=1 - 2",
            "bytes 1-2",
            "bytes:1-2",
            "items=1-2",
            "0-1",
            "bytes=0-1,4-5",
            "bytes=0-1, -1",
            "bytes=0-1,",
        ] {
            assert_eq!(asked(&[(header::RANGE, range)], 10), Wanted::Whole, "{range}");
        }
        assert_eq!(asked(&[], 10), Wanted::Whole);
        let twice = [(header::RANGE, "bytes=0-1"), (header::RANGE, "bytes=2-3")];
        assert_eq!(asked(&twice, 10), Wanted::Whole);
        let range = HeaderMap::from_iter([(header::RANGE, HeaderValue::from_static("bytes=0-1"))]);
        assert_eq!(wanted(&Method::HEAD, &range, TAG, 10), Wanted::Whole);
    }

    #[test]
    fn the_rest_is_had_of_the_same_file_alone() {
        let range = (header::RANGE, "bytes=5-");
        let under = |condition| asked(&[range.clone(), (header::IF_RANGE, condition)], 10);
        assert_eq!(under("\"5\""), Wanted::Part(5..10));
        for other in
            ["\"6\"", "W/\"5\"", "5", "*", "", "\"5\", \"6\"", "Sat, 21 Nov 2026 12:00:00 GMT"]
        {
            assert_eq!(under(other), Wanted::Whole, "{other}");
        }
        let twice = [range.clone(), (header::IF_RANGE, TAG), (header::IF_RANGE, TAG)];
        assert_eq!(asked(&twice, 10), Wanted::Whole);
        // Nor is a range refused that would not have counted.
        let past = [(header::RANGE, "bytes=10-"), (header::IF_RANGE, "\"6\"")];
        assert_eq!(asked(&past, 10), Wanted::Whole);
    }
}
