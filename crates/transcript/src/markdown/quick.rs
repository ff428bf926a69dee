//! Texts without any mark, which most are: known by one look at their bytes, without a tree.

use super::marks::may_begin;
use crate::bytes::first;

/// The text of the only paragraph, when [`super::parse`] would make nothing but that of it. `None` says nothing: a text
/// with a mark may turn out to be plain.
pub(crate) fn only_paragraph(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    let mut from = 0;
    if starts_block(bytes) {
        return None;
    }
    while let Some(at) =
        first(&bytes[from..], |byte| may_begin(byte) | u8::from(byte == b'\n')).map(|at| from + at)
    {
        let after = &bytes[at + 1..];
        match bytes[at] {
            b'\n' if !starts_block(after) => {}
            b':' if !after.starts_with(b"//") => {}
            // Of a shrug, whose arm is no escape.
            0xC2 if after.first() != Some(&0xAF) => {}
            _ => return None,
        }
        from = at + 1;
    }
    let seen = bytes.first().is_some_and(u8::is_ascii_graphic) || !text.trim().is_empty();
    seen.then(|| text.strip_suffix('\n').unwrap_or(text))
}

/// Whether a line may begin a quote, a heading, small text or a list.
fn starts_block(line: &[u8]) -> bool {
    let first = line.iter().find(|byte| **byte != b' ');
    matches!(first, Some(b'>' | b'#' | b'-' | b'*' | b'0'..=b'9'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::only_paragraph;
    use crate::markdown::{Block, Inline, is_jumbo, is_jumbo_text, parse};

    #[test]
    fn plain_texts_are_known() {
        for plain in [
            "Hello there!",
            "at 10:30, see you",
            "one\ntwo\n\n three",
            "ends\n",
            "ends\n\n",
            "\n\nbegins",
            "at 25° in §3, 100 %",
            "❤️❤️",
            "a > b # c - d 1. e",
        ] {
            assert!(only_paragraph(plain).is_some(), "{plain:?}");
        }
        for other in [
            "",
            " \n",
            "\u{a0}",
            "a **b**",
            "https://x.example",
            "a\n> b",
            "a\n- b",
            "1. a",
            "¯\\_(ツ)_/¯",
            "¯",
        ] {
            assert!(only_paragraph(other).is_none(), "{other:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_plain_is_one_paragraph(
            text in "((http|https|h)?(://|:|/|//)?[a-z0-9 \u{a0}\n§¯é😀.,!?'\"&%=+;^{}()>#-]{0,9}[*_~|`<@:\\\\\\[\\]]?){0,6}",
        ) {
            if let Some(plain) = only_paragraph(&text) {
                let whole = vec![Block::Paragraph(vec![Inline::Text(plain.to_owned())])];
                prop_assert_eq!(is_jumbo(&whole), is_jumbo_text(plain), "{:?}", text);
                prop_assert_eq!(parse(&text), whole, "{:?}", text);
            }
        }

        #[test]
        fn any_text_that_is_plain_is_one_paragraph(text: String) {
            if let Some(plain) = only_paragraph(&text) {
                let whole = vec![Block::Paragraph(vec![Inline::Text(plain.to_owned())])];
                prop_assert_eq!(parse(&text), whole, "{:?}", text);
            }
        }
    }
}
