//! What HTML of the writer looks like, checked by hand: quick enough for properties of any input.

/// The elements of a drawn message.
pub const TAGS: &[&str] = &[
    "a",
    "article",
    "audio",
    "blockquote",
    "code",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h2",
    "h3",
    "hr",
    "img",
    "input",
    "label",
    "li",
    "meter",
    "ol",
    "p",
    "path",
    "pre",
    "s",
    "small",
    "span",
    "strong",
    "summary",
    "svg",
    "time",
    "u",
    "ul",
    "video",
];

/// Reads HTML as a browser's tokenizer would and checks it against what the writer may emit: known tags, known
/// attributes in double quotes, safe addresses, everything closed in order.
pub fn audit(html: &str) {
    const ATTRIBUTES: &[&str] = &[
        "class",
        "id",
        "href",
        "rel",
        "target",
        "download",
        "src",
        "alt",
        "title",
        "aria-label",
        "aria-hidden",
        "role",
        "datetime",
        "width",
        "height",
        "start",
        "data-lang",
        "loading",
        "decoding",
        "controls",
        "preload",
        "type",
        "value",
        "min",
        "max",
        "viewBox",
        "d",
    ];
    let mut open = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let end = rest[at..].find('>').expect("an unfinished tag") + at;
        let tag = &rest[at + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "closed out of order");
            continue;
        }
        let (name, mut attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        assert!(TAGS.contains(&name), "tag {name:?}");
        if !["hr", "img", "input"].contains(&name) {
            open.push(name);
        }
        while !attributes.is_empty() {
            let cut = attributes.find(['=', ' ']).unwrap_or(attributes.len());
            let attribute = &attributes[..cut];
            assert!(ATTRIBUTES.contains(&attribute), "attribute {attribute:?} in {tag:?}");
            attributes = &attributes[cut..];
            if let Some(value) = attributes.strip_prefix("=\"") {
                let end = value.find('"').expect("an open quote");
                let text = &value[..end];
                match attribute {
                    "src" => assert!(text.starts_with("/media/"), "src {text:?}"),
                    "href" => assert!(
                        ["https://", "http://", "mailto:", "/media/", "#m-", "?around="]
                            .iter()
                            .any(|good| text.to_ascii_lowercase().starts_with(good)),
                        "href {text:?}"
                    ),
                    _ => {}
                }
                attributes = &value[end + 1..];
            }
            attributes = attributes.strip_prefix(' ').unwrap_or(attributes);
        }
    }
    assert!(open.is_empty(), "left open: {open:?}");
}
