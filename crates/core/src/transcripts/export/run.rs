//! An export under way: what was written and not yet taken, and where it goes on.

use std::collections::VecDeque;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use domain::ids::{AttachmentId, MessageId};
use domain::time::Millis;
use futures::stream::{BoxStream, StreamExt as _};
use storage::StorageError;
use transcript::export::json::{FileState, JsonFile, MessageItem};
use transcript::export::outline::{Dialect, Outline};
use transcript::export::{Format, Front};
use transcript::html::Media;
use transcript::{FileCopy, TimelineItem};

use super::super::TranscriptError;
use super::super::read::TranscriptHeader;
use super::Wish;
use super::html::Html;
use super::places::Place;
use super::source::{Page, Source};
use super::wording::{self, Tally};

/// What is to be given to the reader.
pub(super) enum Step {
    /// This.
    Text(String),
    /// The bytes of a file, in base64.
    Base64(AttachmentId),
}

/// Where the work goes on when everything written was taken.
enum At {
    Start,
    Page(Option<MessageId>),
    End,
}

/// What is known before the first page is read.
pub(super) struct Cover {
    /// What stands above the transcript, in words.
    pub front: Front,
    /// The same, as facts.
    pub header: TranscriptHeader,
    /// The site's own address.
    pub site: String,
    /// When the export began: what relative times count from.
    pub now: Millis,
    /// What the style sheets of HTML carry.
    pub nonce: String,
}

enum Writer {
    Html(Box<Html>),
    Outline(Outline),
    Json(JsonFile),
}

/// An export under way.
pub(super) struct Run<S> {
    pub(super) source: S,
    wish: Wish,
    cover: Cover,
    writer: Writer,
    at: At,
    steps: VecDeque<Step>,
    open: Option<Encoded>,
    tally: Tally,
    place: Place,
}

impl<S: Source> Run<S> {
    /// One that has written nothing.
    pub(super) fn new(source: S, wish: Wish, cover: Cover, place: Place) -> Self {
        let nonce = cover.nonce.clone();
        let writer = match wish.format {
            Format::Html => Writer::Html(Box::new(Html::new(Media::Inside, nonce))),
            Format::Zip => Writer::Html(Box::new(Html::new(Media::Beside, nonce))),
            Format::Markdown => Writer::Outline(Outline::new(Dialect::Markdown, &cover.site)),
            Format::Text => Writer::Outline(Outline::new(Dialect::Plain, &cover.site)),
            Format::Json => Writer::Json(JsonFile::default()),
        };
        let steps = VecDeque::new();
        let tally = Tally::default();
        Self { source, wish, cover, writer, at: At::Start, steps, open: None, tally, place }
    }

    /// The files of which a document beside them speaks, by id, with their paths; taken once, at the end.
    pub(super) fn take_files(&mut self) -> Vec<(AttachmentId, String)> {
        match &mut self.writer {
            Writer::Html(html) => html.take_files(),
            _ => Vec::new(),
        }
    }

    /// The next bytes; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, TranscriptError> {
        loop {
            if let Some(open) = &mut self.open {
                if let Some(bytes) = open.next().await? {
                    return Ok(Some(bytes));
                }
                self.open = None;
            }
            match self.steps.pop_front() {
                Some(Step::Text(text)) if text.is_empty() => {}
                Some(Step::Text(text)) => return Ok(Some(text.into())),
                Some(Step::Base64(file)) => {
                    self.open = Some(Encoded::new(self.source.bytes(file).await?));
                }
                None => match self.at {
                    At::Start => self.start().await?,
                    At::Page(from) => self.page(from).await?,
                    At::End => return Ok(None),
                },
            }
        }
    }

    async fn start(&mut self) -> Result<(), TranscriptError> {
        let text = match &self.writer {
            Writer::Html(html) => html.file.open(&self.cover.front),
            Writer::Outline(outline) => outline.open(&self.cover.front),
            Writer::Json(json) => {
                json.open(&self.source.head(&self.cover.header).await?).map_err(unwritable)?
            }
        };
        self.steps.push_back(Step::Text(text));
        self.at = At::Page(None);
        Ok(())
    }

    async fn page(&mut self, from: Option<MessageId>) -> Result<(), TranscriptError> {
        let page = self.source.page(from).await?;
        let (next, messages) = (page.shown.next, page.messages());
        let labels = self.wish.labels.clone();
        let mut context = page.shown.context(labels, self.wish.zone.clone(), self.cover.now);
        // Links within the file: everything is on one page.
        context.message_link.clear();
        self.tally.messages += messages;
        match &mut self.writer {
            Writer::Html(html) => {
                html.look_at_files(&self.source, &mut context, &mut self.tally).await?;
                let pieces = html.file.page(&context, &page.shown.timeline);
                html.fill(pieces, &mut self.steps);
            }
            Writer::Outline(outline) => {
                self.steps.push_back(Step::Text(outline.page(&context, &page.shown.timeline)));
            }
            Writer::Json(json) => {
                self.steps.push_back(Step::Text(items(json, &context.files, page)?));
            }
        }
        self.tally.note(&context.files);
        self.place.tell(self.tally.messages, self.tally.messages);
        self.at = if let Some(next) = next {
            At::Page(Some(next))
        } else {
            let back = wording::back(&self.tally, &self.wish);
            let text = match &self.writer {
                Writer::Html(html) => html.file.close(&back),
                Writer::Outline(outline) => outline.close(&back),
                Writer::Json(json) => json.close(&back).map_err(unwritable)?,
            };
            self.steps.push_back(Step::Text(text));
            At::End
        };
        Ok(())
    }
}

fn unwritable(_: serde_json::Error) -> TranscriptError {
    StorageError::Corrupt("export").into()
}

/// The items of a page as JSON.
fn items(
    json: &mut JsonFile,
    files: &std::collections::HashMap<transcript::Snowflake, FileCopy>,
    mut page: Page,
) -> Result<String, TranscriptError> {
    let mut out = String::new();
    for item in &page.shown.timeline {
        let written = match item {
            TimelineItem::Desk(event) => json.event(&mut out, event),
            TimelineItem::Message(entry) => {
                let id = entry.message.id;
                let states = entry.message.attachments.iter().map(|file| FileState {
                    id: file.id.to_string(),
                    state: state_word(files.get(&file.id)),
                });
                let message = MessageItem {
                    id,
                    at_ms: entry.message.sent_at_ms(),
                    restricted: entry.restricted,
                    versions: page.versions.remove(&id).unwrap_or_default(),
                    deleted_ms: entry.deleted.map(|deletion| deletion.at_ms),
                    redacted: entry.redacted,
                    files: states.collect(),
                    reactions: entry.reactions.clone(),
                };
                json.message(&mut out, message)
            }
        };
        written.map_err(unwritable)?;
    }
    Ok(out)
}

const fn state_word(copy: Option<&FileCopy>) -> &'static str {
    match copy {
        Some(FileCopy::Stored(..)) => "stored",
        Some(FileCopy::TooLarge) => "too_large",
        Some(FileCopy::NoRoom) => "no_room",
        Some(FileCopy::Pending) => "pending",
        Some(FileCopy::Erased) => "erased",
        Some(FileCopy::Damaged) => "damaged",
        _ => "missing",
    }
}

/// The bytes of a file on their way into base64: three become four, and what is left over waits for the next.
struct Encoded {
    source: BoxStream<'static, Result<Bytes, StorageError>>,
    rest: BytesMut,
    ended: bool,
}

impl Encoded {
    fn new(source: BoxStream<'static, Result<Bytes, StorageError>>) -> Self {
        Self { source, rest: BytesMut::new(), ended: false }
    }

    async fn next(&mut self) -> Result<Option<Bytes>, TranscriptError> {
        while !self.ended {
            let Some(part) = self.source.next().await else {
                self.ended = true;
                let last = STANDARD.encode(&self.rest);
                return Ok((!last.is_empty()).then(|| last.into()));
            };
            self.rest.extend_from_slice(&part?);
            let whole = self.rest.split_to(self.rest.len() / 3 * 3);
            if !whole.is_empty() {
                return Ok(Some(STANDARD.encode(&whole).into()));
            }
        }
        Ok(None)
    }
}
