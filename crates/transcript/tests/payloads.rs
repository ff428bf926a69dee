//! The corpus of hostile texts in every field that a person can fill, read back by the parser of a browser engine: what
//! the writer wrote is all that is there.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::too_many_lines,
    clippy::similar_names,
    missing_docs
)]

mod common;

use common::everywhere::{everywhere, fields, payloads};
use html5ever::tendril::TendrilSink;
use html5ever::{ParseOpts, ns, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use transcript::{render_markdown, render_messages};

/// Every element that the writer knows (`El` in `html.rs`), with the attributes that it may carry.
const TABLE: &[(&str, &[&str])] = &[
    ("a", &["class", "href", "rel", "target", "download", "title"]),
    ("article", &["class", "id"]),
    ("audio", &["controls", "preload", "src", "aria-label"]),
    ("blockquote", &["class"]),
    ("code", &["class", "data-lang"]),
    ("dd", &["class"]),
    ("details", &["class"]),
    ("div", &["class"]),
    ("dl", &["class"]),
    ("dt", &[]),
    ("em", &[]),
    ("figcaption", &[]),
    ("figure", &["class"]),
    ("h2", &["class"]),
    ("h3", &["class"]),
    ("hr", &["class"]),
    ("img", &["class", "src", "alt", "title", "width", "height", "loading", "decoding"]),
    ("input", &["type", "aria-label"]),
    ("label", &["class"]),
    ("li", &["class", "title"]),
    ("meter", &["value", "min", "max", "aria-label"]),
    ("ol", &["start", "class"]),
    ("p", &["class"]),
    ("path", &["d"]),
    ("pre", &["class", "data-lang"]),
    ("s", &[]),
    ("small", &["class"]),
    ("span", &["class", "title", "role", "aria-label", "aria-hidden"]),
    ("strong", &["class"]),
    ("summary", &[]),
    ("svg", &["class", "viewBox", "role", "aria-label"]),
    ("time", &["datetime", "title"]),
    ("u", &[]),
    ("ul", &["class", "aria-label"]),
    ("video", &["class", "controls", "preload", "src", "aria-label", "width", "height"]),
];

/// How deep an element is, and its tag.
type Shape = Vec<(usize, String)>;

/// Parses a piece of a page as a browser would, looks at each element and answers what there is, in order.
fn parsed(html: &str) -> Shape {
    let page = format!("<!doctype html><html><head></head><body><main>{html}</main></body></html>");
    let dom = parse_document(RcDom::default(), ParseOpts::default()).one(page);
    let mut shape = Vec::new();
    look(&dom.document, 0, &mut shape);
    let frame: Vec<_> = shape.drain(..4).map(|(_, tag)| tag).collect();
    assert_eq!(frame, ["html", "head", "body", "main"]);
    shape
}

fn look(node: &Handle, depth: usize, shape: &mut Shape) {
    match &node.data {
        NodeData::Element { name, attrs, template_contents, .. } => {
            let tag = &*name.local;
            shape.push((depth, tag.to_owned()));
            assert!(template_contents.borrow().is_none(), "a template");
            if !matches!(tag, "html" | "head" | "body" | "main") {
                let known = TABLE.iter().find(|(known, _)| *known == tag);
                let (_, allowed) = known.unwrap_or_else(|| panic!("an element {tag}"));
                let foreign = matches!(tag, "svg" | "path");
                assert_eq!(name.ns == ns!(svg), foreign, "{tag} of {}", name.ns);
                for attribute in attrs.borrow().iter() {
                    let named = &*attribute.name.local;
                    assert!(allowed.contains(&named), "{tag} has {named}={}", attribute.value);
                    address(named, &attribute.value);
                }
            }
        }
        NodeData::Comment { contents } => panic!("a comment: {contents}"),
        NodeData::ProcessingInstruction { .. } => panic!("an instruction"),
        NodeData::Document | NodeData::Doctype { .. } | NodeData::Text { .. } => {}
    }
    for child in node.children.borrow().iter() {
        look(child, depth + 1, shape);
    }
}

/// Sees that an address leads nowhere but where addresses may.
fn address(attribute: &str, value: &str) {
    let starts =
        |good: &[&str]| good.iter().any(|good| value.to_ascii_lowercase().starts_with(good));
    match attribute {
        "src" => assert!(starts(&["/media/"]), "src {value}"),
        "href" => assert!(
            starts(&["https://", "http://", "mailto:", "/media/", "#m-", "?around="]),
            "href {value}"
        ),
        _ => {}
    }
}

/// What the writer wrote, by its tags; every other `<` is escaped.
fn written(html: &str) -> Shape {
    // Below the document, html, body and main.
    let mut depth = 4;
    let mut shape = Vec::new();
    for tag in html.split('<').skip(1) {
        if tag.starts_with('/') {
            depth -= 1;
            continue;
        }
        let name = tag.split([' ', '>']).next().unwrap();
        shape.push((depth, name.to_owned()));
        depth += usize::from(!matches!(name, "br" | "hr" | "img" | "input"));
    }
    shape
}

#[test]
fn the_corpus_is_large_enough() {
    assert!(payloads().len() >= 500, "{}", payloads().len());
    assert!(fields().len() >= 25, "{:?}", fields());
    let unique: std::collections::HashSet<_> = payloads().into_iter().collect();
    assert_eq!(unique.len(), payloads().len());
}

#[test]
fn payloads_in_every_field_stay_text() {
    for (nth, payload) in payloads().into_iter().enumerate() {
        let (context, items) = everywhere(&payload, nth);
        let rendered = render_messages(&context, &items);
        let html = rendered.html.as_str();
        assert_eq!(parsed(html), written(html), "{payload:?} made or took elements");
        let css = transcript::colours_css(&rendered.colours);
        assert!(
            css.chars().all(|c| c.is_ascii_alphanumeric() || ".-{}:#[]=()@, ".contains(c)),
            "{css}"
        );
    }
}

/// Half a payload before another one: what neither does alone.
#[test]
fn payloads_beside_each_other_stay_text() {
    let all = payloads();
    let context = common::context();
    for (index, one) in all.iter().enumerate() {
        let other = &all[(index * 7 + 13) % all.len()];
        for text in
            [format!("{one}{other}"), format!("||{one}\n{other}||"), format!("[{one}]({other})")]
        {
            let html = render_markdown(&context, &text).html.into_string();
            assert_eq!(parsed(&html), written(&html), "{text:?} made or took elements");
        }
    }
}

#[test]
fn the_look_can_fail() {
    for bad in [
        "<script>x</script>",
        "<p onclick=\"x\"></p>",
        "<a href=\"javascript:x\">x</a>",
        "<img src=\"https://x\">",
        "<!-- x -->",
        "<svg><p></p></svg>",
        "<math></math>",
        "<time href=\"https://x\"></time>",
    ] {
        let looked = std::panic::catch_unwind(|| {
            assert_eq!(parsed(bad), written(bad));
        });
        assert!(looked.is_err(), "{bad}");
    }
    assert_eq!(parsed("<p>x<em>y</em></p>"), written("<p>x<em>y</em></p>"));
    // A block ends a paragraph, which then has an element more than was written.
    assert_ne!(parsed("<p>x<div></div></p>"), written("<p>x<div></div></p>"));
}
