//! The first look at a server's tickets: how many wait for someone, and who takes part.

use std::sync::Arc;

use domain::ids::{GuildId, PanelId};
use storage::tickets::overview::{self, Part};
use storage::tickets::people::PersonRow;

pub use storage::tickets::overview::Counts;

use super::TicketError;
use super::list::{Person, visible_panels};
use crate::guilds::GuildAccess;

/// How many people a filter offers, those seen last first.
const OFFERED: i64 = 50;

/// Whose tickets a filter offers: the server, and the panels that are seen; `None` is every panel.
pub(super) type Scope = (GuildId, Option<Vec<PanelId>>);

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

/// Who takes part in the tickets that the acting person works on, at most half a minute old.
pub async fn people(access: &GuildAccess) -> Result<Arc<TicketPeople>, TicketError> {
    let scope: Scope = (access.guild(), visible_panels(access).await?);
    let caches = access.wardesk().ticket_caches();
    if let Some(known) = caches.people.get(&scope).await {
        return Ok(known);
    }
    let found = Arc::new(TicketPeople {
        openers: of(access, &scope, Part::Opener).await?,
        holders: of(access, &scope, Part::Holder).await?,
    });
    caches.people.insert(scope, Arc::clone(&found)).await;
    Ok(found)
}

async fn of(access: &GuildAccess, scope: &Scope, part: Part) -> Result<Vec<Person>, TicketError> {
    let db = access.wardesk().store().read();
    let mut rows = overview::people(db, scope.0, scope.1.as_deref(), part, OFFERED).await?;
    rows.sort_by_cached_key(|row: &PersonRow| (row.display_name.to_lowercase(), row.user));
    Ok(rows.into_iter().map(|row| Person::new(row.user, Some(row))).collect())
}
