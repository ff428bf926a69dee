//! A panel is posted in Discord, or its message is edited.

use domain::ids::PanelId;
use domain::validation::{FieldError, Problem};

use super::{need_configure, reach};
use crate::guilds::GuildAccess;
use crate::outbox::Effect;
use crate::tickets::{Change, TicketError};

/// Asks for the panel to be posted as it is saved now. The outbox edits the message when it still
/// exists, and posts one otherwise.
pub async fn publish(access: &GuildAccess, id: PanelId) -> Result<(), TicketError> {
    need_configure(access)?;
    let w = access.wardesk();
    let panel = super::get(access, id).await?;
    let problem = match panel.settings.channel {
        None => Some(Problem::Required),
        Some(channel) => {
            let facts = w.discord().guild_fresh(access.guild()).await?;
            reach::channel_problem(&facts, channel)
        }
    };
    if let Some(problem) = problem {
        return Err(TicketError::Invalid(vec![FieldError::new("panel_channel", problem)]));
    }
    let mut change = Change::begin(w, access.guild()).await?;
    storage::panels::publish_problem(change.conn(), id, None).await?;
    change.effect(&Effect::PostPanel { panel: id, by: access.user() })?;
    change.audit_panel(access.user(), "panel.published", id, None, None).await?;
    change.commit().await?.tell();
    Ok(())
}
