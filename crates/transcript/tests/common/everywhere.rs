//! Texts of the wrong kind, and a message with one of them in every field that a person can fill.

use serde_json::Value;
use transcript::model::Emoji;
use transcript::{
    Answer, Channel, Colour, Context, DeskAction, DeskEvent, Entry, Person, Quote, ReactionChange,
    Role, Snowflake, TimelineItem, Version,
};

/// Payloads by family. The browser tests read the same file; `RUN` is where a script would do something.
const PAYLOADS: &str = include_str!("../payloads.json");
/// A message object; the browser tests send the same one.
const MESSAGE: &str = include_str!("../hostile-message.json");
/// What stands in [`MESSAGE`] for the text.
const PLACE: &str = "PAYLOAD";

/// Message types whose text or names stand in a line of the system, and one that does not exist.
pub const SYSTEM: [u64; 12] = [1, 4, 6, 18, 20, 21, 24, 25, 31, 44, 46, 9001];

/// All of them.
pub fn payloads() -> Vec<String> {
    let families: serde_json::Map<String, Value> = serde_json::from_str(PAYLOADS).unwrap();
    let texts = families.values().flat_map(|family| family.as_array().unwrap());
    texts.map(|text| text.as_str().unwrap().replace("RUN", "__xss=1")).collect()
}

/// The fields that hold the text, by their place in the object.
pub fn fields() -> std::collections::BTreeSet<String> {
    fn note(value: &Value, at: &str, all: &mut std::collections::BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                fields.iter().for_each(|(name, value)| note(value, &format!("{at}.{name}"), all));
            }
            Value::Array(parts) => parts.iter().for_each(|part| note(part, at, all)),
            Value::String(text) if text.contains(PLACE) => drop(all.insert(at.to_owned())),
            _ => {}
        }
    }
    let mut all = std::collections::BTreeSet::new();
    note(&serde_json::from_str(MESSAGE).unwrap(), "message", &mut all);
    all
}

fn fill(value: &Value, text: &str) -> Value {
    match value {
        Value::String(form) => form.replace(PLACE, text).into(),
        Value::Array(parts) => parts.iter().map(|part| fill(part, text)).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.replace(PLACE, text), fill(value, text)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

/// Messages and their surroundings with one text in every field: one that was said, and one of the `nth` of [`SYSTEM`].
pub fn everywhere(text: &str, nth: usize) -> (Context, Vec<TimelineItem>) {
    let mut context = super::context();
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
    let body = fill(&serde_json::from_str(MESSAGE).unwrap(), text);
    let content = format!("{} <@5> <@&6> <#7>", body["content"].as_str().unwrap());
    let by = Some(id(5));
    let mut items = vec![TimelineItem::Message(Box::new(Entry {
        message: super::message(1, 90, 0, &content, {
            let mut more = body.clone();
            more.as_object_mut().unwrap().remove("content");
            more
        }),
        earlier: vec![Version { at_ms: 0, content: text.into() }],
        reactions: vec![ReactionChange {
            by,
            emoji: Some(Emoji { name: text.into(), ..Emoji::default() }),
            added: true,
            ..ReactionChange::default()
        }],
        ..Entry::default()
    }))];
    let kind = SYSTEM[nth % SYSTEM.len()];
    let mut more = body.clone();
    if kind == 21 {
        // Blank but for the message that the thread began with, which only then is drawn whole.
        more = serde_json::json!({ "referenced_message": body });
    }
    more["type"] = kind.into();
    more["webhook_id"] = "90".into();
    more["content"] = if kind == 21 { "" } else { text }.into();
    items.push(TimelineItem::message(super::message(2, 90, 1, text, more)));
    items.push(TimelineItem::Desk(DeskEvent {
        at_ms: 0,
        by,
        action: DeskAction::Opened {
            panel: text.into(),
            answers: vec![Answer { question: text.into(), answer: text.into() }],
        },
    }));
    for action in [
        DeskAction::Moved { from: text.into(), to: text.into() },
        DeskAction::MovedBack { from: text.into(), to: text.into() },
    ] {
        items.push(TimelineItem::Desk(DeskEvent { at_ms: 0, by, action }));
    }
    items.push(TimelineItem::Desk(DeskEvent {
        at_ms: 1,
        by,
        action: DeskAction::Closed { reason: text.into() },
    }));
    (context, items)
}
