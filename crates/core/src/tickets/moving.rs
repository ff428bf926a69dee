//! Staff move a ticket to another panel of the server.
//!
//! The panel decides who works on a ticket, who sees its channel and who reads its transcript. The category of
//! channels is the server's, so the channel stays where it is.

use domain::access::Capability;
use domain::ids::{ChannelId, PanelId, TicketId, UserId};
use domain::permissions::Permissions;
use domain::tickets::Refusal;
use storage::panels::PanelRow;
use storage::tickets::TicketRow;

use super::change::Change;
use super::panels::is_switched_off;
use super::standing::{is_staff, need_staff, ticket_of_server};
use super::trail::Whose;
use super::{TicketError, TicketEvent};
use crate::Wardesk;
use crate::guilds::{self, GuildAccess, GuildError};
use crate::outbox::{Alert, Cause, Effect, MOVE_CHANNEL, ticket_key};

/// What the bot needs in a channel to change who sees it.
const CHANGE_ACCESS: Permissions =
    Permissions::VIEW_CHANNEL.union(Permissions::MANAGE_CHANNELS).union(Permissions::MANAGE_ROLES);

/// What came of a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// Whether the acting person may still see the ticket: they opened it, or are staff of its new panel too.
    pub seen: bool,
}

/// Moves an open ticket to another panel that is in use. Its channel follows by the outbox. Whoever has claimed it
/// keeps it if they are staff of the new panel, too.
pub async fn move_to(
    access: &GuildAccess,
    ticket: TicketId,
    to: PanelId,
) -> Result<Moved, TicketError> {
    let (w, guild, by) = (access.wardesk(), access.guild(), access.user());
    // Outside the transaction: Discord and the plan are asked.
    let (seen, panel) = ticket_of_server(access, ticket).await?;
    need_staff(access, &panel.settings, Capability::Answer)?;
    let target = storage::panels::get(w.store().read(), guild, to)
        .await?
        .filter(|panel| panel.removed_at.is_none())
        .ok_or(Refusal::PanelGone)?;
    if is_switched_off(w, guild, to).await? {
        return Err(Refusal::PanelOff.into());
    }
    let holder = seen.life.claimed_by;
    let keeps_claim = works_there(access, holder, &target).await?;
    let allowed = may_change_access(w, &seen).await;

    let mut change = Change::begin(w, guild).await?;
    let (row, panel) = change.ticket(ticket).await?;
    need_staff(access, &panel.settings, Capability::Answer)?;
    if row.life.claimed_by != holder {
        // Claimed or given back since: whether they work there has to be asked again.
        return Err(TicketError::Conflict);
    }
    let life = row.life.clone().moved(keeps_claim)?;
    if row.panel == to {
        return Err(Refusal::Unchanged.into());
    }
    if storage::outbox::is_pending(&mut *change.conn(), &ticket_key(ticket), MOVE_CHANNEL).await? {
        return Err(Refusal::StillMoving.into());
    }
    if let Some(other) = active_there(&mut change, &row, to).await? {
        return Err(other.into());
    }
    if !allowed {
        change.alert(Alert::MoveFailed { number: row.number, panel: to }).await?;
        change.commit().await?.tell();
        return Err(Refusal::CannotMove.into());
    }
    let now = change.now();
    let released = holder.filter(|_| life.claimed_by.is_none());
    storage::tickets::save_life(change.conn(), ticket, &life, now).await?;
    if !storage::tickets::save_panel(change.conn(), ticket, to).await? {
        // The opener was quicker by a moment.
        return Err(Refusal::OpenerHasOne { channel: None }.into());
    }
    change.event(ticket, Some(by), &TicketEvent::Moved { from: row.panel, to }).await?;
    if let Some(holder) = released {
        change.event(ticket, Some(by), &TicketEvent::Unclaimed { holder }).await?;
    }
    change.effect(&Effect::MoveChannel { ticket, from: row.panel, to, by, released })?;
    let before = Whose::new(&panel, holder);
    let after = Whose::new(&target, life.claimed_by);
    change.audit_move(Some(by), "ticket.moved", (row.number, ticket), &before, &after).await?;
    fail::fail_point!(crate::failpoints::MOVE_BEFORE_COMMIT);
    let committed = change.commit().await?;
    fail::fail_point!(crate::failpoints::MOVE_AFTER_COMMIT);
    committed.tell();
    let seen = row.opener == by || is_staff(access, &target.settings, Capability::See);
    Ok(Moved { seen })
}

/// The panels that a ticket of `from` may be moved to, with their names: those in use, but `from`.
pub(super) async fn targets(
    access: &GuildAccess,
    from: PanelId,
) -> Result<Vec<(PanelId, String)>, TicketError> {
    let (w, guild) = (access.wardesk(), access.guild());
    let mut found = super::panels::names(w, guild).await?;
    found.retain(|(panel, _)| *panel != from);
    let mut open = Vec::with_capacity(found.len());
    for (panel, name) in found {
        if !is_switched_off(w, guild, panel).await? {
            open.push((panel, name));
        }
    }
    Ok(open)
}

/// Whether whoever has claimed a ticket is staff of a panel, as Discord has it now. Who left is not.
async fn works_there(
    access: &GuildAccess,
    holder: Option<UserId>,
    panel: &PanelRow,
) -> Result<bool, TicketError> {
    let Some(holder) = holder else { return Ok(false) };
    if holder == access.user() {
        return Ok(is_staff(access, &panel.settings, Capability::Claim));
    }
    match guilds::of_person(access.wardesk(), holder, access.guild()).await {
        Ok(theirs) => Ok(is_staff(&theirs, &panel.settings, Capability::Claim)),
        Err(GuildError::Storage(error)) => Err(error.into()),
        Err(GuildError::Discord(error)) => Err(error.into()),
        Err(_) => Ok(false),
    }
}

/// Whether the bot may change who sees the ticket's channel, as far as that is known. What is not known now is
/// found out when it is done.
async fn may_change_access(w: &Wardesk, ticket: &TicketRow) -> bool {
    let Ok(facts) = w.discord().guild(ticket.guild).await else { return true };
    let channel: Option<ChannelId> = ticket.life.channel;
    let Some(channel) = facts.channels.iter().find(|known| Some(known.id) == channel) else {
        return true;
    };
    guilds::may_in_channel(&facts, channel).contains(CHANGE_ACCESS)
}

/// The refusal for an opener who has a ticket of that panel already.
async fn active_there(
    change: &mut Change<'_>,
    ticket: &TicketRow,
    panel: PanelId,
) -> Result<Option<Refusal>, TicketError> {
    let guild = change.guild();
    let other = storage::tickets::active_of(change.conn(), guild, panel, ticket.opener).await?;
    Ok(other.map(|other| Refusal::OpenerHasOne { channel: other.life.channel }))
}

/// Discord refused to change who sees the channel of a ticket that was moved `from` one panel `to` another: the
/// ticket goes back, to whoever had claimed it, and staff are told. If the opener has got another one there
/// meanwhile it cannot: then staff have to see to the channel by hand.
pub(crate) async fn move_back(
    change: &mut Change<'_>,
    ticket: TicketId,
    (from, to): (PanelId, PanelId),
    released: Option<UserId>,
    cause: Cause,
) -> Result<(), TicketError> {
    let (row, panel) = change.ticket(ticket).await?;
    if row.panel != to {
        return Ok(());
    }
    let number = row.number;
    if active_there(change, &row, from).await?.is_some() {
        change.alert(Alert::StepFailed { number }).await?;
        return Ok(());
    }
    let before = Whose::new(&panel, row.life.claimed_by);
    let had = row.life.claimed_by;
    let life = row.life.moved_back(released);
    let now = change.now();
    storage::tickets::save_life(change.conn(), ticket, &life, now).await?;
    if !storage::tickets::save_panel(change.conn(), ticket, from).await? {
        // They are opening one at this moment: the next attempt finds it.
        return Err(TicketError::Conflict);
    }
    change.event(ticket, None, &TicketEvent::MovedBack { from: to, to: from, cause }).await?;
    if had != life.claimed_by {
        if let Some(holder) = had {
            change.event(ticket, None, &TicketEvent::Unclaimed { holder }).await?;
        }
        change.event(ticket, life.claimed_by, &TicketEvent::Claimed).await?;
    }
    let (_, panel) = change.ticket(ticket).await?;
    let after = Whose::new(&panel, life.claimed_by);
    change.audit_move(None, "ticket.moved_back", (number, ticket), &before, &after).await?;
    change.alert(Alert::MoveFailed { number, panel: to }).await?;
    Ok(())
}
