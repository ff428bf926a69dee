//! Code in colours: what a piece of code is, by its language.
//!
//! One pass over the text, with tables instead of grammars: a language is its comments, its strings and its words
//! ([`languages`]). That is less than an editor knows and enough to read by; it takes linear time on any input, which the
//! grammars of editors, made of backtracking expressions, do not. Every byte of the code is in exactly one piece.

mod ansi;
mod languages;
mod lines;
mod markup;

pub(crate) use ansi::{Paint, paints};
use languages::{Language, find};

/// What a piece of code is. Each has a class in the style sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing in particular.
    Plain,
    /// A word of the language.
    Keyword,
    /// `true`, `null` and their like.
    Constant,
    /// A text.
    Text,
    /// A comment.
    Comment,
    /// A number.
    Number,
    /// A type, by its capital.
    Type,
    /// What is called.
    Function,
    /// A key, an attribute, a variable with its sign.
    Name,
    /// What is for the machine: directives, tags, heads of sections.
    Meta,
    /// A line that was added.
    Added,
    /// A line that was taken away.
    Removed,
}

/// A piece of code.
pub type Token<'a> = (Kind, &'a str);

/// The longest word that is looked up; no language has a longer one.
const LONGEST_WORD: usize = 24;

/// Cuts code into its pieces. `None` for a language that is not known.
pub fn tokens<'a>(language: &str, code: &'a str) -> Option<Vec<Token<'a>>> {
    let name = language.to_ascii_lowercase();
    match name.as_str() {
        "diff" | "patch" => return Some(lines::diff(code)),
        "ini" | "cfg" | "conf" | "properties" | "toml" | "env" | "dotenv" => {
            return Some(lines::settings(code));
        }
        "yaml" | "yml" => return Some(lines::yaml(code)),
        "html" | "xml" | "svg" | "xhtml" | "vue" | "svelte" => return Some(markup::markup(code)),
        _ => {}
    }
    find(&name).map(|language| scan(language, code))
}

/// Pieces under construction: neighbours of one kind become one.
struct Pieces<'a> {
    code: &'a str,
    out: Vec<Token<'a>>,
    /// Where the plain text before the next piece began.
    from: usize,
}

impl<'a> Pieces<'a> {
    fn new(code: &'a str) -> Self {
        Self { code, out: Vec::new(), from: 0 }
    }

    /// Notes that `start..end` is of a kind; what lies before it is plain.
    fn push(&mut self, kind: Kind, start: usize, end: usize) {
        if kind == Kind::Plain || start >= end {
            return;
        }
        if self.from < start {
            self.out.push((Kind::Plain, &self.code[self.from..start]));
        }
        self.out.push((kind, &self.code[start..end]));
        self.from = end;
    }

    fn finish(mut self) -> Vec<Token<'a>> {
        if self.from < self.code.len() {
            self.out.push((Kind::Plain, &self.code[self.from..]));
        }
        self.out
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// The end of a run of bytes from `at` on.
fn run(bytes: &[u8], at: usize, part: impl Fn(u8) -> bool) -> usize {
    at + bytes[at..].iter().take_while(|byte| part(**byte)).count()
}

fn scan<'a>(language: &Language, code: &'a str) -> Vec<Token<'a>> {
    let bytes = code.as_bytes();
    let mut pieces = Pieces::new(code);
    let mut at = 0;
    let mut line_start = true;
    while at < bytes.len() {
        let byte = bytes[at];
        let (kind, end) = if let Some(end) = comment(language, code, at, line_start) {
            (Kind::Comment, end)
        } else if line_start && language.directive == Some(byte) {
            (Kind::Meta, run(bytes, at, |b| b != b'\n'))
        } else if let Some(end) = text(language, code, at) {
            // A key of an object, in languages that have no other strings on the left of a colon.
            let key = language.keys && code[end..].trim_start_matches([' ', '\t']).starts_with(':');
            (if key { Kind::Name } else { Kind::Text }, end)
        } else if byte.is_ascii_digit() {
            (Kind::Number, run(bytes, at, |b| is_word(b) || b == b'.'))
        } else if language.sigils.as_bytes().contains(&byte)
            && bytes.get(at + 1).copied().is_some_and(is_word)
        {
            (Kind::Name, run(bytes, at + 1, is_word))
        } else if is_word(byte) {
            let end = run(bytes, at, |b| is_word(b) || (language.dashes && b == b'-'));
            (word(language, &code[at..end], code[end..].bytes().next()), end)
        } else {
            (Kind::Plain, at + 1)
        };
        pieces.push(kind, at, end);
        line_start = byte == b'\n' || (line_start && matches!(byte, b' ' | b'\t'));
        at = end;
    }
    pieces.finish()
}

fn comment(language: &Language, code: &str, at: usize, line_start: bool) -> Option<usize> {
    let rest = &code.as_bytes()[at..];
    for start in language.line_comments {
        // `REM` and its like are words, and `#` may stand within one.
        let fits = rest.starts_with(start.as_bytes())
            && (line_start || start.len() > 1 || at == 0 || !is_word(code.as_bytes()[at - 1]));
        if fits {
            return Some(run(code.as_bytes(), at, |b| b != b'\n'));
        }
    }
    for (start, end) in language.block_comments {
        if rest.starts_with(start.as_bytes()) {
            let from = at + start.len();
            return Some(
                code.get(from..)?.find(end).map_or(code.len(), |found| from + found + end.len()),
            );
        }
    }
    None
}

/// A text's end: after its closing mark, or where it cannot go on.
fn text(language: &Language, code: &str, at: usize) -> Option<usize> {
    let bytes = code.as_bytes();
    for (mark, many_lines) in language.texts {
        let Some(rest) = code.get(at..).and_then(|rest| rest.strip_prefix(mark)) else { continue };
        if *mark == "'" && language.lifetimes && is_lifetime(rest) {
            return None;
        }
        let mut end = at + mark.len();
        while end < bytes.len() {
            match bytes[end] {
                b'\\' if language.escapes => end += 1,
                b'\n' if !many_lines => return Some(end),
                _ if bytes[end..].starts_with(mark.as_bytes()) => return Some(end + mark.len()),
                _ => {}
            }
            end += 1;
        }
        // An escape may have led past the end, or into a character.
        return Some(code.len());
    }
    None
}

/// Whether what follows a quote is the name of a lifetime rather than a character.
fn is_lifetime(rest: &str) -> bool {
    let mut chars = rest.chars();
    let first = chars.next();
    first.is_some_and(|c| c.is_alphabetic() || c == '_') && chars.next() != Some('\'')
}

fn word(language: &Language, word: &str, next: Option<u8>) -> Kind {
    if word.len() <= LONGEST_WORD {
        let lower;
        let looked_up = if language.any_case {
            lower = word.to_ascii_lowercase();
            &lower
        } else {
            word
        };
        // By bytes: a search for characters takes longer than these words are.
        let is_in = |words: &str| {
            words.as_bytes().split(|byte| *byte == b' ').any(|one| one == looked_up.as_bytes())
        };
        if is_in(language.keywords) {
            return Kind::Keyword;
        }
        if is_in(language.constants) {
            return Kind::Constant;
        }
    }
    if next == Some(b'(') {
        Kind::Function
    } else if language.types && word.starts_with(|c: char| c.is_uppercase()) {
        Kind::Type
    } else {
        Kind::Plain
    }
}

#[cfg(test)]
mod tests;
