//! Discord's markdown as elements: one drawing, for the server and for the preview in the browser.
//!
//! What Discord resolves by id (people, roles, channels, times) is shown as it was written: a panel's
//! form knows no names.

use leptos::html::custom;
use leptos::prelude::*;
use transcript::markdown::{Block, Inline, Token, parse, parse_inline};

/// A text with blocks.
pub fn markdown(text: &str) -> AnyView {
    blocks(&parse(text))
}

/// A text of one line, such as a title.
pub fn markdown_line(text: &str) -> AnyView {
    runs(&parse_inline(text))
}

fn blocks(all: &[Block]) -> AnyView {
    all.iter().map(block).collect::<Vec<_>>().into_any()
}

/// An element. All are of one type in Rust, whatever they are called: each type of element is some hundred bytes more of
/// what a browser fetches.
fn element(tag: &'static str, class: Option<&'static str>, inside: AnyView) -> AnyView {
    custom(tag).attr("class", class).child(inside).into_any()
}

fn text(text: &str) -> AnyView {
    text.to_owned().into_any()
}

fn block(block: &Block) -> AnyView {
    match block {
        Block::Paragraph(inner) => element("p", None, runs(inner)),
        // No heading element: the page's outline is not the panel's.
        Block::Heading { level, content } => {
            let class = if *level == 1 { "md-h1" } else { "md-h2" };
            element("p", Some(class), runs(content))
        }
        Block::Subtext(inner) => element("p", Some("md-sub"), runs(inner)),
        Block::Quote(inner) => element("blockquote", None, blocks(inner)),
        Block::Code { text: code, .. } => element("pre", None, text(code)),
        Block::List { start, items } => {
            let items = items.iter().map(|item| element("li", None, blocks(item)));
            let items = items.collect::<Vec<_>>().into_any();
            match start {
                Some(first) => {
                    custom("ol").attr("start", first.to_string()).child(items).into_any()
                }
                None => element("ul", None, items),
            }
        }
    }
}

fn runs(all: &[Inline]) -> AnyView {
    all.iter().map(run).collect::<Vec<_>>().into_any()
}

fn run(run: &Inline) -> AnyView {
    match run {
        Inline::Text(words) => text(words),
        Inline::Bold(inner) => element("strong", None, runs(inner)),
        Inline::Italic(inner) => element("em", None, runs(inner)),
        Inline::Underline(inner) => element("u", None, runs(inner)),
        Inline::Strike(inner) => element("s", None, runs(inner)),
        Inline::Spoiler(inner) => element("span", Some("md-spoiler"), runs(inner)),
        Inline::Code(code) | Inline::CodeBlock { text: code, .. } => {
            element("code", None, text(code))
        }
        // Looks like a link and is none: a preview leads nowhere.
        Inline::Link { content, .. } => element("span", Some("md-link"), runs(content)),
        Inline::Url(url) => element("span", Some("md-link"), text(url.as_str())),
        Inline::Token { token: Token::Emoji { name, .. }, .. } => format!(":{name}:").into_any(),
        Inline::Token { source, .. } => element("span", Some("md-token"), text(source)),
    }
}
