//! A page of a transcript, ready to be drawn.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::ids::{GuildId, MessageId, PanelId, TicketId, UserId};
use domain::tickets::{Priority, TicketState};
use domain::time::Millis;
use jiff::tz::TimeZone;
use serde_json::Value;
use storage::StorageError;
use storage::tickets::TicketRow;
use storage::transcripts::attachments::{AttachmentState, Fate};
use storage::transcripts::{attachments, people, redactions};
use transcript::{
    Answer, Channel, Colour, Context, Deletion, DeskAction, DeskEvent, Entry, FileCopy, Labels,
    Message, Person, Quote, ReactionChange, Redaction, Role, Shows, Snowflake, TimelineItem,
    Urgency, Version,
};

use super::archive::Of;
use super::attachments::known_type;
use super::load::{self, Found, Loaded};
use super::names::{self, ServerNames};
use super::pictures::{self, Shown};
use super::reactions::{self, How};
use super::{TranscriptAccess, TranscriptError, normalise, quotes, seals};
use crate::Wardesk;
use crate::privacy::{names as seen, restrict};
use crate::tickets::{self, TicketEvent};

/// Messages of a page, at most.
pub const PAGE_LIMIT: u16 = 500;
/// People of a ticket whose names are read, at most.
const PEOPLE: i64 = 500;
/// Events of a ticket that are shown, at most.
const EVENTS: i64 = 1000;
/// Changes of reactions that are read for a page, at most.
const REACTIONS: i64 = 5000;

/// Someone who wrote in a ticket, or of whom it speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    /// Who.
    pub user: UserId,
    /// The name they were last seen under; `None` if it was erased or never known, or if they are
    /// restricted.
    pub name: Option<String>,
    /// Whether it is an app.
    pub bot: bool,
}

/// What stands above a transcript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscriptHeader {
    /// The ticket.
    pub ticket: TicketId,
    /// Its number on its server.
    pub number: i64,
    /// The server.
    pub guild: GuildId,
    /// The server's name; empty if it is not known any more.
    pub guild_name: String,
    /// The name of the panel it was opened from.
    pub panel: String,
    /// Where it stands. A transcript can be read while its ticket is open.
    pub state: TicketState,
    /// Who opened it.
    pub opener: Participant,
    /// Who closed it.
    pub closed_by: Option<Participant>,
    /// When it was accepted.
    pub created_at: Millis,
    /// When its transcript was stored.
    pub closed_at: Option<Millis>,
    /// Everyone who wrote in it or is named in it, by id.
    pub participants: Vec<Participant>,
    /// How many messages it holds.
    pub messages: u64,
}

/// A page of a transcript.
#[derive(Debug, Clone)]
pub struct TranscriptPage {
    /// What stands above it.
    pub header: TranscriptHeader,
    /// Messages and the desk's own events, oldest first.
    pub timeline: Vec<TimelineItem>,
    /// There are earlier messages, and those before this one are on the page before; `None` on the first page,
    /// and where nobody asked (see [`super::window`]).
    pub earlier: Option<MessageId>,
    /// The first message of the next page; `None` on the last one.
    pub next: Option<MessageId>,
    /// Whether Discord withheld content of this page's messages: the bot lacked `MESSAGE_CONTENT`.
    pub content_unavailable: bool,
    pub(super) names: ServerNames,
    pub(super) people: HashMap<Snowflake, Person>,
    pub(super) files: HashMap<Snowflake, FileCopy>,
    pub(super) shown: Shown,
    pub(super) quotes: HashMap<Snowflake, Quote>,
}

impl TranscriptPage {
    /// What the renderer must know besides the timeline: `labels` in the reader's language, their zone,
    /// and the present time.
    pub fn context(&self, labels: Labels, zone: TimeZone, now: Millis) -> Context {
        let mut context = Context::new(labels, now.0);
        context.zone = zone;
        context.people.clone_from(&self.people);
        context.files.clone_from(&self.files);
        context.emojis.clone_from(&self.shown.emojis);
        context.stickers.clone_from(&self.shown.stickers);
        context.avatars.clone_from(&self.shown.spoken_under);
        context.media.clone_from(&self.shown.media);
        context.quotes.clone_from(&self.quotes);
        context.content_unavailable = self.content_unavailable;
        "?at=".clone_into(&mut context.message_link);
        for (id, (name, colour)) in &self.names.roles {
            let position = self.names.positions.get(id).copied().unwrap_or_default();
            let role = Role { name: name.clone(), colour: Colour::new(*colour), position };
            context.roles.insert(snowflake(*id), role);
        }
        for (id, name) in &self.names.channels {
            context.channels.insert(snowflake(*id), Channel { name: name.clone() });
        }
        // People have the colour of their roles wherever they are named, not above their own messages alone.
        for item in &self.timeline {
            if let TimelineItem::Message(entry) = item
                && let (Some(author), Some(member)) = (&entry.message.author, &entry.message.member)
                && let Some(colour) = context.colour_of(&member.roles)
                && let Some(person) = context.people.get_mut(&author.id)
            {
                person.colour = Some(colour);
            }
        }
        context
    }
}

pub(super) fn snowflake(id: i64) -> Snowflake {
    Snowflake::new(u64::try_from(id).unwrap_or(0))
}

/// Up to `limit` messages (1 to [`PAGE_LIMIT`]) from message `from` on, `None` for the beginning, with the
/// desk's events between them.
pub async fn page(
    access: &TranscriptAccess,
    from: Option<MessageId>,
    limit: u16,
) -> Result<TranscriptPage, TranscriptError> {
    let limit = usize::from(limit.clamp(1, PAGE_LIMIT));
    let first = from.map_or(0, MessageId::get);
    let loaded = load::page(&access.wardesk, &access.ticket, first, limit).await?;
    assemble(access, from.is_some(), true, &loaded).await
}

/// What messages that were loaded show, with everything around them. `continues`: there are earlier ones;
/// `with_events`: the desk's own events stand between them.
pub(super) async fn assemble(
    access: &TranscriptAccess,
    continues: bool,
    with_events: bool,
    loaded: &Loaded,
) -> Result<TranscriptPage, TranscriptError> {
    let (w, ticket) = (&access.wardesk, &access.ticket);
    let mut entries: Vec<Entry> =
        loaded.messages.iter().map(|(id, found)| entry(*id, found)).collect();
    let reacted = add_reactions(w, ticket, &loaded.messages, &mut entries).await?;

    let window = Window {
        // Behind the last message nothing is left to tell: it stands with the message before it.
        start: continues.then(|| entries.first().map_or(i64::MAX, |e| e.message.sent_at_ms())),
        end: loaded.next.map(MessageId::created_at_ms),
    };
    let names = names::of_ticket(w, ticket).await?;
    let mut known = profiles(w, ticket).await?;
    let events =
        if with_events { desk_events(access, &window, &mut known).await? } else { Vec::new() };
    mark_redacted(w, ticket, &mut entries, &mut known).await?;
    for user in reacted {
        participant(w, ticket, user, &mut known).await?;
    }
    let files = files(access, &loaded.messages).await?;
    let mut shown = pictures::shown(access, &loaded.messages).await?;
    let quotes = quotes::of(w, ticket, &entries).await?;
    let content_unavailable = entries.iter().any(|e| is_withheld(&e.message));

    let opener = participant(w, ticket, ticket.opener, &mut known).await?;
    let closed_by = match ticket.life.closed_by {
        None => None,
        Some(user) => Some(participant(w, ticket, user, &mut known).await?),
    };
    let header = TranscriptHeader {
        ticket: ticket.id,
        number: ticket.number,
        guild: ticket.guild,
        guild_name: names.guild.clone(),
        panel: access.panel.name.clone(),
        state: ticket.life.state,
        opener,
        closed_by,
        created_at: ticket.created_at,
        closed_at: ticket.closed_at,
        participants: known.values().cloned().collect(),
        messages: super::chunk::count(w, ticket.id).await?,
    };
    let people = known
        .into_values()
        .filter_map(|person| {
            let name = person.name?;
            let id = snowflake(person.user.get());
            let avatar = shown.avatars.remove(&id);
            let (username, bot) = (name.clone(), person.bot);
            Some((id, Person { username, name, bot, avatar, ..Person::default() }))
        })
        .collect();
    Ok(TranscriptPage {
        header,
        timeline: transcript::merge(entries, events),
        earlier: None,
        next: loaded.next,
        content_unavailable,
        names,
        people,
        files,
        shown,
        quotes,
    })
}

/// A message of which Discord told everything but its content.
fn is_withheld(message: &Message) -> bool {
    message.kind.is_said()
        && message.is_blank()
        && message.author.as_ref().is_some_and(|author| !author.bot && !author.system)
}

/// A message as it is drawn.
pub(super) fn entry(id: MessageId, found: &Found) -> Entry {
    // Every message has a version, so one that has none to show has lost it.
    let restricted = found.restricted && found.versions.is_empty();
    let erased = found.versions.is_empty() && !restricted;
    let mut versions: Vec<(i64, Message)> =
        found.versions.iter().map(|(version, raw)| (*version, Message::parse(raw))).collect();
    let message = versions.pop().map_or_else(
        || Message { id: snowflake(id.get()), ..Message::default() },
        |(_, message)| message,
    );
    let mut earlier: Vec<Version> = Vec::with_capacity(versions.len());
    for (version, old) in versions {
        let at_ms = if version == 0 { old.sent_at_ms() } else { version };
        // Several versions with one text differ in what is not text, such as a link's preview.
        if earlier.last().is_none_or(|before| before.content != old.content) {
            earlier.push(Version { at_ms, content: old.content });
        }
    }
    if earlier.last().is_some_and(|before| before.content == message.content) {
        earlier.pop();
    }
    let deleted = found.deleted.map(|at| Deletion { at_ms: at.0, by: None });
    Entry { message, earlier, deleted, erased, restricted, redacted: None, reactions: Vec::new() }
}

/// Adds how the reactions to messages changed. Answers who changed them.
async fn add_reactions(
    w: &Wardesk,
    ticket: &TicketRow,
    messages: &BTreeMap<MessageId, Found>,
    entries: &mut [Entry],
) -> Result<BTreeSet<UserId>, StorageError> {
    let mut people = BTreeSet::new();
    let (Some((first, _)), Some((last, _))) =
        (messages.first_key_value(), messages.last_key_value())
    else {
        return Ok(people);
    };
    let of = Of::new(ticket);
    let mut changes: HashMap<Snowflake, Vec<ReactionChange>> = HashMap::new();
    for kept in reactions::changes(w, of, *first, *last, REACTIONS).await? {
        let Some(change) = kept.change else { continue };
        if messages.get(&kept.message).is_some_and(|found| found.hidden) {
            continue;
        }
        people.extend(kept.by);
        let emoji = change.emoji.and_then(|emoji| serde_json::from_value(emoji).ok());
        changes.entry(snowflake(kept.message.get())).or_default().push(ReactionChange {
            at_ms: kept.at.0,
            by: kept.by.map(|user| snowflake(user.get())),
            emoji,
            added: change.how == How::Added,
        });
    }
    for entry in entries {
        // What was said is gone, and with it what people made of it.
        if !entry.erased && !entry.restricted {
            entry.reactions = changes.remove(&entry.message.id).unwrap_or_default();
        }
    }
    Ok(people)
}

/// Says at messages who redacted them.
async fn mark_redacted(
    w: &Wardesk,
    ticket: &TicketRow,
    entries: &mut [Entry],
    known: &mut BTreeMap<UserId, Participant>,
) -> Result<(), StorageError> {
    let id = |entry: &Entry| i64::try_from(entry.message.id.get()).unwrap_or(0);
    let (Some(first), Some(last)) = (entries.first().map(id), entries.last().map(id)) else {
        return Ok(());
    };
    for mark in redactions::marks(w.store().read(), ticket.id, first, last).await? {
        participant(w, ticket, mark.by, known).await?;
        if let Some(entry) = entries.iter_mut().find(|entry| id(entry) == mark.message.get()) {
            let by = snowflake(mark.by.get());
            entry.redacted = Some(Redaction { at_ms: mark.at.0, by, whole: mark.whole });
        }
    }
    Ok(())
}

pub(super) async fn profiles(
    w: &Wardesk,
    ticket: &TicketRow,
) -> Result<BTreeMap<UserId, Participant>, StorageError> {
    let mut known = BTreeMap::new();
    let restricted = restrict::all(w).await?;
    for (user, sealed) in people::list(w.store().read(), ticket.id, PEOPLE).await? {
        if restricted.is_on(ticket.guild, user) {
            known.insert(user, Participant { user, name: None, bot: false });
            continue;
        }
        let keys = w.store().keys();
        let profile = seals::open_profile(keys, ticket.guild, ticket.id, user, sealed).await?;
        let bot = profile.as_ref().is_some_and(|p| p.bot);
        known.insert(user, Participant { user, name: profile.map(|p| p.name), bot });
    }
    Ok(known)
}

/// The name of who wrote a message, as it is known.
pub(super) fn name_of(known: &BTreeMap<UserId, Participant>, message: &Value) -> Option<String> {
    let author = message.get("author")?;
    let person = normalise::id_of(author, "id").and_then(|id: UserId| known.get(&id));
    let written = author.get("username").and_then(Value::as_str).map(str::to_owned);
    person.and_then(|person| person.name.clone()).or(written)
}

/// Someone of whom events speak, who may not have written anything.
async fn participant(
    w: &Wardesk,
    ticket: &TicketRow,
    user: UserId,
    known: &mut BTreeMap<UserId, Participant>,
) -> Result<Participant, StorageError> {
    if let Some(person) = known.get(&user) {
        return Ok(person.clone());
    }
    let seen = seen::of(w, ticket.guild, user).await?;
    let person = Participant { user, name: seen.map(|n| n.display_name), bot: false };
    known.insert(user, person.clone());
    Ok(person)
}

/// The times between which events belong to a page.
struct Window {
    start: Option<i64>,
    end: Option<i64>,
}

impl Window {
    fn holds(&self, at: Millis) -> bool {
        self.start.is_none_or(|start| at.0 > start) && self.end.is_none_or(|end| at.0 <= end)
    }
}

async fn desk_events(
    access: &TranscriptAccess,
    window: &Window,
    known: &mut BTreeMap<UserId, Participant>,
) -> Result<Vec<DeskEvent>, TranscriptError> {
    let (w, ticket) = (&access.wardesk, &access.ticket);
    let mut events = Vec::new();
    for row in storage::events::of_ticket(w.store().read(), ticket.id, 0, EVENTS).await? {
        if !window.holds(row.at) {
            continue;
        }
        let event: TicketEvent = serde_json::from_str(&row.payload)
            .map_err(|_| StorageError::Corrupt("domain_events.payload"))?;
        let subject = match event {
            TicketEvent::MemberAdded { user } | TicketEvent::MemberRemoved { user } => Some(user),
            _ => None,
        };
        for user in row.actor.into_iter().chain(subject) {
            participant(w, ticket, user, known).await?;
        }
        let action = match event {
            TicketEvent::Opened { .. } => DeskAction::Opened {
                panel: opened_from(access).await?,
                answers: tickets::detail_answers(w, ticket)
                    .await?
                    .into_iter()
                    .map(|given| Answer { question: given.question, answer: given.answer })
                    .collect(),
            },
            TicketEvent::Claimed => DeskAction::Claimed,
            TicketEvent::Unclaimed { .. } => DeskAction::Unclaimed,
            TicketEvent::MemberAdded { user } => DeskAction::Added(snowflake(user.get())),
            TicketEvent::MemberRemoved { user } => DeskAction::Removed(snowflake(user.get())),
            TicketEvent::PriorityChanged { to, .. } => DeskAction::Priority(urgency(to)),
            TicketEvent::Moved { from, to } => DeskAction::Moved {
                from: panel_name(w, ticket, from).await?,
                to: panel_name(w, ticket, to).await?,
            },
            TicketEvent::MovedBack { from, to, .. } => DeskAction::MovedBack {
                from: panel_name(w, ticket, from).await?,
                to: panel_name(w, ticket, to).await?,
            },
            TicketEvent::MemberLeft { noticed } => DeskAction::Left { noticed },
            TicketEvent::MemberReturned { noticed } => DeskAction::Joined { noticed },
            TicketEvent::Closing { .. } => DeskAction::Closed {
                reason: tickets::detail_reason(w, ticket).await?.unwrap_or_default(),
            },
            _ => continue,
        };
        let by = row.actor.map(|user| snowflake(user.get()));
        events.push(DeskEvent { at_ms: row.at.0, by, action });
    }
    Ok(events)
}

/// The title of the panel that a ticket was opened from, which is not its present one if it was moved.
async fn opened_from(access: &TranscriptAccess) -> Result<String, StorageError> {
    let (w, ticket) = (&access.wardesk, &access.ticket);
    let moved = storage::events::first_of_kind(w.store().read(), ticket.id, TicketEvent::MOVED);
    let Some(payload) = moved.await? else { return Ok(access.panel.title.clone()) };
    let Ok(TicketEvent::Moved { from, .. }) = serde_json::from_str(&payload) else {
        return Err(StorageError::Corrupt("domain_events.payload"));
    };
    let panel = storage::panels::get(w.store().read(), ticket.guild, from).await?;
    Ok(panel.map(|panel| panel.settings.title).unwrap_or_default())
}

/// What staff call a panel now.
async fn panel_name(
    w: &Wardesk,
    ticket: &TicketRow,
    panel: PanelId,
) -> Result<String, StorageError> {
    w.ticket_caches().panel_name(w, ticket.guild, panel).await
}

const fn urgency(priority: Priority) -> Urgency {
    match priority {
        Priority::Low => Urgency::Low,
        Priority::Normal => Urgency::Normal,
        Priority::High => Urgency::High,
        Priority::Urgent => Urgency::Urgent,
    }
}

async fn files(
    access: &TranscriptAccess,
    messages: &BTreeMap<MessageId, Found>,
) -> Result<HashMap<Snowflake, FileCopy>, StorageError> {
    let (Some((first, _)), Some((last, _))) =
        (messages.first_key_value(), messages.last_key_value())
    else {
        return Ok(HashMap::new());
    };
    let (w, ticket) = (&access.wardesk, &access.ticket);
    let fates = attachments::fates(w.store().read(), ticket.id, first.get(), last.get()).await?;
    let copies = fates.into_iter().map(|Fate { id, state, media_type }| {
        let copy = match state {
            AttachmentState::Stored => access.file(id).map_or(FileCopy::Missing, |path| {
                // As it is handed out; what is none of these is a download.
                let shown = media_type.as_deref().and_then(known_type);
                FileCopy::Stored(path, shown.map_or(Shows::Nothing, Shows::of))
            }),
            AttachmentState::TooLarge => FileCopy::TooLarge,
            AttachmentState::NoRoom => FileCopy::NoRoom,
            AttachmentState::Pending => FileCopy::Pending,
            AttachmentState::Failed => FileCopy::Missing,
            AttachmentState::Damaged => FileCopy::Damaged,
        };
        (snowflake(id.get()), copy)
    });
    Ok(copies.collect())
}
