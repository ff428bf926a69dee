//! One ticket with something of everything, and the pieces it must show.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::too_many_lines,
    clippy::similar_names,
    missing_docs
)]

mod common;

use serde_json::json;
use transcript::model::Emoji;
use transcript::{
    Deletion, DeskAction, DeskEvent, Entry, Message, ReactionChange, Renderer, Snowflake,
    TimelineItem, render_into, render_markdown, render_messages,
};

fn html_of(message: Message) -> String {
    render_messages(&common::context(), &[TimelineItem::message(message)]).html.into_string()
}

#[test]
fn the_ticket_shows_everything() {
    let context = common::context();
    let items = common::ticket();
    let rendered = render_messages(&context, &items);
    let html = rendered.html.as_str();
    for piece in [
        // Desk events with the form and the reason.
        "opened the ticket: <strong>Billing</strong>",
        "Charged twice.\nSame month.",
        "No answer",
        "claimed the ticket",
        "set the priority to <strong>high</strong>",
        "moved the ticket from <strong>Billing</strong> to <strong>Refunds</strong>",
        "refused the move to <strong>Refunds</strong>: the ticket is back at <strong>Billing</strong>",
        "Refunded",
        // The author's colour, the app's tag, mentions.
        "class=\"t-name c-5865f2\">Wardesk</strong> <span class=\"t-tag\">APP",
        "<span class=\"t-mention\">@Mira Okafor</span>",
        "<span class=\"t-mention c-2ecc71\">@Support</span>",
        "<span class=\"t-mention\">#rules</span>",
        // Embed.
        "<dt>Order</dt>",
        "Answers within a day",
        "3 hours ago",
        // Files.
        "width=\"550\" height=\"350\"",
        "alt=\"Receipt with two equal lines\"",
        "70.0 MiB",
        "Too large to be kept",
        "<path d=\"M2 ",
        "Spoiler: SPOILER_end.png",
        "<video class=\"t-video\" controls",
        // Answers.
        "In reply to <strong>Mira Okafor</strong>: <a href=\"#m-1003\">Here is the receipt:</a>",
        "<a href=\"#m-99\">Refunds take three days</a>",
        "In reply to a message that is not available.",
        // Markdown.
        "<h3 class=\"t-h1\">Steps</h3>",
        "<ol start=\"1\">",
        "<pre class=\"t-pre\" data-lang=\"rust\"><code><span class=\"h-k\">let</span> charges",
        "<label class=\"t-spoiler\">",
        "t-md--jumbo",
        // Edits, deletion.
        "earlier versions: 1",
        "Found it: <em>nothing</em>",
        "t-msg--deleted",
        "This was a mistake",
        // Sticker, poll, forward, components, unknown ones.
        "High five",
        "<meter value=\"3\" min=\"0\" max=\"4\"",
        "75 %",
        "Forwarded",
        "Refunds of <em>double charges</em>",
        "t-bar c-e91e63",
        "Confirm",
        "<strong>Double charge</strong>",
        "not known here (77)",
        "&quot;new&quot;: &quot;thing&quot;",
        "not known here (9001)",
        "&quot;holo&quot;",
        // System and commands.
        "pinned <a href=\"#m-1007\">a message</a>",
        "joined the server",
        "changed the name to <strong>new-name</strong>",
        "used <span class=\"t-mention\">/refund</span>",
        "CI</strong> <span class=\"t-tag\">Webhook",
        "nothing that can be shown",
        "<h2 class=\"t-day\"><time datetime=\"2026-03-14\">14 March 2026",
    ] {
        assert!(html.contains(piece), "missing: {piece}\n{html}");
    }
    assert_eq!(
        html.matches(">log.txt</a>").count(),
        1,
        "a file that the layout shows is not listed again"
    );
    assert_eq!(rendered.colours.len(), 4, "{:?}", rendered.colours);
    assert!(!html.contains("style=") && !html.contains("<script"));
}

#[test]
fn messages_of_one_author_share_a_header() {
    let said = |id, author, minute| {
        TimelineItem::message(common::message(id, author, minute, "a", json!({})))
    };
    let heads = |items: &[TimelineItem]| {
        render_messages(&common::context(), items).html.as_str().matches("t-avatar").count()
    };
    assert_eq!(heads(&[said(1, 1, 0), said(2, 1, 6)]), 1);
    assert_eq!(heads(&[said(1, 1, 0), said(2, 1, 8)]), 2);
    assert_eq!(heads(&[said(1, 1, 0), said(2, 2, 1)]), 2);
    assert_eq!(
        heads(&[
            said(1, 1, 0),
            TimelineItem::message(common::message(3, 2, 1, "", json!({ "type": 7 }))),
            said(2, 1, 2)
        ]),
        2
    );
}

#[test]
fn a_page_continues_the_one_before() {
    let context = common::context();
    let items: Vec<_> =
        (1..5).map(|id| TimelineItem::message(common::message(id, 1, 1, "a", json!({})))).collect();
    let mut second = Renderer::new(&context);
    second.continue_after(&items[1]);
    items[2..].iter().for_each(|item| second.push(item));
    let html = second.finish().html.into_string();
    assert!(!html.contains("t-avatar") && !html.contains("t-day"), "{html}");
}

#[test]
fn streaming_gives_the_same() {
    let (context, items) = (common::context(), common::ticket());
    let mut streamed = String::new();
    let colours = render_into(&context, &items, &mut streamed).unwrap();
    let whole = render_messages(&context, &items);
    assert_eq!(colours, whole.colours);
    // Answers to earlier messages differ: they are forgotten.
    assert_eq!(
        streamed.matches("<article").count(),
        whole.html.as_str().matches("<article").count()
    );
}

#[test]
fn lost_content_is_said() {
    let mut context = common::context();
    context.content_unavailable = true;
    let blank = TimelineItem::message(common::message(1, 1, 0, "", json!({})));
    let html = render_messages(&context, &[blank]).html.into_string();
    assert!(html.contains("did not make the content") && !html.contains("t-raw"), "{html}");
}

#[test]
fn a_deleted_message_without_content_says_so() {
    let entry = Entry {
        message: common::message(1, 1, 0, "", json!({})),
        deleted: Some(Deletion { at_ms: common::START_MS, by: None }),
        ..Entry::default()
    };
    let html = render_messages(&common::context(), &[TimelineItem::Message(Box::new(entry))])
        .html
        .into_string();
    assert!(html.contains("was not kept") && html.contains("Deleted <time"), "{html}");
}

#[test]
fn who_reacted_and_took_it_back_can_be_read() {
    let change = |minute: i64, by: Option<u64>, emoji: Option<&str>, added| ReactionChange {
        at_ms: common::START_MS + minute * 60_000,
        by: by.map(Snowflake::new),
        emoji: emoji.map(|name| Emoji { name: name.into(), ..Emoji::default() }),
        added,
    };
    let entry = Entry {
        message: common::message(1, 1, 0, "thanks", json!({})),
        reactions: vec![
            change(1, Some(2), Some("👍"), true),
            change(2, Some(2), Some("👍"), false),
            change(3, None, Some("🎉"), false),
            change(4, None, None, false),
        ],
        ..Entry::default()
    };
    let html = render_messages(&common::context(), &[TimelineItem::Message(Box::new(entry))]);
    let html = html.html.into_string();
    for part in [
        "<summary>Reactions over time: 4</summary>",
        " reacted with 👍</li>",
        " no longer reacts with 👍</li>",
        "All reactions with 🎉 were removed</li>",
        "All reactions were removed</li>",
    ] {
        assert!(html.contains(part), "{part}: {html}");
    }
}

#[test]
fn erased_words_are_said_to_be_erased() {
    for deleted in [None, Some(Deletion { at_ms: common::START_MS, by: None })] {
        let message = Message { id: Snowflake::new(1001), ..Message::default() };
        let entry = Entry { message, deleted, erased: true, ..Entry::default() };
        let mut context = common::context();
        context.content_unavailable = true;
        let html = render_messages(&context, &[TimelineItem::Message(Box::new(entry))]).html;
        let html = html.into_string();
        assert!(html.contains("The words of this message were erased"), "{html}");
        assert!(!html.contains("was not kept") && !html.contains("t-raw"), "{html}");
    }
}

#[test]
fn odd_shapes_do_not_hide_their_neighbours() {
    let odd = json!({ "author": 7, "attachments": "none", "embeds": [1, { "title": ["x"], "description": "kept" }, null], "components": { "a": 1 },
        "mentions": 4, "reactions": [{ "emoji": "x", "count": -3 }], "poll": [], "flags": "8", "edited_timestamp": 12, "type": "0" });
    let html = html_of(common::message(1, 1, 0, "said", odd));
    assert!(
        html.contains("said") && html.contains("kept") && html.contains("Unknown person"),
        "{html}"
    );
    for raw in
        ["", "[]", "null", "{", "12", "{\"content\":\"a\",\"content\":\"b\"}", "{}", "{\"id\":{}}"]
    {
        let html = html_of(Message::parse(raw));
        assert!(html.contains("<article"), "{raw}");
    }
    assert_eq!(Message::parse("{\"content\":\"a\",\"content\":\"b\"}").content, "b");
}

#[test]
fn every_known_kind_has_words() {
    for locale in [
        include_str!("../../../locales/en/transcript.json"),
        include_str!("../../../locales/de/transcript.json"),
    ] {
        let context = common::context_in(locale);
        for kind in transcript::model::MessageKind::ALL.iter().filter(|kind| !kind.is_said()) {
            let raw = json!({ "type": kind.number(), "content": "Content", "mentions": [{ "id": "2", "username": "b" }] });
            let message = common::message(1, 1, 0, "", raw);
            let html =
                render_messages(&context, &[TimelineItem::message(message)]).html.into_string();
            let line = html
                .split("t-line\">")
                .nth(1)
                .unwrap()
                .split("<a class=\"t-time\"")
                .next()
                .unwrap();
            assert!(line.trim().len() > 8, "{kind:?}: {html}");
            assert!(!html.contains("t-raw"), "{kind:?}");
        }
    }
}

#[test]
fn times_are_in_the_readers_zone_and_words() {
    let mut context = common::context_in(include_str!("../../../locales/de/transcript.json"));
    context.zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(2));
    let shown = |source: &str| render_markdown(&context, source).html.into_string();
    for (style, words) in [
        (":t", "18:20"),
        (":T", "18:20:30"),
        (":d", "20.04.2021"),
        (":D", "20. April 2021"),
        ("", "20. April 2021 18:20"),
        (":F", "Dienstag, 20. April 2021 18:20"),
        (":s", "20.04.2021, 18:20"),
        (":S", "20.04.2021, 18:20:30"),
        (":R", "vor 5 Jahren"),
    ] {
        let html = shown(&format!("<t:1618935630{style}>"));
        assert!(html.contains(&format!(">{words}</time>")), "{style}: {html}");
        assert!(html.contains("datetime=\"2021-04-20T16:20:30Z\""), "{html}");
    }
    assert!(shown("<t:99999999999999>").contains("ungültiges Datum"));
}

#[test]
fn the_style_sheet_knows_every_class() {
    let css = include_str!("../transcript.css");
    let html = render_messages(&common::context(), &common::ticket()).html.into_string();
    let mut classes: Vec<&str> = html
        .split("class=\"")
        .skip(1)
        .flat_map(|rest| rest.split('"').next().unwrap().split(' '))
        .collect();
    classes.sort_unstable();
    classes.dedup();
    assert!(classes.len() > 40);
    for class in classes.iter().filter(|class| class.starts_with("t-")) {
        assert!(css.contains(&format!(".{class}")), "{class} has no rule");
    }
}

#[test]
fn words_of_both_languages_are_complete() {
    for locale in [
        include_str!("../../../locales/en/transcript.json"),
        include_str!("../../../locales/de/transcript.json"),
    ] {
        serde_json::from_str::<transcript::Labels>(locale).unwrap();
    }
}

#[test]
fn enormous_messages_are_drawn_as_far_as_sense_goes() {
    let many = |one: serde_json::Value| vec![one; 5000];
    let message = common::message(
        1,
        1,
        0,
        "kept",
        json!({
            "embeds": many(json!({ "title": "embed" })), "attachments": many(json!({ "filename": "file" })),
            "reactions": many(json!({ "emoji": { "name": "x" } })), "sticker_items": many(json!({ "name": "sticker" })),
            "components": many(json!({ "type": 10, "content": "text" })), "poll": { "answers": many(json!({ "answer_id": 1 })) },
            "message_snapshots": many(json!({ "message": { "content": "again" } })), "mentions": many(json!({ "id": "5" })),
            "future": many(json!({ "x": "y".repeat(100) })),
        }),
    );
    let html = html_of(message);
    assert!(html.contains("kept") && html.matches("More that are not shown: 4900").count() >= 5);
    assert!(html.len() < 400_000, "{}", html.len());
}

#[test]
fn what_is_nested_too_deeply_hides_nothing_else() {
    let deep = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
    for field in ["components", "future"] {
        let raw = format!(
            "{{\"id\":\"7\",\"type\":0,\"content\":\"said\",\"{field}\":{deep},\"author\":{{\"username\":\"ann\"}}}}"
        );
        let html = html_of(Message::parse(&raw));
        assert!(html.contains("<p>said</p>") && html.contains(">ann<"), "{field}");
        assert!(html.contains(&format!("not known here: {field}")), "{field}");
    }
    // A forwarded message, and one in its own answer, again and again.
    let mut raw = json!({ "id": "1", "content": "innermost" });
    for _ in 0..100 {
        raw = json!({ "id": "2", "type": 21, "content": "", "referenced_message": raw });
    }
    assert!(html_of(Message::from_value(&raw)).contains("<article"));
}

#[test]
fn unknown_fields_are_named_unless_they_say_nothing() {
    let html = html_of(common::message(
        1,
        1,
        0,
        "a",
        json!({ "scent": { "name": "<b>" }, "empty": [], "zero": 0, "off": false, "none": null, "channel_id": "5", "nonce": "7" }),
    ));
    assert!(html.contains("not known here: scent<") && html.contains("&lt;b&gt;"), "{html}");
    assert_eq!(html.matches("t-raw").count(), 1, "{html}");
    assert!(!html_of(common::message(1, 1, 0, "a", json!({}))).contains("t-raw"));
}

#[test]
fn nothing_that_is_forwarded_is_drawn_as_nothing() {
    let forward = |snapshots: serde_json::Value| {
        let more = json!({ "message_reference": { "type": 1 }, "message_snapshots": snapshots });
        html_of(common::message(1, 1, 0, "", more))
    };
    let html = forward(
        json!([{ "message": { "scent": { "name": "rose" }, "mention_roles": [], "flags": 0 } }]),
    );
    assert!(html.contains("Forwarded") && html.contains("not known here: scent<"), "{html}");
    assert!(html.contains("&quot;rose&quot;") && html.matches("t-raw").count() == 1, "{html}");
    // A part that is known is drawn beside one that is not.
    let html = forward(json!([{ "message": { "content": "kept", "poll": { "answers": [1] } } }]));
    assert!(html.contains("<p>kept</p>") && html.contains("not known here: poll<"), "{html}");
    for nothing in [json!([{}]), json!([{ "message": 7 }]), json!([{ "message": { "type": 0 } }])] {
        let html = forward(nothing);
        assert!(html.contains("Forwarded") && html.contains("message_snapshots"), "{html}");
        assert_eq!(html.matches("t-raw").count(), 1, "{html}");
    }
    assert!(!forward(json!([{ "message": { "content": "a", "tts": false } }])).contains("t-raw"));
}

#[test]
fn a_moving_picture_leads_to_where_it_moves() {
    let mut context = common::context();
    let still = transcript::LocalPath::new("/media/still.png").unwrap();
    context.media.insert("https://gifs.example/wave.png".into(), still);
    let embed = |film: &str| {
        json!({ "embeds": [{ "type": "gifv", "url": "https://gifs.example/wave", "video": { "url": film },
                "thumbnail": { "url": "https://gifs.example/wave.png", "width": 200, "height": 150 } }] })
    };
    let html = |film: &str| {
        let item = TimelineItem::message(common::message(1, 1, 0, "", embed(film)));
        render_messages(&context, &[item]).html.into_string()
    };
    let film = html("https://gifs.example/wave.mp4");
    assert!(
        film.contains("src=\"/media/still.png\"") && film.contains("Moving picture: "),
        "{film}"
    );
    assert!(film.contains("href=\"https://gifs.example/wave.mp4\""), "{film}");
    assert!(html("").contains("href=\"https://gifs.example/wave\""));
    assert!(!html("javascript:alert(1)").contains("href=\"javascript"));
}

#[test]
fn embeds_that_were_hidden_stay_so_when_they_are_forwarded() {
    let html = |flags: u64| {
        let snapshot =
            json!({ "flags": flags, "content": "a", "embeds": [{ "description": "preview" }] });
        html_of(common::message(
            1,
            1,
            0,
            "",
            json!({ "message_snapshots": [{ "message": snapshot }] }),
        ))
    };
    assert!(html(4).contains("<details") && html(4).contains("preview"), "{}", html(4));
    assert!(!html(0).contains("<details"), "{}", html(0));
}

#[test]
fn lines_of_the_system_keep_what_comes_with_them() {
    for kind in [6, 7, 18, 24, 25, 46] {
        let more = json!({ "type": kind, "content": "", "embeds": [{ "type": "rich", "description": "first" }, { "description": "second" }],
            "components": [{ "type": 10, "content": "layout" }], "attachments": [{ "id": "41", "filename": "log.zip" }],
            "sticker_items": [{ "id": "1", "name": "Wave" }], "message_snapshots": [{ "message": { "content": "forwarded" } }] });
        let html = html_of(common::message(1, 1, 0, "", more));
        for part in ["layout", "log.zip", "Wave", "<p>forwarded</p>"] {
            assert!(html.contains(part), "{part}, {kind}: {html}");
        }
        // The first embed of a poll's end is the result, whose words are others.
        assert!(kind == 46 || html.matches(">first<").count() == 1, "{kind}: {html}");
        assert!(kind == 24 || html.matches("<p>second</p>").count() == 1, "{kind}: {html}");
    }
}

#[test]
fn authors_have_the_colour_of_their_highest_coloured_role() {
    let mut context = common::context();
    for (id, colour, position) in [(21, 0x00ff_0000, 5), (22, 0, 9), (23, 0x0000_ff00, 3)] {
        let role = transcript::Role {
            name: "r".into(),
            colour: transcript::Colour::new(colour),
            position,
        };
        context.roles.insert(Snowflake::new(id), role);
    }
    let message =
        common::message(1, 50, 0, "a", json!({ "member": { "roles": ["23", "22", "21"] } }));
    let html = render_messages(&context, &[TimelineItem::message(message)]).html.into_string();
    assert!(html.contains("t-name c-ff0000"), "{html}");
    // A webhook has no roles, whatever it is called.
    let hook = common::message(1, 2, 0, "a", json!({ "webhook_id": "2" }));
    assert!(!html_of(hook).contains("t-name c-"));
}

#[test]
fn who_is_not_known_has_the_avatar_of_the_message() {
    let mut context = common::context();
    let path = transcript::LocalPath::new("/media/face.png").unwrap();
    context.avatars.insert(Snowflake::new(7), path);
    let hook = common::message(7, 900, 0, "a", json!({ "webhook_id": "900" }));
    let html = render_messages(&context, &[TimelineItem::message(hook)]).html.into_string();
    assert!(html.contains("class=\"t-avatar\" src=\"/media/face.png\""), "{html}");
}

#[test]
fn moments_are_written_for_machines() {
    for (seconds, text) in [
        ("0", "datetime=\"1970-01-01T00:00:00Z\""),
        ("-1", "datetime=\"1969-12-31T23:59:59Z\""),
        ("1773482645", "datetime=\"2026-03-14T10:04:05Z\""),
        ("-62167219200", "datetime=\"0000-01-01T00:00:00Z\""),
        ("-62167219201", "datetime=\"-000001-12-31T23:59:59Z\""),
        ("999999999999999", "invalid date"),
    ] {
        let html = transcript::render_markdown(&common::context(), &format!("<t:{seconds}>"));
        assert!(html.html.as_str().contains(text), "{seconds}: {}", html.html.as_str());
    }
}

#[test]
fn who_left_the_server_and_came_back_is_told_in_words() {
    let english = include_str!("../../../locales/en/transcript.json");
    let german = include_str!("../../../locales/de/transcript.json");
    let gone = |noticed| DeskAction::Left { noticed };
    let back = |noticed| DeskAction::Joined { noticed };
    for (action, words, german_words) in [
        (gone(false), "left the server", "hat den Server verlassen"),
        (gone(true), "is not on the server any more", "ist nicht mehr auf dem Server"),
        (back(false), "came back to the server", "ist zum Server zurückgekehrt"),
        (back(true), "is on the server again", "ist wieder auf dem Server"),
    ] {
        for (labels, words) in [(english, words), (german, german_words)] {
            let by = Some(Snowflake::new(1));
            let event = DeskEvent { at_ms: common::START_MS, by, action: action.clone() };
            let context = common::context_in(labels);
            let html = render_messages(&context, &[TimelineItem::Desk(event)]).html.into_string();
            assert!(html.contains("Mira Okafor") && html.contains(words), "{words}: {html}");
        }
    }
}
