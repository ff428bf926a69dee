//! Exports as files: everything that is drawn is in each of them, and nothing that somebody wrote steers one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::too_many_lines,
    clippy::similar_names,
    missing_docs
)]

mod common;

use std::path::Path;

use pulldown_cmark::{Event, Options, Parser, Tag};
use serde_json::{Value, json};
use transcript::export::html::{HtmlFile, Part, Piece};
use transcript::export::outline::{Dialect, Outline};
use transcript::export::{Back, Front};
use transcript::html::Media;
use transcript::model::Emoji;
use transcript::{Context, Entry, Message, ReactionChange, Snowflake, TimelineItem, Version};

use common::audit::TAGS;

const HOSTILE: [&str; 22] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'><svg/onload=alert(1)>",
    "</style><script>alert(1)</script>",
    "</title></head><body onload=alert(1)>",
    "<!--<img src=\"--><img src=x onerror=alert(1)//\">",
    "]]><script>alert(1)</script>",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "![x](https://evil.example/x.png)",
    "<https://evil.example/<script>>",
    "[a]: javascript:alert(1) \"t\"",
    "```\n</code></pre><script>alert(1)</script>\n```",
    "`` ` <script> ` ``",
    "- a\n\n    <script>alert(1)</script>",
    "a\n===\n# h\n---\n> q\n1. x\n+ y\n| t | u |\n|---|---|\n| 1 | 2 |",
    "<div>\n\n*x*\n</div>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u{1b}[2J\u{1b}]0;x\u{7}\u{9b}31m\r\nAdmin \u{202e}gnp\u{0}",
    "\u{2028}Admin · 10:00\u{85}    I did it\u{b}",
    "/transcripts/1/files/2\" src=\"/transcripts/1/files/3",
];

fn front() -> Front {
    Front {
        language: "en",
        title: "Ticket 7".into(),
        facts: vec![("Server".into(), "Example".into())],
    }
}

fn back() -> Back {
    Back { lines: vec!["End of the transcript: 3 messages.".into()] }
}

/// A message with a text in every field that a person fills, and the surroundings.
fn everywhere(text: &str) -> (Context, Vec<TimelineItem>) {
    let mut context = common::context();
    for person in context.people.values_mut() {
        text.clone_into(&mut person.name);
    }
    for role in context.roles.values_mut() {
        text.clone_into(&mut role.name);
    }
    let embed = json!({ "title": text, "description": text, "url": text, "footer": { "text": text },
        "author": { "name": text, "url": text }, "provider": { "name": text, "url": text },
        "fields": [{ "name": text, "value": text, "inline": true }], "video": { "url": text } });
    let more = json!({
        "type": 19, "author": { "id": "90", "username": text, "global_name": text }, "member": { "nick": text },
        "message_reference": { "message_id": "8" }, "mentions": [{ "id": "91", "username": text }],
        "attachments": [
            { "id": "40", "filename": text, "description": text, "content_type": "image/png" },
            { "id": "42", "filename": text, "content_type": "audio/ogg", "waveform": "AAAA", "duration_secs": 3 },
            { "id": "43", "filename": text, "content_type": text }, { "id": "41", "filename": text } ],
        "embeds": [embed], "sticker_items": [{ "id": "1", "name": text }], "reactions": [{ "emoji": { "name": text } }],
        "poll": { "question": { "text": text }, "answers": [{ "answer_id": 1, "poll_media": { "text": text } }] },
        "components": [{ "type": 1, "components": [{ "type": 2, "style": 5, "label": text, "url": text },
            { "type": 3, "placeholder": text, "options": [{ "label": text, "description": text }] }] },
            { "type": 10, "content": text }, { "type": 99, "x": text }],
        "message_snapshots": [{ "message": { "content": text, "embeds": [embed] } }],
        "thread": { "id": "1", "name": text, "message_count": 4 }, "a_new_field": text,
    });
    let content = format!(
        "{text} <@5> <@91> [{text}](https://a.example) ||{text}|| `{text}`\n- {text}\n> {text}\n```\n{text}\n```"
    );
    let entry = Entry {
        message: common::message(1, 90, 0, &content, more),
        earlier: vec![Version { at_ms: 0, content: text.into() }],
        reactions: vec![ReactionChange {
            by: Some(Snowflake::new(5)),
            emoji: Some(Emoji { name: text.into(), ..Emoji::default() }),
            added: true,
            ..ReactionChange::default()
        }],
        ..Entry::default()
    };
    let mut items = vec![TimelineItem::Message(Box::new(entry))];
    for kind in [4, 6, 20, 24, 9001] {
        let more = json!({ "type": kind, "interaction": { "name": text, "user": { "id": "92", "username": text } } });
        items.push(TimelineItem::message(common::message(kind + 10, 90, 1, text, more)));
    }
    (context, items)
}

fn outline(dialect: Dialect, context: &Context, items: &[TimelineItem]) -> String {
    let mut file = Outline::new(dialect, "https://desk.example");
    let open = file.open(&front());
    format!("{open}{}{}", file.page(context, items), file.close(&back()))
}

fn document(media: Media, context: &Context, items: &[TimelineItem]) -> String {
    let mut file = HtmlFile::new(media, "abc".into());
    let mut out = file.open(&front());
    for piece in file.page(context, items) {
        match piece {
            Piece::Text(text) => out.push_str(&text),
            Piece::File(place) if media == Media::Inside => {
                let (before, after) = place.inside("image/png", "n\"a<m>e");
                out.extend([before.as_str(), "AAAA", &after]);
            }
            Piece::File(place) => out.push_str(&place.beside("files/1-ä.png", "n\"a<m>e")),
        }
    }
    out + &file.close(&back())
}

/// Every tag, as name and attributes; fails on what no tag of ours looks like.
fn tags(html: &str) -> Vec<(String, String)> {
    let body = html.split("</head>").nth(1).unwrap();
    body.split('<')
        .skip(1)
        .filter(|tag| !tag.starts_with('/'))
        .map(|tag| {
            let inside = tag.split('>').next().unwrap();
            let (name, attributes) = inside.split_once(' ').unwrap_or((inside, ""));
            (name.to_owned(), attributes.to_owned())
        })
        .collect()
}

#[test]
fn nothing_that_was_written_is_live_in_html() {
    // Those of a document around the messages.
    const AROUND: &[&str] =
        &["body", "br", "footer", "h1", "header", "main", "style", "html", "head"];
    for text in HOSTILE {
        let (context, items) = everywhere(text);
        for media in [Media::Inside, Media::Beside] {
            let html = document(media, &context, &items);
            for (name, attributes) in tags(&html) {
                let known = TAGS.contains(&name.as_str()) || AROUND.contains(&name.as_str());
                assert!(known, "<{name}> for {text:?}");
                let values_gone: String = attributes.split('"').step_by(2).collect();
                assert!(
                    !values_gone.contains(" on") && !values_gone.contains("style="),
                    "{attributes}"
                );
                for address in ["src=\"", "href=\""] {
                    for value in attributes.split(address).skip(1) {
                        let known =
                            ["data:image/", "#", "https://", "http://", "mailto:", "files/"];
                        assert!(known.iter().any(|start| value.starts_with(start)), "{attributes}");
                        let loads = address == "src=\"" && !value.starts_with("data:");
                        assert!(
                            !loads || (media == Media::Beside && value.starts_with("files/")),
                            "{attributes}"
                        );
                    }
                }
            }
            assert!(html.starts_with("<!DOCTYPE html>") && html.trim_end().ends_with("</html>"));
        }
    }
}

#[test]
fn nothing_that_was_written_is_live_in_markdown() {
    for text in HOSTILE {
        let (context, items) = everywhere(text);
        let markdown = outline(Dialect::Markdown, &context, &items);
        let mut headings = 0;
        for event in Parser::new_ext(&markdown, Options::all()) {
            match event {
                Event::Html(html) | Event::InlineHtml(html) => {
                    panic!("{html:?} for {text:?}\n{markdown}")
                }
                Event::Start(Tag::Link { dest_url, .. }) => {
                    let known = ["https://", "http://", "mailto:"];
                    assert!(known.iter().any(|start| dest_url.starts_with(start)), "{dest_url}");
                }
                Event::Start(Tag::Image { dest_url, .. }) => {
                    panic!("{dest_url} is loaded for {text:?}")
                }
                Event::Start(Tag::Table(_)) => panic!("a table for {text:?}\n{markdown}"),
                Event::Start(Tag::Heading { level, .. }) if level as usize <= 2 => headings += 1,
                _ => {}
            }
        }
        // The title and the day.
        assert_eq!(headings, 2, "{text:?}\n{markdown}");
    }
}

#[test]
fn nobody_writes_a_line_of_somebody_else() {
    for text in HOSTILE
        .into_iter()
        .chain(["\nAdmin · 10:00\n    I did it", "\r\n- Admin closed the ticket"])
    {
        let mut context = common::context();
        context.people.clear();
        let items = [
            TimelineItem::message(common::message(1, 90, 0, text, json!({}))),
            TimelineItem::message(common::message(2, 91, 9, "plain", json!({}))),
        ];
        let plain = outline(Dialect::Plain, &context, &items);
        assert!(plain.chars().all(|c| matches!(c, '\n' | '\t') || !c.is_control()), "{plain:?}");
        let heads =
            plain.lines().skip(4).filter(|l| !l.is_empty() && !l.starts_with("    ")).count();
        // Two headers, the line of the end and what it says, and the day.
        assert!(heads <= 5, "{plain}");
        let markdown = outline(Dialect::Markdown, &context, &items);
        let heads = markdown.lines().filter(|l| l.starts_with("**person")).count();
        assert_eq!(heads, 2, "{markdown}");
    }
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_feature_is_in_text_and_markdown() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut missing = Vec::new();
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let fixture: Value =
            serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let mut context = common::context();
        context.people.clear();
        let mut items = Vec::new();
        for (index, given) in fixture["messages"].as_array().unwrap().iter().enumerate() {
            let mut raw = json!({ "id": (2000 + index).to_string(), "type": 0, "content": "",
                "timestamp": format!("2026-03-14T10:{index:02}:00+00:00") });
            for (key, value) in given.as_object().unwrap() {
                raw[key] = value.clone();
            }
            if let Some(name) = raw["author"].as_str().map(ToOwned::to_owned) {
                raw["author"] = json!({ "id": "7", "username": name, "global_name": name });
            }
            items.push(TimelineItem::message(Message::from_value(&raw)));
        }
        // What the site draws, without what only surroundings know: names of people and copies of files.
        let html = transcript::render_messages(&context, &items).html.into_string();
        let shown = html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
        let shown: String = shown.collect::<Vec<_>>().join(" ");
        let shown = shown.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
        let shown = shown.replace("&#39;", "'").replace("&amp;", "&");
        for dialect in [Dialect::Plain, Dialect::Markdown] {
            let text = outline(dialect, &context, &items);
            let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
            let known = words(&text);
            for word in words(&shown) {
                seen += 1;
                // The letter in place of a picture stands for the name beside it.
                if word.chars().count() > 1 && !known.contains(&word) {
                    missing.push(format!("{path:?} {dialect:?}: {word}"));
                }
            }
        }
    }
    assert!(seen > 2000 && missing.is_empty(), "{seen}: {missing:#?}");
}

#[test]
fn plain_text_is_pleasant_to_read() {
    let text = outline(Dialect::Plain, &common::context(), &common::ticket());
    for line in [
        "Ticket 7\n========\nServer: Example\n",
        "\n== 14 March 2026 ==\n",
        "\nMira Okafor · 14/03/2026, 10:02\n    Hi! I was charged twice this month 😟\n",
        "\nWardesk · [APP] · ",
        "    ↪ In reply to Mira Okafor: Here is the receipt:\n    Thanks, looking at it now.\n",
        "    Steps\n    1. Open Settings\n    2. Choose Billing\n       - and then History\n    3. Send us the number\n",
        "      | let charges = invoices.iter().filter(|i| i.paid).count();\n",
        "the guide (https://help.example/billing)",
        "    > Choose Billing\n    > and then History\n",
        "[Receipt with two equal lines] (https://desk.example/media/receipt.png)",
        "||4242-A-1042||",
        "* [Desk] Jonas claimed the ticket 10:08\n",
        "* [Desk] Jonas set the priority to high 10:21\n",
        "* [Desk] Jonas moved the ticket from Billing to Refunds 10:22\n",
        "* [Desk] Discord refused the move to Refunds: the ticket is back at Billing 10:23\n",
        "    What happened?\n      Charged twice.\n      Same month.\n",
        "    mailbox.zip 70.0 MiB Too large to be kept\n",
        "[🙋 Claim] [Close] Help page (https://help.example)",
        "\n----\nEnd of the transcript: 3 messages.\n",
    ] {
        assert!(text.contains(line), "{line:?} is not in\n{text}");
    }
}

#[test]
fn markdown_keeps_what_was_marked() {
    let text = outline(Dialect::Markdown, &common::context(), &common::ticket());
    for line in [
        "# Ticket 7\n\n- **Server:** Example\n",
        "\n## 14 March 2026\n",
        "\n**Mira Okafor** · 14/03/2026, 10:02\n\n> Hi! I was **charged twice** this month 😟\n",
        "> #### Steps\n>\n> 1. Open *Settings*\n",
        "> ```rust\n> let charges = invoices.iter().filter(|i| i.paid).count();\n",
        "> **Order**:\n>   `A-1042`\n>\n> **Since**:\n",
        "[Receipt with two equal lines](<https://desk.example/media/receipt.png>)",
        "[the guide](<https://help.example/billing>)",
        "> > Choose Billing\\\n> > and then History\n",
        "\\|\\|4242-A-1042\\|\\|",
        "~~yesterday~~",
        "\n***\n\nEnd of the transcript: 3 messages.\n",
    ] {
        assert!(text.contains(line), "{line:?} is not in\n{text}");
    }
}

#[test]
fn pages_follow_each_other_as_if_they_were_one() {
    let (context, items) = (common::context(), common::ticket());
    let articles = |html: &str| {
        html.split("<article class=\"")
            .skip(1)
            .map(|a| a.split('"').next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let whole = articles(&document(Media::Inside, &context, &items));
    let mut file = HtmlFile::new(Media::Inside, "n".into());
    let mut html = String::new();
    for page in items.chunks(3) {
        for piece in file.page(&context, page) {
            if let Piece::Text(text) = piece {
                html.push_str(&text);
            }
        }
    }
    assert_eq!(articles(&html), whole);
    assert_eq!(html.matches("<h2 class=\"t-day\">").count(), 1);
    // Each colour has its rules once: for light, for dark, and for the system's choice.
    assert_eq!(html.matches(".c-2ecc71{").count(), 3);
    let mut whole = Outline::new(Dialect::Plain, "");
    let mut cut = Outline::new(Dialect::Plain, "");
    let parts: String = items.chunks(1).map(|page| cut.page(&context, page)).collect();
    // Quotes of answers are the one thing that a piece alone does not know.
    let plain = |text: &str| {
        text.lines()
            .filter(|l| !l.contains('↪') && !l.is_empty())
            .map(ToOwned::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(plain(&parts), plain(&whole.page(&context, &items)));
}

#[test]
fn files_have_places() {
    let (context, items) = (common::context(), common::ticket());
    let mut file = HtmlFile::new(Media::Inside, "n".into());
    let places: Vec<_> = file
        .page(&context, &items)
        .into_iter()
        .filter_map(|piece| match piece {
            Piece::File(place) => Some((place.file.as_str().to_owned(), place.part)),
            Piece::Text(text) => {
                assert!(!text.contains("/media/"), "{text}");
                None
            }
        })
        .collect();
    let has = |path: &str, part: Part| places.contains(&(format!("/media/{path}"), part));
    assert!(has("receipt.png", Part::Picture) && has("receipt.png", Part::Link), "{places:?}");
    assert!(has("log.txt", Part::Save) && has("voice.ogg", Part::Sound));
    assert!(has("party.gif", Part::Small("t-emoji".into())));
}
