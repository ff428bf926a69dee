//! Answers: who may see which, and what is shown of them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use ::search::{Piece, Query, snippet};
use domain::ids::{GuildId, MessageId, TicketId, UserId};
use domain::time::Millis;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::Value;
use storage::StorageError;
use storage::transcripts::people;

use super::documents::{author, texts};
use super::shelf::{Shelf, Source};
use crate::Wardesk;
use crate::accounts::Session;
use crate::guilds::GuildAccess;
use crate::tickets::{self, TicketError};
use crate::transcripts::authorize::readable_panels;
use crate::transcripts::normalise::is_by_webhook;
use crate::transcripts::{TranscriptAccess, TranscriptError, load, seals, views};

/// Answers of a page, at most.
const MAX_PAGE: usize = 50;
/// Characters that are shown of a message.
const SHOWN: usize = 220;
/// Candidates that are read together, at most.
const BATCH: usize = 200;
/// Tickets that are read at a time.
const AT_ONCE: usize = 8;
/// Candidates that are read for one page: a phrase of common words may have many that are none.
const READ: usize = 1_000;
/// Tickets of a person that are looked through.
const OWN: u32 = 100;
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
    let mut read: Vec<Read> = Vec::new();
    let mut next = None;
    let mut left = found.as_slice();
    // Of most questions each candidate is an answer; of phrases of common words few are, and then more are read at once.
    let mut size = limit;
    while !left.is_empty() {
        let (batch, after) = left.split_at(size.min(left.len()));
        let mut seen = read_all(w, query, batch).await?;
        for (number, (message, ticket)) in batch.iter().enumerate() {
            read.extend(seen.remove(&(*ticket, *message)));
            if read.len() == limit {
                let more = number + 1 < batch.len() || !after.is_empty();
                next = Some(*message).filter(|_| more);
                return named(w, read, next).await;
            }
        }
        left = after;
        if found.len() - left.len() >= READ {
            next = batch.last().map(|(message, _)| *message).filter(|_| !left.is_empty());
            break;
        }
        size = (size * 2).min(BATCH);
    }
    named(w, read, next).await
}

/// A message that was read and is meant.
struct Read {
    hit: Hit,
    guild: GuildId,
    author: Option<UserId>,
}

/// Reads candidates, those of some tickets at a time, on as many cores as there are: most of the time goes into unsealing
/// and unpacking what people said around them.
async fn read_all(
    w: &Wardesk,
    query: &Query,
    batch: &[(MessageId, TicketId)],
) -> Result<HashMap<(TicketId, MessageId), Read>, StorageError> {
    let mut wanted: BTreeMap<TicketId, BTreeSet<MessageId>> = BTreeMap::new();
    for (message, ticket) in batch {
        wanted.entry(*ticket).or_default().insert(*message);
    }
    let each = wanted.into_iter().map(|(ticket, ids)| async move {
        let (w, query) = (w.clone(), query.clone());
        let read = tokio::spawn(async move { read_ticket(&w, &query, ticket, ids).await });
        read.await.map_err(|_| StorageError::Corrupt("search"))?
    });
    let read: Vec<Vec<Read>> = stream::iter(each).buffer_unordered(AT_ONCE).try_collect().await?;
    Ok(read.into_iter().flatten().map(|read| ((read.hit.ticket, read.hit.message), read)).collect())
}

/// Unseals messages of a ticket, and keeps those that are meant.
async fn read_ticket(
    w: &Wardesk,
    query: &Query,
    ticket: TicketId,
    ids: BTreeSet<MessageId>,
) -> Result<Vec<Read>, StorageError> {
    let Some(row) = storage::tickets::get(w.store().read(), ticket).await? else {
        return Ok(Vec::new());
    };
    let mut read = Vec::new();
    for (message, found) in load::these(w, &row, &ids).await? {
        let Some((_, newest)) = found.versions.last_key_value() else { continue };
        let Ok(body) = serde_json::from_str::<Value>(newest) else { continue };
        let texts = texts(&body);
        let texts = || texts.iter().map(String::as_str);
        if !query.matches(texts()) {
            continue;
        }
        let hit = Hit {
            ticket,
            number: row.number,
            message,
            at: Millis(message.created_at_ms()),
            author: brought_name(&body),
            deleted: found.deleted.is_some(),
            pieces: snippet(query, texts(), SHOWN),
        };
        read.push(Read { hit, guild: row.guild, author: author(&body) });
    }
    Ok(read)
}

/// The name that a webhook or an app's answer brings with it: neither is among the people of a ticket. Everyone else who
/// is not among them was erased, and has no name.
fn brought_name(message: &Value) -> Option<String> {
    if !is_by_webhook(message) {
        return None;
    }
    let author = message.get("author")?;
    let name = |key| author.get(key).and_then(Value::as_str).filter(|name| !name.is_empty());
    name("global_name").or_else(|| name("username")).map(ToOwned::to_owned)
}

/// Says who wrote what is shown.
async fn named(
    w: &Wardesk,
    read: Vec<Read>,
    next: Option<MessageId>,
) -> Result<Hits, TranscriptError> {
    let people: HashSet<(GuildId, TicketId, UserId)> =
        read.iter().filter_map(|read| Some((read.guild, read.hit.ticket, read.author?))).collect();
    let each = people.into_iter().map(async |(guild, ticket, user)| {
        let sealed = people::one(w.store().read(), ticket, user).await?;
        let Some(sealed) = sealed else { return Ok(None) };
        let profile = seals::open_profile(w.store().keys(), guild, ticket, user, sealed).await?;
        Ok::<_, StorageError>(profile.map(|profile| ((ticket, user), profile.name)))
    });
    let names: Vec<Option<((TicketId, UserId), String)>> =
        stream::iter(each).buffer_unordered(AT_ONCE).try_collect().await?;
    let names: HashMap<(TicketId, UserId), String> = names.into_iter().flatten().collect();
    let items = read.into_iter().map(|Read { hit, author, .. }| {
        let known = author.and_then(|user| names.get(&(hit.ticket, user)).cloned());
        Hit { author: known.or(hit.author), ..hit }
    });
    Ok(Hits { items: items.collect(), next })
}
