use std::io::{Cursor, Read as _};
use std::path::PathBuf;

use futures::TryStreamExt as _;
use jiff::tz::TimeZone;
use storage::KeyScope;
use transcript::Labels;
use transcript::export::Format;
use words::Words;

use super::files::{PNG, send};
use super::*;
use crate::testing::FileAnswer;
use crate::transcripts::TranscriptError;
use crate::transcripts::attachments::finish;
use crate::transcripts::export::{Export, ExportError, Full, Wish, start, under_way};

const AVATAR: &str = "https://cdn.example/avatars/7/aabb.png?size=128";

fn wish(format: Format) -> Wish {
    let labels = include_str!("../../../../../locales/en/transcript.json");
    let labels: Labels = serde_json::from_str(labels).unwrap();
    let words = Words::new(domain::locale::Locale::En);
    Wish { format, zone: TimeZone::UTC, zone_name: "UTC".into(), labels, words }
}

async fn begin(desk: &Desk, ticket: TicketId, format: Format) -> Export {
    start(&access(desk, ticket).await, wish(format)).await.unwrap()
}

async fn whole(export: Export) -> Vec<u8> {
    let parts: Vec<bytes::Bytes> = export.bytes.try_collect().await.unwrap();
    parts.concat()
}

pub(super) async fn text(desk: &Desk, ticket: TicketId, format: Format) -> String {
    String::from_utf8(whole(begin(desk, ticket, format).await).await).unwrap()
}

/// A closed ticket: an answer that was edited, one that was deleted, an avatar, a picture, a page and a document.
async fn rich(desk: &Desk) -> TicketId {
    desk.discord.put_file(AVATAR, [FileAnswer::Bytes([PNG, b"avatar"].concat())]);
    let (ticket, channel) = open(desk).await;
    let author =
        json!({ "author": { "id": OPENER.to_string(), "username": "mia", "avatar": "aabb" } });
    let first = say_with(desk, channel, OPENER, "the first text", &author).await;
    let mut edited = first.clone();
    edited["content"] = json!("the **second** text");
    desk.clock.advance(1000);
    edited["edited_timestamp"] = json!("2026-11-21T12:00:00.000000+00:00");
    desk.discord.change(channel, id(&first), |m| *m = edited.clone());
    frames(&desk.w, vec![frame(FrameKind::Update, channel, &edited)]).await;
    let gone = say(desk, channel, OPENER, "said and taken back").await;
    frames(&desk.w, vec![deletion(channel, &gone)]).await;
    desk.discord.erase(channel, id(&gone));
    send_as(desk, channel, 1, "../../a picture.png", "image/png", PNG).await;
    send_as(desk, channel, 2, "page.html", "text/html", b"<script>alert(1)</script>").await;
    send_as(desk, channel, 3, "Bericht.pdf", "application/pdf", &b"%PDF-1.7 ".repeat(20_000)).await;
    say(desk, channel, OPENER, "<script>alert('canary')</script>").await;
    close(desk, ticket).await;
    ticket
}

async fn send_as(desk: &Desk, channel: ChannelId, file: i64, name: &str, kind: &str, bytes: &[u8]) {
    let url = super::files::url(file);
    desk.discord.put_file(&url, vec![FileAnswer::Bytes(bytes.to_vec())]);
    let extra = json!({ "attachments": [{ "id": file.to_string(), "filename": name, "url": url,
        "content_type": kind, "size": bytes.len() }] });
    say_with(desk, channel, OPENER, "a file", &extra).await;
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[tokio::test]
async fn one_html_file_holds_everything() {
    for desk in crate::testing::file_desks().await {
        let ticket = rich(&desk).await;
        let export = begin(&desk, ticket, Format::Html).await;
        assert_eq!(export.media_type, "text/html; charset=utf-8");
        assert!(export.file_name.starts_with("ticket-1-"), "{}", export.file_name);
        assert_eq!(export.file_name.rsplit('.').next(), Some("html"));
        let html = String::from_utf8(whole(export).await).unwrap();
        assert!(html.starts_with("<!DOCTYPE html>") && html.ends_with("</html>\n"));
        for there in [
            "<strong>second</strong> text",
            "the first text",
            "solved",
            &format!(" src=\"data:image/png;base64,{}\"", base64(PNG)),
            &format!(
                "data:application/octet-stream;base64,{}\"",
                base64(b"<script>alert(1)</script>")
            ),
            &base64(&b"%PDF-1.7 ".repeat(20_000)),
            "download=\"Bericht.pdf\"",
            "&lt;script&gt;alert(&#39;canary&#39;)",
            "End of the transcript",
        ] {
            assert!(html.contains(there), "{there} is not in the file ({})", desk.store.engine);
        }
        // The avatar is there once, however often it is drawn, and nothing leads to the site.
        assert_eq!(html.matches(&base64(&[PNG, b"avatar"].concat())).count(), 1);
        assert!(
            !html.contains("<script") && !html.contains("/transcripts/"),
            "{}",
            desk.store.engine
        );
    }
}

#[tokio::test]
async fn who_loses_the_role_meanwhile_is_given_no_more() {
    for desk in crate::testing::file_desks().await {
        let ticket = rich(&desk).await;
        desk.staff(60).await;
        let access = authorize_person(&desk.w, user(60), ticket).await.unwrap();
        let mut bytes = start(&access, wish(Format::Html)).await.unwrap().bytes;
        bytes.try_next().await.unwrap().unwrap();
        desk.discord.add_member(60, &[]);
        desk.clock.advance(300_000);
        let rest: Result<Vec<bytes::Bytes>, _> = bytes.try_collect().await;
        assert!(matches!(rest, Err(TranscriptError::NotFound)), "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn an_archive_has_its_files_beside_the_page() {
    for desk in crate::testing::file_desks().await {
        let ticket = rich(&desk).await;
        let bytes = whole(begin(&desk, ticket, Format::Zip).await).await;
        let mut archive = ::zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut read = |name: &str| {
            let mut all = Vec::new();
            archive.by_name(name).unwrap().read_to_end(&mut all).unwrap();
            all
        };
        let html = String::from_utf8(read("index.html")).unwrap();
        assert_eq!(read("files/1-a_picture.png").len(), PNG.len());
        assert_eq!(read("files/2-page.html.bin"), b"<script>alert(1)</script>");
        assert_eq!(read("files/3-Bericht.pdf").len(), 180_000);
        for there in [
            "src=\"files/1-a_picture.png\"",
            "href=\"files/2-page.html.bin\" download=\"page.html\"",
            "href=\"files/3-Bericht.pdf\"",
            "End of the transcript",
        ] {
            assert!(html.contains(there), "{there} is not in {html}");
        }
        assert!(!html.contains("data:image/png") && !html.contains("/transcripts/"));
        // Page, avatar, three files.
        let names: Vec<String> =
            archive.file_names().map(|name| name.unwrap().into_owned()).collect();
        assert_eq!(names.len(), 5, "{names:?}");
        assert!(
            names.iter().all(|name| !name.contains("..") && !name.starts_with('/')),
            "{names:?}"
        );
    }
}

#[tokio::test]
async fn json_is_what_its_schema_says() {
    let schema = include_str!("../../../../../docs/schema/transcript-1.json");
    let schema = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    for desk in crate::testing::file_desks().await {
        let ticket = rich(&desk).await;
        let file: Value = serde_json::from_str(&text(&desk, ticket, Format::Json).await).unwrap();
        let errors: Vec<String> = schema.iter_errors(&file).map(|e| e.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new(), "{}", desk.store.engine);
        let timeline = file["timeline"].as_array().unwrap();
        let edited = timeline
            .iter()
            .find(|item| item["versions"].as_array().is_some_and(|all| all.len() == 2))
            .unwrap();
        assert_eq!(edited["versions"][0]["message"]["content"], "the first text");
        assert_eq!(edited["versions"][1]["message"]["content"], "the **second** text");
        assert!(timeline.iter().any(|item| item["deleted_at"].is_string()));
        let actions: Vec<&str> =
            timeline.iter().filter_map(|item| item["action"].as_str()).collect();
        assert!(actions.contains(&"opened") && actions.contains(&"closed"), "{actions:?}");
        let states: Vec<&str> = timeline
            .iter()
            .flat_map(|item| item["files"].as_array().into_iter().flatten())
            .filter_map(|file| file["state"].as_str())
            .collect();
        assert_eq!(states, ["stored", "stored", "stored"]);
        assert_eq!(file["end"]["items"], timeline.len());
        // The schema would notice.
        let mut wrong = file.clone();
        wrong["timeline"][0]["type"] = json!("other");
        assert!(!schema.is_valid(&wrong));
    }
}

#[tokio::test]
async fn text_and_markdown_say_who_said_what() {
    for desk in crate::testing::file_desks().await {
        let ticket = rich(&desk).await;
        let plain = text(&desk, ticket, Format::Text).await;
        for there in [
            "    the second text\n",
            "      1. ",
            "the first text",
            "Bericht.pdf (http",
            "End of the transcript: ",
        ] {
            assert!(plain.contains(there), "{there:?} is not in {plain}");
        }
        let markdown = text(&desk, ticket, Format::Markdown).await;
        for there in
            ["> the **second** text\n", "&lt;script&gt;alert('canary')", "[page.html](<http"]
        {
            assert!(markdown.contains(there), "{there:?} is not in {markdown}");
        }
    }
}

#[tokio::test]
async fn an_open_ticket_can_be_exported_and_says_what_is_still_copied() {
    for desk in crate::testing::file_desks().await {
        let (ticket, channel) = open(&desk).await;
        send(&desk, channel, 1, "late.png", &[FileAnswer::Bytes(PNG.to_vec())]).await;
        let html = text(&desk, ticket, Format::Html).await;
        assert!(html.contains("1 file was still being copied.") && html.contains("late.png"));
        assert!(text(&desk, ticket, Format::Text).await.contains("State: open"));
    }
}

fn objects(folder: PathBuf) -> Vec<PathBuf> {
    let mut all = vec![];
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() { all.extend(objects(path)) } else { all.push(path) }
    }
    all
}

#[tokio::test]
async fn damage_is_told_and_not_hidden() {
    for desk in crate::testing::file_desks().await {
        let (ticket, channel) = open(&desk).await;
        let large = [PNG, &b"canary".repeat(30_000)].concat();
        send_as(&desk, channel, 1, "a.png", "image/png", &large).await;
        finish(&desk.w, ticket).await.unwrap();
        let object = objects(desk.store.blobs.clone()).pop().unwrap();
        let mut bytes = std::fs::read(&object).unwrap();
        // Past the first frame: found when it is read to its end, and not before.
        let at = bytes.len() - 40_000;
        bytes[at] ^= 1;
        std::fs::write(&object, bytes).unwrap();
        for format in [Format::Html, Format::Zip] {
            let bytes = whole(begin(&desk, ticket, format).await).await;
            let html = if format == Format::Zip {
                let mut archive = ::zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
                assert_eq!(archive.len(), 1);
                let mut html = String::new();
                archive.by_name("index.html").unwrap().read_to_string(&mut html).unwrap();
                html
            } else {
                String::from_utf8(bytes).unwrap()
            };
            assert!(html.contains("The copy is damaged"), "{}", desk.store.engine);
            assert!(html.contains("1 stored copy is damaged and could not be included."));
        }
        let damaged = crate::transcripts::check::damaged(&desk.w).await.unwrap();
        assert_eq!(damaged, 1, "the operator knows");
    }
}

#[tokio::test]
async fn erased_words_are_in_no_format() {
    for desk in crate::testing::file_desks().await {
        let (ticket, channel) = open(&desk).await;
        say(&desk, channel, 8, "a canary sings").await;
        send(&desk, channel, 1, "kept.png", &[FileAnswer::Bytes(PNG.to_vec())]).await;
        close(&desk, ticket).await;
        assert!(text(&desk, ticket, Format::Text).await.contains("canary"));
        desk.w.store().keys().destroy(&KeyScope::person(desk.guild, user(8))).await.unwrap();
        desk.w.store().keys().destroy(&KeyScope::person(desk.guild, user(OPENER))).await.unwrap();
        for format in [Format::Html, Format::Json, Format::Text, Format::Markdown] {
            let file = text(&desk, ticket, format).await;
            assert!(!file.contains("canary") && !file.contains(&base64(PNG)), "{format:?}");
        }
    }
}

#[tokio::test]
async fn what_was_redacted_is_marked_in_every_format() {
    use crate::transcripts::redact::{What, redact};

    let schema = include_str!("../../../../../docs/schema/transcript-1.json");
    let schema = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        let canary = say(&desk, channel, 8, "a canary sings").await;
        close(&desk, ticket).await;
        desk.discord.add_member(1, &[]);
        let owner = authorize_person(&desk.w, user(1), ticket).await.unwrap();
        redact(&owner, &What::Message { message: id(&canary), files: true }).await.unwrap();
        for format in [Format::Html, Format::Json, Format::Text, Format::Markdown] {
            let file = text(&desk, ticket, format).await;
            assert!(!file.contains("canary"), "{format:?}");
            if format == Format::Json {
                let file: Value = serde_json::from_str(&file).unwrap();
                assert!(schema.is_valid(&file), "{}", desk.store.engine);
                let timeline = file["timeline"].as_array().unwrap();
                let item = timeline.iter().find(|item| item["id"] == canary["id"]).unwrap();
                assert_eq!(item["redacted"]["by"], "1");
                assert_eq!(item["redacted"]["whole"], true);
            } else {
                assert!(file.contains("This message was redacted."), "{format:?}");
            }
        }
    }
}

#[tokio::test]
async fn what_staff_take_with_them_is_noted() {
    for desk in crate::testing::desks().await {
        let (ticket, _) = open(&desk).await;
        let log = async || {
            let log = crate::audit::list(&desk.manager().await, None).await.unwrap();
            let exports = log.into_iter().filter(|e| e.action == "transcript.exported");
            exports.map(|e| (e.actor, e.target, e.after)).collect::<Vec<_>>()
        };
        whole(begin(&desk, ticket, Format::Json).await).await;
        assert_eq!(log().await, [], "one's own ticket");
        // Whoever the server's owner lets manage it.
        let staff = desk.staff(60).await;
        let staff = staff.user();
        let access = authorize_person(&desk.w, staff, ticket).await.unwrap();
        let export = start(&access, wish(Format::Markdown)).await.unwrap();
        // Before the first byte.
        let note = Some(r#"{"number":1,"format":"markdown"}"#.to_owned());
        assert_eq!(log().await, [(Some(staff), ticket.to_string(), note)], "{}", desk.store.engine);
        drop(export);
    }
}

#[tokio::test]
async fn so_many_at_once_and_no_more() {
    for desk in crate::testing::desks().await {
        let (ticket, _) = open(&desk).await;
        let access = access(&desk, ticket).await;
        let one = start(&access, wish(Format::Text)).await.unwrap();
        let other = start(&access, wish(Format::Zip)).await.unwrap();
        let refused = start(&access, wish(Format::Text)).await;
        assert!(matches!(refused, Err(ExportError::Busy(Full::Own))));
        assert_eq!(under_way(&access).len(), 2);
        // Whoever goes away gives their place back, and so does whoever has read to the end.
        drop(one);
        assert_eq!(under_way(&access).len(), 1);
        whole(other).await;
        assert!(under_way(&access).is_empty(), "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn a_file_that_breaks_on_the_way_ends_in_an_error() {
    for desk in crate::testing::file_desks().await {
        let (ticket, channel) = open(&desk).await;
        let large = [PNG, &b"canary".repeat(60_000)].concat();
        send_as(&desk, channel, 1, "a.png", "image/png", &large).await;
        finish(&desk.w, ticket).await.unwrap();
        let mut export = begin(&desk, ticket, Format::Html).await;
        // The page was looked at and written up to the picture; then its copy goes.
        let mut text = String::new();
        while !text.ends_with("data:image/png;base64,") {
            let part = export.bytes.try_next().await.unwrap().unwrap();
            text.push_str(std::str::from_utf8(&part).unwrap());
        }
        std::fs::remove_file(objects(desk.store.blobs.clone()).pop().unwrap()).unwrap();
        let rest: Result<Vec<_>, TranscriptError> = export.bytes.try_collect().await;
        assert!(rest.is_err(), "{}", desk.store.engine);
    }
}
