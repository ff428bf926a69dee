//! Markdown as HTML.

use super::{Scope, time};
use crate::html::{Attr, El, Writer};
use crate::markdown::{Block, Inline, Token, is_jumbo, parse, parse_inline, token_text};

/// A text's HTML may be ten times as long as the text, and this much. Tokens past that are drawn as they were written:
/// a name for every `<@1>` is no way to make a page of megabytes.
const SPARE: usize = 4096;

#[derive(Clone, Copy)]
struct Budget {
    until: usize,
}

impl Budget {
    fn new(w: &Writer, source: &str) -> Self {
        Self { until: w.len() + source.len() * 8 + SPARE }
    }
}

/// A message's text.
pub(super) fn markdown(w: &mut Writer, scope: Scope<'_>, content: &str) {
    let parsed = parse(content);
    let class = if is_jumbo(&parsed) { "t-md t-md--jumbo" } else { "t-md" };
    let budget = Budget::new(w, content);
    w.el(El::Div, &[Attr::Class(class)], |w| blocks(w, scope, budget, &parsed));
}

/// A text without blocks, within an element of the caller's.
pub(super) fn inline(w: &mut Writer, scope: Scope<'_>, content: &str) {
    let budget = Budget::new(w, content);
    run(w, scope, budget, &parse_inline(content));
}

fn blocks(w: &mut Writer, scope: Scope<'_>, budget: Budget, all: &[Block]) {
    for block in all {
        match block {
            Block::Paragraph(inner) => w.el(El::P, &[], |w| run(w, scope, budget, inner)),
            Block::Heading { level, content } => {
                // One level for all: the sizes are looks, the page's outline is not the writer's to break.
                let class = match level {
                    1 => "t-h1",
                    2 => "t-h2",
                    _ => "t-h3",
                };
                w.el(El::H3, &[Attr::Class(class)], |w| run(w, scope, budget, content));
            }
            Block::Subtext(inner) => {
                w.el(El::P, &[Attr::Class("t-sub")], |w| run(w, scope, budget, inner));
            }
            Block::Quote(inner) => w.el(El::Blockquote, &[], |w| blocks(w, scope, budget, inner)),
            Block::Code { language, text } => {
                w.el(El::Pre, &[Attr::Class("t-pre")], |w| code(w, language, text, ""));
            }
            Block::List { start, items } => {
                let (element, first) = match start {
                    Some(first) => (El::Ol, [Attr::Start(*first)]),
                    None => (El::Ul, [Attr::Class("t-list")]),
                };
                w.el(element, &first, |w| {
                    for item in items {
                        w.el(El::Li, &[], |w| match item.as_slice() {
                            [Block::Paragraph(inner), rest @ ..] => {
                                run(w, scope, budget, inner);
                                blocks(w, scope, budget, rest);
                            }
                            other => blocks(w, scope, budget, other),
                        });
                    }
                });
            }
        }
    }
}

fn code(w: &mut Writer, language: &str, text: &str, class: &'static str) {
    let mut attributes = Vec::new();
    if !class.is_empty() {
        attributes.push(Attr::Class(class));
    }
    if !language.is_empty() {
        attributes.push(Attr::Language(language));
    }
    w.el_text(El::Code, &attributes, text);
}

fn run(w: &mut Writer, scope: Scope<'_>, budget: Budget, all: &[Inline]) {
    for inline in all {
        match inline {
            Inline::Text(text) => w.text(text),
            Inline::Bold(inner) => w.el(El::Strong, &[], |w| run(w, scope, budget, inner)),
            Inline::Italic(inner) => w.el(El::Em, &[], |w| run(w, scope, budget, inner)),
            Inline::Underline(inner) => w.el(El::U, &[], |w| run(w, scope, budget, inner)),
            Inline::Strike(inner) => w.el(El::S, &[], |w| run(w, scope, budget, inner)),
            Inline::Spoiler(inner) => spoiler(w, scope, budget, inner),
            Inline::Code(text) => w.el_text(El::Code, &[], text),
            Inline::CodeBlock { language, text } => code(w, language, text, "t-pre"),
            Inline::Link { url, content } => {
                w.el(El::A, &[Attr::Href(url)], |w| run(w, scope, budget, content));
            }
            Inline::Url(url) => w.el_text(El::A, &[Attr::Href(url)], url.as_str()),
            Inline::Token { source, .. } if w.len() > budget.until => w.text(source),
            Inline::Token { token, .. } => draw_token(w, scope, token),
        }
    }
}

/// A check box inside its label: works by click, tap and keyboard without a script, and the text is out of reach of
/// eyes, keyboard and screen readers until then.
fn spoiler(w: &mut Writer, scope: Scope<'_>, budget: Budget, inner: &[Inline]) {
    if w.len() > budget.until {
        w.text("||");
        run(w, scope, budget, inner);
        w.text("||");
        return;
    }
    w.el(El::Label, &[Attr::Class("t-spoiler")], |w| {
        w.empty(
            El::Input,
            &[Attr::Checkbox, Attr::AriaLabel(&scope.context.labels.message.spoiler)],
        );
        w.el(El::Span, &[], |w| run(w, scope, budget, inner));
    });
}

fn draw_token(w: &mut Writer, scope: Scope<'_>, token: &Token) {
    let context = scope.context;
    let shown = || token_text(token, context);
    match token {
        Token::Time { ms, style } => {
            w.el(El::Span, &[Attr::Class("t-when")], |w| time(w, context, *ms, *style));
        }
        Token::Emoji { id, name } => {
            let emoji = crate::model::Emoji { id: *id, name: name.clone(), animated: false };
            super::emoji(w, context, &emoji);
        }
        Token::User(id) => {
            w.el(El::Span, &[Attr::Class("t-mention")], |w| {
                w.text("@");
                w.text(scope.name_of(*id));
            });
        }
        Token::Role(id) => {
            let colour = context.roles.get(id).and_then(|role| role.colour);
            w.el_text(El::Span, &[Attr::Coloured("t-mention", colour)], &shown());
        }
        _ => w.el_text(El::Span, &[Attr::Class("t-mention")], &shown()),
    }
}
