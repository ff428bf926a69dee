//! Reads back what [`crate::html::Writer`] wrote, for the exports that are made of it.
//!
//! The writer's HTML has one form: tags and quoted attributes of a fixed list, everything else escaped. So there is
//! nothing to guess here, and what somebody wrote can never be taken for a tag.

use std::borrow::Cow;

use crate::RenderedHtml;

/// A piece of HTML.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Token<'a> {
    /// `<p class="…">`
    Start(Tag<'a>),
    /// `</p>`, all of it.
    End(&'a str),
    /// Text, escaped.
    Text(&'a str),
}

/// A start tag.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tag<'a> {
    /// All of it, with its brackets.
    pub whole: &'a str,
    /// The element.
    pub name: &'a str,
    /// What stands between name and bracket.
    attributes: &'a str,
}

/// An attribute as it was written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attribute<'a> {
    /// ` name="value"` with the space before it.
    pub whole: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its value, escaped; `None` for one without.
    pub value: Option<&'a str>,
}

impl<'a> Tag<'a> {
    /// Whether the element has no content.
    pub(crate) fn is_void(self) -> bool {
        matches!(self.name, "br" | "hr" | "img" | "input")
    }

    /// Its attributes in their order.
    pub(crate) fn attributes(self) -> impl Iterator<Item = Attribute<'a>> {
        let mut rest = self.attributes;
        std::iter::from_fn(move || {
            let name_end = rest.get(1..)?.find([' ', '=']).map_or(rest.len(), |at| at + 1);
            let value = rest.get(name_end..).and_then(|after| after.strip_prefix("=\""));
            let (value, end) = match value.and_then(|value| Some((value, value.find('"')?))) {
                // Equals sign and two quotes.
                Some((value, length)) => (value.get(..length), name_end + length + 3),
                None => (None, name_end),
            };
            let name = rest.get(1..name_end).filter(|name| !name.is_empty())?;
            let attribute = Attribute { whole: rest.get(..end)?, name, value };
            rest = rest.get(end..)?;
            Some(attribute)
        })
    }

    /// The value of an attribute, unescaped.
    pub(crate) fn get(self, name: &str) -> Option<Cow<'a, str>> {
        self.attributes().find(|a| a.name == name).and_then(|a| a.value).map(unescape)
    }

    /// Whether it has this class.
    pub(crate) fn has_class(self, class: &str) -> bool {
        let classes = self.attributes().find(|a| a.name == "class").and_then(|a| a.value);
        classes.is_some_and(|classes| classes.split(' ').any(|one| one == class))
    }
}

/// The pieces of rendered HTML, in their order.
pub(crate) fn tokens(html: &RenderedHtml) -> impl Iterator<Item = Token<'_>> {
    let mut rest = html.as_str();
    std::iter::from_fn(move || {
        let Some(inside) = rest.strip_prefix('<') else {
            let end = rest.find('<').unwrap_or(rest.len());
            let (text, after) = rest.split_at(end);
            rest = after;
            return (!text.is_empty()).then_some(Token::Text(text));
        };
        // Neither texts nor values hold a bracket: both are escaped.
        let end = inside.find('>')?;
        let (whole, after) = rest.split_at(end + 2);
        rest = after;
        let inside = inside.get(..end)?;
        if inside.starts_with('/') {
            return Some(Token::End(whole));
        }
        let name_end = inside.find(' ').unwrap_or(inside.len());
        let (name, attributes) = inside.split_at(name_end);
        Some(Token::Start(Tag { whole, name, attributes }))
    })
}

/// A text as it was before the writer escaped it.
pub(crate) fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let known =
            [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&#39;", '\'')];
        let found = known.iter().find(|(entity, _)| from.starts_with(entity));
        let (entity, character) = found.copied().unwrap_or(("&", '&'));
        out.push(character);
        rest = from.get(entity.len()..).unwrap_or_default();
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// An element with what is in it, or a text.
#[derive(Debug)]
pub(crate) enum Node<'a> {
    /// An element.
    Element(Tag<'a>, Vec<Node<'a>>),
    /// A text, escaped.
    Text(&'a str),
}

/// Rendered HTML as a tree.
pub(crate) fn tree(html: &RenderedHtml) -> Vec<Node<'_>> {
    let mut open: Vec<(Tag<'_>, Vec<Node<'_>>)> = Vec::new();
    let mut top = Vec::new();
    for token in tokens(html) {
        let node = match token {
            Token::Text(text) => Node::Text(text),
            Token::Start(tag) if tag.is_void() => Node::Element(tag, Vec::new()),
            Token::Start(tag) => {
                open.push((tag, Vec::new()));
                continue;
            }
            Token::End(_) => match open.pop() {
                Some((tag, inside)) => Node::Element(tag, inside),
                None => continue,
            },
        };
        open.last_mut().map_or(&mut top, |(_, inside)| inside).push(node);
    }
    // The writer closes what it opens.
    while let Some((tag, inside)) = open.pop() {
        open.last_mut().map_or(&mut top, |(_, all)| all).push(Node::Element(tag, inside));
    }
    top
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::{Attr, El, Writer};

    fn written() -> RenderedHtml {
        let mut w = Writer::new();
        w.el(El::P, &[Attr::Class("a b"), Attr::Title("\"<x y='1'>&amp;")], |w| {
            w.text("1 < 2 & <b c=\"d\">");
            w.empty(El::Audio, &[Attr::Controls, Attr::AriaLabel("=")]);
            w.empty(El::Hr, &[]);
        });
        w.finish().0
    }

    #[test]
    fn what_was_written_is_read() {
        let html = written();
        let all: Vec<Token<'_>> = tokens(&html).collect();
        let [
            Token::Start(p),
            Token::Text(text),
            Token::Start(audio),
            Token::End(_),
            Token::Start(hr),
            Token::End(end),
        ] = all.as_slice()
        else {
            panic!("{all:?}")
        };
        assert_eq!((p.name, audio.name, hr.name, *end), ("p", "audio", "hr", "</p>"));
        assert_eq!(unescape(text), "1 < 2 & <b c=\"d\">");
        assert_eq!(p.get("title").unwrap(), "\"<x y='1'>&amp;");
        assert!(p.has_class("a") && p.has_class("b") && !p.has_class("a b"));
        let names: Vec<_> = audio.attributes().map(|a| (a.name, a.value)).collect();
        assert_eq!(
            names,
            [("controls", None), ("preload", Some("metadata")), ("aria-label", Some("="))]
        );
        let again: String = p.attributes().map(|a| a.whole).collect();
        assert_eq!(format!("<p{again}>"), p.whole);
    }

    #[test]
    fn a_tree_has_what_was_written() {
        let html = written();
        let [Node::Element(p, inside)] = &tree(&html)[..] else { panic!() };
        assert_eq!(p.name, "p");
        assert!(matches!(inside[..], [Node::Text(_), Node::Element(..), Node::Element(..)]));
    }
}
