//! Every feature of Discord's messages, one fixture each: what must be seen of it. `docs/RENDERING.md` has a row for each,
//! and the browser test `rendering` sends the same messages through a server and looks at the page.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::too_many_lines,
    clippy::similar_names,
    missing_docs
)]

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use transcript::{
    Channel, Colour, Context, FileCopy, LocalPath, Message, Person, Role, Shows, Snowflake,
    TimelineItem, render_messages,
};

/// Who speaks in the fixtures: the people of the sandbox's example world, by their ids there.
const PEOPLE: [(&str, &str, u64); 4] = [
    ("olivia", "Olivia", 200_000_000_000_000_001),
    ("sam", "Sam", 200_000_000_000_000_002),
    ("mia", "Mia", 200_000_000_000_000_003),
    ("noah", "Noah", 200_000_000_000_000_004),
];

fn fixtures() -> BTreeMap<String, Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
        })
        .collect()
}

fn context(labels: &str) -> Context {
    let mut context = common::context_in(labels);
    let path = |text: String| LocalPath::new(text).unwrap();
    context.people.clear();
    for (username, name, id) in PEOPLE {
        // Noah is known by what his messages say.
        if username != "noah" {
            let person =
                Person { name: name.into(), username: username.into(), ..Person::default() };
            context.people.insert(Snowflake::new(id), person);
        }
    }
    context.roles.insert(
        Snowflake::new(410_000_000_000_000_001),
        Role { name: "Support".into(), colour: Colour::new(0x002e_cc71), position: 2 },
    );
    context
        .channels
        .insert(Snowflake::new(420_000_000_000_000_003), Channel { name: "general".into() });
    for (id, name) in [(1, "lamp.png"), (2, "blink.gif")] {
        let id = Snowflake::new(700_000_000_000_000_000 + id);
        context.emojis.insert(id, path(format!("/media/{name}")));
    }
    for id in 1..=4 {
        let id = Snowflake::new(710_000_000_000_000_000 + id);
        context.stickers.insert(id, path(format!("/media/sticker-{id}")));
    }
    context
}

/// The messages of a fixture as Discord would send them, and the files that were copied.
fn messages(fixture: &Value, context: &mut Context) -> Vec<TimelineItem> {
    let mut id = 2000;
    let mut items = Vec::new();
    for given in fixture["messages"].as_array().unwrap() {
        id += 1;
        let mut raw = json!({ "id": id.to_string(), "type": 0, "content": "",
            "timestamp": format!("2026-03-14T10:{:02}:00+00:00", id - 2000) });
        for (key, value) in given.as_object().unwrap() {
            raw[key] = value.clone();
        }
        if let Some(name) = raw["author"].as_str() {
            let (username, name, id) = PEOPLE.iter().find(|person| person.0 == name).unwrap();
            raw["author"] =
                json!({ "id": id.to_string(), "username": username, "global_name": name });
        }
        for file in raw["attachments"].as_array().into_iter().flatten() {
            let id: Snowflake = file["id"].as_str().unwrap().parse().unwrap();
            let copy = if file["copy"] == "too_large" {
                FileCopy::TooLarge
            } else {
                let shows = Shows::of(file["content_type"].as_str().unwrap_or_default());
                FileCopy::Stored(LocalPath::new(format!("/media/{id}")).unwrap(), shows)
            };
            context.files.insert(id, copy);
        }
        items.push(TimelineItem::message(Message::from_value(&raw)));
    }
    items
}

/// The text of HTML as a person reads it, in one line.
fn text_of(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        let end = at + rest[at..].find('>').unwrap();
        // Blocks are apart.
        let tag = rest[at + 1..end].trim_start_matches('/');
        let name = tag.split(' ').next().unwrap();
        if ["p", "div", "li", "dt", "dd", "h3", "summary", "pre", "article"].contains(&name) {
            out.push(' ');
        }
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    let out = out
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&");
    in_one_line(&out)
}

fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn list<'a>(fixture: &'a Value, key: &str) -> Vec<&'a str> {
    let all = fixture.get(key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    all.iter().map(|one| one.as_str().unwrap()).collect()
}

#[test]
fn every_feature_is_drawn() {
    let mut missing = Vec::new();
    let fixtures = fixtures();
    assert!(fixtures.len() >= 60, "{}", fixtures.len());
    for (name, fixture) in &fixtures {
        let mut context = context(include_str!("../../../locales/en/transcript.json"));
        let items = messages(fixture, &mut context);
        let html = render_messages(&context, &items).html.into_string();
        let text = text_of(&html);
        let (shows, later) = (list(fixture, "shows"), list(fixture, "after_click"));
        let pieces = list(fixture, "html");
        assert!(!shows.is_empty() || !pieces.is_empty(), "{name} asks for nothing");
        for shown in shows.into_iter().chain(later) {
            if !text.contains(&in_one_line(shown)) {
                missing.push(format!("{name}: {shown:?} is not in {text:?}"));
            }
        }
        for piece in pieces {
            if !html.contains(piece) {
                missing.push(format!("{name}: {piece} is not in {html}"));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n\n"));
}

#[test]
fn nothing_is_untold_in_german() {
    let mut untold = Vec::new();
    for (name, fixture) in fixtures() {
        let drawn = |labels: &str| {
            let mut context = context(labels);
            let items = messages(&fixture, &mut context);
            text_of(&render_messages(&context, &items).html.into_string())
        };
        let english = drawn(include_str!("../../../locales/en/transcript.json"));
        let german = drawn(include_str!("../../../locales/de/transcript.json"));
        if name.starts_with("system-") && english == german {
            untold.push(name);
        }
    }
    assert_eq!(untold, Vec::<String>::new());
}

#[test]
fn the_style_sheet_knows_every_class() {
    let css = include_str!("../transcript.css");
    for (name, fixture) in fixtures() {
        let mut context = context(include_str!("../../../locales/en/transcript.json"));
        let items = messages(&fixture, &mut context);
        let html = render_messages(&context, &items).html.into_string();
        let classes = html.split("class=\"").skip(1).flat_map(|rest| {
            rest.split('"').next().unwrap().split(' ').filter(|class| !class.starts_with("c-"))
        });
        for class in classes {
            assert!(css.contains(&format!(".{class}")), "{class} of {name} has no rule");
        }
    }
}

#[test]
fn the_document_has_a_row_for_each() {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/RENDERING.md");
    let document = std::fs::read_to_string(document).unwrap();
    for (name, fixture) in fixtures() {
        let row = fixture["row"].as_str().unwrap();
        let found = document.lines().any(|line| {
            line.contains(&format!("[`{name}`]"))
                && line.contains(row)
                && line.contains(&format!("pictures/rendering/{name}.png"))
        });
        assert!(found, "{name} ({row}) has no row in docs/RENDERING.md");
    }
}
