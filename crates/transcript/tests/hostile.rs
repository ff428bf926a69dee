//! What people write stays text: properties of any input. `payloads.rs` has the corpus.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::too_many_lines,
    clippy::similar_names,
    missing_docs
)]

mod common;

use common::audit::audit;
use common::everywhere::everywhere;
use proptest::prelude::*;
use serde_json::Value;
use transcript::{Message, TimelineItem, render_markdown, render_messages};

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
    // A mention shows a name instead of what was written.
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat().replace("<@", "< @"))
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
fn the_language_of_code_stays_when_tags_are_no_longer_paid_for() {
    for text in ["**```rust\nA```".repeat(60), "||```rust\nA```||".repeat(200)] {
        let html = render_markdown(&common::context(), &text).html.into_string();
        assert!(html.matches("data-lang").count() < text.matches("rust").count());
        assert_eq!(letters(&visible(&html)), letters(&text));
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
        let (context, _) = everywhere(&"n".repeat(32), 0);
        let source = piece.repeat(4000 / piece.len());
        let length = render_markdown(&context, &source).html.as_str().len();
        assert!(length <= bound(&source), "{piece}: {length} of {}", source.len());
    }
}
