//! Files are copied, sealed and handed out again.

use std::ops::Range;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use domain::ids::{AttachmentId, MessageId, TicketId};
use domain::time::Millis;
use futures::stream::{BoxStream, StreamExt as _};
use storage::transcripts::attachments::{
    self as rows, AttachmentRow, AttachmentState, FileKind, Outcome,
};
use storage::{KeyScope, StorageError};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::check::{self, Condition};
use super::normalise::{self, FoundFile};
use super::seals::{self, FileDetails};
use super::{TranscriptAccess, TranscriptError, deleted, sniff};
use crate::Wardesk;
use crate::licences;
use crate::ports::{AttachmentSource, DiscordError};
use crate::privacy::restrict;

/// Bytes of one file, at most.
pub const FILE_LIMIT: u64 = 25 * 1024 * 1024;
/// Bytes of all files of a ticket, at most.
pub const TICKET_LIMIT: u64 = 100 * 1024 * 1024;
/// Bytes of an avatar, an emoji or a sticker, at most. Discord takes no larger emoji and stickers.
const SMALL_LIMIT: u64 = 1024 * 1024;
/// Bytes of a picture of an embed, at most.
const PICTURE_LIMIT: u64 = 8 * 1024 * 1024;
/// How often a file is begun at least before it is given up, and how long after its message it is tried: an address
/// lives for about a day, so an outage of some hours loses nothing. Source: Discord API reference, "Signed Attachment CDN
/// URLs".
const ATTEMPTS: i64 = 6;
const TRIED_S: i64 = 20 * 3600;
/// The same of pictures: their sites may be gone for good, and fewer miss them.
const PICTURES_TRIED_S: i64 = 3600;
/// Seconds between two attempts, at most.
const MAX_WAIT_S: i64 = 300;
/// How long the end of a ticket waits for its files, counted from when closing began, or from the newest message whose
/// file is missing.
const PATIENCE_S: i64 = 120;
/// How long the end of a ticket copies files at once: what waits behind it, of this server and of others, gets its turn
/// then also while a source hangs.
const ROUND: Duration = Duration::from_secs(10);
/// How long one copy may take; a process that died is taken to have stopped after [`HELD_S`].
const COPY_TIMEOUT: Duration = Duration::from_secs(50);
const HELD_S: i64 = 60;
/// Files copied at once by a process.
const WORKERS: usize = 4;
/// How often a worker looks for files whose next attempt has come.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Copies files until `shutdown`. Several processes may run it on one database; each file is held by one.
pub async fn run(w: Wardesk, shutdown: CancellationToken) {
    let workers = (0..WORKERS).map(|_| work(&w, &shutdown));
    futures::future::join_all(workers).await;
}

async fn work(w: &Wardesk, shutdown: &CancellationToken) {
    loop {
        fail::fail_point!(crate::failpoints::parts::ATTACHMENTS, |_| ());
        match copy_next(w, None).await {
            Ok(true) if shutdown.is_cancelled() => return,
            Ok(true) => {
                // There may be more: let another worker look as well.
                w.transcript_caches().files.notify_one();
                continue;
            }
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "copying files is interrupted"),
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = w.transcript_caches().files.notified() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// Copies what is left of a ticket that is being closed. Fails with [`TranscriptError::FilesPending`] while a file waits
/// for another attempt or another worker holds it, and when there are more than can be copied at once. Files that are
/// not there after a while are given up: the end of a ticket does not wait for an outage to end.
pub(super) async fn finish(w: &Wardesk, ticket: TicketId) -> Result<(), TranscriptError> {
    finish_within(w, ticket, ROUND).await
}

/// As [`finish`]; after this time no further copy is begun.
pub(super) async fn finish_within(
    w: &Wardesk,
    ticket: TicketId,
    round: Duration,
) -> Result<(), TranscriptError> {
    let db = w.store().read();
    let before = rows::pending(db, ticket).await?;
    if before == 0 {
        return Ok(());
    }
    let begun = Instant::now();
    let mut is_cut_short = false;
    while !is_cut_short && copy_next(w, Some(ticket)).await? {
        is_cut_short = begun.elapsed() >= round;
    }
    let Some(newest) = rows::newest_pending(db, ticket).await? else { return Ok(()) };
    let row = storage::tickets::get(db, ticket).await?.ok_or(TranscriptError::NotFound)?;
    let ends = row.closed_at.or(row.life.closing_since);
    let since = ends.map(|ends| ends.max(Millis(newest.created_at_ms())));
    if since.is_none_or(|since| w.now() < since.plus_seconds(PATIENCE_S)) {
        return Err(TranscriptError::FilesPending);
    }
    if is_cut_short && rows::pending(db, ticket).await? < before {
        // Its time is over, as after an outage of our own; but the source answers, and each round brings some.
        return Err(TranscriptError::FilesPending);
    }
    while give_up_one(w, ticket).await? {}
    match rows::newest_pending(db, ticket).await? {
        None => Ok(()),
        Some(_) => Err(TranscriptError::FilesPending),
    }
}

/// Gives up a file that is pending, whoever holds it; answers whether there was one.
async fn give_up_one(w: &Wardesk, ticket: TicketId) -> Result<bool, StorageError> {
    let mut tx = w.store().begin().await?;
    // Claimed as if everything were due: what another attempt makes of it counts no more.
    let until = w.now().plus_seconds(HELD_S);
    let claimed = rows::claim(tx.conn(), Some(ticket), Millis(i64::MAX), until).await?;
    tx.commit().await?;
    let Some(row) = claimed else { return Ok(false) };
    let scope = seals::scope(row.guild, row.subject);
    let keys = w.store().keys();
    let details = seals::open_details(keys, scope, row.ticket, row.id, row.details.clone()).await?;
    let sealed = match details {
        Some(details) => {
            let details = FileDetails { url: None, ..details };
            Some(seals::seal_details(keys, scope, row.ticket, row.id, &details).await?)
        }
        None => None,
    };
    let mut tx = w.store().begin().await?;
    let counts = rows::settle(tx.conn(), &row, &Outcome::Failed, sealed, w.now()).await?;
    tx.commit().await?;
    if counts {
        metrics::counter!("wardesk_attachments_total", "outcome" => word(&Outcome::Failed), "kind" => row.kind.as_str())
            .increment(1);
    }
    Ok(true)
}

/// Copies or repairs one file that is due, of whichever ticket.
#[cfg(test)]
pub(super) async fn repair_one(w: &Wardesk) -> Result<bool, StorageError> {
    copy_next(w, None).await
}

/// Copies or repairs one file that is due; answers whether there was one.
async fn copy_next(w: &Wardesk, ticket: Option<TicketId>) -> Result<bool, StorageError> {
    if !rows::any_due(w.store().read(), w.now()).await? {
        return Ok(false);
    }
    let mut tx = w.store().begin().await?;
    let now = w.now();
    let claimed = rows::claim(tx.conn(), ticket, now, now.plus_seconds(HELD_S)).await?;
    tx.commit().await?;
    let Some(row) = claimed else { return Ok(false) };
    if let Some(subject) = row.subject
        && restrict::is_restricted(w, row.guild, subject).await?
    {
        // Nothing of theirs is fetched; one that waited would hold the end of the ticket up.
        let mut tx = w.store().begin().await?;
        rows::settle(tx.conn(), &row, &Outcome::Failed, None, w.now()).await?;
        tx.commit().await?;
        return Ok(true);
    }
    fail::fail_point!(crate::failpoints::ATTACHMENT_BEFORE_COPY);
    let scope = seals::scope(row.guild, row.subject);
    let keys = w.store().keys();
    let details = seals::open_details(keys, scope, row.ticket, row.id, row.details.clone()).await?;
    let Some(mut details) = details else {
        // Its owner's words were erased meanwhile.
        let mut tx = w.store().begin().await?;
        rows::settle(tx.conn(), &row, &Outcome::Failed, None, w.now()).await?;
        tx.commit().await?;
        return Ok(true);
    };
    let address = details.url.clone();
    let mut outcome =
        match tokio::time::timeout(COPY_TIMEOUT, copy(w, &row, scope, &mut details)).await {
            Ok(Ok(outcome)) => outcome,
            // No fault of the source: a full disk must not use the attempts up while the link still lives.
            Ok(Err(error)) => {
                let mut tx = w.store().begin().await?;
                let due = w.now().plus_seconds(HELD_S);
                rows::give_back(tx.conn(), &row, due).await?;
                tx.commit().await?;
                return Err(error);
            }
            Err(_) => later(w, &row),
        };
    fail::fail_point!(crate::failpoints::ATTACHMENT_AFTER_COPY);
    // An attachment's address expires; the others are needed again if a copy has to be repaired.
    if row.kind == FileKind::Attachment && !matches!(outcome, Outcome::Later(_)) {
        details.url = None;
    }
    // An address that did not change here may have been replaced by a newer one meanwhile.
    let sealed = if details.url == address {
        None
    } else {
        Some(seals::seal_details(keys, scope, row.ticket, row.id, &details).await?)
    };
    let room = licences::limits(w, row.guild).await?.storage;
    let mut tx = w.store().begin().await?;
    if let Outcome::Stored { length, .. } = outcome {
        // Others may have been stored since: what counts is the sum at the moment of the commit, and until then nobody
        // else adds to it.
        rows::lock_room(tx.conn(), &row).await?;
        let own = row.length.unwrap_or(0);
        let of_ticket = rows::stored_bytes(&mut *tx.conn(), row.ticket).await? - own;
        let of_guild = rows::stored_bytes_of_guild(&mut *tx.conn(), row.guild).await? - own;
        let fits = |used: i64, limit: u64| {
            u64::try_from(used.saturating_add(length)).is_ok_and(|sum| sum <= limit)
        };
        if !fits(of_ticket, TICKET_LIMIT) {
            outcome = Outcome::TooLarge;
        } else if !fits(of_guild, room) {
            outcome = Outcome::NoRoom;
        }
    }
    let counts = rows::settle(tx.conn(), &row, &outcome, sealed, w.now()).await?;
    if let (false, Outcome::Stored { blob, .. }) = (counts, &outcome) {
        // The row went meanwhile, or another attempt will say that the bytes are in use.
        storage::transcripts::removals::ask(tx.conn(), row.guild, blob, w.now()).await?;
    }
    tx.commit().await?;
    if !counts {
        tracing::info!("a file took so long that another attempt began; that one counts");
        return Ok(true);
    }
    let (outcome_word, kind) = (word(&outcome), row.kind.as_str());
    metrics::counter!("wardesk_attachments_total", "outcome" => outcome_word, "kind" => kind)
        .increment(1);
    if row.state == AttachmentState::Damaged {
        match outcome {
            Outcome::Stored { .. } => tracing::info!("a damaged copy of a file is repaired"),
            Outcome::Later(_) => {}
            _ => tracing::error!("a damaged copy of a file cannot be repaired"),
        }
    }
    Ok(true)
}

const fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Stored { .. } => "stored",
        Outcome::TooLarge => "too_large",
        Outcome::NoRoom => "no_room",
        Outcome::Failed => "failed",
        Outcome::Later(_) => "later",
    }
}

/// Another attempt after 1, 2, 4 … seconds and at last every five minutes, or none when the time for it is over.
fn later(w: &Wardesk, row: &AttachmentRow) -> Outcome {
    if row.attempts >= ATTEMPTS && is_over(w, row) {
        return Outcome::Failed;
    }
    // Past this it would be longer than the longest.
    let exponent = u32::try_from(row.attempts.clamp(1, 16) - 1).unwrap_or(0);
    Outcome::Later(w.now().plus_seconds(2_i64.pow(exponent).min(MAX_WAIT_S)))
}

/// Whether a file's message is too old for it to be tried for long.
fn is_over(w: &Wardesk, row: &AttachmentRow) -> bool {
    let tried = if row.kind == FileKind::Attachment { TRIED_S } else { PICTURES_TRIED_S };
    w.now() >= Millis(row.message.created_at_ms()).plus_seconds(tried)
}

/// Bytes of one file of a kind, at most.
const fn limit_of(kind: FileKind) -> u64 {
    match kind {
        FileKind::Attachment => FILE_LIMIT,
        FileKind::Embed => PICTURE_LIMIT,
        FileKind::Avatar | FileKind::Emoji | FileKind::Sticker => SMALL_LIMIT,
    }
}

/// How many bytes a file may have.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// By what one file and one ticket may have.
    own: u64,
    /// By what is left of the plan's room.
    plan: u64,
}

impl Limits {
    /// The lower one.
    fn both(self) -> u64 {
        self.own.min(self.plan)
    }

    /// What a file is that is longer: one that no plan would take is too large.
    const fn past(self) -> Outcome {
        if self.plan < self.own { Outcome::NoRoom } else { Outcome::TooLarge }
    }

    /// What a file of this length is, if it may not be copied.
    fn refuse(self, length: Option<u64>) -> Option<Outcome> {
        let length = length.filter(|length| *length > self.both())?;
        Some(if length > self.own { Outcome::TooLarge } else { self.past() })
    }
}

/// What there is room for beside `used`, of which `own` are this file's before.
fn room(limit: u64, used: i64, own: i64) -> u64 {
    limit.saturating_sub(u64::try_from(used - own).unwrap_or(0))
}

async fn copy(
    w: &Wardesk,
    row: &AttachmentRow,
    scope: KeyScope,
    details: &mut FileDetails,
) -> Result<Outcome, StorageError> {
    if row.attempts > ATTEMPTS && is_over(w, row) {
        return Ok(Outcome::Failed);
    }
    if row.state == AttachmentState::Damaged {
        match check::condition(w, row).await? {
            Condition::Damaged => {}
            Condition::Whole => return Ok(as_it_was(row)),
            Condition::Erased => return Ok(Outcome::Failed),
        }
        if details.url.is_none() {
            match address_now(w, row).await? {
                Ok(address) => details.url = address,
                Err(error) if error.is_temporary() => return Ok(later(w, row)),
                Err(_) => return Ok(Outcome::Failed),
            }
        }
    }
    let Some(url) = details.url.clone() else { return Ok(Outcome::Failed) };
    let (db, own) = (w.store().read(), row.length.unwrap_or(0));
    // What is stored already stays, and is repaired, when a lower plan has no room for it.
    let of_plan = licences::limits(w, row.guild).await?.storage;
    let of_guild = rows::stored_bytes_of_guild(db, row.guild).await?;
    let of_ticket = room(TICKET_LIMIT, rows::stored_bytes(db, row.ticket).await?, own);
    let limits =
        Limits { own: limit_of(row.kind).min(of_ticket), plan: room(of_plan, of_guild, own) };
    if let Some(refused) = limits.refuse(details.size) {
        return Ok(refused);
    }
    let source = match w.discord().attachment(&url).await {
        Ok(source) => source,
        Err(error) if error.is_temporary() => return Ok(later(w, row)),
        Err(error) if row.kind == FileKind::Attachment => {
            match at_fresh_address(w, row, details, &error).await? {
                Ok(source) => source,
                Err(outcome) => return Ok(outcome),
            }
        }
        // Pictures keep their addresses: what is not there, or on a site that is not Discord's, stays so.
        Err(_) => return Ok(Outcome::Failed),
    };
    if let Some(refused) = limits.refuse(source.length) {
        return Ok(refused);
    }
    store(w, row, scope, source, limits).await
}

/// A file that was taken for damaged and is whole: the same bytes were stored anew for another message.
fn as_it_was(row: &AttachmentRow) -> Outcome {
    Outcome::Stored {
        blob: row.blob.clone().unwrap_or_default(),
        length: row.length.unwrap_or(0),
        media_type: row.media_type.as_deref().and_then(known_type),
    }
}

/// Whether a file is of a type that its kind may have. Stickers may be Lottie's JSON, which nothing but a
/// player of ours reads.
fn may_be(kind: FileKind, media_type: Option<&str>, head: &[u8]) -> bool {
    let picture = media_type.is_some_and(|media_type| media_type.starts_with("image/"));
    match kind {
        FileKind::Attachment => true,
        FileKind::Sticker => picture || head.first() == Some(&b'{'),
        FileKind::Avatar | FileKind::Emoji | FileKind::Embed => picture,
    }
}

/// Reads the stream into a blob, and tells what it is from its first bytes.
async fn store(
    w: &Wardesk,
    row: &AttachmentRow,
    scope: KeyScope,
    source: AttachmentSource,
    limits: Limits,
) -> Result<Outcome, StorageError> {
    let announced = source.length;
    let mut bytes = source.bytes;
    let mut head = BytesMut::new();
    while head.len() < sniff::ENOUGH {
        match bytes.next().await {
            Some(Ok(more)) => head.extend_from_slice(&more),
            Some(Err(_)) => return Ok(later(w, row)),
            None => break,
        }
    }
    let media_type = sniff::media_type(&head);
    if !may_be(row.kind, media_type, &head) {
        return Ok(Outcome::Failed);
    }
    let first = futures::stream::iter([Ok(head.freeze())]);
    let rest = bytes.map(|part| part.map_err(|_| StorageError::Source));
    let (blobs, whole, limit) = (w.store().blobs(), first.chain(rest), limits.both());
    let stored = if row.state == AttachmentState::Damaged {
        blobs.put_again(&scope, whole, limit).await
    } else {
        blobs.put(&scope, whole, limit).await
    };
    match stored {
        // A connection that ended early is no whole file.
        Ok(blob) if announced.is_some_and(|length| length != blob.length) => Ok(later(w, row)),
        Ok(blob) => Ok(Outcome::Stored {
            blob: blob.address,
            length: i64::try_from(blob.length).unwrap_or(i64::MAX),
            media_type,
        }),
        Err(StorageError::TooLarge { .. }) => Ok(limits.past()),
        Err(StorageError::Source) => Ok(later(w, row)),
        Err(error) => Err(error),
    }
}

/// Discord refuses the address: it may have expired, and the message has a new one. What is refused there too is refused
/// for good: the next new address would be no better.
async fn at_fresh_address(
    w: &Wardesk,
    row: &AttachmentRow,
    details: &mut FileDetails,
    error: &DiscordError,
) -> Result<Result<AttachmentSource, Outcome>, StorageError> {
    let address = match address_now(w, row).await? {
        Ok(Some(address)) if Some(&address) != details.url.as_ref() => address,
        Err(error) if error.is_temporary() => return Ok(Err(later(w, row))),
        Err(_) => return Ok(Err(Outcome::Failed)),
        Ok(_) => {
            tracing::info!(%error, "a file cannot be copied");
            return Ok(Err(Outcome::Failed));
        }
    };
    let source = w.discord().attachment(&address).await;
    details.url = Some(address);
    Ok(source.map_err(|error| {
        if error.is_temporary() {
            return later(w, row);
        }
        tracing::info!(%error, "a file cannot be copied");
        Outcome::Failed
    }))
}

/// The address that an attachment has now; `None` when the message or the file is gone from the channel.
async fn address_now(
    w: &Wardesk,
    row: &AttachmentRow,
) -> Result<Result<Option<String>, DiscordError>, StorageError> {
    let Some(ticket) = storage::tickets::get(w.store().read(), row.ticket).await? else {
        return Ok(Ok(None));
    };
    let Some(channel) = ticket.life.channel else { return Ok(Ok(None)) };
    let before = MessageId::new(row.message.get() - 1).ok();
    let page = match w.discord().messages_after(channel, before).await {
        Ok(page) => page,
        Err(error) => return Ok(Err(error)),
    };
    let message = page.into_iter().find(|m| normalise::id_of(m, "id") == Some(row.message));
    let found = message.and_then(|message| normalise::normalise(message, ticket.opener));
    let files: Vec<FoundFile> = found.map(|message| message.files).unwrap_or_default();
    Ok(Ok(files.into_iter().find(|file| file.id == row.id).map(|file| file.url)))
}

/// A stored file.
pub struct StoredFile {
    /// Its name, as its sender gave it: not to be believed, not to be used as a path.
    pub name: String,
    /// The media type found from its first bytes, or `application/octet-stream`.
    pub content_type: &'static str,
    /// Its length in bytes.
    pub length: u64,
    /// Whether it may be shown in a page; otherwise it is a download.
    pub inline: bool,
    wardesk: Wardesk,
    row: AttachmentRow,
}

/// The bytes of a file, or of a part of it. A damaged one ends in an error.
pub type FileBytes = BoxStream<'static, Result<Bytes, StorageError>>;

impl StoredFile {
    /// Its bytes.
    pub async fn bytes(self) -> Result<FileBytes, TranscriptError> {
        let length = self.length;
        self.part(0..length).await
    }

    /// A part of its bytes; no other ones are read. Damage elsewhere in the file is not met.
    pub async fn part(self, part: Range<u64>) -> Result<FileBytes, TranscriptError> {
        let (w, row) = (self.wardesk, self.row);
        let scope = seals::scope(row.guild, row.subject);
        let blob = row.blob.as_deref().ok_or(TranscriptError::NotFound)?;
        match w.store().blobs().get_range(&scope, blob, part).await {
            Ok(stream) => Ok(noticing_damage(w, row, stream)),
            Err(error) => {
                if check::after(&w, &row, error).await? == Condition::Damaged {
                    check::note_damage(&w, &row).await?;
                }
                Err(TranscriptError::NotFound)
            }
        }
    }
}

/// A stored file of a transcript. What is not stored, or was erased, is not found.
pub async fn attachment(
    access: &TranscriptAccess,
    id: AttachmentId,
) -> Result<StoredFile, TranscriptError> {
    let w = &access.wardesk;
    let row =
        rows::get(w.store().read(), access.ticket(), id).await?.ok_or(TranscriptError::NotFound)?;
    if row.state != AttachmentState::Stored {
        return Err(TranscriptError::NotFound);
    }
    if let Some(subject) = row.subject
        && restrict::is_restricted(w, row.guild, subject).await?
    {
        return Err(TranscriptError::NotFound);
    }
    if matches!(row.kind, FileKind::Attachment | FileKind::Embed)
        && deleted::is_withheld(w, &access.ticket, row.message).await?
    {
        return Err(TranscriptError::NotFound);
    }
    let scope = seals::scope(row.guild, row.subject);
    let keys = w.store().keys();
    let details = seals::open_details(keys, scope, row.ticket, row.id, row.details.clone())
        .await?
        .ok_or(TranscriptError::NotFound)?;
    let shown = row.media_type.as_deref().and_then(known_type);
    Ok(StoredFile {
        name: details.name,
        content_type: shown.unwrap_or("application/octet-stream"),
        length: row.length.and_then(|n| u64::try_from(n).ok()).unwrap_or(0),
        inline: shown.is_some(),
        wardesk: w.clone(),
        row,
    })
}

/// Passes the bytes of a file on. When they end in damage, that is noted.
fn noticing_damage(w: Wardesk, row: AttachmentRow, stream: FileBytes) -> FileBytes {
    let watched = stream.then(move |part| {
        let (w, row) = (w.clone(), row.clone());
        async move {
            if part.as_ref().is_err_and(StorageError::is_damage) {
                // The reader gets the error all the same; what matters to them is that the file ends here.
                if let Err(error) = check::note_damage(&w, &row).await {
                    tracing::warn!(%error, "damage to a copy could not be noted");
                }
            }
            part
        }
    });
    watched.boxed()
}

/// Only types that were found by [`sniff::media_type`] are believed, whatever the database says.
pub(super) fn known_type(stored: &str) -> Option<&'static str> {
    [
        "image/png",
        "image/jpeg",
        "image/gif",
        "image/webp",
        "audio/wav",
        "audio/ogg",
        "audio/flac",
        "audio/mpeg",
        "audio/mp4",
        "video/mp4",
        "video/webm",
        "video/quicktime",
        "video/3gpp",
    ]
    .into_iter()
    .find(|known| *known == stored)
}
