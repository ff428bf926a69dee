//! Messages of a ticket, from chunks and live archive together.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::ids::MessageId;
use domain::time::Millis;
use storage::StorageError;
use storage::tickets::TicketRow;
use storage::transcripts::archive as live;
use storage::transcripts::chunks::{self, ChunkRow, Entry};

use super::{chunk, deleted, seals};
use crate::Wardesk;

/// Chunks read at once.
const CHUNKS: i64 = 4;

/// A message with its history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// JSON of each version that can still be read, by version.
    pub versions: BTreeMap<i64, String>,
    /// When it was deleted.
    pub deleted: Option<Millis>,
}

/// Where the words of a message are in the chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Place {
    chunk: i64,
    part: i64,
}

/// Messages of a page and where the next one begins.
pub(super) struct Loaded {
    pub messages: BTreeMap<MessageId, Found>,
    pub next: Option<MessageId>,
}

/// Up to `limit` messages from id `from` on.
pub(super) async fn page(
    w: &Wardesk,
    ticket: &TicketRow,
    from: i64,
    limit: usize,
) -> Result<Loaded, StorageError> {
    let db = w.store().read();
    let wanted = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut ids: BTreeSet<MessageId> =
        live::sizes(db, ticket.id, from, wanted).await?.into_iter().map(|(id, _)| id).collect();
    let mut places: BTreeMap<MessageId, Vec<(Place, Option<Millis>)>> = BTreeMap::new();
    let mut after = None;
    loop {
        let chunks = chunks::from_message(db, ticket.id, from, after, CHUNKS).await?;
        let enough = chunks.len() < usize::try_from(CHUNKS).unwrap_or(usize::MAX);
        let last_first = chunks.last().map(|c| c.first);
        after = chunks.last().map(|c| (c.first, c.chunk)).or(after);
        for row in chunks {
            note(&mut places, &row, |id| id.get() >= from);
        }
        ids.extend(places.keys());
        // Later chunks begin past what this page shows.
        let past = ids.iter().nth(limit).is_some_and(|id| last_first.is_some_and(|f| f > id.get()));
        if enough || past {
            break;
        }
    }
    let next = ids.iter().nth(limit).copied();
    let ids: BTreeSet<MessageId> = ids.into_iter().take(limit).collect();
    places.retain(|id, _| ids.contains(id));
    let mut messages = read(w, ticket, &ids, &places).await?;
    hide_deleted(w, ticket, &mut messages).await?;
    Ok(Loaded { messages, next })
}

/// These messages, where the ticket has them.
pub(super) async fn these(
    w: &Wardesk,
    ticket: &TicketRow,
    ids: &BTreeSet<MessageId>,
) -> Result<BTreeMap<MessageId, Found>, StorageError> {
    let mut places: BTreeMap<MessageId, Vec<(Place, Option<Millis>)>> = BTreeMap::new();
    for id in ids {
        for row in chunks::around(w.store().read(), ticket.id, *id).await? {
            note(&mut places, &row, |other| other == *id);
        }
    }
    let mut found = BTreeMap::new();
    for id in ids {
        let one = BTreeSet::from([*id]);
        found.extend(read_live(w, ticket, &one).await?);
    }
    add_stored(w, ticket, &places, &mut found).await?;
    found.retain(|_, message: &mut Found| !message.versions.is_empty());
    hide_deleted(w, ticket, &mut found).await?;
    Ok(found)
}

/// Leaves of deleted messages what a transcript keeps of them.
async fn hide_deleted(
    w: &Wardesk,
    ticket: &TicketRow,
    messages: &mut BTreeMap<MessageId, Found>,
) -> Result<(), StorageError> {
    if messages.values().all(|found| found.deleted.is_none())
        || deleted::are_kept(w, ticket).await?
    {
        return Ok(());
    }
    for found in messages.values_mut().filter(|found| found.deleted.is_some()) {
        if let Some((version, newest)) = found.versions.pop_last() {
            found.versions = BTreeMap::from([(version, deleted::husk_text(&newest))]);
        }
    }
    Ok(())
}

fn note(
    places: &mut BTreeMap<MessageId, Vec<(Place, Option<Millis>)>>,
    row: &ChunkRow,
    wanted: impl Fn(MessageId) -> bool,
) {
    for Entry(id, part, deleted) in row.entries.iter().copied() {
        if wanted(id) {
            let place = Place { chunk: row.chunk, part };
            let all = places.entry(id).or_default();
            if !all.iter().any(|(known, _)| *known == place) {
                all.push((place, deleted));
            }
        }
    }
}

async fn read(
    w: &Wardesk,
    ticket: &TicketRow,
    ids: &BTreeSet<MessageId>,
    places: &BTreeMap<MessageId, Vec<(Place, Option<Millis>)>>,
) -> Result<BTreeMap<MessageId, Found>, StorageError> {
    let mut messages = read_live(w, ticket, ids).await?;
    add_stored(w, ticket, places, &mut messages).await?;
    for id in ids {
        // One whose words were all erased is still a message.
        messages.entry(*id).or_default();
    }
    Ok(messages)
}

async fn read_live(
    w: &Wardesk,
    ticket: &TicketRow,
    ids: &BTreeSet<MessageId>,
) -> Result<BTreeMap<MessageId, Found>, StorageError> {
    let mut messages: BTreeMap<MessageId, Found> = BTreeMap::new();
    let (Some(first), Some(last)) = (ids.first(), ids.last()) else { return Ok(messages) };
    let db = w.store().read();
    for row in live::versions(db, ticket.id, first.get(), last.get()).await? {
        if !ids.contains(&row.message) {
            continue;
        }
        let (message, version) = (row.message, row.version);
        let opened = seals::open_version(w.store().keys(), ticket.guild, ticket.id, row).await?;
        let found = messages.entry(message).or_default();
        found.versions.extend(opened.map(|body| (version, body)));
    }
    for deletion in live::deletions(db, ticket.id, first.get(), last.get()).await? {
        if ids.contains(&deletion.message) {
            messages.entry(deletion.message).or_default().deleted = Some(deletion.at);
        }
    }
    Ok(messages)
}

async fn add_stored(
    w: &Wardesk,
    ticket: &TicketRow,
    places: &BTreeMap<MessageId, Vec<(Place, Option<Millis>)>>,
    messages: &mut BTreeMap<MessageId, Found>,
) -> Result<(), StorageError> {
    let wanted: BTreeSet<Place> = places.values().flatten().map(|(place, _)| *place).collect();
    let chunks: BTreeSet<i64> = wanted.iter().map(|place| place.chunk).collect();
    let mut said: HashMap<(Place, MessageId), Vec<(i64, String)>> = HashMap::new();
    for number in chunks {
        for row in chunks::parts(w.store().read(), ticket.id, number).await? {
            let place = Place { chunk: number, part: row.part };
            if !wanted.contains(&place) {
                continue;
            }
            for (id, versions) in
                chunk::open_part(w, ticket, number, row).await?.unwrap_or_default()
            {
                if places.contains_key(&id) {
                    said.insert((place, id), versions);
                }
            }
        }
    }
    for (id, all) in places {
        let found = messages.entry(*id).or_default();
        for (place, deleted) in all {
            // A live row of the same version was written later.
            for (version, body) in said.remove(&(*place, *id)).unwrap_or_default() {
                found.versions.entry(version).or_insert(body);
            }
            found.deleted = found.deleted.or(*deleted);
        }
    }
    Ok(())
}
