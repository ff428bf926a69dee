//! What the tests and the example share: words, and a ticket of about forty messages.

#![allow(dead_code)] // Each test uses a part of it.

pub mod audit;
pub mod everywhere;

use std::collections::HashMap;

use serde_json::{Value, json};
use transcript::{
    Answer, Channel, Colour, Context, Deletion, DeskAction, DeskEvent, Entry, FileCopy, LocalPath,
    Message, Person, Quote, Role, Shows, Snowflake, TimelineItem, Urgency, Version, merge,
};

/// 14 March 2026, 10:00 UTC.
pub const START_MS: i64 = 1_773_482_400_000;

pub fn context() -> Context {
    context_in(include_str!("../../../../locales/en/transcript.json"))
}

pub fn context_in(labels: &str) -> Context {
    let mut context = Context::new(serde_json::from_str(labels).unwrap(), START_MS + 7_200_000);
    let path = |text: &str| LocalPath::new(text).unwrap();
    let person = |name: &str, colour: u32, bot: bool| Person {
        name: name.into(),
        username: name.to_lowercase(),
        avatar: None,
        colour: Colour::new(colour),
        bot,
    };
    context.people = HashMap::from([
        (Snowflake::new(1), person("Mira Okafor", 0, false)),
        (Snowflake::new(2), person("Jonas", 0x002e_cc71, false)),
        (Snowflake::new(3), person("Wardesk", 0x0058_65f2, true)),
        (Snowflake::new(4), person("Priya (Lead)", 0x00f1_c40f, false)),
    ]);
    context.roles.insert(
        Snowflake::new(20),
        Role { name: "Support".into(), colour: Colour::new(0x002e_cc71), position: 1 },
    );
    context.channels.insert(Snowflake::new(30), Channel { name: "rules".into() });
    context.files = HashMap::from([
        (Snowflake::new(40), FileCopy::Stored(path("/media/receipt.png"), Shows::Picture)),
        (Snowflake::new(41), FileCopy::TooLarge),
        (Snowflake::new(42), FileCopy::Stored(path("/media/voice.ogg"), Shows::Recording)),
        (Snowflake::new(43), FileCopy::Stored(path("/media/log.txt"), Shows::Nothing)),
        (Snowflake::new(45), FileCopy::Stored(path("/media/clip.mp4"), Shows::Recording)),
        (Snowflake::new(46), FileCopy::Stored(path("/media/spoiler.png"), Shows::Picture)),
    ]);
    context.emojis.insert(Snowflake::new(50), path("/media/party.gif"));
    context.stickers.insert(Snowflake::new(60), path("/media/wave.png"));
    context.media.insert("https://cdn.example/preview.png".into(), path("/media/preview.png"));
    context.quotes.insert(
        Snowflake::new(99),
        Quote {
            author: Snowflake::new(4),
            content: "Refunds take **three** days".into(),
            reachable: true,
            ..Quote::default()
        },
    );
    context
}

/// A message of somebody at a minute, with more fields.
pub fn message(id: u64, author: u64, minute: i64, content: &str, more: Value) -> Message {
    let mut raw = json!({
        "id": id.to_string(), "type": 0, "content": content,
        "author": { "id": author.to_string(), "username": format!("person-{author}"), "bot": author == 3 },
        "timestamp": format!("2026-03-14T{:02}:{:02}:05.000000+00:00", 10 + minute / 60, minute % 60),
    });
    if let (Some(object), Value::Object(more)) = (raw.as_object_mut(), more) {
        object.extend(more);
    }
    Message::from_value(&raw)
}

/// A ticket with something of everything.
pub fn ticket() -> Vec<TimelineItem> {
    let mut number = 1000;
    let mut entries: Vec<Entry> = Vec::new();
    let mut add = |author: u64, minute: i64, content: &str, more: Value| {
        number += 1;
        entries.push(Entry {
            message: message(number, author, minute, content, more),
            ..Entry::default()
        });
    };
    let none = || json!({});
    add(
        3,
        0,
        "Welcome <@1>! <@&20> will be with you soon. Please read <#30> meanwhile.",
        json!({
            "embeds": [{ "type": "rich", "title": "Billing", "description": "Tell us what happened.\n- one thing at a time\n- with **order number**", "color": 0x0058_65f2,
                "fields": [{ "name": "Order", "value": "`A-1042`", "inline": true }, { "name": "Since", "value": "<t:1773480000:R>", "inline": true }, { "name": "Details", "value": "Charged twice for the same month." }],
                "footer": { "text": "Answers within a day" }, "timestamp": "2026-03-14T10:00:00Z", "author": { "name": "Wardesk", "url": "https://wardesk.example" } }],
            "components": [{ "type": 1, "components": [{ "type": 2, "style": 1, "label": "Claim", "emoji": { "name": "🙋" } }, { "type": 2, "style": 4, "label": "Close" }, { "type": 2, "style": 5, "label": "Help page", "url": "https://help.example" }] }]
        }),
    );
    add(1, 2, "Hi! I was **charged twice** this month 😟", none());
    add(
        1,
        3,
        "Here is the receipt:",
        json!({ "attachments": [{ "id": "40", "filename": "receipt.png", "description": "Receipt with two equal lines", "content_type": "image/png", "size": 84_213, "width": 1100, "height": 700 }] }),
    );
    add(
        1,
        4,
        "and the whole mailbox, in case",
        json!({ "attachments": [{ "id": "41", "filename": "mailbox.zip", "size": 73_400_320, "content_type": "application/zip" }] }),
    );
    add(
        2,
        9,
        "Thanks, looking at it now.",
        json!({ "type": 19, "message_reference": { "message_id": "1003" } }),
    );
    add(
        2,
        10,
        "# Steps\n1. Open *Settings*\n2. Choose __Billing__\n   - and then **History**\n3. Send us the number\n-# No card numbers, please",
        none(),
    );
    add(
        2,
        11,
        "The fix on our side:\n```rust\nlet charges = invoices.iter().filter(|i| i.paid).count();\nassert_eq!(charges, 1); // was 2\n```\nSee `billing::charge` or [the guide](https://help.example/billing).",
        none(),
    );
    add(
        1,
        13,
        "> Choose Billing\n> and then History\nFound it: ||4242-A-1042||, bought <t:1770000000:D> ~~yesterday~~",
        json!({ "edited_timestamp": "2026-03-14T10:14:00+00:00" }),
    );
    add(1, 14, "🎉😀", none());
    add(
        1,
        15,
        "",
        json!({ "flags": 8192, "attachments": [{ "id": "42", "filename": "voice-message.ogg", "content_type": "audio/ogg", "duration_secs": 7.4, "size": 21_000, "waveform": "AAMJGSo7TF1uf5ChsqGQf25dTDsqGQkDAAMJGSo7TF1uf5ChsqGQf25dTDsqGQkD" }] }),
    );
    add(
        2,
        16,
        "",
        json!({ "sticker_items": [{ "id": "61", "name": "High five", "format_type": 3 }] }),
    );
    add(
        2,
        17,
        "Which one suits you?",
        json!({ "poll": { "question": { "text": "How shall we pay it back?" }, "allow_multiselect": false, "expiry": "2026-03-15T10:00:00Z",
        "answers": [{ "answer_id": 1, "poll_media": { "text": "To the card", "emoji": { "name": "💳" } } }, { "answer_id": 2, "poll_media": { "text": "As credit" } }],
        "results": { "is_finalized": true, "answer_counts": [{ "id": 1, "count": 3 }, { "id": 2, "count": 1 }] } } }),
    );
    add(
        4,
        20,
        "",
        json!({ "message_reference": { "type": 1, "message_id": "5" }, "message_snapshots": [{ "message": { "type": 0, "content": "Refunds of *double charges* need no approval.", "timestamp": "2026-01-02T08:00:00Z" } }] }),
    );
    add(
        4,
        21,
        "As I said there.",
        json!({ "type": 19, "message_reference": { "message_id": "99" } }),
    );
    add(4, 22, "Gone?", json!({ "type": 19, "message_reference": { "message_id": "98" } }));
    add(
        3,
        23,
        "",
        json!({ "flags": 32768, "components": [
        { "type": 17, "accent_color": 0x00e9_1e63, "components": [
            { "type": 10, "content": "## Refund\nThe amount goes back to the card." },
            { "type": 9, "components": [{ "type": 10, "content": "**19.00 €**" }], "accessory": { "type": 2, "style": 3, "label": "Confirm", "disabled": true } },
            { "type": 14, "divider": true, "spacing": 1 },
            { "type": 13, "file": { "url": "attachment://log.txt" }, "name": "log.txt", "size": 1200 },
            { "type": 1, "components": [{ "type": 3, "placeholder": "Reason", "options": [{ "label": "Double charge", "default": true }, { "label": "Other", "description": "say which" }] }] } ] },
        { "type": 77, "new": "thing" } ],
        "attachments": [{ "id": "43", "filename": "log.txt", "size": 1200, "content_type": "text/plain" }] }),
    );
    add(
        3,
        24,
        "Done.",
        json!({ "type": 20, "interaction": { "type": 2, "name": "refund", "user": { "id": "2", "username": "jonas" } } }),
    );
    add(2, 25, "", json!({ "type": 6, "message_reference": { "message_id": "1007" } }));
    add(
        1,
        26,
        "Thank you so much! <:party:50>",
        json!({ "reactions": [{ "emoji": { "id": null, "name": "❤️" }, "count": 2 }, { "emoji": { "id": "50", "name": "party" }, "count": 1 }] }),
    );
    add(
        1,
        27,
        "https://news.example/article",
        json!({ "embeds": [{ "type": "article", "url": "https://news.example/article", "title": "Paying twice", "provider": { "name": "News" }, "thumbnail": { "url": "https://cdn.example/none.png", "width": 200, "height": 200 } }] }),
    );
    add(
        77,
        28,
        "Build 1042 passed",
        json!({ "webhook_id": "77", "author": { "id": "77", "username": "CI", "bot": true } }),
    );
    add(1, 29, "This was a mistake", none());
    add(1, 30, "", json!({ "type": 7 }));
    add(1, 31, "new-name", json!({ "type": 4 }));
    add(1, 32, "?", json!({ "type": 9001, "holo": [1, 2, 3] }));
    add(1, 33, "", none());
    add(
        2,
        34,
        "A film",
        json!({ "attachments": [{ "id": "45", "filename": "clip.mp4", "content_type": "video/mp4", "width": 640, "height": 360, "size": 2_000_000 }, { "id": "46", "filename": "SPOILER_end.png", "content_type": "image/png", "width": 200, "height": 100, "size": 900 }] }),
    );
    for entry in &mut entries {
        match entry.message.content.as_str() {
            "This was a mistake" => {
                entry.deleted =
                    Some(Deletion { at_ms: START_MS + 1_900_000, by: Some(Snowflake::new(2)) });
            }
            text if text.starts_with("> Choose") => entry
                .earlier
                .push(Version { at_ms: START_MS + 780_000, content: "Found it: *nothing*".into() }),
            _ => {}
        }
    }
    let event = |minute: i64, by: u64, action: DeskAction| DeskEvent {
        at_ms: START_MS + minute * 60_000,
        by: (by > 0).then(|| Snowflake::new(by)),
        action,
    };
    let events = vec![
        event(
            0,
            1,
            DeskAction::Opened {
                panel: "Billing".into(),
                answers: vec![
                    Answer {
                        question: "What happened?".into(),
                        answer: "Charged twice.\nSame month.".into(),
                    },
                    Answer { question: "Order number".into(), answer: String::new() },
                ],
            },
        ),
        event(8, 2, DeskAction::Claimed),
        event(19, 2, DeskAction::Added(Snowflake::new(4))),
        event(21, 2, DeskAction::Priority(Urgency::High)),
        event(22, 2, DeskAction::Moved { from: "Billing".into(), to: "Refunds".into() }),
        event(23, 0, DeskAction::MovedBack { from: "Refunds".into(), to: "Billing".into() }),
        event(40, 2, DeskAction::Closed { reason: "Refunded".into() }),
    ];
    merge(entries, events)
}
