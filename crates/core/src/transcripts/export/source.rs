//! Where an export reads: pages of messages, and the bytes of files.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use domain::ids::{AttachmentId, MessageId};
use domain::time::Millis;
use futures::stream::BoxStream;
use storage::StorageError;
use storage::transcripts::attachments::{self as rows, AttachmentState};
use transcript::export::Format;
use transcript::export::json::{Head, VersionText};
use transcript::{Snowflake, TimelineItem};

use super::super::attachments::{attachment, known_type};
use super::super::authorize::authorize_person;
use super::super::check::{self, Condition};
use super::super::read::{self, TranscriptHeader, TranscriptPage};
use super::super::{TranscriptAccess, TranscriptError, load, seals};
use super::{PAGE, wording};

/// A page of a transcript.
pub(super) struct Page {
    /// Messages and events with what is known about them.
    pub shown: TranscriptPage,
    /// Every version of its messages, where the format holds them.
    pub versions: HashMap<Snowflake, Vec<VersionText>>,
}

impl Page {
    /// How many messages it has.
    pub(super) fn messages(&self) -> u64 {
        let is_message = |item: &&TimelineItem| matches!(item, TimelineItem::Message(_));
        self.shown.timeline.iter().filter(is_message).count() as u64
    }
}

/// A file that is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stored {
    /// Its name, as its sender gave it.
    pub name: String,
    /// What its first bytes show it to be, if that may be shown.
    pub media_type: Option<&'static str>,
    /// Bytes.
    pub length: u64,
}

/// What a file turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Looked {
    /// It is there, and whole.
    Whole(Stored),
    /// Its copy is damaged.
    Damaged,
    /// It is not there any more.
    Gone,
}

/// What an export reads from. The archive, or in tests something that counts.
#[async_trait]
pub(super) trait Source: Send + Sync + 'static {
    /// The people and names of a JSON file.
    async fn head(&self, header: &TranscriptHeader) -> Result<Head, TranscriptError>;

    /// A page from this message on, `None` for the beginning.
    async fn page(&self, from: Option<MessageId>) -> Result<Page, TranscriptError>;

    /// Whether a file is there and whole: it is read to its end. Damage is reported as it is on a page.
    async fn look(&self, file: AttachmentId) -> Result<Looked, TranscriptError>;

    /// The bytes of a file.
    async fn bytes(
        &self,
        file: AttachmentId,
    ) -> Result<BoxStream<'static, Result<Bytes, StorageError>>, TranscriptError>;
}

/// Seconds after which it is looked again whether somebody may read what they are given.
const LOOK_AFTER_S: i64 = 300;

/// The archive, for someone who may read it.
pub(super) struct Archive {
    access: TranscriptAccess,
    format: Format,
    /// When it was looked last whether they may, in milliseconds.
    looked: AtomicI64,
}

impl Archive {
    pub(super) fn new(access: TranscriptAccess, format: Format) -> Self {
        let looked = AtomicI64::new(access.wardesk.now().0);
        Self { access, format, looked }
    }

    /// Fails for who may not read it any more: an export lasts for as long as somebody reads it.
    async fn still_may(&self) -> Result<(), TranscriptError> {
        let (w, now) = (&self.access.wardesk, self.access.wardesk.now());
        let looked = Millis(self.looked.load(Ordering::Relaxed));
        if now.0 < looked.plus_seconds(LOOK_AFTER_S).0 {
            return Ok(());
        }
        authorize_person(w, self.access.reader(), self.access.ticket()).await?;
        self.looked.store(now.0, Ordering::Relaxed);
        Ok(())
    }

    /// What stands above the transcript.
    pub(super) async fn header(&self) -> Result<TranscriptHeader, TranscriptError> {
        Ok(read::page(&self.access, None, 1).await?.header)
    }
}

#[async_trait]
impl Source for Archive {
    async fn head(&self, header: &TranscriptHeader) -> Result<Head, TranscriptError> {
        let names =
            super::super::names::of_ticket(&self.access.wardesk, &self.access.ticket).await?;
        Ok(wording::head(header, &names, self.access.wardesk.now()))
    }

    async fn page(&self, from: Option<MessageId>) -> Result<Page, TranscriptError> {
        self.still_may().await?;
        let (w, ticket) = (&self.access.wardesk, &self.access.ticket);
        let first = from.map_or(0, MessageId::get);
        let loaded = load::page(w, ticket, first, usize::from(PAGE)).await?;
        let shown = read::assemble(&self.access, from.is_some(), true, &loaded).await?;
        let versions = match self.format {
            Format::Json => loaded
                .messages
                .into_iter()
                .map(|(id, found)| versions(id, found.versions))
                .collect(),
            _ => HashMap::new(),
        };
        Ok(Page { shown, versions })
    }

    async fn look(&self, file: AttachmentId) -> Result<Looked, TranscriptError> {
        let w = &self.access.wardesk;
        let Some(row) = rows::get(w.store().read(), self.access.ticket(), file).await? else {
            return Ok(Looked::Gone);
        };
        match row.state {
            AttachmentState::Stored => {}
            AttachmentState::Damaged => return Ok(Looked::Damaged),
            _ => return Ok(Looked::Gone),
        }
        match check::condition(w, &row).await? {
            Condition::Whole => {}
            Condition::Erased => return Ok(Looked::Gone),
            Condition::Damaged => {
                check::note_damage(w, &row).await?;
                return Ok(Looked::Damaged);
            }
        }
        let scope = seals::scope(row.guild, row.subject);
        let keys = w.store().keys();
        let Some(details) =
            seals::open_details(keys, scope, row.ticket, row.id, row.details.clone()).await?
        else {
            return Ok(Looked::Gone);
        };
        Ok(Looked::Whole(Stored {
            name: details.name,
            media_type: row.media_type.as_deref().and_then(known_type),
            length: row.length.and_then(|n| u64::try_from(n).ok()).unwrap_or(0),
        }))
    }

    async fn bytes(
        &self,
        file: AttachmentId,
    ) -> Result<BoxStream<'static, Result<Bytes, StorageError>>, TranscriptError> {
        self.still_may().await?;
        attachment(&self.access, file).await?.bytes().await
    }
}

fn versions(id: MessageId, all: BTreeMap<i64, String>) -> (Snowflake, Vec<VersionText>) {
    let sent = id.created_at_ms();
    let version = |(version, json)| VersionText {
        // The first version has no time of its own: it was sent.
        at_ms: if version == 0 { sent } else { version },
        json,
    };
    let id = Snowflake::new(u64::try_from(id.get()).unwrap_or(0));
    (id, all.into_iter().map(version).collect())
}
