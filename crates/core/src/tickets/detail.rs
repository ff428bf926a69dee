//! One ticket with its people and everything that happened to it.

use std::collections::HashMap;

use domain::access::Capability;
use domain::ids::{PanelId, TicketId, UserId};
use domain::tickets::TicketState;
use domain::time::Millis;
use serde::{Deserialize, Serialize};
use storage::tickets::TicketRow;
use storage::{KeyScope, SealError, Sealed, StorageError};

use super::list::{Person, TicketSummary};
use super::messages::GivenAnswer;
use super::standing::{is_staff, ticket_of_server};
use super::{TicketError, TicketEvent, moving};
use crate::Wardesk;
use crate::guilds::GuildAccess;
use crate::privacy::{names, restrict};
use crate::transcripts::views;

/// Events read at once, at most.
const MAX_EVENTS: i64 = 500;

/// A ticket as its page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketDetail {
    /// What lists show of it.
    pub summary: TicketSummary,
    /// The form; empty when nothing was asked, or when the opener's words were erased.
    pub answers: Vec<GivenAnswer>,
    /// Who was let in besides opener and staff.
    pub members: Vec<MemberEntry>,
    /// Who closed it.
    pub closed_by: Option<Person>,
    /// The reason for closing.
    pub reason: Option<String>,
    /// Everything that happened, in order.
    pub events: Vec<TimelineEvent>,
    /// What the acting person may do with it now.
    pub may: May,
    /// The panels that they may move it to, with their names.
    pub targets: Vec<(PanelId, String)>,
}

/// What a person may do with a ticket in its present state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "separate buttons of a page")]
pub struct May {
    /// Take it.
    pub claim: bool,
    /// Give it back.
    pub unclaim: bool,
    /// Close it.
    pub close: bool,
    /// Let people in and show them out.
    pub change_members: bool,
    /// Say how urgent it is, and move it to another panel.
    pub sort: bool,
}

/// Someone who was let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberEntry {
    /// Who.
    pub person: Person,
    /// By whom.
    pub added_by: UserId,
    /// When.
    pub added_at: Millis,
}

/// One entry of the timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineEvent {
    /// Its number on the server: the next read goes on after it.
    pub seq: i64,
    /// When.
    pub at: Millis,
    /// Who acted; `None` for the bot itself.
    pub actor: Option<Person>,
    /// Whom it concerns, if someone else.
    pub subject: Option<Person>,
    /// The names of the panels that it was moved from and to; empty for what is no move.
    pub panels: (String, String),
    /// What happened.
    pub event: TicketEvent,
}

/// A ticket for its opener or for staff of its panel; for anyone else it is not there.
pub async fn get(access: &GuildAccess, ticket: TicketId) -> Result<TicketDetail, TicketError> {
    let w = access.wardesk();
    let (row, staff) = visible(access, ticket).await?;
    // Of a ticket that is over the form and the reason are what its transcript begins with.
    if row.opener != access.user() && row.life.state != TicketState::Open {
        views::viewed(access, &row).await?;
    }
    let listed = storage::tickets::list::one(w.store().read(), ticket)
        .await?
        .ok_or(TicketError::NotFound)?;
    let restricted = restrict::all(w).await?;
    let summary = TicketSummary::of(w, listed, &restricted).await?;
    let mut names = Names::new(w, access);
    let mut members = Vec::new();
    for member in storage::tickets::members::list(w.store().read(), ticket).await? {
        members.push(MemberEntry {
            person: names.of(member.user).await?,
            added_by: member.added_by,
            added_at: member.added_at,
        });
    }
    let closed_by = match row.life.closed_by {
        None => None,
        Some(user) => Some(names.of(user).await?),
    };
    let open = row.life.state == TicketState::Open;
    let own = row.life.claimed_by == Some(access.user());
    Ok(TicketDetail {
        summary,
        answers: answers(w, &row).await?,
        members,
        closed_by,
        reason: reason(w, &row).await?,
        events: timeline(w, &mut names, ticket, 0).await?,
        may: May {
            claim: open && staff && row.life.claimed_by.is_none(),
            unclaim: open && staff && row.life.claimed_by.is_some() && (own || access.is_manager()),
            close: open,
            change_members: open && staff,
            sort: open && staff,
        },
        targets: if open && staff { moving::targets(access, row.panel).await? } else { Vec::new() },
    })
}

/// What happened to a ticket after event `seq`, for the same people as [`get`].
pub async fn events_since(
    access: &GuildAccess,
    ticket: TicketId,
    seq: i64,
) -> Result<Vec<TimelineEvent>, TicketError> {
    visible(access, ticket).await?;
    timeline(access.wardesk(), &mut Names::new(access.wardesk(), access), ticket, seq).await
}

async fn visible(access: &GuildAccess, ticket: TicketId) -> Result<(TicketRow, bool), TicketError> {
    let (row, panel) = ticket_of_server(access, ticket).await?;
    let staff = is_staff(access, &panel.settings, Capability::See);
    if !staff && row.opener != access.user() {
        return Err(TicketError::NotFound);
    }
    Ok((row, staff))
}

/// The form of a ticket; empty when the opener's words were erased.
pub(crate) async fn answers(
    w: &Wardesk,
    row: &TicketRow,
) -> Result<Vec<GivenAnswer>, StorageError> {
    if restrict::is_restricted(w, row.guild, row.opener).await? {
        return Ok(Vec::new());
    }
    answers_of_own(w, row).await
}

/// As [`answers`], for the opener themselves.
pub(crate) async fn answers_of_own(
    w: &Wardesk,
    row: &TicketRow,
) -> Result<Vec<GivenAnswer>, StorageError> {
    let Some(sealed) = row.answers.clone() else { return Ok(Vec::new()) };
    let scope = KeyScope::person(row.guild, row.opener);
    let aad = storage::tickets::answers_aad(row.id);
    match w.store().keys().open_sealed(&scope, &aad, &Sealed::from_bytes(sealed)).await {
        Ok(plain) => {
            serde_json::from_slice(&plain).map_err(|_| StorageError::Corrupt("tickets.answers"))
        }
        Err(StorageError::Sealed(SealError::Destroyed)) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// The reason for closing; `None` when there is none or when its writer's words were erased.
pub(crate) async fn reason(w: &Wardesk, row: &TicketRow) -> Result<Option<String>, StorageError> {
    match row.life.closed_by {
        Some(writer) if restrict::is_restricted(w, row.guild, writer).await? => Ok(None),
        _ => reason_of_own(w, row).await,
    }
}

/// As [`reason`], for its writer themselves.
pub(crate) async fn reason_of_own(
    w: &Wardesk,
    row: &TicketRow,
) -> Result<Option<String>, StorageError> {
    let (Some(sealed), Some(writer)) = (row.reason.clone(), row.life.closed_by) else {
        return Ok(None);
    };
    let scope = KeyScope::person(row.guild, writer);
    let aad = storage::tickets::reason_aad(row.id);
    match w.store().keys().open_sealed(&scope, &aad, &Sealed::from_bytes(sealed)).await {
        Ok(plain) => String::from_utf8(plain.to_vec())
            .map(Some)
            .map_err(|_| StorageError::Corrupt("tickets.reason")),
        Err(StorageError::Sealed(SealError::Destroyed)) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn timeline(
    w: &Wardesk,
    names: &mut Names<'_>,
    ticket: TicketId,
    after: i64,
) -> Result<Vec<TimelineEvent>, TicketError> {
    let rows = storage::events::of_ticket(w.store().read(), ticket, after, MAX_EVENTS).await?;
    let mut events = Vec::with_capacity(rows.len());
    for row in rows {
        let event: TicketEvent = serde_json::from_str(&row.payload)
            .map_err(|_| StorageError::Corrupt("domain_events.payload"))?;
        let subject = match event {
            TicketEvent::MemberAdded { user } | TicketEvent::MemberRemoved { user } => Some(user),
            TicketEvent::Unclaimed { holder } if row.actor != Some(holder) => Some(holder),
            _ => None,
        };
        events.push(TimelineEvent {
            seq: row.seq,
            at: row.at,
            actor: names.maybe(row.actor).await?,
            subject: names.maybe(subject).await?,
            panels: match event {
                TicketEvent::Moved { from, to } | TicketEvent::MovedBack { from, to, .. } => {
                    (names.panel(from).await?, names.panel(to).await?)
                }
                _ => Default::default(),
            },
            event,
        });
    }
    Ok(events)
}

/// The names of people, each looked up once.
struct Names<'a> {
    w: &'a Wardesk,
    guild: domain::ids::GuildId,
    known: HashMap<UserId, Person>,
}

impl<'a> Names<'a> {
    fn new(w: &'a Wardesk, access: &GuildAccess) -> Self {
        Self { w, guild: access.guild(), known: HashMap::new() }
    }

    async fn of(&mut self, user: UserId) -> Result<Person, StorageError> {
        if let Some(person) = self.known.get(&user) {
            return Ok(person.clone());
        }
        let names = names::of(self.w, self.guild, user).await?;
        let person = Person::new(user, names);
        self.known.insert(user, person.clone());
        Ok(person)
    }

    /// What staff call a panel now.
    async fn panel(&self, panel: PanelId) -> Result<String, StorageError> {
        self.w.ticket_caches().panel_name(self.w, self.guild, panel).await
    }

    async fn maybe(&mut self, user: Option<UserId>) -> Result<Option<Person>, StorageError> {
        match user {
            None => Ok(None),
            Some(user) => self.of(user).await.map(Some),
        }
    }
}
