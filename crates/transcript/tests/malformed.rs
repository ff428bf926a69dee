//! Messages that are not as Discord's documentation says: parts missing, of another type, nested, enormous, cut off, or
//! of a time to come. Each is drawn as far as it is understood.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::too_many_lines,
    clippy::similar_names,
    missing_docs
)]

mod common;

use common::audit::audit;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use transcript::{Message, TimelineItem, render_messages};

/// Every message of every fixture, which are one for each thing that messages can have.
fn fixtures() -> Vec<Value> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|one| one.unwrap().path()).collect();
    files.sort();
    let read =
        |path| -> Value { serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap() };
    files
        .iter()
        .flat_map(|path| read(path)["messages"].as_array().unwrap().clone())
        .map(whole)
        .collect()
}

/// With what every message has and fixtures leave to the test.
fn whole(mut message: Value) -> Value {
    let fields = message.as_object_mut().unwrap();
    if !fields.get("author").is_some_and(Value::is_object) {
        fields.insert("author".into(), json!({ "id": "1", "username": "mira" }));
    }
    for (name, value) in [
        ("id", json!("1001")),
        ("type", json!(0)),
        ("timestamp", json!("2026-03-14T10:00:00+00:00")),
    ] {
        fields.entry(name).or_insert(value);
    }
    message
}

fn drawn(message: &Message) -> String {
    let item = TimelineItem::message(message.clone());
    render_messages(&common::context(), std::slice::from_ref(&item)).html.into_string()
}

/// Draws raw text and sees that what came out is whole.
fn draw(raw: &str) -> String {
    let html = drawn(&Message::parse(raw));
    audit(&html);
    assert!(html.contains("<article"), "nothing was drawn of {raw:.200}");
    html
}

/// What is done to one value of a message.
#[derive(Debug, Clone)]
enum Change {
    Drop,
    Null,
    Swap(Value),
    /// Within so many lists.
    Nest(usize),
    /// A text or a list of so many times its length.
    Grow(usize),
    /// A field that Discord does not have yet.
    Future,
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        Just(Change::Drop),
        Just(Change::Null),
        any::<bool>().prop_map(|flag| Change::Swap(flag.into())),
        any::<i64>().prop_map(|number| Change::Swap(number.into())),
        any::<u64>().prop_map(|number| Change::Swap(number.into())),
        any::<f64>().prop_map(|number| Change::Swap(json!(number))),
        "\\PC{0,12}".prop_map(|text| Change::Swap(text.into())),
        Just(Change::Swap(json!([]))),
        Just(Change::Swap(json!({}))),
        Just(Change::Swap(json!([null, true, -1, 1.5, "x", [[]], { "id": {} }]))),
        Just(Change::Swap(json!({ "id": [], "name": {}, "type": "x", "url": 1, "components": 3 }))),
        (1_usize..200).prop_map(Change::Nest),
        (2_usize..400).prop_map(Change::Grow),
        Just(Change::Future),
    ]
}

/// How many values there are below a value.
fn count(value: &Value) -> usize {
    match value {
        Value::Array(parts) => parts.iter().map(|part| 1 + count(part)).sum(),
        Value::Object(fields) => fields.values().map(|field| 1 + count(field)).sum(),
        _ => 0,
    }
}

/// Changes the value that is the `at`th below this one; answers how many are left to pass.
fn apply(value: &mut Value, at: usize, change: &Change) -> Option<usize> {
    let mut left = at;
    match value {
        Value::Array(parts) => {
            for index in 0..parts.len() {
                if left == 0 {
                    match changed(&parts[index], change) {
                        Some(new) => parts[index] = new,
                        None => drop(parts.remove(index)),
                    }
                    return None;
                }
                left = apply(&mut parts[index], left - 1, change)?;
            }
        }
        Value::Object(fields) => {
            let names: Vec<String> = fields.keys().cloned().collect();
            for name in names {
                if left == 0 {
                    if matches!(change, Change::Future) {
                        fields.insert("holo".into(), json!({ "depth": [1, 2], "of": "light" }));
                    }
                    match changed(&fields[&name], change) {
                        Some(new) => drop(fields.insert(name, new)),
                        None => drop(fields.remove(&name)),
                    }
                    return None;
                }
                left = apply(fields.get_mut(&name).unwrap(), left - 1, change)?;
            }
        }
        _ => {}
    }
    Some(left)
}

fn changed(old: &Value, change: &Change) -> Option<Value> {
    Some(match change {
        Change::Drop => return None,
        Change::Null => Value::Null,
        Change::Swap(new) => new.clone(),
        Change::Nest(depth) => (0..*depth).fold(old.clone(), |inner, _| json!([inner])),
        Change::Grow(times) => match old {
            Value::String(text) => text.repeat(*times).into(),
            Value::Array(parts) => {
                parts.iter().cycle().take(parts.len() * times).cloned().collect()
            }
            Value::Object(fields) => {
                let more = (0..*times).map(|n| (format!("field_{n}"), json!(n)));
                fields.clone().into_iter().chain(more).collect::<Map<_, _>>().into()
            }
            other => other.clone(),
        },
        Change::Future => old.clone(),
    })
}

fn mutated() -> impl Strategy<Value = Value> {
    let one = (any::<prop::sample::Index>(), change());
    (prop::sample::select(fixtures()), prop::collection::vec(one, 1..6)).prop_map(
        |(mut message, changes)| {
            for (at, change) in changes {
                let values = count(&message);
                if values > 0 {
                    apply(&mut message, at.index(values), &change);
                }
            }
            message
        },
    )
}

// As many cases as `PROPTEST_CASES` says: ./test --long asks for many more.
proptest! {
    #[test]
    fn a_changed_message_is_drawn(message in mutated()) {
        let raw = message.to_string();
        let html = draw(&raw);
        // Parts of one kind are drawn up to a number, texts within their budget.
        prop_assert!(html.len() <= 40 * raw.len() + (1 << 16), "{} of {}", html.len(), raw.len());
    }

    #[test]
    fn what_is_understood_stays(mut message in prop::sample::select(fixtures()), at in any::<prop::sample::Index>(), change in change()) {
        // One field is damaged, and the text of the message is none of its business.
        let names: Vec<String> = message.as_object().unwrap().keys().filter(|name| !["content", "type"].contains(&name.as_str())).cloned().collect();
        let name = &names[at.index(names.len())];
        let new = changed(&message[name], &change);
        let fields = message.as_object_mut().unwrap();
        fields.remove(name);
        if let Some(new) = new {
            fields.insert(name.clone(), new);
        }
        fields.insert("type".into(), 0.into());
        fields.insert("content".into(), "the lighthouse is lit".into());
        let html = draw(&message.to_string());
        prop_assert!(html.contains("the lighthouse is lit"), "{} took the text with it", name);
    }

    #[test]
    fn a_message_that_is_cut_off_is_shown_raw(message in prop::sample::select(fixtures()), at in any::<prop::sample::Index>()) {
        let raw = message.to_string();
        let cut = at.index(raw.len() - 1) + 1;
        let cut = (0..=cut).rev().find(|at| raw.is_char_boundary(*at)).unwrap();
        draw(&raw[..cut]);
    }

    #[test]
    fn of_a_repeated_field_the_last_counts(message in prop::sample::select(fixtures())) {
        let raw = message.to_string();
        let html = draw(&format!("{},\"type\":0,\"content\":\"first\",\"content\":\"last one\"}}", raw.strip_suffix('}').unwrap()));
        prop_assert!(html.contains("last one"));
    }
}

#[test]
fn depth_past_what_a_parser_can_bear_costs_one_field() {
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    for field in [
        "embeds",
        "components",
        "poll",
        "referenced_message",
        "message_snapshots",
        "author",
        "something_new",
    ] {
        let raw =
            format!("{{\"id\":\"5\",\"type\":0,\"{field}\":{deep},\"content\":\"still here\"}}");
        let html = draw(&raw);
        assert!(html.contains("still here"), "{field}");
    }
}

#[test]
fn an_enormous_message_makes_no_enormous_page() {
    let message = |fields: Value| {
        let mut message = whole(fields);
        message["content"] = "a".repeat(4000).into();
        message.to_string()
    };
    let file = json!({ "id": "40", "filename": "receipt.png", "content_type": "image/png" });
    let embed = json!({ "type": "rich", "title": "t", "fields": vec![json!({ "name": "n", "value": "v" }); 200] });
    let button = json!({ "type": 1, "components": vec![json!({ "type": 2, "label": "b" }); 200] });
    let reaction = json!({ "emoji": { "name": "x" }, "count": u64::MAX });
    for (field, value) in [
        ("attachments", json!(vec![file; 2000])),
        ("embeds", json!(vec![embed; 200])),
        ("components", json!(vec![button; 200])),
        ("reactions", json!(vec![reaction; 2000])),
        ("sticker_items", json!(vec![json!({ "id": "60", "name": "s" }); 2000])),
        (
            "poll",
            json!({ "question": { "text": "q" }, "answers": vec![json!({ "answer_id": 1, "poll_media": { "text": "a" } }); 2000] }),
        ),
        ("message_snapshots", json!(vec![json!({ "message": { "content": "f" } }); 2000])),
        ("mentions", json!(vec![json!({ "id": "1", "username": "u" }); 2000])),
        ("something_new", json!(vec!["x"; 20_000])),
    ] {
        let html = draw(&message(json!({ field: value })));
        assert!(html.contains(&"a".repeat(4000)), "{field}");
        assert!(html.len() < 4 << 20, "{field}: {} bytes", html.len());
    }
}
