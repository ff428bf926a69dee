//! How files are drawn: from their copies, as what those show, or by name and size.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::too_many_lines,
    clippy::similar_names,
    missing_docs
)]

mod common;

use serde_json::json;
use transcript::{FileCopy, LocalPath, Message, Shows, Snowflake, TimelineItem, render_messages};

fn html_of(message: Message) -> String {
    render_messages(&common::context(), &[TimelineItem::message(message)]).html.into_string()
}

#[test]
fn what_became_of_a_file_stands_in_its_place() {
    for (copy, words) in [
        (FileCopy::TooLarge, "Too large to be kept"),
        (FileCopy::NoRoom, "plan has no room for more files"),
        (FileCopy::Pending, "Still being copied"),
        (FileCopy::Missing, "Could not be copied"),
        (FileCopy::Erased, "Erased"),
        (FileCopy::Damaged, "damaged"),
    ] {
        let mut context = common::context();
        let id = Snowflake::new(77);
        context.files.insert(id, copy);
        let file = json!({ "attachments": [{ "id": id.to_string(), "filename": "film.mp4",
                                             "content_type": "video/mp4", "size": 9_437_184 }] });
        let item = TimelineItem::message(common::message(1, 1, 0, "", file));
        let html = render_messages(&context, &[item]).html.into_string();
        for shown in ["film.mp4", "9.0 MiB", words] {
            assert!(html.contains(shown), "{shown} is not in {html}");
        }
        assert!(!html.contains("<video"), "{html}");
    }
}

/// How a file is drawn that its sender says is of this type, where its copy shows this.
fn drawn(claim: &str, shows: Shows, more: &serde_json::Value) -> String {
    let mut context = common::context();
    let path = LocalPath::new("/files/77".to_owned()).unwrap();
    context.files.insert(Snowflake::new(77), FileCopy::Stored(path, shows));
    let mut message = json!({ "attachments": [{ "id": "77", "filename": "IMG_1.jpg", "url": "https://cdn.example/IMG_1.jpg",
        "content_type": claim, "size": 9000 }] });
    for (key, value) in more.as_object().unwrap() {
        message[key] = value.clone();
    }
    let item = TimelineItem::message(common::message(1, 1, 0, "", message));
    render_messages(&context, &[item]).html.into_string()
}

#[test]
fn a_copy_is_shown_as_what_it_is_and_as_a_download_if_it_is_not_what_was_said() {
    let as_drawn = |html: &str| {
        let shown = ["<img src", "<video", "<audio"].into_iter().find(|tag| html.contains(tag));
        // Whatever is drawn, it can be reached.
        assert!(html.contains("href=\"/files/77\""), "{html}");
        if shown.is_none() {
            assert!(html.contains("t-card--file") && html.contains(">IMG_1.jpg</a>"), "{html}");
            assert!(html.contains(" download "), "{html}");
        }
        shown.unwrap_or("a card")
    };
    for (claim, picture, recording) in [
        // As a telephone sends HEIC: by this name and type.
        ("image/jpeg", "<img src", "a card"),
        ("image/png", "<img src", "a card"),
        ("video/mp4", "a card", "<video"),
        ("video/quicktime", "a card", "<video"),
        ("video/webm; codecs=vp9", "a card", "<video"),
        ("audio/ogg", "a card", "<audio"),
        ("image/heic", "a card", "a card"),
        ("text/plain", "a card", "a card"),
    ] {
        let drawn = |shows| drawn(claim, shows, &json!({}));
        assert_eq!(as_drawn(&drawn(Shows::Picture)), picture, "{claim}");
        assert_eq!(as_drawn(&drawn(Shows::Recording)), recording, "{claim}");
        assert_eq!(as_drawn(&drawn(Shows::Nothing)), "a card", "{claim}");
    }
}

#[test]
fn what_a_gallery_or_an_embed_cannot_show_is_no_broken_picture() {
    let media =
        |url: &str| json!({ "url": url, "attachment_id": "77", "content_type": "image/jpeg" });
    let gallery = |url: &str| {
        json!({ "flags": 1 << 15, "components": [
            { "type": 12, "items": [{ "media": media(url), "description": "The roof" }] }] })
    };
    let embed = json!({ "embeds": [{ "type": "rich", "title": "A roof",
        "image": { "url": "https://cdn.example/IMG_1.jpg", "attachment_id": "77" } }] });
    let by_name = gallery("attachment://IMG_1.jpg");
    for more in [by_name, gallery("https://cdn.example/IMG_1.jpg"), embed] {
        let good = drawn("image/jpeg", Shows::Picture, &more);
        assert!(good.contains("<img src=\"/files/77\""), "{good}");
        for shows in [Shows::Nothing, Shows::Recording] {
            let html = drawn("image/jpeg", shows, &more);
            assert!(!html.contains("src=\"/files/77\""), "{html}");
            assert!(html.contains("href=\"/files/77\""), "{html}");
        }
    }
}

#[test]
fn what_a_gallery_cannot_show_has_its_name_and_size() {
    let address =
        |host: &str| format!("https://{host}/attachments/5/77/film.mp4?ex=1a&is=2b&hm=3c");
    let file = json!([{ "id": "77", "filename": "film.mp4", "content_type": "video/mp4", "size": 73_400_320 }]);
    // As Discord answers, without the id, by its other host, and as it was asked.
    for media in [
        json!({ "url": address("cdn.discordapp.com"), "attachment_id": "77", "content_type": "video/mp4" }),
        json!({ "url": address("cdn.discordapp.com") }),
        json!({ "url": address("media.discordapp.net") }),
        json!({ "url": "attachment://film.mp4" }),
    ] {
        let mut context = common::context();
        context.files.insert(Snowflake::new(77), FileCopy::TooLarge);
        let gallery = json!({ "flags": 32768, "attachments": file.clone(), "components": [{ "type": 17, "components": [
            { "type": 12, "items": [{ "media": media.clone(), "description": "The whole evening" }] }] }] });
        let item = TimelineItem::message(common::message(1, 1, 0, "", gallery));
        let html = render_messages(&context, &[item]).html.into_string();
        for shown in ["film.mp4<", "70.0 MiB", "Too large to be kept", "The whole evening"] {
            assert_eq!(html.matches(shown).count(), 1, "{shown}, {media}: {html}");
        }
        assert!(!html.contains("cdn.discordapp.com"), "{html}");
    }
    // An upload that is not among the attachments has its name at least.
    let upload = json!({ "url": address("cdn.discordapp.com"), "attachment_id": "78" });
    let gallery = json!({ "components": [{ "type": 12, "items": [{ "media": upload }] }] });
    let html = html_of(common::message(1, 1, 0, "", gallery));
    assert!(html.contains("film.mp4<") && !html.contains("cdn.discordapp.com"), "{html}");
    // A picture of another site stays a link.
    let other = json!({ "url": "https://cdn.example/attachments/5/78/film.mp4" });
    let gallery = json!({ "attachments": file, "components": [{ "type": 12, "items": [{ "media": other }] }] });
    let html = html_of(common::message(1, 1, 0, "", gallery));
    assert!(html.contains("cdn.example") && html.matches("film.mp4<").count() == 1, "{html}");
}
