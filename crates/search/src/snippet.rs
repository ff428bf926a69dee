//! What is shown of a message that was found.

use std::ops::Range;

use crate::query::Query;
use crate::terms::{Term, terms};

/// Characters shown before the first find, at most.
const BEFORE: usize = 48;

/// A piece of a snippet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What it says.
    pub text: String,
    /// Whether it is what was looked for.
    pub found: bool,
}

/// Up to `longest` characters around what was looked for, from the text that has most of it; the beginning of
/// the first text when nothing is marked.
pub fn snippet<'a>(
    query: &Query,
    texts: impl IntoIterator<Item = &'a str>,
    longest: usize,
) -> Vec<Piece> {
    let mut best: Option<(&str, usize, Vec<Range<usize>>)> = None;
    for text in texts {
        let (kinds, marks) = marks(query, text);
        if best.as_ref().is_none_or(|(_, most, _)| kinds > *most) {
            best = Some((text, kinds, marks));
        }
    }
    let Some((text, _, marks)) = best else { return Vec::new() };
    let window = window(text, marks.first().map_or(0, |mark| mark.start), longest);
    cut(text, &window, &marks)
}

/// How many clauses a text has, and where, in order and without overlap.
fn marks(query: &Query, text: &str) -> (usize, Vec<Range<usize>>) {
    let (words, places): (Vec<String>, Vec<Range<usize>>) =
        terms(text).map(|Term { folded, at }| (folded, at)).unzip();
    let mut kinds = 0;
    let mut marks: Vec<Range<usize>> = Vec::new();
    for clause in query.clauses() {
        let before = marks.len();
        for first in clause.all_in(&words) {
            let last = first + clause.terms.len() - 1;
            marks.push(places[first].start..places[last].end);
        }
        kinds += usize::from(marks.len() > before);
    }
    marks.sort_by_key(|mark| (mark.start, mark.end));
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(marks.len());
    for mark in marks {
        match merged.last_mut() {
            Some(last) if mark.start <= last.end => last.end = last.end.max(mark.end),
            _ => merged.push(mark),
        }
    }
    (kinds, merged)
}

/// The part of a text that is shown, on boundaries of characters, and of words where one is near.
fn window(text: &str, find: usize, longest: usize) -> Range<usize> {
    let back = text[..find].char_indices().rev().take(BEFORE).last().map_or(find, |(at, _)| at);
    let start = if back == 0 {
        0
    } else {
        text[back..find].find(char::is_whitespace).map_or(back, |space| back + space)
    };
    let rest = &text[start..];
    let end = rest.char_indices().nth(longest).map_or(text.len(), |(at, _)| start + at);
    let end = if end == text.len() {
        end
    } else {
        // Not in the middle of a word, unless the word is all there is.
        match text[start..end].rfind(char::is_whitespace) {
            Some(space) if start + space > find => start + space,
            _ => end,
        }
    };
    start..end
}

fn cut(text: &str, window: &Range<usize>, marks: &[Range<usize>]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut push = |text: &str, found: bool| {
        if !text.is_empty() {
            pieces.push(Piece { text: text.to_owned(), found });
        }
    };
    if window.start > 0 {
        push("…", false);
    }
    let mut at = window.start;
    for mark in marks {
        let (start, end) = (mark.start.max(at), mark.end.min(window.end));
        if start < end {
            push(&text[at..start], false);
            push(&text[start..end], true);
            at = end;
        }
    }
    push(&text[at..window.end], false);
    if window.end < text.len() {
        push("…", false);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    use super::*;

    fn shown(query: &str, texts: &[&str], longest: usize) -> String {
        let query = Query::parse(query, &TimeZone::UTC).unwrap();
        let pieces = snippet(&query, texts.iter().copied(), longest);
        let mark =
            |piece: Piece| if piece.found { format!("[{}]", piece.text) } else { piece.text };
        pieces.into_iter().map(mark).collect()
    }

    #[test]
    fn finds_are_marked_in_the_text_as_it_was_written() {
        assert_eq!(shown("groesse", &["Größe"], 80), "Größe");
        assert_eq!(shown("grösse", &["Die Größe zählt"], 80), "Die [Größe] zählt");
        assert_eq!(
            shown("ref late", &["Refund is late, refund!"], 80),
            "[Refund] is [late], [refund]!"
        );
        assert_eq!(shown("\"my order\"", &["my order, my  order"], 80), "[my order], [my  order]");
        assert_eq!(shown("東京", &["東京に行く"], 80), "[東京]に行く");
    }

    #[test]
    fn the_text_with_most_of_it_is_shown() {
        assert_eq!(shown("red car", &["a car", "a red car", "red"], 80), "a [red] [car]");
        assert_eq!(shown("has:file", &["nothing is marked"], 80), "nothing is marked");
        assert_eq!(shown("has:file", &[], 80), "");
    }

    #[test]
    fn long_texts_are_cut_between_words() {
        let text = format!("{}needle {}", "before ".repeat(30), "after ".repeat(30));
        let shown = shown("needle", &[&text], 90);
        assert!(shown.starts_with("… before") && shown.ends_with("after…"), "{shown}");
        assert!(shown.contains(" [needle] "), "{shown}");
        assert!(shown.chars().count() <= 90 + 4, "{shown}");
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in "\\PC{0,200}", word in "\\PC{1,8}", longest in 0_usize..120) {
            if let Ok(query) = Query::parse(&word, &TimeZone::UTC) {
                let pieces = snippet(&query, [text.as_str()], longest);
                let all: String = pieces.iter().map(|p| p.text.as_str()).collect();
                prop_assert!(text.contains(all.trim_matches('…')) || text.contains('…'));
                prop_assert!(all.chars().count() <= longest + 2);
            }
        }
    }
}
