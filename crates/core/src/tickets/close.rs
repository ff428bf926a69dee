//! A ticket is closed, by its opener or by staff.

use domain::access::Capability;
use domain::ids::TicketId;
use domain::tickets::{REASON_LIMIT, TicketState};
use domain::validation::check_text;
use storage::KeyScope;

use super::change::Change;
use super::standing::need_participant;
use super::{TicketError, TicketEvent};
use crate::guilds::GuildAccess;
use crate::outbox::{Effect, Notice};

/// Begins to close the ticket. The outbox locks the channel, completes the archive, stores the transcript, tells staff and
/// opener, and removes the channel, in this order.
pub async fn close(
    access: &GuildAccess,
    ticket: TicketId,
    reason: Option<String>,
) -> Result<(), TicketError> {
    let w = access.wardesk();
    let (guild, by) = (access.guild(), access.user());
    let reason = reason.map(|r| r.trim().to_owned()).filter(|r| !r.is_empty());
    let mut errors = Vec::new();
    check_text(&mut errors, "reason", reason.as_deref().unwrap_or_default(), false, REASON_LIMIT);
    if !errors.is_empty() {
        return Err(TicketError::Invalid(errors));
    }
    let reason = match reason {
        None => None,
        Some(text) => {
            let scope = KeyScope::person(guild, by);
            let aad = storage::tickets::reason_aad(ticket);
            Some(w.store().keys().seal(&scope, &aad, text.as_bytes()).await?.into_bytes())
        }
    };

    let mut change = Change::begin(w, guild).await?;
    let (row, panel) = change.ticket(ticket).await?;
    need_participant(access, &row, &panel.settings, Capability::Close)?;
    let now = change.now();
    let life = row.life.close(Some(by), now)?;
    debug_assert_eq!(life.state, TicketState::Closing);
    storage::tickets::save_life(change.conn(), ticket, &life, now).await?;
    storage::tickets::save_reason(change.conn(), ticket, reason).await?;
    change.event(ticket, Some(by), &TicketEvent::Closing { by_hand: false }).await?;
    change.effect(&Effect::PostNotice { ticket, notice: Notice::Closing { by } })?;
    change.effect(&Effect::LockChannel { ticket })?;
    change.effect(&Effect::BuildTranscript { ticket })?;
    change.effect(&Effect::PostSummary { ticket })?;
    change.effect(&Effect::DmOpener { ticket })?;
    if let Some(channel) = life.channel {
        change.effect(&Effect::DeleteChannel { ticket, channel })?;
    }
    change.audit_ticket(by, "ticket.closed", row.number, ticket).await?;
    fail::fail_point!(crate::failpoints::CLOSE_BEFORE_COMMIT);
    let committed = change.commit().await?;
    fail::fail_point!(crate::failpoints::CLOSE_AFTER_COMMIT);
    committed.tell();
    metrics::counter!("wardesk_tickets_closed_total").increment(1);
    Ok(())
}
