//! Code in colours.

use std::cell::Cell;

use crate::highlight::{Kind, Paint, paints, tokens};
use crate::html::{Attr, El, Writer};

/// The code of a block, within its element.
pub(super) fn code(w: &mut Writer, left: &Cell<usize>, language: &str, text: &str) {
    if language.eq_ignore_ascii_case("ansi") {
        for (paint, text) in paints(text) {
            painted(w, left, paint, text);
        }
        return;
    }
    let Some(pieces) = tokens(language, text) else { return w.text(text) };
    for (kind, text) in pieces {
        match class(kind) {
            Some(class) => {
                w.el_within(left, El::Span, &[Attr::Class(class)], |w| w.text(text));
            }
            None => w.text(text),
        }
    }
}

const fn class(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::Plain => return None,
        Kind::Keyword => "h-k",
        Kind::Constant => "h-c",
        Kind::Text => "h-s",
        Kind::Comment => "h-r",
        Kind::Number => "h-n",
        Kind::Type => "h-t",
        Kind::Function => "h-f",
        Kind::Name => "h-a",
        Kind::Meta => "h-m",
        Kind::Added => "h-i",
        Kind::Removed => "h-d",
    })
}

/// Classes of the terminal's colours, black to white.
const LETTERS: [&str; 8] = ["a-30", "a-31", "a-32", "a-33", "a-34", "a-35", "a-36", "a-37"];
const GROUND: [&str; 8] = ["a-40", "a-41", "a-42", "a-43", "a-44", "a-45", "a-46", "a-47"];

fn painted(w: &mut Writer, left: &Cell<usize>, paint: Paint, text: &str) {
    let of = |classes: &[&'static str; 8], colour: Option<u8>| {
        colour.and_then(|colour| classes.get(usize::from(colour)).copied())
    };
    let mut classes = [
        of(&GROUND, paint.ground),
        of(&LETTERS, paint.letters),
        paint.bold.then_some("a-b"),
        paint.underline.then_some("a-u"),
    ]
    .into_iter()
    .flatten();
    nested(w, left, &mut classes, text);
}

fn nested(
    w: &mut Writer,
    left: &Cell<usize>,
    classes: &mut dyn Iterator<Item = &'static str>,
    text: &str,
) {
    match classes.next() {
        Some(class) => {
            w.el_within(left, El::Span, &[Attr::Class(class)], |w| nested(w, left, classes, text));
        }
        None => w.text(text),
    }
}
