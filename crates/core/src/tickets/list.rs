//! Lists of tickets, newest first, page by page.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use domain::access::Capability;
use domain::ids::{ChannelId, GuildId, InvalidId, PanelId, TicketId, UserId};
use domain::tickets::{Priority, TicketState};
use domain::time::Millis;
use serde::{Deserialize, Serialize};
use storage::StorageError;
use storage::tickets::list::{ListedTicket, Query, Scope, States};

use super::TicketError;
use super::standing::is_staff;
use crate::Wardesk;
use crate::accounts::Session;
use crate::guilds::GuildAccess;
use crate::privacy::names::{self, PersonRow};
use crate::privacy::restrict::{self, Restricted};

/// Lines of a page, at most.
const MAX_PAGE: u32 = 100;

/// Which states a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateFilter {
    /// All.
    #[default]
    Any,
    /// Those the member still has: opening, open and closing.
    Active,
    /// Those with a transcript.
    Closed,
    /// Those that could not be opened.
    Failed,
}

/// Which tickets a list shows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TicketFilter {
    /// In which states.
    pub state: StateFilter,
    /// Of one panel.
    pub panel: Option<PanelId>,
    /// Opened by one person.
    pub opener: Option<UserId>,
    /// Claimed by one person.
    pub claimed_by: Option<UserId>,
    /// Claimed by nobody.
    pub unclaimed: bool,
    /// Of one priority.
    pub priority: Option<Priority>,
}

/// Where a page ends and the next begins: the key of its last line. `<milliseconds>_<ticket id>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// When that ticket was accepted.
    pub created: Millis,
    /// Its id.
    pub id: TicketId,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.created.0, self.id)
    }
}

impl FromStr for Cursor {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let (created, id) = text.split_once('_').ok_or(InvalidId)?;
        Ok(Self { created: Millis(created.parse().map_err(|_| InvalidId)?), id: id.parse()? })
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// Its lines.
    pub items: Vec<T>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<Cursor>,
}

/// A person as lists and timelines show them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Who.
    pub id: UserId,
    /// The name they were last seen under; `None` if never, or if they are restricted.
    pub name: Option<String>,
    /// The avatar's hash.
    pub avatar: Option<String>,
}

impl Person {
    /// A person with the names that were seen, if any.
    pub(crate) fn new(id: UserId, names: Option<PersonRow>) -> Self {
        let (name, avatar) = names.map_or((None, None), |n| (Some(n.display_name), n.avatar));
        Self { id, name, avatar }
    }
}

/// One line of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketSummary {
    /// Its id.
    pub id: TicketId,
    /// The server.
    pub guild: GuildId,
    /// The number that people see.
    pub number: i64,
    /// The panel it was opened from.
    pub panel: PanelId,
    /// The panel's name.
    pub panel_name: String,
    /// Where it stands.
    pub state: TicketState,
    /// Its channel, once there was one.
    pub channel: Option<ChannelId>,
    /// Who opened it.
    pub opener: Person,
    /// Who works on it.
    pub claimed_by: Option<Person>,
    /// When it was accepted.
    pub created: Millis,
    /// When it ended.
    pub closed: Option<Millis>,
    /// Whether a legal hold keeps it.
    pub held: bool,
    /// Until when it is kept at most, because it ended under a plan with a limit.
    pub keep_until: Option<Millis>,
    /// How urgent it is.
    pub priority: Priority,
}

impl TicketSummary {
    /// A line, with its panel's name from memory, and no names of who is restricted.
    pub(super) async fn of(
        w: &Wardesk,
        row: ListedTicket,
        restricted: &Restricted,
    ) -> Result<Self, StorageError> {
        let shown = |names| names::shown(restricted, row.guild, names);
        let panel_name = w.ticket_caches().panel_name(w, row.guild, row.panel).await?;
        Ok(Self {
            id: row.id,
            guild: row.guild,
            number: row.number,
            panel: row.panel,
            panel_name,
            state: row.state,
            channel: row.channel,
            opener: Person::new(row.opener, shown(row.opener_names)),
            claimed_by: row.claimed_by.map(|id| Person::new(id, shown(row.holder_names))),
            created: row.created_at,
            closed: row.closed_at,
            keep_until: row.keep_until,
            held: row.held,
            priority: row.priority,
        })
    }
}

/// Pages of one server's list that were read a moment ago.
pub(super) type PagesByQuery = Mutex<HashMap<Query, Arc<Page<TicketSummary>>>>;

/// How many pages of one server are remembered.
const REMEMBERED: usize = 200;

/// The tickets of a server that the acting person works on, newest first. Tickets of panels whose staff
/// they are not are left out.
///
/// Many look at the same list all day: a page is read once for all of them until this process changes a
/// ticket there. What another process changed shows within a second.
pub async fn list(
    access: &GuildAccess,
    filter: &TicketFilter,
    cursor: Option<Cursor>,
    limit: u32,
) -> Result<Arc<Page<TicketSummary>>, TicketError> {
    let w = access.wardesk();
    let visible = visible_panels(access).await?;
    let query = Query {
        scope: Scope::Guild(access.guild(), visible),
        states: match filter.state {
            StateFilter::Any => States::Any,
            StateFilter::Active => States::Active,
            StateFilter::Closed => States::Is(TicketState::Closed),
            StateFilter::Failed => States::Is(TicketState::Failed),
        },
        panel: filter.panel,
        opener: filter.opener,
        claimed_by: filter.claimed_by,
        unclaimed: filter.unclaimed,
        priority: filter.priority,
        before: cursor.map(|c| (c.created, c.id)),
        limit: i64::from(limit),
    };
    // Taken before the page is read: what is changed meanwhile makes a new one.
    let pages = w.ticket_caches().pages_of(access.guild());
    let lock = || pages.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = lock().get(&query) {
        return Ok(Arc::clone(known));
    }
    let found = Arc::new(page(w, query.clone(), limit).await?);
    let mut pages = lock();
    if pages.len() >= REMEMBERED {
        pages.clear();
    }
    pages.insert(query, Arc::clone(&found));
    Ok(found)
}

/// The panels whose tickets the acting person works on; `None` is every panel.
pub(super) async fn visible_panels(
    access: &GuildAccess,
) -> Result<Option<Vec<PanelId>>, TicketError> {
    let w = access.wardesk();
    let panels = w.ticket_caches().panels(w, access.guild()).await?;
    let all = panels.len();
    let visible: Vec<PanelId> = panels
        .iter()
        .filter(|p| is_staff(access, &p.settings, Capability::See))
        .map(|p| p.id)
        .collect();
    if visible.is_empty() && !access.capabilities().has(Capability::See) {
        return Err(TicketError::Denied);
    }
    Ok((visible.len() < all).then_some(visible))
}

/// The tickets that a person has opened, on every server, also those they have left; and those that they were
/// added to and may read.
pub async fn mine(
    w: &Wardesk,
    session: &Session,
    cursor: Option<Cursor>,
    limit: u32,
) -> Result<Page<TicketSummary>, TicketError> {
    let added_on = crate::transcripts::added_on(w, session.user).await?;
    let query = Query {
        scope: Scope::Participant(session.user, added_on),
        states: States::Any,
        panel: None,
        opener: None,
        claimed_by: None,
        unclaimed: false,
        priority: None,
        before: cursor.map(|c| (c.created, c.id)),
        limit: 0,
    };
    page(w, query, limit).await
}

async fn page(
    w: &Wardesk,
    mut query: Query,
    limit: u32,
) -> Result<Page<TicketSummary>, TicketError> {
    let limit = limit.clamp(1, MAX_PAGE);
    // One more than shown tells whether there is a next page.
    query.limit = i64::from(limit) + 1;
    let mut rows = storage::tickets::list::list(w.store().read(), &query).await?;
    let limit = limit as usize;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| more);
    let next = last.map(|row| Cursor { created: row.created_at, id: row.id });
    let mut items = Vec::with_capacity(rows.len());
    let restricted = restrict::all(w).await?;
    for row in rows {
        items.push(TicketSummary::of(w, row, &restricted).await?);
    }
    Ok(Page { items, next })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_travel_in_addresses() {
        let text = "1700000000000_0193b3c4-5d6e-7f80-9123-456789abcdef";
        let cursor: Cursor = text.parse().unwrap();
        assert_eq!(cursor.to_string(), text);
        assert!("x_y".parse::<Cursor>().is_err());
    }
}
