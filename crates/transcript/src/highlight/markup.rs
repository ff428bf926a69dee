//! HTML, XML and their kin.

use super::{Kind, Pieces, Token, run};

/// Tags with their attributes, comments, references.
pub(super) fn markup(code: &str) -> Vec<Token<'_>> {
    let bytes = code.as_bytes();
    let mut pieces = Pieces::new(code);
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'<' if code[at..].starts_with("<!--") => {
                let end = code[at + 4..].find("-->").map_or(code.len(), |found| at + found + 7);
                pieces.push(Kind::Comment, at, end);
                at = end;
            }
            b'<' if bytes
                .get(at + 1)
                .is_some_and(|b| b.is_ascii_alphabetic() || b"/!?".contains(b)) =>
            {
                at = tag(&mut pieces, at);
            }
            b'&' => {
                let end = run(bytes, at + 1, |b| b.is_ascii_alphanumeric() || b == b'#');
                let whole = bytes.get(end) == Some(&b';');
                pieces.push(if whole { Kind::Constant } else { Kind::Plain }, at, end + 1);
                at = if whole { end + 1 } else { end };
            }
            _ => at += 1,
        }
    }
    pieces.finish()
}

/// One tag; answers where it ends.
fn tag(pieces: &mut Pieces<'_>, at: usize) -> usize {
    let code = pieces.code;
    let bytes = code.as_bytes();
    let name = run(bytes, at + 1, |b| b.is_ascii_alphanumeric() || b"/!?:-_.".contains(&b));
    pieces.push(Kind::Keyword, at, name);
    let mut at = name;
    while at < bytes.len() {
        match bytes[at] {
            b'>' => {
                pieces.push(Kind::Keyword, at, at + 1);
                return at + 1;
            }
            // A tag that never ended.
            b'<' => return at,
            quote @ (b'"' | b'\'') => {
                let end = run(bytes, at + 1, |b| b != quote);
                let end = (end + 1).min(bytes.len());
                pieces.push(Kind::Text, at, end);
                at = end;
            }
            b'/' | b'?' => {
                pieces.push(Kind::Keyword, at, at + 1);
                at += 1;
            }
            b if b.is_ascii_alphabetic() || b"@:_#*".contains(&b) => {
                let end =
                    run(bytes, at + 1, |b| b.is_ascii_alphanumeric() || b"-_:.@#".contains(&b));
                pieces.push(Kind::Name, at, end);
                at = end;
            }
            _ => at += 1,
        }
    }
    at
}
