//! Staff take a ticket and give it back.

use domain::access::Capability;
use domain::ids::TicketId;

use super::change::Change;
use super::standing::need_staff;
use super::{TicketError, TicketEvent};
use crate::guilds::GuildAccess;
use crate::outbox::{Effect, Notice};

/// The acting person takes the ticket. Of two at once, one gets it and the other is told who has it.
pub async fn claim(access: &GuildAccess, ticket: TicketId) -> Result<(), TicketError> {
    let by = access.user();
    let mut change = Change::begin(access.wardesk(), access.guild()).await?;
    let (row, panel) = change.ticket(ticket).await?;
    need_staff(access, &panel.settings, Capability::Claim)?;
    let life = row.life.claim(by)?;
    let now = change.now();
    storage::tickets::save_life(change.conn(), ticket, &life, now).await?;
    change.event(ticket, Some(by), &TicketEvent::Claimed).await?;
    change.effect(&Effect::UpdateTicketMessage { ticket })?;
    change.effect(&Effect::PostNotice { ticket, notice: Notice::Claimed { by } })?;
    change.audit_ticket(by, "ticket.claimed", row.number, ticket).await?;
    fail::fail_point!(crate::failpoints::CLAIM_BEFORE_COMMIT);
    let committed = change.commit().await?;
    fail::fail_point!(crate::failpoints::CLAIM_AFTER_COMMIT);
    committed.tell();
    Ok(())
}

/// The acting person gives the ticket back; a manager may do it for others.
pub async fn unclaim(access: &GuildAccess, ticket: TicketId) -> Result<(), TicketError> {
    let by = access.user();
    let mut change = Change::begin(access.wardesk(), access.guild()).await?;
    let (row, panel) = change.ticket(ticket).await?;
    need_staff(access, &panel.settings, Capability::Claim)?;
    let holder = row.life.claimed_by;
    let life = row.life.unclaim(by, access.is_manager())?;
    let now = change.now();
    storage::tickets::save_life(change.conn(), ticket, &life, now).await?;
    let holder = holder.unwrap_or(by);
    change.event(ticket, Some(by), &TicketEvent::Unclaimed { holder }).await?;
    change.effect(&Effect::UpdateTicketMessage { ticket })?;
    change.effect(&Effect::PostNotice { ticket, notice: Notice::Unclaimed { by } })?;
    change.audit_ticket(by, "ticket.unclaimed", row.number, ticket).await?;
    fail::fail_point!(crate::failpoints::CLAIM_BEFORE_COMMIT);
    let committed = change.commit().await?;
    fail::fail_point!(crate::failpoints::CLAIM_AFTER_COMMIT);
    committed.tell();
    Ok(())
}
