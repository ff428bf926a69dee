//! The first look at a server's tickets: how many wait for someone, and who takes part.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::ids::PanelId;
use storage::tickets::overview::{self, Part};

pub use storage::tickets::overview::Counts;

use super::TicketError;
use super::list::{Person, visible_panels};
use crate::guilds::GuildAccess;
use crate::privacy::names::PersonRow;
use crate::privacy::restrict;

/// How many people a filter offers, those seen last first.
const OFFERED: i64 = 50;

/// The people of one server's filters, by the panels that are seen; `None` is every panel.
pub(super) type PeopleByPanels = Mutex<HashMap<Option<Vec<PanelId>>, Arc<TicketPeople>>>;

/// Who takes part in the tickets that someone works on, for filters, sorted by name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TicketPeople {
    /// Who opened tickets.
    pub openers: Vec<Person>,
    /// Who has claimed some.
    pub holders: Vec<Person>,
}

/// How many tickets that the acting person works on are not finished, and how many of them are theirs.
pub async fn counts(access: &GuildAccess) -> Result<Counts, TicketError> {
    let visible = visible_panels(access).await?;
    let db = access.wardesk().store().read();
    Ok(overview::counts(db, access.guild(), visible.as_deref(), access.user()).await?)
}

/// Who takes part in the tickets that the acting person works on. What another process changed shows
/// within half a minute. Whoever is restricted is not offered, as nobody is without a name.
pub async fn people(access: &GuildAccess) -> Result<Arc<TicketPeople>, TicketError> {
    let all = remembered(access).await?;
    // Asked each time: what is remembered is older than a restriction may go unnoticed.
    let restricted = restrict::all(access.wardesk()).await?;
    let may = |person: &Person| !restricted.is_on(access.guild(), person.id);
    if all.openers.iter().chain(&all.holders).all(may) {
        return Ok(all);
    }
    let only = |some: &[Person]| some.iter().filter(|person| may(person)).cloned().collect();
    Ok(Arc::new(TicketPeople { openers: only(&all.openers), holders: only(&all.holders) }))
}

/// Everyone who takes part, also who is restricted.
async fn remembered(access: &GuildAccess) -> Result<Arc<TicketPeople>, TicketError> {
    let visible = visible_panels(access).await?;
    let lists = access.wardesk().ticket_caches().people_of(access.guild());
    let lock = || lists.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = lock().get(&visible) {
        return Ok(Arc::clone(known));
    }
    let found = Arc::new(TicketPeople {
        openers: of(access, visible.as_deref(), Part::Opener).await?,
        holders: of(access, visible.as_deref(), Part::Holder).await?,
    });
    lock().insert(visible, Arc::clone(&found));
    Ok(found)
}

async fn of(
    access: &GuildAccess,
    visible: Option<&[PanelId]>,
    part: Part,
) -> Result<Vec<Person>, TicketError> {
    let db = access.wardesk().store().read();
    let mut rows = overview::people(db, access.guild(), visible, part, OFFERED).await?;
    rows.sort_by_cached_key(|row: &PersonRow| (row.display_name.to_lowercase(), row.user));
    Ok(rows.into_iter().map(|row| Person::new(row.user, Some(row))).collect())
}
