//! Messages move from the live archive into chunks.

use std::collections::BTreeMap;

use domain::ids::{GuildId, MessageId, TicketId, UserId};
use sqlx::AnyConnection;
use storage::tickets::TicketRow;
use storage::transcripts::chunks::{self, ERASED, Entry, PartRow};
use storage::transcripts::terms::{self, Place};
use storage::transcripts::{archive, attachments, removals};
use storage::{Keys, Sealed, StorageError};

use super::seals::{self, PartMessage};
use super::{deleted, search};
use crate::Wardesk;
use crate::privacy::restrict;

/// Messages of a chunk, at most.
const MESSAGES: i64 = 128;
/// Sealed bytes that go into one chunk, at most, unless one message alone is larger.
const BYTES: i64 = 4 * 1024 * 1024;
/// Bytes that a part may unpack to: far more than [`BYTES`], far less than memory.
const UNPACKED: usize = 64 * 1024 * 1024;
/// zstd's level: beyond it the same bytes cost much more time.
const LEVEL: i32 = 6;

/// Moves the oldest messages into a chunk, in one transaction. Answers whether there were any.
pub(super) async fn move_one(w: &Wardesk, ticket: &TicketRow) -> Result<bool, StorageError> {
    let sizes = archive::sizes(w.store().read(), ticket.id, 0, MESSAGES).await?;
    let Some((first, mut total)) = sizes.first().copied() else { return Ok(false) };
    let mut last = first;
    for (message, size) in sizes.into_iter().skip(1) {
        total += size;
        if total > BYTES {
            break;
        }
        last = message;
    }
    // Asked before the transaction, which must not wait for another connection.
    let keep_deleted = deleted::are_kept(w, ticket).await?;
    let restricted = restrict::all(w).await?;
    let mut tx = w.store().begin().await?;
    let deletions = archive::take_deletions(tx.conn(), ticket.id, first.get(), last.get()).await?;
    let versions = archive::take_versions(tx.conn(), ticket.id, first.get(), last.get()).await?;
    let number = chunks::next_number(&mut *tx.conn(), ticket.id).await?;

    let gone: BTreeMap<MessageId, _> = deletions.into_iter().map(|d| (d.message, d.at)).collect();
    if !keep_deleted {
        // A page of the channel that was read meanwhile may have brought their files back.
        for message in gone.keys() {
            for blob in attachments::delete_of(tx.conn(), ticket.id, *message).await? {
                removals::ask(tx.conn(), ticket.guild, &blob, w.now()).await?;
            }
        }
    }

    let keys = w.store().keys();
    let mut speakers: BTreeMap<Option<UserId>, Vec<PartMessage>> = BTreeMap::new();
    let mut speaker_of: BTreeMap<MessageId, Option<Option<UserId>>> = BTreeMap::new();
    for row in versions {
        let (message, version, subject) = (row.message, row.version, row.subject);
        let said_by = speaker_of.entry(message).or_default();
        let Some(body) = seals::open_version(keys, ticket.guild, ticket.id, row).await? else {
            continue;
        };
        *said_by = Some(subject);
        let keep = keep_deleted || !gone.contains_key(&message);
        let body = if keep { body } else { deleted::husk_text(&body) };
        let said = speakers.entry(subject).or_default();
        match said.last_mut() {
            Some((same, all)) if *same == message => all.push((version, body)),
            _ => said.push((message, vec![(version, body)])),
        }
    }
    fail::fail_point!(crate::failpoints::CHUNK_OPENED);
    let now = w.now();
    let mut parts = Vec::with_capacity(speakers.len());
    let mut indexes = Vec::with_capacity(speakers.len());
    let mut number_of = BTreeMap::new();
    for (part, (subject, said)) in (0..).zip(speakers) {
        let place = (ticket.id, number, part);
        // Who was erased since it was opened has no key any more, and is given none.
        let Some(body) = seal_part(keys, ticket.guild, place, subject, &said).await? else {
            continue;
        };
        number_of.insert(subject, part);
        parts.push(PartRow { part, subject, body });
        // Without an index they are not found; it is made when the restriction is over.
        if subject.is_some_and(|subject| restricted.is_on(ticket.guild, subject)) {
            continue;
        }
        if let Some(found_by) =
            search::seal_terms(keys, ticket.guild, place, subject, &said).await?
        {
            let place = Place { at: now, ticket: ticket.id, chunk: number, part };
            indexes.push((place, subject, found_by));
        }
    }
    let entries: Vec<Entry> = speaker_of
        .into_iter()
        .map(|(message, speaker)| {
            let part = speaker.and_then(|s| number_of.get(&s).copied()).unwrap_or(ERASED);
            Entry(message, part, gone.get(&message).copied())
        })
        .collect();
    chunks::insert(tx.conn(), ticket.id, number, &entries, parts).await?;
    for (place, subject, body) in indexes {
        terms::insert(tx.conn(), ticket.guild, place, subject, body).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// The sealed form of what one person said in a chunk; `None` when they were erased meanwhile.
async fn seal_part(
    keys: &Keys,
    guild: GuildId,
    (ticket, chunk, part): (TicketId, i64, i64),
    subject: Option<UserId>,
    said: &[PartMessage],
) -> Result<Option<Vec<u8>>, StorageError> {
    let plain =
        serde_json::to_vec(said).map_err(|_| StorageError::Corrupt("transcript_parts.body"))?;
    let packed = pack(&plain)?;
    let aad = chunks::part_aad(ticket, chunk, part);
    seals::seal_known(keys, seals::scope(guild, subject), &aad, &packed).await
}

/// Writes over what one person said in a chunk, and over what is found by it. What was erased meanwhile stays so.
pub(super) async fn write_over(
    conn: &mut AnyConnection,
    keys: &Keys,
    guild: GuildId,
    place: (TicketId, i64, i64),
    subject: Option<UserId>,
    said: &[PartMessage],
) -> Result<(), StorageError> {
    let (ticket, chunk, part) = place;
    let Some(body) = seal_part(keys, guild, place, subject, said).await? else { return Ok(()) };
    chunks::replace_part(conn, ticket, chunk, part, body).await?;
    let index = search::seal_terms(keys, guild, place, subject, said).await?;
    terms::replace(conn, ticket, chunk, part, index.unwrap_or_default()).await
}

/// What one person said in a chunk; `None` when it was erased.
pub(super) async fn open_part(
    w: &Wardesk,
    ticket: &TicketRow,
    chunk: i64,
    row: PartRow,
) -> Result<Option<Vec<PartMessage>>, StorageError> {
    let scope = seals::scope(ticket.guild, row.subject);
    let aad = chunks::part_aad(ticket.id, chunk, row.part);
    let opened = w.store().keys().open_sealed(&scope, &aad, &Sealed::from_bytes(row.body)).await;
    seals::unless_erased(opened.and_then(|packed| {
        let plain = unpack(&packed)?;
        serde_json::from_slice(&plain).map_err(|_| StorageError::Corrupt("transcript_parts.body"))
    }))
}

fn pack(plain: &[u8]) -> Result<Vec<u8>, StorageError> {
    zstd::bulk::compress(plain, LEVEL).map_err(|_| StorageError::Corrupt("transcript_parts.body"))
}

fn unpack(packed: &[u8]) -> Result<Vec<u8>, StorageError> {
    // The frame tells how long its content is; a longer one than was ever written is refused.
    let length = zstd::bulk::Decompressor::upper_bound(packed).unwrap_or(UNPACKED).min(UNPACKED);
    zstd::bulk::decompress(packed, length)
        .map_err(|_| StorageError::Corrupt("transcript_parts.body"))
}

/// Moves everything that the live archive has of a ticket.
pub(super) async fn move_all(w: &Wardesk, ticket: &TicketRow) -> Result<(), StorageError> {
    while move_one(w, ticket).await? {
        fail::fail_point!(crate::failpoints::TRANSCRIPT_AFTER_CHUNK);
        // Others want the writer too.
        tokio::task::yield_now().await;
    }
    Ok(())
}

/// How many messages a ticket has, for the summary.
pub(super) async fn count(w: &Wardesk, ticket: TicketId) -> Result<u64, StorageError> {
    let count = chunks::count_messages(w.store().read(), ticket).await?;
    Ok(u64::try_from(count).unwrap_or(0))
}
