//! Markdown as HTML.

use std::cell::Cell;

use super::{Scope, code, time};
use crate::html::{Attr, El, Writer};
use crate::markdown::{
    Block, Inline, Token, is_jumbo, is_jumbo_text, only_paragraph, parse, parse_inline, token_text,
};
use crate::{SafeUrl, url};

/// Markup may take four bytes for each byte of a text, and this much for a short one. A text's own characters take
/// six at most (`&quot;`), so that HTML is never more than ten times a text that is longer than a kibibyte. What a
/// text cannot pay for is drawn as it was written: a name for every `<@1>` is no way to make a page of megabytes.
const FREE: usize = 4096;
const PER_BYTE: usize = 4;

/// Bytes of markup that are left to a text.
fn budget(source: &str) -> Cell<usize> {
    Cell::new(FREE.max(source.len() * PER_BYTE))
}

/// A message's text.
pub(super) fn markdown(w: &mut Writer, scope: Scope<'_>, content: &str) {
    let class = |jumbo| [Attr::Class(if jumbo { "t-md t-md--jumbo" } else { "t-md" })];
    if let Some(text) = only_paragraph(content) {
        // Two elements are always paid for.
        w.el(El::Div, &class(is_jumbo_text(text)), |w| w.el_text(El::P, &[], text));
        return;
    }
    let parsed = parse(content);
    let left = budget(content);
    let pen = Pen { scope, left: &left, links: true };
    w.el(El::Div, &class(is_jumbo(&parsed)), |w| pen.blocks(w, &parsed));
}

/// A text without blocks, within an element of the caller's.
pub(super) fn inline(w: &mut Writer, scope: Scope<'_>, content: &str) {
    let left = budget(content);
    Pen { scope, left: &left, links: true }.run(w, &parse_inline(content));
}

/// As [`inline`], within a link: nothing in it leads anywhere else.
pub(super) fn inline_in_link(w: &mut Writer, scope: Scope<'_>, content: &str) {
    let left = budget(content);
    Pen { scope, left: &left, links: false }.run(w, &parse_inline(content));
}

/// Somebody, a role or a channel, outside of texts.
pub(super) fn mention(w: &mut Writer, scope: Scope<'_>, token: &Token) {
    Pen { scope, left: &Cell::new(FREE), links: false }.token(w, token, "");
}

/// What a text is drawn with.
#[derive(Clone, Copy)]
struct Pen<'a> {
    scope: Scope<'a>,
    left: &'a Cell<usize>,
    /// Whether links may be drawn.
    links: bool,
}

impl Pen<'_> {
    /// An element that the text pays for, or its content alone.
    fn el(
        self,
        w: &mut Writer,
        el: El,
        attributes: &[Attr<'_>],
        content: impl FnOnce(&mut Writer),
    ) {
        w.el_within(self.left, el, attributes, content);
    }

    /// A block; what comes after one that could not be paid for begins on a line of its own.
    fn block(
        self,
        w: &mut Writer,
        el: El,
        attributes: &[Attr<'_>],
        content: impl FnOnce(&mut Writer),
    ) {
        if !w.el_within(self.left, el, attributes, content) {
            w.text("\n");
        }
    }

    /// The element of a code block, labelled by its language. One that cannot be paid for has the label in its text.
    fn code_block(
        self,
        w: &mut Writer,
        element: El,
        language: &str,
        code: impl FnOnce(&mut Writer),
    ) -> bool {
        let mut attributes = vec![Attr::Class("t-pre")];
        if !language.is_empty() {
            attributes.push(Attr::Language(language));
        }
        let before = self.left.get();
        w.el_within(self.left, element, &attributes, |w| {
            if self.left.get() == before && !language.is_empty() {
                w.text(language);
                w.text("\n");
            }
            code(w);
        })
    }

    fn blocks(self, w: &mut Writer, all: &[Block]) {
        for block in all {
            match block {
                Block::Paragraph(inner) => self.block(w, El::P, &[], |w| self.run(w, inner)),
                Block::Heading { level, content } => {
                    // One level for all: the sizes are looks, the page's outline is not the writer's to break.
                    let class = match level {
                        1 => "t-h1",
                        2 => "t-h2",
                        _ => "t-h3",
                    };
                    self.block(w, El::H3, &[Attr::Class(class)], |w| self.run(w, content));
                }
                Block::Subtext(inner) => {
                    self.block(w, El::P, &[Attr::Class("t-sub")], |w| self.run(w, inner));
                }
                Block::Quote(inner) => {
                    self.block(w, El::Blockquote, &[], |w| self.blocks(w, inner));
                }
                Block::Code { language, text } => {
                    let paid = self.code_block(w, El::Pre, language, |w| {
                        self.el(w, El::Code, &[], |w| code::code(w, self.left, language, text));
                    });
                    if !paid {
                        w.text("\n");
                    }
                }
                Block::List { start, items } => self.list(w, *start, items),
            }
        }
    }

    fn list(self, w: &mut Writer, start: Option<u64>, items: &[Vec<Block>]) {
        /// `<ul class="t-list">` or `<ol start="123456789">` with its end, and each item's tags.
        const LIST: usize = 32;
        const ITEM: usize = 9;
        let cost = LIST + ITEM * items.len();
        if cost > self.left.get() {
            for item in items {
                w.text("- ");
                self.blocks(w, item);
            }
            return;
        }
        self.left.set(self.left.get() - cost);
        let (element, first) = match start {
            Some(first) => (El::Ol, [Attr::Start(first)]),
            None => (El::Ul, [Attr::Class("t-list")]),
        };
        w.el(element, &first, |w| {
            for item in items {
                w.el(El::Li, &[], |w| match item.as_slice() {
                    [Block::Paragraph(inner), rest @ ..] => {
                        self.run(w, inner);
                        self.blocks(w, rest);
                    }
                    other => self.blocks(w, other),
                });
            }
        });
    }

    fn run(self, w: &mut Writer, all: &[Inline]) {
        for inline in all {
            match inline {
                Inline::Text(text) => w.text(text),
                Inline::Bold(inner) => self.el(w, El::Strong, &[], |w| self.run(w, inner)),
                Inline::Italic(inner) => self.el(w, El::Em, &[], |w| self.run(w, inner)),
                Inline::Underline(inner) => self.el(w, El::U, &[], |w| self.run(w, inner)),
                Inline::Strike(inner) => self.el(w, El::S, &[], |w| self.run(w, inner)),
                Inline::Spoiler(inner) => self.spoiler(w, inner),
                Inline::Code(text) => self.el(w, El::Code, &[], |w| w.text(text)),
                Inline::CodeBlock { language, text } => {
                    self.code_block(w, El::Code, language, |w| {
                        code::code(w, self.left, language, text);
                    });
                }
                Inline::Link { content, .. } if !self.links => self.run(w, content),
                Inline::Url(url) if !self.links => w.text(url.as_str()),
                Inline::Link { url, title, content } => {
                    let mut attributes = vec![Attr::Href(url)];
                    if !title.is_empty() {
                        attributes.push(Attr::Title(title));
                    }
                    if !w.el_within(self.left, El::A, &attributes, |w| self.run(w, content)) {
                        w.text(" (");
                        w.text(url.as_str());
                        w.text(")");
                    }
                }
                Inline::Url(url) => self.url(w, url),
                Inline::Token { token, source } => self.token(w, token, source),
            }
        }
    }

    /// An address. One of a Discord channel is called by the channel's name, as Discord's client does.
    fn url(self, w: &mut Writer, address: &SafeUrl) {
        let context = self.scope.context;
        let named = url::discord_channel(address.as_str()).and_then(|(channel, to_message)| {
            Some((&context.channels.get(&channel)?.name, to_message))
        });
        let Some((name, to_message)) = named else {
            self.el(w, El::A, &[Attr::Href(address)], |w| w.text(address.as_str()));
            return;
        };
        let more = if to_message { &*context.labels.message.message_in } else { "" };
        let attributes = [Attr::Class("t-mention"), Attr::Href(address)];
        self.paid(w, address.as_str(), |w| {
            w.el(El::A, &attributes, |w| {
                w.text("#");
                w.text(name);
                if !more.is_empty() {
                    w.text(" › ");
                    w.text(more);
                }
            });
        });
    }

    /// Something that takes more than was written for it; as it was written when the text cannot pay.
    fn paid(self, w: &mut Writer, source: &str, draw: impl FnOnce(&mut Writer)) {
        match w.attempt(self.left.get(), draw) {
            Some(taken) => self.left.set(self.left.get() - taken),
            None => w.text(source),
        }
    }

    /// A check box inside its label: works by click, tap and keyboard without a script, and the text is out of reach
    /// of eyes, keyboard and screen readers until then.
    fn spoiler(self, w: &mut Writer, inner: &[Inline]) {
        /// The tags below, without the name.
        const TAGS: usize = 90;
        let name = &self.scope.context.labels.message.spoiler;
        let cost = TAGS + name.len();
        if cost > self.left.get() {
            w.text("||");
            self.run(w, inner);
            w.text("||");
            return;
        }
        self.left.set(self.left.get() - cost);
        w.el(El::Label, &[Attr::Class("t-spoiler")], |w| {
            w.empty(El::Input, &[Attr::Checkbox, Attr::AriaLabel(name)]);
            w.el(El::Span, &[], |w| self.run(w, inner));
        });
    }

    fn token(self, w: &mut Writer, token: &Token, source: &str) {
        let context = self.scope.context;
        let mention = [Attr::Class("t-mention")];
        self.paid(w, source, |w| match token {
            Token::Time { ms, style } => {
                w.el(El::Span, &[Attr::Class("t-when")], |w| time(w, context, *ms, *style));
            }
            Token::Emoji { id, name, animated } => {
                let emoji =
                    crate::model::Emoji { id: *id, name: name.clone(), animated: *animated };
                super::emoji(w, context, &emoji);
            }
            Token::User(id) => w.el(El::Span, &mention, |w| {
                w.text("@");
                w.text(self.scope.name_of(*id));
            }),
            Token::Channel(id) => w.el(El::Span, &mention, |w| {
                w.text("#");
                w.text(self.scope.channel(*id));
            }),
            Token::Role(id) => {
                let colour = context.roles.get(id).and_then(|role| role.colour);
                let shown = token_text(token, context);
                w.el_text(El::Span, &[Attr::Coloured("t-mention", colour)], &shown);
            }
            _ => w.el_text(El::Span, &mention, &token_text(token, context)),
        });
    }
}
