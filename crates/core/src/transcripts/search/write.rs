//! Indexes are written with the chunks.

use ::search::Index;
use domain::ids::{GuildId, TicketId, UserId};
use serde_json::Value;
use storage::transcripts::chunks;
use storage::transcripts::terms::{self, Place};
use storage::{Keys, Sealed, StorageError};
use zeroize::Zeroizing;

use super::documents::document;
use crate::Wardesk;
use crate::transcripts::chunk;
use crate::transcripts::seals::{self, PartMessage};

/// Bytes that an index may unpack to.
const UNPACKED: usize = 16 * 1024 * 1024;
/// zstd's level: words compress little more with a higher one.
const LEVEL: i32 = 3;
/// Parts that are looked for at once.
const MISSING: i64 = 100;

/// The sealed index of what one person said in a chunk, by the newest version of each message; `None` when they were
/// erased meanwhile.
pub(in crate::transcripts) async fn seal_terms(
    keys: &Keys,
    guild: GuildId,
    (ticket, chunk, part): (TicketId, i64, i64),
    subject: Option<UserId>,
    said: &[PartMessage],
) -> Result<Option<Vec<u8>>, StorageError> {
    let documents = said
        .iter()
        .filter_map(|(id, versions)| {
            let (_, newest) = versions.last()?;
            Some(document(*id, &serde_json::from_str::<Value>(newest).ok()?))
        })
        .collect();
    let plain = Zeroizing::new(Index::of(0, documents).encode());
    let packed = zstd::bulk::compress(&plain, LEVEL)
        .map_err(|_| StorageError::Corrupt("transcript_terms.body"))?;
    let aad = terms::terms_aad(ticket, chunk, part);
    seals::seal_known(keys, seals::scope(guild, subject), &aad, &packed).await
}

/// An index that [`seal_terms`] made; `None` when it was erased.
pub(super) async fn open_terms(
    keys: &Keys,
    guild: GuildId,
    row: terms::TermsRow,
    place: u32,
) -> Result<Option<Index>, StorageError> {
    if row.body.is_empty() {
        return Ok(None);
    }
    let aad = terms::terms_aad(row.place.ticket, row.place.chunk, row.place.part);
    let scope = seals::scope(guild, row.subject);
    let opened = keys.open_sealed(&scope, &aad, &Sealed::from_bytes(row.body)).await;
    seals::unless_erased(opened.and_then(|packed| {
        let corrupt = || StorageError::Corrupt("transcript_terms.body");
        let length =
            zstd::bulk::Decompressor::upper_bound(&packed).unwrap_or(UNPACKED).min(UNPACKED);
        let plain = zstd::bulk::decompress(&packed, length).map_err(|_| corrupt())?;
        Index::decode(&plain, place).map_err(|_| corrupt())
    }))
}

/// Indexes parts of chunks that have no index: those that an earlier version wrote. Answers how many; call it
/// again until that is none.
pub async fn index_missing(w: &Wardesk) -> Result<usize, StorageError> {
    let missing = terms::missing(w.store().read(), MISSING).await?;
    for (ticket, chunk, part) in &missing {
        let Some(row) = storage::tickets::get(w.store().read(), *ticket).await? else { continue };
        let parts = chunks::parts(w.store().read(), *ticket, *chunk).await?;
        let Some(found) = parts.into_iter().find(|found| found.part == *part) else { continue };
        let subject = found.subject;
        // What was erased has no words; its empty index says that it was looked at.
        let said = chunk::open_part(w, &row, *chunk, found).await?;
        let body = match said {
            Some(said) => {
                let place = (*ticket, *chunk, *part);
                let sealed = seal_terms(w.store().keys(), row.guild, place, subject, &said).await?;
                sealed.unwrap_or_default()
            }
            None => Vec::new(),
        };
        let place = Place { at: w.now(), ticket: *ticket, chunk: *chunk, part: *part };
        let mut tx = w.store().begin().await?;
        terms::insert(tx.conn(), row.guild, place, subject, body).await?;
        tx.commit().await?;
    }
    Ok(missing.len())
}
