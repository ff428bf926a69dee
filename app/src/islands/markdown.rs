//! Discord's markdown as elements: one drawing, for the server and for the preview in the browser.
//!
//! What Discord resolves by id (people, roles, channels, times) is shown as it was written: a panel's
//! form knows no names.

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

fn block(block: &Block) -> AnyView {
    match block {
        Block::Paragraph(inner) => view! { <p>{runs(inner)}</p> }.into_any(),
        // No heading element: the page's outline is not the panel's.
        Block::Heading { level, content } => {
            let class = if *level == 1 { "md-h1" } else { "md-h2" };
            view! { <p class=class>{runs(content)}</p> }.into_any()
        }
        Block::Subtext(inner) => view! { <p class="md-sub">{runs(inner)}</p> }.into_any(),
        Block::Quote(inner) => view! { <blockquote>{blocks(inner)}</blockquote> }.into_any(),
        Block::Code { text, .. } => view! { <pre>{text.clone()}</pre> }.into_any(),
        Block::List { start, items } => {
            let items = items
                .iter()
                .map(|item| view! { <li>{blocks(item)}</li> }.into_any())
                .collect::<Vec<_>>();
            match start {
                Some(first) => view! { <ol start=first.to_string()>{items}</ol> }.into_any(),
                None => view! { <ul>{items}</ul> }.into_any(),
            }
        }
    }
}

fn runs(all: &[Inline]) -> AnyView {
    all.iter().map(run).collect::<Vec<_>>().into_any()
}

fn run(run: &Inline) -> AnyView {
    match run {
        Inline::Text(text) => text.clone().into_any(),
        Inline::Bold(inner) => view! { <strong>{runs(inner)}</strong> }.into_any(),
        Inline::Italic(inner) => view! { <em>{runs(inner)}</em> }.into_any(),
        Inline::Underline(inner) => view! { <u>{runs(inner)}</u> }.into_any(),
        Inline::Strike(inner) => view! { <s>{runs(inner)}</s> }.into_any(),
        Inline::Spoiler(inner) => {
            view! { <span class="md-spoiler">{runs(inner)}</span> }.into_any()
        }
        Inline::Code(text) | Inline::CodeBlock { text, .. } => {
            view! { <code>{text.clone()}</code> }.into_any()
        }
        // Looks like a link and is none: a preview leads nowhere.
        Inline::Link { content, .. } => {
            view! { <span class="md-link">{runs(content)}</span> }.into_any()
        }
        Inline::Url(url) => {
            view! { <span class="md-link">{url.as_str().to_owned()}</span> }.into_any()
        }
        Inline::Token { token: Token::Emoji { name, .. }, .. } => format!(":{name}:").into_any(),
        Inline::Token { source, .. } => {
            view! { <span class="md-token">{source.clone()}</span> }.into_any()
        }
    }
}
