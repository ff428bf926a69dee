//! What the service does to open tickets by itself when somebody is erased.

use domain::ids::{GuildId, TicketId, UserId};
use domain::tickets::TicketState;
use storage::StorageError;
use storage::tickets::TicketRow;

use super::change::Change;
use super::{TicketError, TicketEvent};
use crate::Wardesk;
use crate::outbox::Effect;

/// Begins a change of a ticket that is still open; `None`: it is not any more.
async fn open(
    w: &Wardesk,
    guild: GuildId,
    ticket: TicketId,
) -> Result<Option<(Change<'_>, TicketRow)>, StorageError> {
    let mut change = Change::begin(w, guild).await?;
    match change.ticket(ticket).await {
        Ok((row, _)) if row.life.state == TicketState::Open => Ok(Some((change, row))),
        Err(TicketError::Storage(error)) => Err(error),
        Ok(_) | Err(_) => Ok(None),
    }
}

/// Closes an open ticket whose opener is being erased. They are sent no link: soon there is nothing of theirs to read.
pub(crate) async fn close(
    w: &Wardesk,
    guild: GuildId,
    ticket: TicketId,
) -> Result<(), StorageError> {
    let Some((mut change, row)) = open(w, guild, ticket).await? else { return Ok(()) };
    let now = change.now();
    let Ok(life) = row.life.close(None, now) else { return Ok(()) };
    storage::tickets::save_life(change.conn(), ticket, &life, now).await?;
    change.event(ticket, None, &TicketEvent::Closing { by_hand: false }).await?;
    change.effect(&Effect::LockChannel { ticket })?;
    change.effect(&Effect::BuildTranscript { ticket })?;
    change.effect(&Effect::PostSummary { ticket })?;
    if let Some(channel) = life.channel {
        change.effect(&Effect::DeleteChannel { ticket, channel })?;
    }
    fail::fail_point!(crate::failpoints::erasing::CLOSE_BEFORE_COMMIT, |_| Ok(()));
    change.commit().await?.tell();
    Ok(())
}

/// Takes somebody who is being erased out of another's open ticket: as one who was let in, and as who works on it.
pub(crate) async fn leave(
    w: &Wardesk,
    guild: GuildId,
    ticket: TicketId,
    user: UserId,
) -> Result<(), StorageError> {
    let Some((mut change, row)) = open(w, guild, ticket).await? else { return Ok(()) };
    let now = change.now();
    if storage::tickets::members::remove(change.conn(), ticket, user).await? {
        change.event(ticket, None, &TicketEvent::MemberRemoved { user }).await?;
        change.effect(&Effect::DeleteOverwrite { ticket, user })?;
    }
    if row.life.claimed_by == Some(user)
        && let Ok(life) = row.life.unclaim(user, true)
    {
        storage::tickets::save_life(change.conn(), ticket, &life, now).await?;
        change.event(ticket, None, &TicketEvent::Unclaimed { holder: user }).await?;
        change.effect(&Effect::UpdateTicketMessage { ticket })?;
    }
    change.commit().await?.tell();
    Ok(())
}
