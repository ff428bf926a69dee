//! `ansi`: the colours of a terminal, which Discord shows in code blocks.
//!
//! Source: what Discord's client draws of ECMA-48's "select graphic rendition": 0 resets, 1 is bold, 4 underlined,
//! 30 to 37 colour the letters and 40 to 47 their ground.

/// How a piece looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Paint {
    pub bold: bool,
    pub underline: bool,
    /// 0 to 7.
    pub letters: Option<u8>,
    /// 0 to 7.
    pub ground: Option<u8>,
}

/// Cuts a text at its escape sequences. Sequences that are not known are left out as well: they are no text.
pub(crate) fn paints(code: &str) -> Vec<(Paint, &str)> {
    let mut paint = Paint::default();
    let mut out = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find("\u{1b}[") {
        let (before, sequence) = rest.split_at(at);
        let body = &sequence[2..];
        let length = body.bytes().take_while(|b| b.is_ascii_digit() || *b == b';').count();
        // Every sequence ends in a letter; one without is text.
        if !body.as_bytes().get(length).is_some_and(u8::is_ascii_alphabetic) {
            out.push((paint, &rest[..at + 2]));
            rest = body;
            continue;
        }
        out.push((paint, before));
        if body.as_bytes()[length] == b'm' {
            apply(&mut paint, &body[..length]);
        }
        rest = &body[length + 1..];
    }
    out.push((paint, rest));
    out.retain(|(_, text)| !text.is_empty());
    out
}

fn apply(paint: &mut Paint, codes: &str) {
    for code in codes.split(';') {
        match code.parse::<u8>().unwrap_or(0) {
            0 => *paint = Paint::default(),
            1 => paint.bold = true,
            4 => paint.underline = true,
            code @ 30..=37 => paint.letters = Some(code - 30),
            39 => paint.letters = None,
            code @ 40..=47 => paint.ground = Some(code - 40),
            49 => paint.ground = None,
            _ => {}
        }
    }
}
