//! How much an export holds: counted, with a source that counts.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use domain::ids::{AttachmentId, GuildId, MessageId, TicketId, UserId};
use domain::locale::Locale;
use domain::tickets::TicketState;
use domain::time::Millis;
use futures::TryStreamExt as _;
use futures::stream::{BoxStream, StreamExt as _};
use jiff::tz::TimeZone;
use serde_json::json;
use storage::StorageError;
use transcript::export::Format;
use transcript::export::json::Head;
use transcript::{FileCopy, LocalPath, Message, Shows, Snowflake, TimelineItem};
use words::Words;

use super::super::read::{Participant, TranscriptHeader, TranscriptPage};
use super::places::Places;
use super::run::{Cover, Run};
use super::source::{Looked, Page, Source, Stored};
use super::{TranscriptError, Wish, wording, zip};

const PAGES: usize = 200;
/// Each page has one, of this many frames.
const FRAMES: usize = 5;

#[derive(Default)]
struct Counts {
    pages: AtomicUsize,
    frames: AtomicUsize,
    open: AtomicUsize,
    most_open: AtomicUsize,
}

struct Counting(Arc<Counts>);

/// Counts a file as open until it is dropped.
struct Opened(Arc<Counts>);

impl Drop for Opened {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::SeqCst);
    }
}

fn header() -> TranscriptHeader {
    let opener = Participant { user: UserId::new(7).unwrap(), name: None, bot: false };
    TranscriptHeader {
        ticket: TicketId::new(uuid::Uuid::from_u128(1)),
        number: 1,
        guild: GuildId::new(1).unwrap(),
        guild_name: "Example".into(),
        panel: "Help".into(),
        state: TicketState::Closed,
        opener: opener.clone(),
        closed_by: None,
        created_at: Millis(0),
        closed_at: None,
        participants: vec![opener],
        messages: PAGES as u64,
    }
}

#[async_trait]
impl Source for Counting {
    async fn head(&self, header: &TranscriptHeader) -> Result<Head, TranscriptError> {
        Ok(wording::head(header, &super::super::names::ServerNames::default(), Millis(0)))
    }

    async fn page(&self, from: Option<MessageId>) -> Result<Page, TranscriptError> {
        self.0.pages.fetch_add(1, Ordering::SeqCst);
        let number = from.map_or(1, MessageId::get);
        let raw = json!({ "id": number.to_string(), "type": 0, "content": "words ".repeat(300),
            "author": { "id": "7", "username": "mia" },
            "attachments": [{ "id": number.to_string(), "filename": "a.png", "content_type": "image/png" }] });
        let path = LocalPath::new(format!("/transcripts/x/files/{number}")).unwrap();
        let file = Snowflake::new(u64::try_from(number).unwrap());
        let last = usize::try_from(number).unwrap() >= PAGES;
        let shown = TranscriptPage {
            header: header(),
            timeline: vec![TimelineItem::message(Message::from_value(&raw))],
            earlier: None,
            next: (!last).then(|| MessageId::new(number + 1).unwrap()),
            content_unavailable: false,
            names: super::super::names::ServerNames::default(),
            people: HashMap::new(),
            files: HashMap::from([(file, FileCopy::Stored(path, Shows::Picture))]),
            shown: super::super::pictures::Shown::default(),
            quotes: HashMap::new(),
        };
        Ok(Page { shown, versions: HashMap::new() })
    }

    async fn look(&self, _: AttachmentId) -> Result<Looked, TranscriptError> {
        Ok(Looked::Whole(Stored { name: "a.png".into(), media_type: Some("image/png"), length: 9 }))
    }

    async fn bytes(
        &self,
        _: AttachmentId,
    ) -> Result<BoxStream<'static, Result<Bytes, StorageError>>, TranscriptError> {
        let counts = Arc::clone(&self.0);
        let open = counts.open.fetch_add(1, Ordering::SeqCst) + 1;
        counts.most_open.fetch_max(open, Ordering::SeqCst);
        let opened = Opened(Arc::clone(&counts));
        let frames = futures::stream::iter(0..FRAMES).map(move |_| {
            let _ = &opened;
            counts.frames.fetch_add(1, Ordering::SeqCst);
            Ok(Bytes::from(vec![0xAB; 64 * 1024]))
        });
        Ok(frames.boxed())
    }
}

fn run(format: Format, counts: &Arc<Counts>) -> Run<Counting> {
    let labels = include_str!("../../../../../locales/en/transcript.json");
    let labels = serde_json::from_str(labels).unwrap();
    let words = Words::new(Locale::En);
    let wish = Wish { format, zone: TimeZone::UTC, zone_name: "UTC".into(), labels, words };
    let cover = Cover {
        front: wording::front(&header(), &wish, Millis(0)),
        header: header(),
        site: String::new(),
        now: Millis(0),
        nonce: "n".into(),
    };
    let place = Places::default().take(UserId::new(7).unwrap(), header().ticket, format).unwrap();
    Run::new(Counting(Arc::clone(counts)), wish, cover, place)
}

#[tokio::test]
async fn a_page_is_read_when_the_one_before_was_taken() {
    for format in [Format::Text, Format::Markdown, Format::Json] {
        let counts = Arc::new(Counts::default());
        let mut run = run(format, &counts);
        run.next().await.unwrap().unwrap();
        assert_eq!(counts.pages.load(Ordering::SeqCst), 0, "what stands above needs no page");
        for taken in 1..=PAGES {
            run.next().await.unwrap().unwrap();
            assert_eq!(counts.pages.load(Ordering::SeqCst), taken, "{format:?}");
        }
        run.next().await.unwrap().unwrap();
        assert!(run.next().await.unwrap().is_none());
        assert_eq!(counts.frames.load(Ordering::SeqCst), 0);
    }
}

#[tokio::test]
async fn files_go_by_frame_by_frame() {
    let counts = Arc::new(Counts::default());
    let mut run = run(Format::Html, &counts);
    let (mut largest, mut bytes) = (0, 0);
    while let Some(part) = run.next().await.unwrap() {
        largest = largest.max(part.len());
        bytes += part.len();
        // Bytes of files that were read and not given on: less than one frame, in base64.
        let read = counts.frames.load(Ordering::SeqCst) * 64 * 1024;
        assert!(read <= bytes + 64 * 1024);
        let ahead = counts.pages.load(Ordering::SeqCst) * FRAMES * 64 * 1024;
        assert!(ahead <= bytes + FRAMES * 64 * 1024, "a page was read ahead");
    }
    assert!(bytes > PAGES * FRAMES * 64 * 1024 * 4 / 3);
    assert!(largest < 100 * 1024, "{largest}");
    assert_eq!(counts.most_open.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_archive_goes_by_frame_by_frame() {
    let counts = Arc::new(Counts::default());
    let mut stream = zip::Zip::new(run(Format::Zip, &counts)).into_stream();
    let (mut largest, mut bytes) = (0, 0);
    while let Some(part) = stream.try_next().await.unwrap() {
        largest = largest.max(part.len());
        bytes += part.len();
        assert!(counts.frames.load(Ordering::SeqCst) * 64 * 1024 <= bytes + 3 * 64 * 1024);
    }
    assert!(bytes > PAGES * FRAMES * 64 * 1024);
    assert!(largest < 256 * 1024, "{largest}");
    assert_eq!(counts.most_open.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn whoever_goes_away_ends_the_work() {
    let counts = Arc::new(Counts::default());
    let mut stream = zip::Zip::new(run(Format::Zip, &counts)).into_stream();
    stream.try_next().await.unwrap().unwrap();
    drop(stream);
    assert!(counts.pages.load(Ordering::SeqCst) <= PAGES);
    assert_eq!(counts.open.load(Ordering::SeqCst), 0);
}
