//! What a person is to a ticket.

use domain::access::Capability;
use domain::ids::TicketId;
use domain::panels::PanelSettings;
use domain::tickets::Refusal;
use storage::panels::PanelRow;
use storage::tickets::TicketRow;

use super::TicketError;
use crate::guilds::GuildAccess;

/// A ticket of the acting person's server and its panel. A ticket of another server is not found.
pub(super) async fn ticket_of_server(
    access: &GuildAccess,
    ticket: TicketId,
) -> Result<(TicketRow, PanelRow), TicketError> {
    let db = access.wardesk().store().read();
    let row = storage::tickets::get(db, ticket).await?.ok_or(TicketError::NotFound)?;
    if row.guild != access.guild() {
        return Err(TicketError::NotFound);
    }
    let panel = storage::panels::of_ticket(db, &row).await?;
    Ok((row, panel))
}

/// Whether someone is staff of a panel with this capability. A panel with support roles of its own is
/// theirs alone; one without is everyone's who works on this server. Managers may always.
pub(crate) fn is_staff(access: &GuildAccess, panel: &PanelSettings, need: Capability) -> bool {
    access.capabilities().has(need) && access.works_on(&panel.support_roles)
}

/// Refuses everyone who is not staff of the panel.
pub(crate) fn need_staff(
    access: &GuildAccess,
    panel: &PanelSettings,
    need: Capability,
) -> Result<(), Refusal> {
    if is_staff(access, panel, need) { Ok(()) } else { Err(Refusal::StaffOnly) }
}

/// Refuses everyone who is neither staff of the panel nor the ticket's opener.
pub(crate) fn need_participant(
    access: &GuildAccess,
    ticket: &TicketRow,
    panel: &PanelSettings,
    need: Capability,
) -> Result<(), Refusal> {
    if ticket.opener == access.user() || is_staff(access, panel, need) {
        Ok(())
    } else {
        Err(Refusal::NotParticipant)
    }
}
