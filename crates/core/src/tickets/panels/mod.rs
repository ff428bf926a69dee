//! Panels: what an owner sets up for members to open tickets with.

mod publish;
pub(crate) mod reach;
mod remove;
mod save;

use domain::access::Capability;
use domain::ids::{ChannelId, GuildId, MessageId, PanelId, RoleId};
use domain::panels::PanelSettings;
use domain::time::Millis;
use storage::StorageError;
use storage::panels::PanelRow;

use super::TicketError;
use crate::Wardesk;
use crate::guilds::{self, ActingMember, GuildAccess};
use crate::licences;
use crate::outbox::panel_key;

pub use publish::publish;
pub use remove::remove;
pub use save::{create, save};

/// A panel as its page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panel {
    /// Its id.
    pub id: PanelId,
    /// What the owner set.
    pub settings: PanelSettings,
    /// The posted message.
    pub message: Option<(ChannelId, MessageId)>,
    /// When it was posted or edited last.
    pub published_at: Option<Millis>,
    /// Grows with every change of the settings. A save names the one it saw.
    pub revision: i64,
    /// Whether the message in Discord shows older settings, or there is none.
    pub outdated: bool,
    /// Whether it is being posted now.
    pub publishing: bool,
    /// Why the last attempt to post it failed.
    pub publish_problem: Option<PublishProblem>,
    /// Whether it opens no tickets, because the server has more panels than its plan allows. The newest are
    /// switched off first; all work again when the plan allows them.
    pub switched_off: bool,
}

/// Why a panel could not be posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublishProblem {
    /// The channel is gone, or the bot cannot see it or write in it.
    OutOfReach,
    /// Discord refused the message.
    Refused,
}

impl PublishProblem {
    /// The word the database keeps.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::OutOfReach => "out_of_reach",
            Self::Refused => "refused",
        }
    }

    fn parse(word: &str) -> Self {
        if word == "out_of_reach" { Self::OutOfReach } else { Self::Refused }
    }
}

/// The panels of a server, oldest first.
pub async fn list(access: &GuildAccess) -> Result<Vec<Panel>, TicketError> {
    need_configure(access)?;
    let w = access.wardesk();
    let rows = storage::panels::list(w.store().read(), access.guild()).await?;
    let off = switched_off(&rows, licences::limits(w, access.guild()).await?.panels);
    let mut panels = Vec::with_capacity(rows.len());
    for row in rows {
        let off = off.contains(&row.id);
        panels.push(panel(w, row, off).await?);
    }
    Ok(panels)
}

/// Those of the panels, oldest first, that a plan with so many switches off: the newest. Removed ones do not count.
pub(crate) fn switched_off(panels: &[PanelRow], limit: u32) -> Vec<PanelId> {
    let used = panels.iter().filter(|panel| panel.removed_at.is_none());
    used.skip(usize::try_from(limit).unwrap_or(usize::MAX)).map(|panel| panel.id).collect()
}

/// Whether a panel in use is switched off; the list is at most ten seconds old, as is the plan.
pub(crate) async fn is_switched_off(
    w: &Wardesk,
    guild: GuildId,
    id: PanelId,
) -> Result<bool, StorageError> {
    let panels = w.ticket_caches().panels(w, guild).await?;
    let limit = licences::limits(w, guild).await?.panels;
    Ok(switched_off(&panels, limit).contains(&id))
}

/// One panel of the server.
pub async fn get(access: &GuildAccess, id: PanelId) -> Result<Panel, TicketError> {
    need_configure(access)?;
    let w = access.wardesk();
    let row = storage::panels::get(w.store().read(), access.guild(), id)
        .await?
        .filter(|p| p.removed_at.is_none())
        .ok_or(TicketError::NotFound)?;
    let off = is_switched_off(w, access.guild(), id).await?;
    Ok(panel(w, row, off).await?)
}

/// Id and name of the panels that are in use, for filters and the `/ticket open` command.
pub async fn names(w: &Wardesk, guild: GuildId) -> Result<Vec<(PanelId, String)>, TicketError> {
    let panels = w.ticket_caches().panels(w, guild).await?;
    let used = panels.iter().filter(|p| p.removed_at.is_none());
    Ok(used.map(|p| (p.id, p.settings.name.clone())).collect())
}

/// Id and name of the panels that a member may open tickets of without their buttons: those whose buttons they could press,
/// posted in a channel that they see.
pub async fn offered(
    w: &Wardesk,
    guild: GuildId,
    member: &ActingMember,
) -> Result<Vec<(PanelId, String)>, TicketError> {
    let panels = w.ticket_caches().panels(w, guild).await?;
    let facts = w.discord().guild(guild).await?;
    let posted = panels.iter().filter(|panel| panel.removed_at.is_none()).filter(|panel| {
        panel.message.is_some_and(|(channel, _)| {
            guilds::may_view(&facts, member.user, &member.roles, channel)
        })
    });
    Ok(posted.map(|panel| (panel.id, panel.settings.name.clone())).collect())
}

/// Every support role that some panel of the server has, or had, of its own: the tickets of a removed
/// panel still have their staff.
pub async fn support_roles(w: &Wardesk, guild: GuildId) -> Result<Vec<RoleId>, StorageError> {
    let panels = w.ticket_caches().panels(w, guild).await?;
    let mut roles: Vec<RoleId> =
        panels.iter().flat_map(|p| p.settings.support_roles.iter().copied()).collect();
    roles.sort_unstable();
    roles.dedup();
    Ok(roles)
}

async fn panel(w: &Wardesk, row: PanelRow, switched_off: bool) -> Result<Panel, StorageError> {
    let key = panel_key(row.id);
    let publishing = storage::outbox::is_pending(w.store().read(), &key, "post_panel").await?;
    Ok(Panel {
        id: row.id,
        outdated: row.message.is_none() || row.published_revision != Some(row.revision),
        settings: row.settings,
        message: row.message,
        published_at: row.published_at,
        revision: row.revision,
        publishing,
        switched_off,
        publish_problem: row.publish_problem.as_deref().map(PublishProblem::parse),
    })
}

fn need_configure(access: &GuildAccess) -> Result<(), TicketError> {
    access.require(Capability::Configure).map_err(|_| TicketError::Denied)
}
