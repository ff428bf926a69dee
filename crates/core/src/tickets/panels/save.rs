//! An owner makes and changes panels.

use domain::ids::PanelId;
use domain::licences::MAX_PANELS;
use domain::panels::PanelSettings;
use domain::validation::{FieldError, Problem};

use super::{need_configure, reach};
use crate::guilds::GuildAccess;
use crate::licences;
use crate::tickets::{Change, TicketError};

/// Makes a panel, if the server's plan allows one more. It is not in Discord before it is published.
pub async fn create(access: &GuildAccess, settings: PanelSettings) -> Result<PanelId, TicketError> {
    need_configure(access)?;
    let w = access.wardesk();
    let settings = check(access, settings).await?;
    let limit = licences::limits(w, access.guild()).await?.panels.min(MAX_PANELS);
    let id = PanelId::new(w.new_uuid());
    let mut change = Change::begin(w, access.guild()).await?;
    // Two at once would both see room for one: the second waits here.
    storage::audit::lock(change.conn(), access.guild()).await?;
    let existing = storage::panels::list(&mut *change.conn(), access.guild()).await?.len();
    let count = u32::try_from(existing).unwrap_or(u32::MAX).saturating_add(1);
    if count > limit {
        let problem = Problem::TooMany { limit, count };
        return Err(TicketError::Invalid(vec![FieldError::new("panels", problem)]));
    }
    let now = change.now();
    storage::panels::insert(change.conn(), id, w.application(), access.guild(), &settings, now)
        .await?;
    change.audit_panel(access.user(), "panel.created", id, None, Some(&settings)).await?;
    change.commit().await?.tell();
    w.ticket_caches().panels_changed(access.guild()).await;
    Ok(id)
}

/// Changes a panel's settings. `revision` is the one that was shown to the person who changed them:
/// when someone else has saved since, nothing is changed ([`TicketError::Conflict`]).
pub async fn save(
    access: &GuildAccess,
    id: PanelId,
    revision: i64,
    settings: PanelSettings,
) -> Result<(), TicketError> {
    need_configure(access)?;
    let w = access.wardesk();
    let settings = check(access, settings).await?;
    let mut change = Change::begin(w, access.guild()).await?;
    let before = storage::panels::get(change.conn(), access.guild(), id)
        .await?
        .filter(|p| p.removed_at.is_none())
        .ok_or(TicketError::NotFound)?;
    if before.revision != revision {
        return Err(TicketError::Conflict);
    }
    if before.settings == settings {
        return Ok(());
    }
    let now = change.now();
    if !storage::panels::update(change.conn(), id, revision, &settings, now).await? {
        return Err(TicketError::Conflict);
    }
    let (old, new) = (Some(&before.settings), Some(&settings));
    change.audit_panel(access.user(), "panel.saved", id, old, new).await?;
    change.commit().await?.tell();
    w.ticket_caches().panels_changed(access.guild()).await;
    Ok(())
}

async fn check(
    access: &GuildAccess,
    mut settings: PanelSettings,
) -> Result<PanelSettings, TicketError> {
    settings.support_roles.sort_unstable();
    settings.support_roles.dedup();
    let mut errors = settings.validate();
    if settings.channel.is_some() || !settings.support_roles.is_empty() {
        let facts = access.wardesk().discord().guild(access.guild()).await?;
        errors.extend(reach::problems(&facts, &settings));
    }
    if errors.is_empty() { Ok(settings) } else { Err(TicketError::Invalid(errors)) }
}
