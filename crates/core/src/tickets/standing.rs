//! What a person is to a ticket.

use domain::access::Capability;
use domain::panels::PanelSettings;
use domain::tickets::Refusal;
use storage::tickets::TicketRow;

use crate::guilds::GuildAccess;

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
