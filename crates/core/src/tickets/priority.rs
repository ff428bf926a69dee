//! Staff say how urgent a ticket is.

use domain::access::Capability;
use domain::ids::TicketId;
use domain::tickets::Priority;

use super::change::Change;
use super::standing::need_staff;
use super::{TicketError, TicketEvent};
use crate::guilds::GuildAccess;
use crate::outbox::{Effect, Notice};

/// Sets the priority of an open ticket. The one that it has already changes nothing
/// ([`domain::tickets::Refusal::Unchanged`]).
pub async fn set_priority(
    access: &GuildAccess,
    ticket: TicketId,
    priority: Priority,
) -> Result<(), TicketError> {
    let by = access.user();
    let mut change = Change::begin(access.wardesk(), access.guild()).await?;
    let (row, panel) = change.ticket(ticket).await?;
    need_staff(access, &panel.settings, Capability::Answer)?;
    let from = row.life.priority;
    let life = row.life.prioritise(priority)?;
    let now = change.now();
    storage::tickets::save_life(change.conn(), ticket, &life, now).await?;
    let event = TicketEvent::PriorityChanged { from, to: priority };
    change.event(ticket, Some(by), &event).await?;
    change.effect(&Effect::PostNotice { ticket, notice: Notice::Priority { priority, by } })?;
    change.audit_priority(by, row.number, ticket, from, priority).await?;
    fail::fail_point!(crate::failpoints::PRIORITY_BEFORE_COMMIT);
    let committed = change.commit().await?;
    fail::fail_point!(crate::failpoints::PRIORITY_AFTER_COMMIT);
    committed.tell();
    Ok(())
}
