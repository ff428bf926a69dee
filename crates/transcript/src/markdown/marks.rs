//! Where inline constructs may begin.

use super::steps;
use crate::bytes::first;

/// One for each byte that a construct may begin with, as the parser of inlines knows them, and for the colon of an
/// address rather than its first letter, which is in every other word.
pub(super) fn may_begin(byte: u8) -> u8 {
    // Two each: `|` and `~`, `*` and `:`, `@` and a backtick.
    u8::from(byte | 0x02 == b'~')
        | u8::from(byte | 0x10 == b':')
        | u8::from(byte | 0x20 == b'`')
        | u8::from(byte == b'[')
        | u8::from(byte == b'\\')
        | u8::from(byte == b'_')
        | u8::from(byte == b'<')
        | u8::from(byte == 0xC2)
}

/// Where a construct may begin next.
pub(super) fn next_construct(bytes: &[u8], from: usize, end: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let found = first(&bytes[at..end], may_begin);
        steps::take(found.map_or(end - at, |plain| plain + 1));
        let mark = at + found?;
        if bytes[mark] != b':' {
            return Some(mark);
        }
        // What stands before a colon tells whether it began an address.
        let before = &bytes[from..mark];
        let scheme = [&b"https"[..], b"http"].into_iter().find(|name| before.ends_with(name));
        if let Some(scheme) = scheme.filter(|_| bytes[mark..].starts_with(b"://")) {
            return Some(mark - scheme.len());
        }
        at = mark + 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::next_construct;

    /// The same, byte by byte.
    fn slowly(bytes: &[u8], from: usize) -> Option<usize> {
        (from..bytes.len()).find(|at| match bytes[*at] {
            b'h' => {
                [&b"https://"[..], b"http://"].iter().any(|name| bytes[*at..].starts_with(name))
            }
            byte => b"\\\xC2`*_~|[<@".contains(&byte),
        })
    }

    proptest! {
        #[test]
        fn constructs_are_found_from_everywhere(
            text in "((h|ht)?(http|https)?(:|:/|://)?[a-z :/é§]{0,6}[*_~|`<@\\\\\\[]?){0,8}",
        ) {
            for from in 0..=text.len() {
                let found = next_construct(text.as_bytes(), from, text.len());
                prop_assert_eq!(found, slowly(text.as_bytes(), from), "{:?} from {}", text, from);
            }
        }
    }
}
