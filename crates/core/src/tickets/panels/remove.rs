//! A panel is removed; its tickets stay.

use domain::ids::PanelId;

use super::need_configure;
use crate::guilds::GuildAccess;
use crate::outbox::{Effect, subject};
use crate::tickets::{Change, TicketError};

/// Removes a panel and its message in Discord. Tickets that were opened from it go on.
pub async fn remove(access: &GuildAccess, id: PanelId) -> Result<(), TicketError> {
    need_configure(access)?;
    let w = access.wardesk();
    let mut change = Change::begin(w, access.guild()).await?;
    let row = storage::panels::get(change.conn(), access.guild(), id)
        .await?
        .filter(|p| p.removed_at.is_none())
        .ok_or(TicketError::NotFound)?;
    let now = change.now();
    if !storage::panels::remove(change.conn(), id, now).await? {
        return Err(TicketError::NotFound);
    }
    if let Some((channel, message)) = row.message {
        change.effect(&Effect::RemovePanelMessage { panel: id, channel, message })?;
    }
    change.mended(&subject::panel(id)).await?;
    change.audit_panel(access.user(), "panel.removed", id, Some(&row.settings), None).await?;
    change.commit().await?.tell();
    w.ticket_caches().panels_changed(access.guild()).await;
    Ok(())
}
