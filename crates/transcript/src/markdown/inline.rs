//! Inline marks.

use super::marks::next_construct;
use super::{Inline, MAX_DEPTH, Token, steps, tokens};
use crate::SafeUrl;

/// Parses text without blocks, as in the names of embed fields.
pub fn parse_inline(text: &str) -> Vec<Inline> {
    Parser::new(text).run(0, text.len(), 0, false)
}

/// Searches for closing marks may look at so many bytes per byte of input. Honest text needs less than two per
/// level of nesting.
const FUEL_PER_BYTE: usize = 24;

/// The longest address that is looked at; longer ones are no links.
const MAX_URL: usize = 2100;

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    fuel: usize,
    /// For each kind of mark, where a search for its end began in vain, and where that search had to stop: from there on
    /// another one would be as vain.
    vain: [(u32, u32); VAIN],
    /// The closing bracket of each opening one, or zero; made when the first is met.
    brackets: Option<Vec<usize>>,
}

/// Kinds of marks whose vain searches are remembered: runs of backticks by their length, fences, and the others.
const VAIN: usize = 16;
const VAIN_FENCE: usize = 0;
const LONGEST_RUN: usize = 9;
const VAIN_STAR: usize = 10;
const VAIN_UNDERSCORE: usize = 11;

/// Which pairs of marks are remembered where.
const fn vain_pair(mark: u8) -> usize {
    match mark {
        b'*' => 12,
        b'_' => 13,
        b'~' => 14,
        _ => 15,
    }
}

/// The closing bracket of each opening one, or zero.
fn brackets(bytes: &[u8]) -> Vec<usize> {
    let mut closing = vec![0; bytes.len()];
    let mut open = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'[' => open.push(at),
            b']' => {
                if let Some(opening) = open.pop() {
                    closing[opening] = at;
                }
            }
            _ => {}
        }
        at += 1;
    }
    closing
}

/// A run of inlines under construction.
struct Run {
    out: Vec<Inline>,
}

impl Run {
    fn text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if let Some(Inline::Text(last)) = self.out.last_mut() {
            last.push_str(text);
        } else {
            self.out.push(Inline::Text(text.to_owned()));
        }
    }
}

type Wrap = fn(Vec<Inline>) -> Inline;

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            fuel: text.len() * FUEL_PER_BYTE + 1024,
            vain: [(u32::MAX, 0); VAIN],
            brackets: None,
        }
    }

    fn at(&self, index: usize, end: usize) -> u8 {
        if index < end { self.bytes[index] } else { 0 }
    }

    fn slice(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or_default()
    }

    fn run(&mut self, start: usize, end: usize, depth: u8, in_link: bool) -> Vec<Inline> {
        let mut run = Run { out: Vec::new() };
        if depth >= MAX_DEPTH {
            run.text(self.slice(start, end));
            return run.out;
        }
        let (mut at, mut text_from) = (start, start);
        while at < end {
            let Some(next) = next_construct(self.bytes, at, end) else { break };
            at = next;
            if let Some((inline, next)) = self.construct(at, start, end, depth, in_link) {
                run.text(self.slice(text_from, at));
                match inline {
                    Inline::Text(text) => run.text(&text),
                    other => run.out.push(other),
                }
                at = next;
                text_from = at;
            } else {
                at += 1;
            }
        }
        run.text(self.slice(text_from, end));
        run.out
    }

    /// The construct that starts at a byte, with the byte after it.
    fn construct(
        &mut self,
        at: usize,
        start: usize,
        end: usize,
        depth: u8,
        in_link: bool,
    ) -> Option<(Inline, usize)> {
        // Searches that found nothing have used it up: the rest is text.
        if self.fuel == 0 {
            return None;
        }
        match self.bytes[at] {
            b'\\' => {
                let escaped = self.slice(at + 1, end).chars().next()?;
                (!escaped.is_ascii_alphanumeric() && !escaped.is_whitespace())
                    .then(|| (Inline::Text(escaped.into()), at + 1 + escaped.len_utf8()))
            }
            0xC2 if self.slice(at, end).starts_with(SHRUG) => {
                Some((Inline::Text(SHRUG.into()), at + SHRUG.len()))
            }
            b'`' => self.code(at, start, end),
            b'*' => self
                .italic_star(at, end, depth, in_link)
                .or_else(|| self.pair(at, end, b'*', depth, in_link)),
            b'_' => self
                .pair(at, end, b'_', depth, in_link)
                .or_else(|| self.italic_underscore(at, start, end, depth, in_link)),
            b'~' => self.pair(at, end, b'~', depth, in_link),
            b'|' => self.pair(at, end, b'|', depth, in_link),
            b'[' if !in_link => self.link(at, end, depth),
            b'<' if !in_link => {
                tokens::angle(self.slice(at, end)).map(|(inline, len)| (inline, at + len))
            }
            b'<' => match tokens::angle(self.slice(at, end)) {
                Some((Inline::Token { token: token @ Token::Emoji { .. }, source }, len)) => {
                    Some((Inline::Token { token, source }, at + len))
                }
                _ => None,
            },
            b'h' if !in_link => self.url(at, end),
            b'@' => [("@everyone", Token::Everyone), ("@here", Token::Here)].into_iter().find_map(
                |(word, token)| {
                    self.slice(at, end).starts_with(word).then(|| {
                        (Inline::Token { token, source: word.to_owned() }, at + word.len())
                    })
                },
            ),
            _ => None,
        }
    }

    /// Spends fuel; `false` when there is none left.
    fn spend(&mut self, bytes: usize) -> bool {
        steps::take(bytes);
        let enough = self.fuel > bytes;
        self.fuel = self.fuel.saturating_sub(bytes);
        enough
    }

    /// Whether a search for the end of a mark is known to be in vain.
    fn is_vain(&self, kind: usize, at: usize, end: usize) -> bool {
        let (from, until) = self.vain[kind];
        u32::try_from(at).is_ok_and(|at| at >= from) && u32::try_from(end) == Ok(until)
    }

    /// Remembers that a search was in vain. Not past four gibibytes, where fuel alone bounds the work.
    fn remember_vain(&mut self, kind: usize, at: usize, end: usize) {
        if let (Ok(at), Ok(end)) = (u32::try_from(at), u32::try_from(end)) {
            self.vain[kind] = (at, end);
        }
    }

    fn code(&mut self, at: usize, start: usize, end: usize) -> Option<(Inline, usize)> {
        // In the middle of a run of backticks that was already refused.
        if at > start && self.bytes[at - 1] == b'`' && !(at >= 2 && self.bytes[at - 2] == b'\\') {
            return None;
        }
        let ticks = self.bytes[at..end].iter().take_while(|b| **b == b'`').count();
        if ticks >= 3 && !self.is_vain(VAIN_FENCE, at, end) {
            let rest = self.slice(at + 3, end);
            let found = rest.find("```");
            if found.is_none() {
                self.remember_vain(VAIN_FENCE, at, end);
            }
            if !self.spend(found.unwrap_or(rest.len())) {
                return None;
            }
            if let Some(found) = found
                && let Some((language, text)) = code_block(&rest[..found])
            {
                return Some((Inline::CodeBlock { language, text }, at + found + 6));
            }
        }
        let kind = ticks.min(LONGEST_RUN);
        if self.is_vain(kind, at, end) {
            return None;
        }
        let mut close = at + ticks;
        loop {
            let open = close;
            while close < end && self.bytes[close] != b'`' {
                close += 1;
            }
            if close >= end && ticks < LONGEST_RUN {
                self.remember_vain(kind, at, end);
            }
            if !self.spend(close - open + 1) || close >= end {
                return None;
            }
            let run = self.bytes[close..end].iter().take_while(|b| **b == b'`').count();
            if run == ticks {
                let inner = self.slice(at + ticks, close);
                // A space beside a backtick is there to keep them apart.
                let trimmed = if inner.starts_with(" `") { &inner[1..] } else { inner };
                let trimmed =
                    if trimmed.ends_with("` ") { &trimmed[..trimmed.len() - 1] } else { trimmed };
                return Some((Inline::Code(trimmed.to_owned()), close + ticks));
            }
            close += run;
        }
    }

    /// `**`, `__`, `~~`, `||`: to the next pair that is not followed by a third.
    fn pair(
        &mut self,
        at: usize,
        end: usize,
        mark: u8,
        depth: u8,
        in_link: bool,
    ) -> Option<(Inline, usize)> {
        let kind = vain_pair(mark);
        if self.at(at + 1, end) != mark || self.is_vain(kind, at, end) {
            return None;
        }
        let escapes = matches!(mark, b'*' | b'_');
        let mut close = at + 2;
        let found = loop {
            if close + 1 >= end {
                break false;
            }
            match self.bytes[close] {
                b'\\' if escapes => close += 2,
                b if b == mark
                    && close > at + 2
                    && self.bytes[close + 1] == mark
                    && !(escapes && self.at(close + 2, end) == mark) =>
                {
                    break true;
                }
                _ => close += 1,
            }
        };
        if !found {
            self.remember_vain(kind, at, end);
        }
        if !self.spend(close.min(end) - at) || !found {
            return None;
        }
        let wrap: Wrap = match mark {
            b'*' => Inline::Bold,
            b'_' => Inline::Underline,
            b'~' => Inline::Strike,
            _ => Inline::Spoiler,
        };
        Some((wrap(self.run(at + 2, close, depth + 1, in_link)), close + 2))
    }

    /// `*text*`: not after or before white space, over pairs of stars, to a star that is not followed by another.
    fn italic_star(
        &mut self,
        at: usize,
        end: usize,
        depth: u8,
        in_link: bool,
    ) -> Option<(Inline, usize)> {
        let from = at + 1;
        if from >= end || self.bytes[from].is_ascii_whitespace() || self.is_vain(VAIN_STAR, at, end)
        {
            return None;
        }
        let mut close = from;
        let mut after_space = false;
        let found = loop {
            if close >= end {
                break false;
            }
            let byte = self.bytes[close];
            if byte == b'*' {
                if self.at(close + 1, end) == b'*' {
                    close += 2;
                } else if after_space || close == from {
                    break false;
                } else {
                    break true;
                }
                after_space = false;
                // Three in a row: the third closes.
                continue;
            }
            after_space = byte.is_ascii_whitespace();
            // An escaped mark does not close.
            close += if byte == b'\\' { 2 } else { 1 };
        };
        if close >= end {
            self.remember_vain(VAIN_STAR, at, end);
        }
        if !self.spend(close.min(end) - at) || !found {
            return None;
        }
        // `**text**` alone is bold: an italic of its own kind would need a third star.
        Some((Inline::Italic(self.run(from, close, depth + 1, in_link)), close + 1))
    }

    /// `_text_` between word boundaries.
    fn italic_underscore(
        &mut self,
        at: usize,
        start: usize,
        end: usize,
        depth: u8,
        in_link: bool,
    ) -> Option<(Inline, usize)> {
        let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        if (at > start && word(self.bytes[at - 1])) || self.is_vain(VAIN_UNDERSCORE, at, end) {
            return None;
        }
        let mut close = at + 1;
        let found = loop {
            if close >= end {
                break false;
            }
            match self.bytes[close] {
                b'\\' => close += 2,
                b'_' if self.at(close + 1, end) == b'_' => close += 2,
                b'_' if close > at + 1 => break !word(self.at(close + 1, end)),
                b'_' => break false,
                _ => close += 1,
            }
        };
        if close >= end {
            self.remember_vain(VAIN_UNDERSCORE, at, end);
        }
        if !self.spend(close.min(end) - at) || !found {
            return None;
        }
        Some((Inline::Italic(self.run(at + 1, close, depth + 1, in_link)), close + 1))
    }

    /// `[text](address)`, `[text](<address> "title")`.
    fn link(&mut self, at: usize, end: usize, depth: u8) -> Option<(Inline, usize)> {
        if self.brackets.is_none() {
            steps::take(self.bytes.len());
            self.brackets = Some(brackets(self.bytes));
        }
        let close = self.brackets.as_ref().and_then(|all| all.get(at)).copied().unwrap_or(0);
        if close <= at + 1
            || close >= end
            || self.at(close + 1, end) != b'('
            || !self.spend(close - at)
        {
            return None;
        }
        let label = self.slice(at + 1, close);
        // Discord shows a link that claims to lead to another address as text.
        if label.contains("://") {
            return None;
        }
        let (url, title, next) = self.target(close + 2, end)?;
        let content = self.run(at + 1, close, depth + 1, true);
        Some((Inline::Link { url, title, content }, next))
    }

    /// The part in parentheses: an address, and perhaps a title.
    fn target(&mut self, from: usize, end: usize) -> Option<(SafeUrl, String, usize)> {
        let mut close = from;
        let mut open = 1_u32;
        while close < end && close - from < 2400 {
            match self.bytes[close] {
                b'(' => open += 1,
                b')' => open -= 1,
                b'\n' => return None,
                _ => {}
            }
            if open == 0 {
                break;
            }
            close += 1;
        }
        if !self.spend(close - from) || open != 0 {
            return None;
        }
        let inner = self.slice(from, close).trim();
        let (address, title) = match inner.split_once(char::is_whitespace) {
            Some((address, title)) => (address, unquoted(title.trim())?),
            None => (inner, ""),
        };
        let address =
            address.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(address);
        SafeUrl::parse(address).map(|url| (url, title.to_owned(), close + 1))
    }

    fn url(&mut self, at: usize, end: usize) -> Option<(Inline, usize)> {
        let rest = self.slice(at, end);
        if !rest.starts_with("https://") && !rest.starts_with("http://") {
            return None;
        }
        // To white space, or to where a label that was refused ends: two addresses, not one with both in it.
        let stop = rest.char_indices().take(MAX_URL).find(|(at, c)| {
            c.is_whitespace() || *c == '<' || (*c == ']' && rest[at + 1..].starts_with('('))
        });
        let stop = stop.map_or(rest.len(), |(at, _)| at);
        // Refused addresses are looked at again byte by byte: pay for it.
        if !self.spend(stop.min(MAX_URL)) || stop > MAX_URL {
            return None;
        }
        let mut url = rest.get(..stop)?;
        loop {
            let shorter =
                url.trim_end_matches(['.', ',', ':', ';', '"', '\'', ']', '*', '_', '~', '|']);
            // A closing parenthesis belongs to the address only if it was opened there.
            let shorter = match shorter.strip_suffix(')') {
                Some(rest) if shorter.matches(')').count() > shorter.matches('(').count() => rest,
                _ => shorter,
            };
            if shorter.len() == url.len() {
                break;
            }
            if !self.spend(url.len()) {
                return None;
            }
            url = shorter;
        }
        let found = SafeUrl::parse(url)?;
        Some((Inline::Url(found), at + url.len()))
    }
}

/// What is between two quotation marks of one kind.
fn unquoted(title: &str) -> Option<&str> {
    ['"', '\''].iter().find_map(|mark| title.strip_prefix(*mark)?.strip_suffix(*mark))
}

const SHRUG: &str = "¯\\_(ツ)_/¯";

/// What is between the fences: the language, when the first line is one and code follows, and the code without the
/// line breaks at its ends. `None` when there is no code.
pub(super) fn code_block(inner: &str) -> Option<(String, String)> {
    let (language, code) = match inner.split_once('\n') {
        Some((first, rest))
            if !first.is_empty()
                && !rest.trim().is_empty()
                && first.bytes().all(|b| {
                    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'+' | b'-' | b'.' | b'#')
                }) =>
        {
            (first, rest)
        }
        _ => ("", inner),
    };
    let code = code.trim_matches('\n');
    (!code.is_empty()).then(|| (language.to_owned(), code.to_owned()))
}
