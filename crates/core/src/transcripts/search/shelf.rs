//! Indexes in memory.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use ::search::Index;
use domain::ids::{GuildId, PanelId, TicketId};
use domain::time::Millis;
use moka::future::Cache;
use moka::ops::compute::{CompResult, Op};
use storage::StorageError;
use storage::counters::{self, Counter};
use storage::transcripts::archive as live;
use storage::transcripts::terms::{self, LiveState, Place, TermsRow};

use super::documents::document;
use super::write::open_terms;
use crate::Wardesk;
use crate::privacy::restrict;
use crate::tickets::TicketEvent;
use crate::transcripts::seals;

/// Bytes of all indexes in memory, at most: about five million messages.
const BUDGET: u64 = 256 * 1024 * 1024;
/// How long an index stays that nobody asks.
const IDLE: Duration = Duration::from_hours(1);
/// Rows that are read at once.
const ROWS: i64 = 500;
/// Indexes that are merged at once while a shelf is filled, so that what is to be merged is bounded.
const BATCH: usize = 2_000;
/// Clocks of processes differ, and a transaction takes a while: what is that new is asked for again.
const OVERLAP_S: i64 = 60;
/// Live messages of a ticket that are read at once.
const LIVE_ROWS: i64 = 500;

/// Whose indexes stand together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Source {
    /// Of all tickets of a server.
    Guild(GuildId),
    /// Of one ticket of a server.
    Ticket(GuildId, TicketId),
}

impl Source {
    const fn guild(self) -> GuildId {
        match self {
            Self::Guild(guild) | Self::Ticket(guild, _) => guild,
        }
    }
}

/// The messages of a ticket that are not in a chunk yet.
#[derive(Clone)]
struct Live {
    state: LiveState,
    index: Arc<Index>,
}

/// The indexes of a server or a ticket.
#[derive(Clone)]
pub(super) struct Shelf {
    /// Tickets by the number that indexes know them by.
    tickets: Vec<(TicketId, PanelId)>,
    numbers: HashMap<TicketId, u32>,
    /// From large to small.
    levels: Vec<Arc<Index>>,
    live: HashMap<TicketId, Live>,
    /// When the newest row was written.
    read_to: Millis,
    /// Rows that will be met again.
    recent: HashSet<Place>,
    /// What had been taken away when it was begun.
    gone: Gone,
    /// The number of the server's last event when it was read: who moved a ticket since gave it another panel.
    events: i64,
}

/// How often words were taken away: when it grows, what was read before may hold them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Gone {
    /// Keys that this process destroyed.
    keys: u64,
    /// Erasures and redactions of the server, whichever process made them.
    erasures: i64,
}

impl Gone {
    async fn now(w: &Wardesk, guild: GuildId) -> Result<Self, StorageError> {
        let erasures = counters::last(w.store().read(), guild, Counter::Erasure).await?;
        Ok(Self { keys: w.store().keys().destroyed(), erasures })
    }
}

/// The shelves in memory.
pub struct Shelves(Cache<Source, Arc<Shelf>>);

impl Default for Shelves {
    fn default() -> Self {
        let weigh =
            |_: &Source, shelf: &Arc<Shelf>| u32::try_from(shelf.size()).unwrap_or(u32::MAX);
        Self(Cache::builder().weigher(weigh).max_capacity(BUDGET).time_to_idle(IDLE).build())
    }
}

impl Shelves {
    /// The shelf of `source` with all that was written up to now. Who asks for the same one waits.
    pub(super) async fn get(
        &self,
        w: &Wardesk,
        source: Source,
    ) -> Result<Arc<Shelf>, StorageError> {
        let done = self
            .0
            .entry(source)
            .and_try_compute_with(async |entry| {
                let known = entry.map(moka::Entry::into_value);
                let fresh = refreshed(w, source, known.as_deref()).await?;
                let put = |fresh| Op::Put(Arc::new(fresh));
                Ok::<_, StorageError>(fresh.map_or(Op::Nop, put))
            })
            .await?;
        Ok(match done {
            CompResult::Inserted(entry)
            | CompResult::ReplacedWith(entry)
            | CompResult::Unchanged(entry)
            | CompResult::Removed(entry) => entry.into_value(),
            CompResult::StillNone(_) => Arc::new(Shelf::empty(Gone::default(), 0)),
        })
    }

    /// Forgets what this process has in memory of a server.
    pub(in crate::transcripts) async fn forget(&self, guild: GuildId) {
        let of_guild: Vec<Source> =
            self.0.iter().map(|(source, _)| *source).filter(|s| s.guild() == guild).collect();
        for source in of_guild {
            self.0.invalidate(&source).await;
        }
    }
}

impl Shelf {
    /// A shelf to be filled, begun when so much had been taken away and so many events had happened.
    fn empty(gone: Gone, events: i64) -> Self {
        Self {
            tickets: Vec::new(),
            numbers: HashMap::new(),
            levels: Vec::new(),
            live: HashMap::new(),
            read_to: Millis(0),
            recent: HashSet::new(),
            gone,
            events,
        }
    }

    /// Its tickets with their panels, by the number that indexes know them by.
    pub(super) fn tickets(&self) -> &[(TicketId, PanelId)] {
        &self.tickets
    }

    /// Its indexes. A message may be in several: it was edited, or moved into a chunk meanwhile.
    pub(super) fn indexes(&self) -> impl Iterator<Item = &Index> {
        self.levels.iter().chain(self.live.values().map(|live| &live.index)).map(AsRef::as_ref)
    }

    fn size(&self) -> usize {
        let tickets = self.tickets.len() * 3 * size_of::<(TicketId, PanelId)>();
        self.indexes().map(Index::size).sum::<usize>() + tickets + 1024
    }

    fn number(&mut self, ticket: TicketId, panel: PanelId) -> u32 {
        let next = u32::try_from(self.tickets.len()).unwrap_or(u32::MAX);
        *self.numbers.entry(ticket).or_insert_with(|| {
            self.tickets.push((ticket, panel));
            next
        })
    }

    /// Puts an index beside the others, and merges those that are not much larger than it.
    async fn add(&mut self, fresh: Vec<Index>) -> Result<(), StorageError> {
        if fresh.is_empty() {
            return Ok(());
        }
        let mut size: usize = fresh.iter().map(|index| index.messages().len()).sum();
        let mut all: Vec<Arc<Index>> = Vec::new();
        while let Some(last) = self.levels.pop_if(|last| last.messages().len() < size * 4) {
            size += last.messages().len();
            all.insert(0, last);
        }
        all.extend(fresh.into_iter().map(Arc::new));
        let merge = move || Index::merge(all.iter().map(AsRef::as_ref));
        let merged = tokio::task::spawn_blocking(merge).await;
        self.levels.push(Arc::new(merged.map_err(|_| StorageError::Corrupt("search"))?));
        Ok(())
    }
}

async fn refreshed(
    w: &Wardesk,
    source: Source,
    known: Option<&Shelf>,
) -> Result<Option<Shelf>, StorageError> {
    let gone = Gone::now(w, source.guild()).await?;
    // What was taken away goes from memory too.
    let known = known.filter(|shelf| shelf.gone == gone);
    // Before anything is read: what happens meanwhile is met the next time.
    let events = counters::last(w.store().read(), source.guild(), Counter::Event).await?;
    let mut shelf = known.cloned().unwrap_or_else(|| Shelf::empty(gone, events));
    let moved = follow_moves(w, source, &mut shelf, events).await?;
    let stored = add_stored(w, source, &mut shelf).await?;
    let live = add_live(w, source, &mut shelf).await?;
    Ok((moved || stored || live || known.is_none()).then_some(shelf))
}

/// Gives tickets that were moved since the shelf was read the panels that they are of now: who may find what is in
/// them follows the panel.
async fn follow_moves(
    w: &Wardesk,
    source: Source,
    shelf: &mut Shelf,
    events: i64,
) -> Result<bool, StorageError> {
    if shelf.events == events {
        return Ok(false);
    }
    let kinds = [TicketEvent::MOVED, TicketEvent::MOVED_BACK];
    let db = w.store().read();
    for (ticket, panel) in
        storage::events::panels_since(db, source.guild(), kinds, shelf.events).await?
    {
        if let Some(number) = shelf.numbers.get(&ticket)
            && let Some(known) = shelf.tickets.get_mut(*number as usize)
        {
            known.1 = panel;
        }
    }
    shelf.events = events;
    Ok(true)
}

/// From when on there may be indexes that the shelf has not read; `None` where it has read all. Counted first: what was met
/// already is large, and a person who searches asks again and again.
async fn unread_since(
    w: &Wardesk,
    source: Source,
    shelf: &Shelf,
) -> Result<Option<Millis>, StorageError> {
    let db = w.store().read();
    let met = i64::try_from(shelf.recent.len()).unwrap_or(i64::MAX);
    match source {
        Source::Ticket(_, ticket) => {
            let there = terms::count_of_ticket(db, ticket).await?;
            Ok((there != met).then_some(Millis(0)))
        }
        Source::Guild(guild) => {
            let overlap = shelf.read_to.plus_seconds(-OVERLAP_S);
            let there = terms::count_of_guild(db, guild, overlap, shelf.read_to).await?;
            Ok(Some(if there == met { Millis(shelf.read_to.0 + 1) } else { overlap }))
        }
    }
}

async fn add_stored(w: &Wardesk, source: Source, shelf: &mut Shelf) -> Result<bool, StorageError> {
    let Some(since) = unread_since(w, source, shelf).await? else { return Ok(false) };
    let mut after: Option<Place> = None;
    let mut fresh = Vec::new();
    let mut changed = false;
    let restricted = restrict::all(w).await?;
    loop {
        let db = w.store().read();
        let rows = match source {
            Source::Guild(guild) => terms::of_guild(db, guild, since, after, ROWS).await?,
            Source::Ticket(_, ticket) => {
                let chunk = after.map_or((-1, -1), |place| (place.chunk, place.part));
                terms::of_ticket(db, ticket, chunk, ROWS).await?
            }
        };
        let enough = rows.len() < usize::try_from(ROWS).unwrap_or(usize::MAX);
        after = rows.last().map(|row| row.place).or(after);
        for row in rows {
            if !shelf.recent.insert(row.place) {
                continue;
            }
            changed = true;
            let TermsRow { place, panel, .. } = row;
            shelf.read_to = shelf.read_to.max(place.at);
            if row.subject.is_some_and(|subject| restricted.is_on(source.guild(), subject)) {
                continue;
            }
            let number = shelf.number(place.ticket, panel);
            fresh.extend(open_terms(w.store().keys(), source.guild(), row, number).await?);
        }
        if fresh.len() >= BATCH {
            shelf.add(std::mem::take(&mut fresh)).await?;
        }
        if enough {
            break;
        }
    }
    shelf.add(fresh).await?;
    if let Source::Guild(_) = source {
        let again = shelf.read_to.plus_seconds(-OVERLAP_S);
        shelf.recent.retain(|place| place.at >= again);
    }
    Ok(changed)
}

async fn add_live(w: &Wardesk, source: Source, shelf: &mut Shelf) -> Result<bool, StorageError> {
    let db = w.store().read();
    let states = match source {
        Source::Guild(guild) => terms::live_of_guild(db, guild).await?,
        Source::Ticket(_, ticket) => terms::live_of_ticket(db, ticket).await?.into_iter().collect(),
    };
    let mut changed = states.len() != shelf.live.len();
    let mut known = std::mem::take(&mut shelf.live);
    for state in states {
        let before = known.remove(&state.ticket);
        if let Some(same) = before.as_ref().filter(|live| live.state == state) {
            shelf.live.insert(state.ticket, same.clone());
            continue;
        }
        changed = true;
        let number = shelf.number(state.ticket, state.panel);
        let index = read_live(w, source.guild(), state.ticket, number, before.as_ref()).await?;
        shelf.live.insert(state.ticket, Live { state, index: Arc::new(index) });
    }
    Ok(changed)
}

/// What a ticket's live archive has, or has more than before.
async fn read_live(
    w: &Wardesk,
    guild: GuildId,
    ticket: TicketId,
    number: u32,
    before: Option<&Live>,
) -> Result<Index, StorageError> {
    let (newest, edited) = before.map_or((0, 0), |b| (b.state.newest.get(), b.state.edited));
    let restricted = restrict::all(w).await?;
    let mut indexes = Vec::new();
    let mut after = (0, -1);
    loop {
        let db = w.store().read();
        let rows = live::changed(db, ticket, (newest, edited), after, LIVE_ROWS).await?;
        let enough = rows.len() < usize::try_from(LIVE_ROWS).unwrap_or(usize::MAX);
        after = rows.last().map_or(after, |row| (row.message.get(), row.version));
        let mut documents = Vec::with_capacity(rows.len());
        for row in rows {
            let id = row.message;
            if row.subject.is_some_and(|subject| restricted.is_on(guild, subject)) {
                continue;
            }
            let body = seals::open_body(w.store().keys(), guild, ticket, row).await?;
            documents.extend(body.map(|body| document(id, &body)));
        }
        indexes.push(Index::of(number, documents));
        if enough {
            break;
        }
    }
    Ok(Index::merge(before.map(|b| b.index.as_ref()).into_iter().chain(&indexes)))
}
