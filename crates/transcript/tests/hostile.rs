//! What people write stays text: payloads in every field, and properties of any input.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::too_many_lines,
    clippy::similar_names,
    missing_docs
)]

mod common;

use proptest::prelude::*;
use serde_json::{Value, json};
use transcript::{
    Answer, Channel, Colour, Context, DeskAction, DeskEvent, Entry, Message, Person, Quote, Role,
    Snowflake, TimelineItem, Version, render_markdown, render_messages,
};

const PAYLOADS: &str = include_str!("payloads.txt");

/// A message and its surroundings with one text in every field a person can fill.
fn everywhere(text: &str) -> (Context, Vec<TimelineItem>) {
    let mut context = common::context();
    let id = Snowflake::new;
    context.people.insert(
        id(5),
        Person {
            name: text.into(),
            username: text.into(),
            avatar: None,
            colour: Colour::new(0x0012_3456),
            bot: true,
        },
    );
    context.roles.insert(id(6), Role { name: text.into(), colour: None, position: 1 });
    context.channels.insert(id(7), Channel { name: text.into() });
    context.quotes.insert(
        id(8),
        Quote {
            author_name: text.into(),
            content: text.into(),
            reachable: true,
            ..Quote::default()
        },
    );
    context.message_link = "?around=".into();
    let emoji = json!({ "id": "9", "name": text });
    let media = json!({ "url": text, "proxy_url": text, "width": 10, "height": 10 });
    let component = json!([
        { "type": 1, "components": [
            { "type": 2, "style": 5, "label": text, "url": text, "emoji": emoji }, { "type": 2, "style": 1, "label": text, "custom_id": text },
            { "type": 3, "placeholder": text, "options": [{ "label": text, "description": text, "value": text, "emoji": { "name": text } }] },
            { "type": 4, "label": text, "value": text } ] },
        { "type": 17, "accent_color": 1, "spoiler": true, "components": [
            { "type": 9, "components": [{ "type": 10, "content": text }], "accessory": { "type": 11, "media": media, "description": text } },
            { "type": 12, "items": [{ "media": media, "description": text, "spoiler": true }] }, { "type": 13, "file": { "url": text }, "name": text },
            { "type": 18, "label": text, "description": text, "component": { "type": 5, "placeholder": text } } ] },
        { "type": 99, "x": text }
    ]);
    let embed = json!({ "title": text, "description": text, "url": text, "timestamp": text, "footer": { "text": text, "icon_url": text }, "image": media,
        "thumbnail": media, "video": media, "provider": { "name": text, "url": text }, "author": { "name": text, "url": text, "icon_url": text },
        "fields": [{ "name": text, "value": text, "inline": true }] });
    let files = json!([
        { "id": "40", "filename": text, "title": text, "description": text, "content_type": "image/png" },
        { "id": "42", "filename": text, "content_type": "audio/ogg", "waveform": text, "duration_secs": text },
        { "id": "43", "filename": text, "content_type": text, "url": text }, { "id": "44", "filename": format!("SPOILER_{text}") }
    ]);
    let stickers =
        json!([{ "id": "60", "name": text, "format_type": 1 }, { "id": "1", "name": text }]);
    let body: Value = json!({
        "author": { "id": "90", "username": text, "global_name": text }, "member": { "nick": text }, "type": 19,
        "mentions": [{ "id": "91", "username": text }], "embeds": [embed], "components": component, "attachments": files, "sticker_items": stickers,
        "reactions": [{ "emoji": emoji, "count": 2 }], "edited_timestamp": text, "message_reference": { "message_id": "8" },
        "poll": { "question": { "text": text }, "answers": [{ "answer_id": 1, "poll_media": { "text": text, "emoji": emoji } }], "expiry": text },
        "message_snapshots": [{ "message": { "content": text, "embeds": [embed], "attachments": files, "components": component, "sticker_items": stickers, "timestamp": text } }],
        "thread": { "id": "1", "name": text, "message_count": 4 },
    });
    let content = format!(
        "{text} <@5> <@91> <@&6> <#7> </{text}:1> <:{text}:9> [{text}]({text}) ||{text}|| `{text}`"
    );
    let mut items = vec![TimelineItem::Message(Box::new(Entry {
        message: common::message(1, 90, 0, &content, body.clone()),
        earlier: vec![Version { at_ms: 0, content: text.into() }],
        ..Entry::default()
    }))];
    for kind in [1, 4, 18, 20, 24, 25, 46, 9001] {
        let mut more = body.clone();
        more["type"] = kind.into();
        more["interaction"] = json!({ "name": text, "user": { "id": "92", "username": text } });
        more["role_subscription_data"] = json!({ "tier_name": text });
        more["webhook_id"] = "90".into();
        items.push(TimelineItem::message(common::message(kind, 90, 1, text, more)));
    }
    let by = Some(id(5));
    items.push(TimelineItem::Desk(DeskEvent {
        at_ms: 0,
        by,
        action: DeskAction::Opened {
            panel: text.into(),
            answers: vec![Answer { question: text.into(), answer: text.into() }],
        },
    }));
    items.push(TimelineItem::Desk(DeskEvent {
        at_ms: 1,
        by,
        action: DeskAction::Closed { reason: text.into() },
    }));
    (context, items)
}

/// Reads HTML as a browser's tokenizer would and checks it against what the writer may emit: known tags, known
/// attributes in double quotes, safe addresses, everything closed in order.
fn audit(html: &str) {
    const TAGS: &[&str] = &[
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

#[test]
fn payloads_in_every_field_stay_text() {
    let payloads: Vec<&str> = PAYLOADS.lines().filter(|line| !line.is_empty()).collect();
    assert!(payloads.len() >= 60, "{}", payloads.len());
    for payload in payloads {
        let (context, items) = everywhere(payload);
        let rendered = render_messages(&context, &items);
        audit(rendered.html.as_str());
        let css = transcript::colours_css(&rendered.colours);
        assert!(
            css.chars().all(|c| c.is_ascii_alphanumeric() || ".-{}:#[]=()@, ".contains(c)),
            "{css}"
        );
    }
}

#[test]
fn the_audit_can_fail() {
    for bad in [
        "<script>",
        "<p onclick=\"x\"></p>",
        "<a href=\"javascript:x\"></a>",
        "<p>",
        "<img src=\"https://x\">",
    ] {
        assert!(std::panic::catch_unwind(|| audit(bad)).is_err(), "{bad}");
    }
}

/// The longest HTML of a text: ten times its length, a short one's as if it were of a kibibyte, and the element around it.
fn bound(source: &str) -> usize {
    10 * source.len().max(1024) + 64
}

/// The visible text of HTML, unescaped. A code block's language is shown by the style sheet.
fn visible(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        let tag = &rest[at..at + rest[at..].find('>').unwrap()];
        if let Some((_, language)) = tag.split_once("data-lang=\"") {
            out.push_str(language.split('"').next().unwrap());
        }
        rest = &rest[at + rest[at..].find('>').unwrap() + 1..];
    }
    out.push_str(rest);
    out.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

fn markdown_like() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("**".to_owned()),
        Just("*".into()),
        Just("_".into()),
        Just("__".into()),
        Just("~~".into()),
        Just("||".into()),
        Just("`".into()),
        Just("```".into()),
        Just("\n".into()),
        Just("> ".into()),
        Just(">>> ".into()),
        Just("- ".into()),
        Just("  - ".into()),
        Just("1. ".into()),
        Just("# ".into()),
        Just("-# ".into()),
        Just("[".into()),
        Just("](https://x.example)".into()),
        Just("](javascript:x)".into()),
        Just("<@5>".into()),
        Just("<t:0:R>".into()),
        Just("<:a:9>".into()),
        Just("https://x.example/".into()),
        Just("\\".into()),
        Just("<".into()),
        Just("&".into()),
        Just("ü😀".into()),
        "[a-z ]{1,8}",
        "\\PC{1,4}",
    ];
    proptest::collection::vec(piece, 0..120).prop_map(|pieces| pieces.concat())
}

/// Text with marks that hide nothing: no addresses, and nothing that is shown by a name.
fn marked_text() -> impl Strategy<Value = String> {
    const MARKS: [&str; 24] = [
        "**",
        "*",
        "_",
        "__",
        "~~",
        "||",
        "`",
        "``",
        "```",
        "```rust\n",
        "```ansi\n",
        "\n",
        "> ",
        ">>> ",
        "- ",
        "  - ",
        "1. ",
        "# ",
        "-# ",
        "[",
        "](",
        "\\",
        "<",
        "@",
    ];
    let piece = prop_oneof![
        proptest::sample::select(&MARKS[..]).prop_map(str::to_owned),
        "[a-zA-Z0-9 $&%=+;,?!\"'^{}/ü😀]{1,8}",
    ];
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// What can be seen of a text, in order, without the characters that marks are made of.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphabetic() || "$&%=;,?!\"'^{}/😀".contains(*c)).collect()
}

/// JSON of any shape under the names that Discord's messages have.
fn message_like() -> impl Strategy<Value = Value> {
    const NAMES: [&str; 40] = [
        "id",
        "type",
        "author",
        "member",
        "content",
        "timestamp",
        "edited_timestamp",
        "flags",
        "mentions",
        "attachments",
        "embeds",
        "components",
        "reactions",
        "sticker_items",
        "poll",
        "message_reference",
        "referenced_message",
        "message_snapshots",
        "interaction_metadata",
        "thread",
        "call",
        "url",
        "proxy_url",
        "title",
        "description",
        "fields",
        "name",
        "value",
        "footer",
        "icon_url",
        "color",
        "emoji",
        "custom_id",
        "label",
        "style",
        "options",
        "media",
        "items",
        "accessory",
        "question",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<u64>().prop_map(|number| Value::from(number.to_string())),
        "[a-z*_`|<>@:/\\\\. ]{0,24}".prop_map(Value::from),
        proptest::sample::select(&["https://x.example/", "javascript:x", "<@5>"][..])
            .prop_map(Value::from),
    ];
    let any_value = leaf.prop_recursive(4, 24, 4, |inner| {
        let name = proptest::sample::select(&NAMES[..]).prop_map(str::to_owned);
        let object = proptest::collection::hash_map(name, inner.clone(), 0..5);
        prop_oneof![
            proptest::collection::vec(inner, 0..4).prop_map(Value::Array),
            object.prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    });
    let name = proptest::sample::select(&NAMES[..]).prop_map(str::to_owned);
    proptest::collection::hash_map(name, any_value, 0..8)
        .prop_map(|fields| Value::Object(fields.into_iter().collect()))
}

// As many cases as `PROPTEST_CASES` says: ./test --long asks for many more.
proptest! {
    #[test]
    fn any_bytes_are_drawn_safely(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let text = String::from_utf8_lossy(&bytes);
        audit(&render_markdown(&common::context(), &text).html.into_string());
        let message = TimelineItem::message(Message::parse(&text));
        audit(&render_messages(&common::context(), &[message]).html.into_string());
    }

    #[test]
    fn any_json_is_drawn_safely(value in message_like()) {
        let message = TimelineItem::message(Message::from_value(&value));
        audit(&render_messages(&common::context(), &[message]).html.into_string());
    }

    #[test]
    fn any_text_is_drawn_safely_and_within_bounds(text in markdown_like()) {
        let html = render_markdown(&common::context(), &text).html.into_string();
        audit(&html);
        prop_assert!(html.len() <= bound(&text), "{} of {}", html.len(), text.len());
        // Letters are never lost, whatever the marks around them do.
        let seen = visible(&html);
        let plain = text.replace("](https://x.example)", " ").replace("](javascript:x)", " ").replace("<@5>", " ").replace("<t:0:R>", " ").replace("<:a:9>", " ");
        for word in plain.split(|c: char| !c.is_ascii_lowercase()).filter(|word| word.len() > 3) {
            prop_assert!(seen.contains(word), "{word:?} of {text:?} is not in {seen:?}");
        }
    }

    #[test]
    fn every_visible_character_stays_in_its_place(text in marked_text()) {
        let html = render_markdown(&common::context(), &text).html.into_string();
        audit(&html);
        prop_assert_eq!(letters(&visible(&html)), letters(&text), "{:?} became {:?}", &text, &html);
    }

    #[test]
    fn long_texts_lose_nothing_either(text in marked_text(), times in 20_usize..60) {
        let text = text.repeat(times);
        let html = render_markdown(&common::context(), &text).html.into_string();
        prop_assert!(html.len() <= bound(&text), "{} of {}", html.len(), text.len());
        prop_assert_eq!(letters(&visible(&html)), letters(&text));
    }

    #[test]
    fn any_text_reads_as_a_message(raw in "\\PC{0,80}") {
        let html = render_messages(&common::context(), &[TimelineItem::message(Message::parse(&raw))]).html.into_string();
        audit(&html);
    }
}

#[test]
fn a_page_of_mentions_is_no_page_of_megabytes() {
    for piece in [
        "<@5>",
        "<t:0>",
        "<@&6>",
        "||a||",
        "<:a:50>",
        "*a*",
        "[a](http://b)",
        "[\"](http://' \"'\")",
        "http://'' ",
        "# \"\n",
        "-# \"\n",
        "> \"\na\n",
        "- \"\n",
        "- a\n\n",
        "1. a\n-# a\n",
        "```js\n1 1 1```",
        "```c\n1\n```\n",
        "\"",
        "`\"`",
        "||```a```||",
        "https://discord.com/channels/1/7 ",
        "<id:guide>",
        "</a:1>",
        "@here ",
    ] {
        let (context, _) = everywhere(&"n".repeat(32));
        let source = piece.repeat(4000 / piece.len());
        let length = render_markdown(&context, &source).html.as_str().len();
        assert!(length <= bound(&source), "{piece}: {length} of {}", source.len());
    }
}
