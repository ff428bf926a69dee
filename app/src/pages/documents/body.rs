//! The text of a document, drawn from its blocks: text is text, and no HTML comes from it.

use leptos::prelude::*;
use wardesk_core::privacy::documents::{Block, Inline};
use wardesk_core::privacy::imprint::Imprint;
use words::Words;

/// What the words of a document stand for on this installation.
#[derive(Debug, Clone)]
pub(super) struct Stands {
    operator: String,
    contact: String,
}

impl Stands {
    pub fn of(w: Words, imprint: &Imprint) -> Self {
        let or = |given: &Option<String>, unknown: &str| {
            given.clone().unwrap_or_else(|| unknown.to_owned())
        };
        Self {
            operator: or(&imprint.operator, w.documents_operator_unknown()),
            contact: or(&imprint.contact, w.documents_contact_unknown()),
        }
    }
}

/// The headings of level 2, as a list of links.
pub(super) fn contents(w: Words, blocks: &[Block]) -> impl IntoView + use<> {
    let links: Vec<(String, String)> = blocks
        .iter()
        .filter_map(|block| match block {
            Block::Heading { level: 2, id, text } => Some((format!("#{id}"), plain(text))),
            _ => None,
        })
        .collect();
    let items = links.into_iter().map(|(to, text)| view! { <li><a href=to>{text}</a></li> });
    view! {
        <nav class="document-contents" aria-label=w.documents_contents()>
            <ul>{items.collect_view()}</ul>
        </nav>
    }
}

fn plain(text: &[Inline]) -> String {
    text.iter()
        .map(|inline| match inline {
            Inline::Text(text) | Inline::Code(text) => text.clone(),
            Inline::Strong(text) | Inline::Link { text, .. } => plain(text),
            Inline::Operator | Inline::Contact => String::new(),
        })
        .collect()
}

/// The whole text.
pub(super) fn body(blocks: Vec<Block>, stands: &Stands) -> AnyView {
    let drawn = blocks.into_iter().map(|one| block(one, stands)).collect_view();
    view! { <div class="document">{drawn}</div> }.into_any()
}

fn block(block_: Block, stands: &Stands) -> AnyView {
    match block_ {
        Block::Heading { level: 2, id, text } => {
            view! { <h2 id=id>{line(text, stands)}</h2> }.into_any()
        }
        Block::Heading { id, text, .. } => view! { <h3 id=id>{line(text, stands)}</h3> }.into_any(),
        Block::Paragraph(text) => view! { <p>{line(text, stands)}</p> }.into_any(),
        Block::List(items) => {
            let items = items.into_iter().map(|item| {
                let parts = item.into_iter().map(|part| match part {
                    Block::Paragraph(text) => line(text, stands),
                    other => block(other, stands),
                });
                view! { <li>{parts.collect_view()}</li> }
            });
            view! { <ul>{items.collect_view()}</ul> }.into_any()
        }
        Block::Table { head, rows } => table(head, rows, stands),
    }
}

fn table(head: Vec<Vec<Inline>>, rows: Vec<Vec<Vec<Inline>>>, stands: &Stands) -> AnyView {
    let labels: Vec<String> = head.iter().map(|cell| plain(cell)).collect();
    let rows = rows.into_iter().map(|row| {
        let cells = row.into_iter().enumerate().map(|(number, cell)| {
            let label = labels.get(number).cloned().unwrap_or_default();
            view! { <td data-label=label>{line(cell, stands)}</td> }
        });
        view! { <tr>{cells.collect_view()}</tr> }
    });
    let rows = rows.collect_view();
    let head = labels.into_iter().map(|label| view! { <th scope="col">{label}</th> });
    view! {
        <div class="table-frame">
            <table class="table"><thead><tr>{head.collect_view()}</tr></thead><tbody>{rows}</tbody></table>
        </div>
    }
    .into_any()
}

fn line(text: Vec<Inline>, stands: &Stands) -> AnyView {
    let pieces = text.into_iter().map(|inline| match inline {
        Inline::Text(text) => text.into_any(),
        Inline::Strong(text) => view! { <strong>{line(text, stands)}</strong> }.into_any(),
        Inline::Code(text) => view! { <code>{text}</code> }.into_any(),
        Inline::Link { to, text } => view! { <a href=to>{line(text, stands)}</a> }.into_any(),
        Inline::Operator => stands.operator.clone().into_any(),
        Inline::Contact => contact(&stands.contact),
    });
    pieces.collect_view().into_any()
}

/// Where questions go: a link where it is an address of the web or of e-mail.
fn contact(text: &str) -> AnyView {
    let to = if text.starts_with("https://") {
        text.to_owned()
    } else if text.contains('@') && !text.contains(char::is_whitespace) {
        format!("mailto:{text}")
    } else {
        return text.to_owned().into_any();
    };
    view! { <a href=to>{text.to_owned()}</a> }.into_any()
}
