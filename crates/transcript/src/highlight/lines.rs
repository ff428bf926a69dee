//! Languages whose lines decide.

use super::{Kind, Pieces, Token, run};

/// The lines of a text with where each begins; the line break is not part of a line.
fn lines(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    code.split('\n').map(move |line| {
        let start = at;
        at += line.len() + 1;
        (start, line)
    })
}

/// Changes: `+`, `-`, and the heads of files and hunks.
pub(super) fn diff(code: &str) -> Vec<Token<'_>> {
    let mut pieces = Pieces::new(code);
    for (start, line) in lines(code) {
        let head = ["@@", "---", "+++", "diff ", "index "].iter().any(|h| line.starts_with(h));
        let kind = match line.as_bytes().first() {
            _ if head => Kind::Meta,
            Some(b'+' | b'>') => Kind::Added,
            Some(b'-' | b'<') => Kind::Removed,
            Some(b'!' | b'#') => Kind::Comment,
            _ => Kind::Plain,
        };
        pieces.push(kind, start, start + line.len());
    }
    pieces.finish()
}

/// Keys and values by lines, with sections.
pub(super) fn settings(code: &str) -> Vec<Token<'_>> {
    let mut pieces = Pieces::new(code);
    for (start, line) in lines(code) {
        let indent = line.len() - line.trim_start().len();
        let (from, end) = (start + indent, start + line.len());
        match line.as_bytes().get(indent) {
            Some(b'#' | b';') => pieces.push(Kind::Comment, from, end),
            Some(b'[') if !line.contains('=') => pieces.push(Kind::Meta, from, end),
            _ => {
                if let Some(cut) = line.find('=') {
                    pieces.push(Kind::Name, from, start + line[..cut].trim_end().len());
                    value(&mut pieces, start + cut + 1, end);
                }
            }
        }
    }
    pieces.finish()
}

/// Keys and values by lines, with lists.
pub(super) fn yaml(code: &str) -> Vec<Token<'_>> {
    let mut pieces = Pieces::new(code);
    for (start, line) in lines(code) {
        let body = line.trim_start_matches([' ', '-']);
        let (from, end) = (start + line.len() - body.len(), start + line.len());
        if body.starts_with('#') {
            pieces.push(Kind::Comment, from, end);
        } else if let Some(cut) = body.find(':').filter(|cut| {
            !body.starts_with(['"', '\'', '{', '['])
                && matches!(body.as_bytes().get(cut + 1), None | Some(b' '))
        }) {
            pieces.push(Kind::Name, from, from + cut);
            value(&mut pieces, from + cut + 1, end);
        } else {
            value(&mut pieces, from, end);
        }
    }
    pieces.finish()
}

/// A value to the end of its line: a text, a number, a constant; a comment may follow.
fn value(pieces: &mut Pieces<'_>, from: usize, end: usize) {
    let code = pieces.code;
    let start = run(code.as_bytes(), from, |b| b == b' ').min(end);
    let all = &code[start..end];
    if let Some(quote) = all.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let close = all[1..].rfind(quote).map_or(all.len(), |at| at + 2);
        pieces.push(Kind::Text, start, start + close);
        return;
    }
    let words = all.find(" #").map_or(all, |at| &all[..at]).trim_end();
    let kind = match words {
        "true" | "false" | "null" | "~" | "yes" | "no" | "on" | "off" => Kind::Constant,
        _ if words.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+'))
            && words.bytes().all(|b| b.is_ascii_alphanumeric() || b"-+._:".contains(&b)) =>
        {
            Kind::Number
        }
        _ => Kind::Plain,
    };
    pieces.push(kind, start, start + words.len());
    if words.len() < all.trim_end().len() {
        let comment = start + words.len() + all[words.len()..].find('#').unwrap_or(0);
        pieces.push(Kind::Comment, comment, end);
    }
}
