//! Plain text: what may stand in it.

/// A text without characters that would steer a terminal or an editor, or turn the reading direction of what
/// somebody else wrote. Every kind of line end becomes a line feed, so that a line cannot pretend to be another.
pub(super) fn text(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '\n' | '\t' => out.push(c),
            '\r' => {}
            '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push('\n'),
            '\u{202d}' | '\u{202e}' => out.push('\u{fffd}'),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
}

/// The same in one line.
pub(super) fn line(line: &str) -> String {
    let mut out = String::new();
    text(&mut out, line);
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_a_terminal() {
        let mut out = String::new();
        text(&mut out, "a\u{1b}[31mb\r\nc\u{7}\u{9b}d\u{202e}e\u{2028}f\tg\u{0}");
        assert_eq!(out, "a\u{fffd}[31mb\nc\u{fffd}\u{fffd}d\u{fffd}e\nf\tg\u{fffd}");
        assert_eq!(line(" a\n\u{2029} b "), "a b");
    }
}
