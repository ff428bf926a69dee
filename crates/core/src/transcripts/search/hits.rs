//! Answers: who may see which, and what is shown of them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use ::search::{Piece, Query, snippet};
use domain::ids::{MessageId, TicketId, UserId};
use domain::time::Millis;
use serde_json::Value;
use storage::StorageError;
use storage::tickets::TicketRow;
use storage::transcripts::people;

use super::documents::{author, texts};
use super::shelf::{Shelf, Source};
use crate::Wardesk;
use crate::accounts::Session;
use crate::guilds::GuildAccess;
use crate::tickets::{self, TicketError};
use crate::transcripts::authorize::readable_panels;
use crate::transcripts::{TranscriptAccess, TranscriptError, load, seals, views};

/// Answers of a page, at most.
const MAX_PAGE: usize = 50;
/// Characters that are shown of a message.
const SHOWN: usize = 220;
/// Candidates that are read at once.
const BATCH: usize = 32;
/// Candidates that are read for one page: a phrase of common words may have many that are none.
const READ: usize = 1_000;
/// Tickets of a person that are looked through.
const OWN: u32 = 100;
/// People of a ticket whose names are read, at most.
const PEOPLE: i64 = 500;

/// A message that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The ticket it was said in.
    pub ticket: TicketId,
    /// The ticket's number on its server.
    pub number: i64,
    /// The message.
    pub message: MessageId,
    /// When it was sent.
    pub at: Millis,
    /// The name of who wrote it, as they were last seen in the ticket; `None` if it is not known.
    pub author: Option<String>,
    /// Whether it was deleted since.
    pub deleted: bool,
    /// The words around what was found.
    pub pieces: Vec<Piece>,
}

/// A page of answers, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hits {
    /// The answers.
    pub items: Vec<Hit>,
    /// The next page is what is older than this message; `None` on the last one.
    pub next: Option<MessageId>,
}

/// Looks through the transcripts of a server that the acting person may read; that they do is in the audit log. A page is older than
/// message `before` and holds `limit` answers at most, fewer when many candidates were none.
pub async fn in_guild(
    access: &GuildAccess,
    query: &Query,
    before: Option<MessageId>,
    limit: usize,
) -> Result<Hits, TranscriptError> {
    let w = access.wardesk();
    let visible = readable_panels(access).await?;
    views::searched(access).await?;
    let shelf = w.transcript_caches().shelves.get(w, Source::Guild(access.guild())).await?;
    let may = shelf
        .tickets()
        .iter()
        .map(|(_, panel)| visible.as_ref().is_none_or(|panels| panels.contains(panel)))
        .collect();
    let found = candidates(vec![(shelf, may)], query.clone(), before).await?;
    answers(w, query, found, limit).await
}

/// Looks through one transcript.
pub async fn in_transcript(
    access: &TranscriptAccess,
    query: &Query,
    before: Option<MessageId>,
    limit: usize,
) -> Result<Hits, TranscriptError> {
    let w = &access.wardesk;
    let source = Source::Ticket(access.ticket.guild, access.ticket.id);
    let shelf = w.transcript_caches().shelves.get(w, source).await?;
    let found = candidates(vec![(shelf, vec![true])], query.clone(), before).await?;
    answers(w, query, found, limit).await
}

/// Looks through the newest tickets that a person opened or was added to, on every server.
pub async fn own(
    w: &Wardesk,
    session: &Session,
    query: &Query,
    before: Option<MessageId>,
    limit: usize,
) -> Result<Hits, TranscriptError> {
    let tickets = match tickets::mine(w, session, None, OWN).await {
        Ok(page) => page.items,
        Err(TicketError::Storage(error)) => return Err(error.into()),
        Err(_) => return Err(TranscriptError::NotFound),
    };
    let mut shelves = Vec::with_capacity(tickets.len());
    for ticket in tickets {
        let source = Source::Ticket(ticket.guild, ticket.id);
        shelves.push((w.transcript_caches().shelves.get(w, source).await?, vec![true]));
    }
    let found = candidates(shelves, query.clone(), before).await?;
    answers(w, query, found, limit).await
}

/// Messages that have all the words, newest first, in tickets that the reader may see: for each ticket of a
/// shelf it is said whether.
async fn candidates(
    shelves: Vec<(Arc<Shelf>, Vec<bool>)>,
    query: Query,
    before: Option<MessageId>,
) -> Result<Vec<(MessageId, TicketId)>, StorageError> {
    let before = before.and_then(|id| u64::try_from(id.get()).ok()).unwrap_or(u64::MAX);
    let find = move || {
        let mut found: Vec<(u64, TicketId)> = Vec::new();
        for (shelf, may) in &shelves {
            for index in shelf.indexes() {
                found.extend(index.find(&query).into_iter().filter_map(|number| {
                    let message = index.messages().get(number as usize)?;
                    let place = message.place as usize;
                    let seen = message.id < before && *may.get(place)?;
                    let (ticket, _) = shelf.tickets().get(place)?;
                    seen.then_some((message.id, *ticket))
                }));
            }
        }
        // Newest first, and of many no more than are read.
        if found.len() > READ * 4 {
            let newest = |a: &(u64, _), b: &(u64, _)| b.0.cmp(&a.0);
            found.select_nth_unstable_by(READ * 4, newest);
            found.truncate(READ * 4);
        }
        found.sort_unstable_by(|a, b| b.cmp(a));
        found.dedup();
        found
            .into_iter()
            .filter_map(|(id, ticket)| {
                Some((MessageId::new(i64::try_from(id).ok()?).ok()?, ticket))
            })
            .collect()
    };
    tokio::task::spawn_blocking(find).await.map_err(|_| StorageError::Corrupt("search"))
}

/// Reads candidates until the page is full.
async fn answers(
    w: &Wardesk,
    query: &Query,
    found: Vec<(MessageId, TicketId)>,
    limit: usize,
) -> Result<Hits, TranscriptError> {
    let limit = limit.clamp(1, MAX_PAGE);
    let mut reader = Reader { w, rows: HashMap::new(), names: HashMap::new() };
    let mut hits = Hits::default();
    let mut last = None;
    let mut read = 0;
    for batch in found.chunks(BATCH) {
        let mut wanted: BTreeMap<TicketId, BTreeSet<MessageId>> = BTreeMap::new();
        for (message, ticket) in batch {
            wanted.entry(*ticket).or_default().insert(*message);
        }
        let mut seen = HashMap::new();
        for (ticket, ids) in wanted {
            reader.read(query, ticket, &ids, &mut seen).await?;
        }
        for (message, ticket) in batch {
            if hits.items.len() == limit {
                hits.next = last;
                reader.name(&mut hits).await?;
                return Ok(hits);
            }
            hits.items.extend(seen.remove(&(*ticket, *message)));
            last = Some(*message);
        }
        read += batch.len();
        if read >= READ {
            hits.next = last.filter(|_| found.len() > read);
            break;
        }
    }
    reader.name(&mut hits).await?;
    Ok(hits)
}

struct Reader<'a> {
    w: &'a Wardesk,
    rows: HashMap<TicketId, Option<TicketRow>>,
    /// Who wrote which message.
    names: HashMap<MessageId, UserId>,
}

impl Reader<'_> {
    /// Unseals messages of a ticket, and keeps those that are meant.
    async fn read(
        &mut self,
        query: &Query,
        ticket: TicketId,
        ids: &BTreeSet<MessageId>,
        seen: &mut HashMap<(TicketId, MessageId), Hit>,
    ) -> Result<(), StorageError> {
        if !self.rows.contains_key(&ticket) {
            let row = storage::tickets::get(self.w.store().read(), ticket).await?;
            self.rows.insert(ticket, row);
        }
        let Some(Some(row)) = self.rows.get(&ticket) else { return Ok(()) };
        for (message, found) in load::these(self.w, row, ids).await? {
            let Some((_, newest)) = found.versions.last_key_value() else { continue };
            let Ok(body) = serde_json::from_str::<Value>(newest) else { continue };
            let texts = texts(&body);
            let texts = || texts.iter().map(String::as_str);
            if !query.matches(texts()) {
                continue;
            }
            self.names.extend(author(&body).map(|author| (message, author)));
            let hit = Hit {
                ticket,
                number: row.number,
                message,
                at: Millis(message.created_at_ms()),
                author: None,
                deleted: found.deleted.is_some(),
                pieces: snippet(query, texts(), SHOWN),
            };
            seen.insert((ticket, message), hit);
        }
        Ok(())
    }

    /// Says who wrote what is shown.
    async fn name(&self, hits: &mut Hits) -> Result<(), StorageError> {
        let tickets: HashSet<TicketId> = hits.items.iter().map(|hit| hit.ticket).collect();
        let keys = self.w.store().keys();
        let mut names: HashMap<(TicketId, UserId), String> = HashMap::new();
        for ticket in tickets {
            let Some(Some(row)) = self.rows.get(&ticket) else { continue };
            let wanted: HashSet<UserId> = hits
                .items
                .iter()
                .filter(|hit| hit.ticket == ticket)
                .filter_map(|hit| self.names.get(&hit.message).copied())
                .collect();
            for (user, sealed) in people::list(self.w.store().read(), ticket, PEOPLE).await? {
                if !wanted.contains(&user) {
                    continue;
                }
                let profile = seals::open_profile(keys, row.guild, ticket, user, sealed).await?;
                names.extend(profile.map(|profile| ((ticket, user), profile.name)));
            }
        }
        for hit in &mut hits.items {
            let author = self.names.get(&hit.message);
            hit.author = author.and_then(|user| names.get(&(hit.ticket, *user)).cloned());
        }
        Ok(())
    }
}
