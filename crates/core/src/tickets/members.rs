//! Staff let people into a ticket and show them out.

use domain::access::Capability;
use domain::ids::{TicketId, UserId};
use domain::tickets::{Refusal, TicketState};
use domain::validation::{FieldError, Problem};

use super::change::Change;
use super::standing::need_staff;
use super::{TicketError, TicketEvent};
use crate::guilds::GuildAccess;
use crate::outbox::{Effect, Notice};
use crate::ports::DiscordError;
use crate::privacy::names::{self, PersonRow};

/// Lets a member of the server into the ticket.
pub async fn add_member(
    access: &GuildAccess,
    ticket: TicketId,
    user: UserId,
) -> Result<(), TicketError> {
    let w = access.wardesk();
    let by = access.user();
    let member = match w.discord().member(access.guild(), user).await {
        Ok(member) => member,
        Err(DiscordError::Gone { .. }) => {
            return Err(TicketError::Invalid(vec![FieldError::new("member", Problem::Gone)]));
        }
        Err(error) => return Err(error.into()),
    };

    // The bot is in every ticket; showing it out afterwards would lock it out.
    let own = member.bot && w.discord().bot().await? == user;

    let person = PersonRow {
        user,
        display_name: member.display_name,
        username: member.username,
        avatar: member.avatar,
    };
    let names = names::told(w, access.guild(), person).await?;

    let mut change = Change::begin(w, access.guild()).await?;
    let (row, panel) = change.ticket(ticket).await?;
    need_staff(access, &panel.settings, Capability::Answer)?;
    if row.life.state != TicketState::Open {
        return Err(Refusal::NotOpen.into());
    }
    let now = change.now();
    if own
        || user == row.opener
        || !storage::tickets::members::add(change.conn(), ticket, user, by, now).await?
    {
        return Err(Refusal::Unchanged.into());
    }
    names.keep(change.conn(), now).await?;
    change.event(ticket, Some(by), &TicketEvent::MemberAdded { user }).await?;
    change.effect(&Effect::PutOverwrite { ticket, user })?;
    change.effect(&Effect::PostNotice { ticket, notice: Notice::MemberAdded { user, by } })?;
    change.audit_member(by, "ticket.member_added", row.number, ticket, user).await?;
    fail::fail_point!(crate::failpoints::MEMBERS_BEFORE_COMMIT);
    let committed = change.commit().await?;
    fail::fail_point!(crate::failpoints::MEMBERS_AFTER_COMMIT);
    committed.tell();
    Ok(())
}

/// Shows someone out who was let in. The opener and staff cannot be shown out.
pub async fn remove_member(
    access: &GuildAccess,
    ticket: TicketId,
    user: UserId,
) -> Result<(), TicketError> {
    let by = access.user();
    let mut change = Change::begin(access.wardesk(), access.guild()).await?;
    let (row, panel) = change.ticket(ticket).await?;
    need_staff(access, &panel.settings, Capability::Answer)?;
    if row.life.state != TicketState::Open {
        return Err(Refusal::NotOpen.into());
    }
    // Who was not let in by name is there as opener, by a role, or not at all.
    if !storage::tickets::members::remove(change.conn(), ticket, user).await? {
        return Err(Refusal::CannotRemove.into());
    }
    change.event(ticket, Some(by), &TicketEvent::MemberRemoved { user }).await?;
    change.effect(&Effect::DeleteOverwrite { ticket, user })?;
    change.effect(&Effect::PostNotice { ticket, notice: Notice::MemberRemoved { user, by } })?;
    change.audit_member(by, "ticket.member_removed", row.number, ticket, user).await?;
    fail::fail_point!(crate::failpoints::MEMBERS_BEFORE_COMMIT);
    let committed = change.commit().await?;
    fail::fail_point!(crate::failpoints::MEMBERS_AFTER_COMMIT);
    committed.tell();
    Ok(())
}
