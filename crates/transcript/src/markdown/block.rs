//! Blocks: what the start of a line decides.

use super::inline::{code_block, parse_inline};
use super::{Block, MAX_DEPTH, steps};

/// Parses a message's text.
pub fn parse(text: &str) -> Vec<Block> {
    blocks(text, 0, false)
}

fn blocks(text: &str, depth: u8, in_quote: bool) -> Vec<Block> {
    let mut out = Vec::new();
    let (mut at, mut paragraph_from) = (0, 0);
    let mut fences_left = true;
    // Whether `at` is the start of a line; after a code block the rest of its line is not.
    let mut line_start = true;
    // Looked up once per line, also when a line holds many code blocks.
    let mut line_end = None;
    while at < text.len() {
        let rest = &text[at..];
        let end = match line_end {
            Some(end) if end >= at => end,
            _ => at + position(rest, b'\n').unwrap_or(rest.len()),
        };
        line_end = Some(end);
        let line = &text[at..end];
        // The rest of a line is looked at again after each code block in it, to the next one.
        let fence = fence(line);
        steps::take(fence.unwrap_or(line.len()) + 1);
        let after_line = (end + 1).min(text.len());
        if line_start
            && depth < MAX_DEPTH
            && let Some((block, length)) = block_at(rest, line, depth, in_quote)
        {
            paragraph(&mut out, &text[paragraph_from..at]);
            out.push(block);
            at = (at + length).min(text.len());
            paragraph_from = at;
            continue;
        }
        line_start = true;
        if fences_left && let Some(open) = fence {
            let close = rest[open + 3..].find("```");
            steps::take(close.unwrap_or(rest.len() - open));
            match close {
                None => fences_left = false,
                Some(length) => {
                    let after = at + open + length + 6;
                    let escaped = text[..at + open].ends_with('\\');
                    // Within a spoiler a code block belongs to the run of text.
                    let within = escaped || text[..at + open].trim_end().ends_with("||");
                    if let Some((language, code)) =
                        code_block(&rest[open + 3..open + 3 + length]).filter(|_| !within)
                    {
                        paragraph(&mut out, &text[paragraph_from..at + open]);
                        out.push(Block::Code { language, text: code });
                        line_start = text[after..].starts_with('\n');
                        at = after + usize::from(line_start);
                        paragraph_from = at;
                    } else {
                        at = if escaped { at + open + 3 } else { after };
                        line_start = false;
                    }
                    continue;
                }
            }
        }
        at = after_line;
    }
    paragraph(&mut out, &text[paragraph_from..]);
    out
}

/// Where a byte of ASCII is.
fn position(text: &str, byte: u8) -> Option<usize> {
    memchr::memchr(byte, text.as_bytes())
}

/// Where three backticks are. Most lines have none, which one look at the bytes tells.
fn fence(line: &str) -> Option<usize> {
    let first = position(line, b'`')?;
    line[first..].find("```").map(|at| first + at)
}

/// Adds what is between blocks, without the line break before a block.
fn paragraph(out: &mut Vec<Block>, text: &str) {
    let text = text.strip_suffix('\n').unwrap_or(text);
    if !text.trim().is_empty() {
        out.push(Block::Paragraph(parse_inline(text)));
    }
}

/// The block that a line starts, with its length in bytes, its last line break included.
fn block_at(rest: &str, line: &str, depth: u8, in_quote: bool) -> Option<(Block, usize)> {
    let trimmed = line.trim_start_matches(' ');
    match trimmed.as_bytes().first()? {
        b'>' if !in_quote => quote(rest, trimmed, depth),
        b'#' => {
            let text = trimmed.trim_start_matches('#');
            let level =
                u8::try_from(trimmed.len() - text.len()).ok().filter(|level| *level <= 3)?;
            let content = text.strip_prefix(' ').map(str::trim).filter(|text| !text.is_empty())?;
            Some((Block::Heading { level, content: parse_inline(content) }, line.len() + 1))
        }
        b'-' if trimmed.starts_with("-# ") => {
            let content = trimmed[3..].trim();
            (!content.is_empty()).then(|| (Block::Subtext(parse_inline(content)), line.len() + 1))
        }
        _ => {
            let marker = marker(line)?;
            Some(list(rest, marker, depth))
        }
    }
}

fn quote(rest: &str, trimmed: &str, depth: u8) -> Option<(Block, usize)> {
    if trimmed.starts_with(">>> ") {
        let inner = rest.trim_start_matches(' ').get(4..)?;
        return Some((Block::Quote(blocks(inner, depth + 1, true)), rest.len()));
    }
    let mut inner = String::new();
    let mut length = 0;
    for line in rest.split('\n') {
        steps::take(line.len() + 1);
        let trimmed = line.trim_start_matches(' ');
        let Some(text) =
            trimmed.strip_prefix("> ").or_else(|| (trimmed == ">" && length > 0).then_some(""))
        else {
            break;
        };
        if length > 0 {
            inner.push('\n');
        }
        inner.push_str(text);
        length += line.len() + 1;
    }
    (length > 0).then(|| (Block::Quote(blocks(&inner, depth + 1, true)), length))
}

/// The start of a list's item.
#[derive(Clone, Copy)]
struct Marker {
    /// Spaces before it.
    indent: usize,
    /// Its number, in a numbered list.
    number: Option<u64>,
    /// Bytes to the text.
    width: usize,
}

fn marker(line: &str) -> Option<Marker> {
    let trimmed = line.trim_start_matches(' ');
    let indent = line.len() - trimmed.len();
    let (number, mark) = match trimmed.as_bytes().first()? {
        b'-' | b'*' => (None, 1),
        b'0'..=b'9' => {
            let digits = trimmed.bytes().take_while(u8::is_ascii_digit).count();
            trimmed[digits..].starts_with('.').then_some(())?;
            (Some(trimmed[..digits].parse().ok().filter(|n| *n <= 999_999_999)?), digits + 1)
        }
        _ => return None,
    };
    let text = trimmed.get(mark..)?.strip_prefix(' ')?;
    (!text.trim().is_empty()).then_some(Marker { indent, number, width: indent + mark + 1 })
}

/// Reads a list from its first line on, iteratively: a stack of open lists, one per indentation.
fn list(rest: &str, first: Marker, depth: u8) -> (Block, usize) {
    struct Open {
        indent: usize,
        start: Option<u64>,
        items: Vec<Vec<Block>>,
    }
    fn close(stack: &mut Vec<Open>) {
        if stack.len() > 1
            && let Some(done) = stack.pop()
            && let Some(item) = stack.last_mut().and_then(|open| open.items.last_mut())
        {
            item.push(Block::List { start: done.start, items: done.items });
        }
    }
    let open =
        |marker: Marker| Open { indent: marker.indent, start: marker.number, items: Vec::new() };
    let mut stack = vec![open(first)];
    let mut pending: Option<String> = None;
    let mut length = 0;
    let flush = |stack: &mut Vec<Open>, pending: &mut Option<String>| {
        if let Some(text) = pending.take()
            && let Some(list) = stack.last_mut()
        {
            list.items.push(vec![Block::Paragraph(parse_inline(&text))]);
        }
    };
    for line in rest.split('\n') {
        steps::take(line.len() + 1);
        if let Some(marker) = marker(line).filter(|_| !line.trim_start().starts_with("-# ")) {
            let outermost = stack.first().map_or(0, |open| open.indent);
            // Another kind of list at the outermost level is a list of its own.
            if length > 0
                && marker.indent <= outermost + 1
                && marker.number.is_some() != first.number.is_some()
            {
                break;
            }
            flush(&mut stack, &mut pending);
            while stack.len() > 1
                && stack.last().is_some_and(|open| marker.indent + 1 < open.indent + 1)
            {
                close(&mut stack);
            }
            let deeper = stack.last().is_some_and(|open| marker.indent > open.indent + 1);
            if deeper && stack.len() + usize::from(depth) < usize::from(MAX_DEPTH) {
                stack.push(open(marker));
            }
            pending = Some(line[marker.width..].to_owned());
        } else if let Some(text) =
            pending.as_mut().filter(|_| line.starts_with("  ") && !line.trim().is_empty())
        {
            text.push('\n');
            text.push_str(line.trim_start());
        } else {
            break;
        }
        length += line.len() + 1;
    }
    flush(&mut stack, &mut pending);
    while stack.len() > 1 {
        close(&mut stack);
    }
    let (start, items) = stack.pop().map_or((None, Vec::new()), |open| (open.start, open.items));
    (Block::List { start, items }, length)
}
