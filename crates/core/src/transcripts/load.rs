//! Messages of a ticket, from chunks and live archive together.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::ids::{MessageId, UserId};
use domain::time::Millis;
use storage::StorageError;
use storage::tickets::TicketRow;
use storage::transcripts::archive as live;
use storage::transcripts::chunks::{self, ChunkRow, Entry};
use transcript::Message;

use super::{chunk, deleted, seals};
use crate::Wardesk;
use crate::privacy::restrict;

/// Chunks read at once.
const CHUNKS: i64 = 4;

/// A message with its history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// JSON of each version that can still be read, by version.
    pub versions: BTreeMap<i64, String>,
    /// When it was deleted.
    pub deleted: Option<Millis>,
    /// Whether it was deleted, and what it said is not shown.
    pub hidden: bool,
    /// Whether whoever wrote it has the use of what is kept of them restricted: then nothing of it is read.
    pub restricted: bool,
}

impl Found {
    /// Whether its newest version says that this person wrote it; of what was erased nobody can tell.
    pub fn is_by(&self, person: UserId) -> bool {
        let newest = self.versions.last_key_value();
        newest
            .and_then(|(_, raw)| Message::parse(raw).author)
            .is_some_and(|author| i64::try_from(author.id.get()).is_ok_and(|id| id == person.get()))
    }
}

/// Where the words of a message are in the chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Place {
    chunk: i64,
    part: i64,
}

/// Where the words of messages are, by message.
type Places = BTreeMap<MessageId, Vec<(Place, Option<Millis>)>>;

/// Messages by id, from the ids that chunks and live archive name: nothing is unsealed for it.
#[derive(Debug, Default)]
pub(super) struct Index {
    ids: BTreeSet<MessageId>,
    places: Places,
}

impl Index {
    /// The ids, in order.
    pub(super) const fn ids(&self) -> &BTreeSet<MessageId> {
        &self.ids
    }

    /// Keeps the messages that `wanted` names.
    fn keep(&mut self, wanted: impl Fn(MessageId) -> bool) {
        self.ids.retain(|id| wanted(*id));
        let Self { ids, places } = self;
        places.retain(|id, _| ids.contains(id));
    }

    /// Keeps the first `count`.
    pub(super) fn keep_first(&mut self, count: usize) {
        if let Some(past) = self.ids.iter().nth(count).copied() {
            self.keep(|id| id < past);
        }
    }

    /// Keeps the last `count`.
    pub(super) fn keep_last(&mut self, count: usize) {
        match self.ids.len().checked_sub(count) {
            None | Some(0) => {}
            Some(excess) => match self.ids.iter().nth(excess).copied() {
                Some(first) => self.keep(|id| id >= first),
                None => *self = Self::default(),
            },
        }
    }

    /// Adds the messages of another.
    pub(super) fn extend(&mut self, other: Self) {
        self.ids.extend(other.ids);
        self.places.extend(other.places);
    }
}

/// The first `count` messages from id `from` on, or of `of` alone.
pub(super) async fn forward(
    w: &Wardesk,
    ticket: &TicketRow,
    from: i64,
    of: Option<UserId>,
    count: usize,
) -> Result<Index, StorageError> {
    let db = w.store().read();
    let live = live::ids_from(db, ticket.id, from, of, bound(count)).await?;
    let mut index = Index { ids: live.into_iter().collect(), places: Places::new() };
    let mut after = None;
    loop {
        let chunks = chunks::from_message(db, ticket.id, from, after, of, CHUNKS).await?;
        let Some(last) = chunks.last().map(|chunk| (chunk.first, chunk.chunk)) else { break };
        let all = bound(chunks.len()) < CHUNKS;
        for row in chunks {
            note(&mut index.places, &row, |id| id.get() >= from);
        }
        index.ids.extend(index.places.keys());
        // Chunks come by their first message: what follows begins past what is wanted.
        let past = count.checked_sub(1).is_none_or(|last_wanted| {
            index.ids.iter().nth(last_wanted).is_some_and(|id| last.0 > id.get())
        });
        if all || past {
            break;
        }
        after = Some(last);
    }
    index.keep_first(count);
    Ok(index)
}

/// The last `count` messages below id `before`, or of `of` alone.
pub(super) async fn backward(
    w: &Wardesk,
    ticket: &TicketRow,
    before: i64,
    of: Option<UserId>,
    count: usize,
) -> Result<Index, StorageError> {
    let db = w.store().read();
    let live = live::ids_before(db, ticket.id, before, of, bound(count)).await?;
    let mut index = Index { ids: live.into_iter().collect(), places: Places::new() };
    let mut after = None;
    loop {
        let chunks = chunks::before_message(db, ticket.id, before, after, of, CHUNKS).await?;
        let Some(last) = chunks.last().map(|chunk| (chunk.last, chunk.chunk)) else { break };
        let all = bound(chunks.len()) < CHUNKS;
        for row in chunks {
            note(&mut index.places, &row, |id| id.get() < before);
        }
        index.ids.extend(index.places.keys());
        // Chunks come by their last message: what follows ends before what is wanted.
        let past = count.checked_sub(1).is_none_or(|last_wanted| {
            index.ids.iter().nth_back(last_wanted).is_some_and(|id| last.0 < id.get())
        });
        if all || past {
            break;
        }
        after = Some(last);
    }
    index.keep_last(count);
    Ok(index)
}

fn bound(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The messages of an index, unsealed; of deleted ones what a transcript keeps of them.
pub(super) async fn open(
    w: &Wardesk,
    ticket: &TicketRow,
    index: &Index,
) -> Result<BTreeMap<MessageId, Found>, StorageError> {
    let mut messages = read(w, ticket, &index.ids, &index.places).await?;
    hide_deleted(w, ticket, &mut messages).await?;
    Ok(messages)
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
    let mut index = forward(w, ticket, from, None, limit.saturating_add(1)).await?;
    let next = index.ids.iter().nth(limit).copied();
    index.keep_first(limit);
    Ok(Loaded { messages: open(w, ticket, &index).await?, next })
}

/// These messages, where the ticket has them.
pub(super) async fn these(
    w: &Wardesk,
    ticket: &TicketRow,
    ids: &BTreeSet<MessageId>,
) -> Result<BTreeMap<MessageId, Found>, StorageError> {
    let mut places: Places = BTreeMap::new();
    for id in ids {
        for row in chunks::around(w.store().read(), ticket.id, *id).await? {
            note(&mut places, &row, |other| other == *id);
        }
    }
    let mut found = BTreeMap::new();
    if let (Some(first), Some(last)) = (ids.first(), ids.last())
        && live::is_any(w.store().read(), ticket.id, first.get(), last.get()).await?
    {
        for id in ids {
            let one = BTreeSet::from([*id]);
            found.extend(read_live(w, ticket, &one).await?);
        }
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
        || deleted::are_shown(w, ticket).await?
    {
        return Ok(());
    }
    for found in messages.values_mut().filter(|found| found.deleted.is_some()) {
        found.hidden = true;
        if let Some((version, newest)) = found.versions.pop_last() {
            found.versions = BTreeMap::from([(version, deleted::husk_text(&newest))]);
        }
    }
    Ok(())
}

fn note(places: &mut Places, row: &ChunkRow, wanted: impl Fn(MessageId) -> bool) {
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
    places: &Places,
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
    let restricted = restrict::all(w).await?;
    for row in live::versions(db, ticket.id, first.get(), last.get()).await? {
        if !ids.contains(&row.message) {
            continue;
        }
        if row.subject.is_some_and(|subject| restricted.is_on(ticket.guild, subject)) {
            messages.entry(row.message).or_default().restricted = true;
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
    places: &Places,
    messages: &mut BTreeMap<MessageId, Found>,
) -> Result<(), StorageError> {
    let wanted: BTreeSet<Place> = places.values().flatten().map(|(place, _)| *place).collect();
    let chunks: BTreeSet<i64> = wanted.iter().map(|place| place.chunk).collect();
    let restricted = restrict::all(w).await?;
    let mut unread: BTreeSet<Place> = BTreeSet::new();
    let mut said: HashMap<(Place, MessageId), Vec<(i64, String)>> = HashMap::new();
    for number in chunks {
        let mut of_chunk = wanted.iter().filter(|place| place.chunk == number);
        let rows = match (of_chunk.next(), of_chunk.next()) {
            (Some(one), None) => {
                let row = chunks::part_at(w.store().read(), ticket.id, number, one.part).await?;
                row.into_iter().collect()
            }
            _ => chunks::parts(w.store().read(), ticket.id, number).await?,
        };
        for row in rows {
            let place = Place { chunk: number, part: row.part };
            if !wanted.contains(&place) {
                continue;
            }
            if row.subject.is_some_and(|subject| restricted.is_on(ticket.guild, subject)) {
                unread.insert(place);
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
            found.restricted |= unread.contains(place);
            found.deleted = found.deleted.or(*deleted);
        }
    }
    Ok(())
}
