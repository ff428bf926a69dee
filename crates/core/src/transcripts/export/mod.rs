//! A transcript as a file: HTML, zip, Markdown, plain text or JSON.
//!
//! The file is made while it is read. A reader pulls: a page of at most [`PAGE`] messages is unsealed and written,
//! and the next one only when the reader has taken that; files go by in frames of 64 KiB. Whoever stops reading
//! stops the work.

mod html;
mod places;
mod run;
mod source;
#[cfg(test)]
mod tests;
mod wording;
mod zip;

use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt as _};
use jiff::tz::TimeZone;
use transcript::Labels;
use transcript::export::{Format, names};
use words::Words;

use serde::Serialize;
use storage::StorageError;

use super::{Standing, TranscriptAccess, TranscriptError};
use crate::audit::{self, Change};
pub(super) use places::Places;
pub use places::{Full, Progress};
use run::{Cover, Run};
use source::Archive;

/// Messages that an export holds at a time, at most.
pub const PAGE: u16 = 200;

/// What somebody wants.
#[derive(Debug, Clone)]
pub struct Wish {
    /// As what.
    pub format: Format,
    /// The zone of its times.
    pub zone: TimeZone,
    /// The zone's name in the IANA database, for its reader.
    pub zone_name: String,
    /// Words of messages.
    pub labels: Labels,
    /// Words around them.
    pub words: Words,
}

/// Why an export does not begin.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// Too many are under way.
    #[error("too many exports are under way")]
    Busy(Full),
    /// The transcript cannot be read.
    #[error(transparent)]
    Transcript(#[from] TranscriptError),
}

/// An export that is ready to be read.
pub struct Export {
    /// A name for the file.
    pub file_name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its bytes. An error means that the file is not whole: whoever passes them on must not end as if it were.
    pub bytes: BoxStream<'static, Result<Bytes, TranscriptError>>,
}

/// Begins an export. That staff take a transcript with them is in the audit log before the first byte leaves.
pub async fn start(access: &TranscriptAccess, wish: Wish) -> Result<Export, ExportError> {
    let w = &access.wardesk;
    let place =
        w.transcript_caches().exports.take(access.reader(), access.ticket(), wish.format)?;
    let archive = Archive::new(access.clone(), wish.format);
    let header = archive.header().await?;
    note(access, wish.format).await.map_err(TranscriptError::from)?;
    let (format, now) = (wish.format, w.now());
    let cover = Cover {
        front: wording::front(&header, &wish, now),
        site: w.public_url().to_owned(),
        now,
        nonce: hex::encode(w.random_bytes::<16>()),
        header: header.clone(),
    };
    place.tell(0, header.messages);
    let run = Run::new(archive, wish, cover, place);
    let bytes = match format {
        Format::Zip => zip::Zip::new(run).into_stream(),
        _ => stream::try_unfold(run, |mut run| async move {
            Ok(run.next().await?.map(|bytes| (bytes, run)))
        })
        .boxed(),
    };
    Ok(Export {
        file_name: names::of_export(header.number, &header.guild_name, format.extension()),
        media_type: format.media_type(),
        bytes,
    })
}

/// What the audit log holds of an export.
#[derive(Serialize)]
struct Note {
    number: i64,
    format: &'static str,
}

/// Notes that someone who is no party to a ticket takes its transcript with them.
async fn note(access: &TranscriptAccess, format: Format) -> Result<(), StorageError> {
    if !is_noted(access) {
        return Ok(());
    }
    let (w, ticket) = (&access.wardesk, &access.ticket);
    let target = ticket.id.to_string();
    let change = Change {
        guild: ticket.guild,
        at: w.now(),
        actor: Some(access.reader()),
        action: "transcript.exported",
        target: &target,
    };
    let note = Note { number: ticket.number, format: format.as_str() };
    let mut tx = w.store().begin().await?;
    audit::record(tx.conn(), change, None::<&()>, Some(&note)).await?;
    tx.commit().await
}

/// Whether the audit log is told of this reader's exports: not of the opener's, nor of those who were in the ticket.
pub fn is_noted(access: &TranscriptAccess) -> bool {
    matches!(access.standing(), Standing::Staff | Standing::Reader)
}

/// How far this reader's exports of this transcript are, oldest first. Of this process alone.
pub fn under_way(access: &TranscriptAccess) -> Vec<Progress> {
    access.wardesk.transcript_caches().exports.of(access.reader(), access.ticket())
}

/// Changes when any export of this process begins, goes on or ends.
pub fn changes(access: &TranscriptAccess) -> tokio::sync::watch::Receiver<()> {
    access.wardesk.transcript_caches().exports.changes()
}
