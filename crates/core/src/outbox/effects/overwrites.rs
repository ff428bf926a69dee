//! Who sees a ticket's channel: people are let in and shown out.

use domain::guilds::GuildSettings;
use domain::ids::{RoleId, TicketId, UserId};
use domain::panels::PanelSettings;
use domain::permissions::{Overwrite, OverwriteTarget, Permissions};
use domain::tickets::TicketState;

use super::{Context, Done, Failure, UNKNOWN_CHANNEL};
use crate::guilds::may_on_server;
use crate::ports::{DiscordError, GuildFacts};

/// What the bot needs in the channel besides what participants may.
const BOT: Permissions = Permissions::TICKET_PARTICIPANT
    .union(Permissions::MANAGE_CHANNELS)
    .union(Permissions::MANAGE_MESSAGES);

/// What a ticket's channel is nothing without: it is hidden, the bot writes and reads in it, and it goes again.
const NEEDED: Permissions = Permissions::VIEW_CHANNEL
    .union(Permissions::SEND_MESSAGES)
    .union(Permissions::EMBED_LINKS)
    .union(Permissions::READ_MESSAGE_HISTORY)
    .union(Permissions::MANAGE_CHANNELS)
    .union(Permissions::MANAGE_ROLES);

/// Whether the bot may do all that a ticket's channel needs. Discord lets a bot grant and deny only what it may itself: a
/// channel that is made without one of these stays open to everyone, or without a word in it.
pub(super) fn may_have_channels(facts: &GuildFacts) -> bool {
    may_on_server(facts).contains(NEEDED)
}

/// Every overwrite of a ticket's channel: it is hidden from everyone but these people, staff of the panel and the
/// bot.
pub(super) fn all(
    people: &[UserId],
    panel: &PanelSettings,
    settings: &GuildSettings,
    facts: &GuildFacts,
) -> Vec<Overwrite> {
    // Discord lets a bot grant only what it may itself, and refuses the whole channel otherwise.
    let may = may_on_server(facts);
    let grant = |wanted: Permissions| Permissions(wanted.0 & may.0);
    let allow =
        |target, wanted| Overwrite { target, allow: grant(wanted), deny: Permissions::default() };
    let mut all = Vec::new();
    if let Ok(everyone) = RoleId::new(facts.id.get()) {
        all.push(Overwrite {
            target: OverwriteTarget::Role(everyone),
            allow: Permissions::default(),
            deny: grant(Permissions::TICKET_HIDDEN),
        });
    }
    let participant = Permissions::TICKET_PARTICIPANT;
    all.extend(people.iter().map(|user| allow(OverwriteTarget::Member(*user), participant)));
    all.push(allow(OverwriteTarget::Member(facts.bot), BOT));
    let own = &panel.support_roles;
    let roles = if own.is_empty() { &settings.support_roles } else { own };
    // A role that was deleted meanwhile would make Discord refuse the channel.
    for role in roles.iter().filter(|role| facts.roles.iter().any(|known| known.id == **role)) {
        all.push(allow(OverwriteTarget::Role(*role), participant));
    }
    all
}

pub(super) async fn put(cx: &Context<'_>, id: TicketId, user: UserId) -> Result<Done, Failure> {
    let (ticket, _) = super::ticket(cx, id).await?;
    let (TicketState::Open, Some(channel)) = (ticket.life.state, ticket.life.channel) else {
        return Ok(Done::Plain);
    };
    let facts = cx.w.discord().guild(cx.guild()).await?;
    let may = may_on_server(&facts);
    let overwrite = Overwrite {
        target: OverwriteTarget::Member(user),
        allow: Permissions(Permissions::TICKET_PARTICIPANT.0 & may.0),
        deny: Permissions::default(),
    };
    match cx.w.discord().put_overwrite(channel, &overwrite).await {
        Ok(()) => Ok(Done::Plain),
        Err(error) => super::in_channel(cx, &ticket, channel, error).await,
    }
}

/// Opener and added members may read on and no longer write: what they say after the archive was compared
/// with the channel would be in no transcript. Staff may; the archive listens until the channel is gone.
pub(super) async fn lock(cx: &Context<'_>, id: TicketId) -> Result<Done, Failure> {
    let (ticket, _) = super::ticket(cx, id).await?;
    let (TicketState::Closing, Some(channel)) = (ticket.life.state, ticket.life.channel) else {
        return Ok(Done::Plain);
    };
    // Discord lets a bot grant and deny only what it may itself.
    let facts = cx.w.discord().guild(cx.guild()).await?;
    let may = may_on_server(&facts);
    let members = storage::tickets::members::list(cx.w.store().read(), id).await?;
    let people = std::iter::once(ticket.opener).chain(members.into_iter().map(|m| m.user));
    for user in people {
        let allow = Permissions::TICKET_PARTICIPANT.without(Permissions::TICKET_SPEECH);
        let overwrite = Overwrite {
            target: OverwriteTarget::Member(user),
            allow: Permissions(allow.0 & may.0),
            deny: Permissions(Permissions::TICKET_SPEECH.0 & may.0),
        };
        match cx.w.discord().put_overwrite(channel, &overwrite).await {
            Ok(()) => {}
            Err(error) if error.is_temporary() => return Err(error.into()),
            // What is said until the end is read back before the channel goes.
            Err(error) => {
                tracing::info!(ticket = %id, %error, "a ticket's channel could not be locked");
                let of_channel = matches!(
                    error,
                    DiscordError::Forbidden { .. } | DiscordError::Gone { code: UNKNOWN_CHANNEL }
                );
                // Others may be locked out although one of them is nobody any more.
                if of_channel {
                    break;
                }
            }
        }
    }
    Ok(Done::Plain)
}

pub(super) async fn delete(cx: &Context<'_>, id: TicketId, user: UserId) -> Result<Done, Failure> {
    let (ticket, _) = super::ticket(cx, id).await?;
    // While it is closing too: the channel may stay for hours until every file is copied.
    let (TicketState::Open | TicketState::Closing, Some(channel)) =
        (ticket.life.state, ticket.life.channel)
    else {
        return Ok(Done::Plain);
    };
    match cx.w.discord().delete_overwrite(channel, user).await {
        Ok(()) => Ok(Done::Plain),
        Err(error) => super::in_channel(cx, &ticket, channel, error).await,
    }
}
