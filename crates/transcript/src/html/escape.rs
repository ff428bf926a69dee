//! Escaping: every text of a page comes through here.

/// Escapes text for element content and for quoted attributes alike.
///
/// Zero bytes and other control characters, which HTML does not allow, become U+FFFD.
pub(super) fn escape(out: &mut String, text: &str) {
    let mut rest = text;
    // Everything searched for is one byte long, so the cuts are at character boundaries.
    while let Some(at) = first_special(rest.as_bytes()) {
        let (clean, from) = rest.split_at(at);
        out.push_str(clean);
        out.push_str(match from.as_bytes().first() {
            Some(b'&') => "&amp;",
            Some(b'<') => "&lt;",
            Some(b'>') => "&gt;",
            Some(b'"') => "&quot;",
            Some(b'\'') => "&#39;",
            Some(b'\r') => "",
            _ => "\u{FFFD}",
        });
        rest = from.get(1..).unwrap_or_default();
    }
    out.push_str(rest);
}

/// Where the first byte is that cannot stand in HTML as it is.
fn first_special(bytes: &[u8]) -> Option<usize> {
    // Two neighbours each: `&` and `'`, `<` and `>`; and control characters but tab and line feed.
    crate::bytes::first(bytes, |byte| {
        u8::from(byte | 1 == b'\'')
            | u8::from(byte | 2 == b'>')
            | u8::from(byte == b'"')
            | u8::from(byte == 0x7f)
            | (u8::from(byte < 0x20) & u8::from(byte.wrapping_sub(b'\t') > 1))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same, character by character.
    fn slowly(text: &str) -> String {
        let mut out = String::new();
        for c in text.chars() {
            match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '"' => out.push_str("&quot;"),
                '\'' => out.push_str("&#39;"),
                '\r' => {}
                '\n' | '\t' => out.push(c),
                '\0'..='\u{1f}' | '\u{7f}' => out.push('\u{FFFD}'),
                _ => out.push(c),
            }
        }
        out
    }

    fn escaped(text: &str) -> String {
        let mut out = String::new();
        escape(&mut out, text);
        out
    }

    #[test]
    fn each_character_is_escaped_in_each_place() {
        for byte in 0..=255_u8 {
            for before in 0..34 {
                for after in [0, 1, 7, 15, 16, 17] {
                    let text =
                        format!("{}{}{}", "a".repeat(before), char::from(byte), "b".repeat(after));
                    assert_eq!(escaped(&text), slowly(&text), "{text:?}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn steps_find_what_single_bytes_do(text in "([a-z ]{0,20}[&<>\"'\r\n\t\0\u{1b}\u{7f}é😀]?){0,8}") {
            prop_assert_eq!(escaped(&text), slowly(&text));
        }
    }
}
