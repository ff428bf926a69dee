//! What happens to tickets from outside: channels deleted by hand, restarts.

use domain::ids::{ChannelId, GuildId, TicketId};
use domain::tickets::TicketState;
use storage::tickets::TicketRow;

use super::change::Change;
use super::{TicketError, TicketEvent};
use crate::outbox::{Alert, Effect, subject, ticket_key};
use crate::{Wardesk, ports::ChannelFacts};

/// What the topic of a ticket's channel contains, so that it is found again.
pub(crate) fn marker(ticket: TicketId) -> String {
    format!("wardesk:{ticket}")
}

/// The ticket that a channel says it belongs to.
fn marked(channel: &ChannelFacts) -> Option<TicketId> {
    let topic = channel.topic.as_deref()?;
    let (_, rest) = topic.split_once("wardesk:")?;
    rest.get(..36)?.parse().ok()
}

/// A channel is gone. An open ticket whose channel it was is closed with what the archive has.
pub async fn channel_deleted(w: &Wardesk, channel: ChannelId) -> Result<(), TicketError> {
    let Some(ticket) = storage::tickets::channels::ticket_of(w.store().read(), channel).await?
    else {
        return Ok(());
    };
    let Some(row) = storage::tickets::get(w.store().read(), ticket).await? else {
        return Ok(());
    };
    if row.life.state == TicketState::Open {
        let mut change = Change::begin(w, row.guild).await?;
        let (row, _) = change.ticket(ticket).await?;
        let now = change.now();
        // Someone may have closed it since.
        if let Ok(life) = row.life.close(None, now) {
            storage::tickets::save_life(change.conn(), ticket, &life, now).await?;
            change.event(ticket, None, &TicketEvent::Closing { by_hand: true }).await?;
            change.effect(&Effect::BuildTranscript { ticket })?;
            change.effect(&Effect::PostSummary { ticket })?;
            change.effect(&Effect::DmOpener { ticket })?;
            fail::fail_point!(crate::failpoints::CHANNEL_GONE_BEFORE_COMMIT);
            change.commit().await?.tell();
        }
    }
    w.ticket_caches().remove_channel(channel, w.now());
    let subject = subject::channel(channel);
    if storage::alerts::is_raised(w.store().read(), row.guild, &subject).await? {
        let mut change = Change::begin(w, row.guild).await?;
        change.mended(&subject).await?;
        change.commit().await?.tell();
    }
    Ok(())
}

/// Whether a channel with the marker of a ticket has nothing to do with it any more: the ticket is over, or
/// it has another channel, since the answer to an attempt to make one came too late. While the ticket opens,
/// whoever makes its channel looks for the marker.
fn is_left_over(ticket: &TicketRow, channel: ChannelId) -> bool {
    match ticket.life.state {
        TicketState::Opening => false,
        TicketState::Open | TicketState::Closing => ticket.life.channel != Some(channel),
        TicketState::Closed | TicketState::Failed => true,
    }
}

/// Compares tickets with the server's channels, past the cache: after a READY.
/// Tickets whose channel is gone are closed; channels that no ticket needs are removed.
pub async fn reconcile(w: &Wardesk, guild: GuildId) -> Result<(), TicketError> {
    // Read before Discord is asked: a channel that is made meanwhile must not be missed in an older answer.
    let before = storage::tickets::channels::of_guild(w.store().read(), guild).await?;
    let facts = w.discord().guild_fresh(guild).await?;
    for known in before {
        if facts.channels.iter().any(|c| c.id == known.channel) {
            super::cache::listen(w, known);
        } else {
            channel_deleted(w, known.channel).await?;
        }
    }
    remove_left_over(w, guild, &facts.channels).await?;
    forget_doubled(w, guild, &facts.channels).await
}

/// Removes the channels that no ticket needs, of those which were there a moment ago.
async fn remove_left_over(
    w: &Wardesk,
    guild: GuildId,
    channels: &[ChannelFacts],
) -> Result<(), TicketError> {
    let mut found = Vec::new();
    for channel in channels {
        let Some(ticket) = marked(channel) else { continue };
        if nobody_needs(w, guild, ticket, channel.id).await? {
            found.push((ticket, channel.id));
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    // A ticket may have ended, and its channel gone, after Discord was asked.
    let now = w.discord().guild_fresh(guild).await?;
    for (ticket, channel) in found {
        if now.channels.iter().any(|there| there.id == channel) {
            let mut change = Change::begin(w, guild).await?;
            change.effect(&Effect::DeleteChannel { ticket, channel })?;
            change.commit().await?.tell();
        }
    }
    Ok(())
}

/// Whether a channel with the marker of a ticket is left over and nobody sees to it yet.
async fn nobody_needs(
    w: &Wardesk,
    guild: GuildId,
    ticket: TicketId,
    channel: ChannelId,
) -> Result<bool, TicketError> {
    let Some(row) = storage::tickets::get(w.store().read(), ticket).await? else {
        return Ok(false);
    };
    let ours = row.guild == guild && row.application == w.application();
    if !ours || !is_left_over(&row, channel) {
        return Ok(false);
    }
    let key = ticket_key(ticket);
    if storage::outbox::is_pending(w.store().read(), &key, "delete_channel").await? {
        return Ok(false);
    }
    // Staff know already that it was left for them to look at.
    let doubled = subject::doubled(channel);
    Ok(!storage::alerts::is_raised(w.store().read(), guild, &doubled).await?)
}

/// Takes alerts about channels away that somebody has removed since.
async fn forget_doubled(
    w: &Wardesk,
    guild: GuildId,
    channels: &[ChannelFacts],
) -> Result<(), TicketError> {
    for known in storage::alerts::list(w.store().read(), guild, i64::MAX).await? {
        let Ok(Alert::ChannelDoubled { channel, .. }) = serde_json::from_str(&known.alert) else {
            continue;
        };
        if channels.iter().all(|there| there.id != channel) {
            let mut change = Change::begin(w, guild).await?;
            change.mended(&subject::doubled(channel)).await?;
            change.commit().await?.tell();
        }
    }
    Ok(())
}
