//! The channel of a ticket that was moved becomes its present panel's.

use domain::ids::{PanelId, TicketId};
use domain::permissions::Overwrite;
use domain::tickets::TicketState;
use words::Words;

use super::{Context, Done, Failure, UNKNOWN_CHANNEL, in_channel, overwrites};
use crate::guilds;
use crate::outbox::Cause;
use crate::ports::{DiscordError, GuildFacts};

/// All overwrites are set at once: at no time do both panels' staff see the channel, or nobody. What somebody
/// added to the channel by hand goes too: it was meant for the panel that the ticket is no longer of.
pub(super) async fn run(cx: &Context<'_>, id: TicketId, to: PanelId) -> Result<Done, Failure> {
    let (ticket, panel) = super::ticket(cx, id).await?;
    let (TicketState::Open | TicketState::Closing, Some(channel)) =
        (ticket.life.state, ticket.life.channel)
    else {
        return Ok(Done::Plain);
    };
    if ticket.panel != to {
        // An earlier attempt was refused and noted so, by a process that was taken for dead.
        return Ok(Done::Plain);
    }
    let settings = guilds::settings_of(cx.w, cx.guild()).await?;
    let members = storage::tickets::members::list(cx.w.store().read(), id).await?;
    let mut people = vec![ticket.opener];
    people.extend(members.into_iter().map(|member| member.user));
    // Discord knows nobody of these ids.
    people.retain(|user| !user.is_pseudonym());
    let all = |facts: &GuildFacts| overwrites::all(&people, &panel.settings, &settings, facts);
    let discord = cx.w.discord();
    let reason = Words::new(settings.locale).bot_move_reason(ticket.number, &panel.settings.name);
    let set = async |all: Vec<Overwrite>| {
        discord.set_overwrites(cx.guild(), channel, &all, &reason).await
    };
    let mut facts = discord.guild(cx.guild()).await?;
    if !overwrites::may_have_channels(&facts) {
        facts = discord.guild_fresh(cx.guild()).await?;
        if !overwrites::may_have_channels(&facts) {
            return Ok(Done::MoveRefused(Cause::MissingPermission));
        }
    }
    let mut done = set(all(&facts)).await;
    if let Err(DiscordError::Refused { .. }) = done {
        // Perhaps a role went that was still known here.
        done = set(all(discord.guild_fresh(cx.guild()).await?.as_ref())).await;
    }
    match done {
        Ok(()) => Ok(Done::ChannelMoved),
        Err(error @ DiscordError::Gone { code: UNKNOWN_CHANNEL }) => {
            in_channel(cx, &ticket, channel, error).await
        }
        Err(error) if error.is_temporary() => Err(error.into()),
        Err(DiscordError::Forbidden { .. }) => Ok(Done::MoveRefused(Cause::MissingPermission)),
        Err(_) => Ok(Done::MoveRefused(Cause::Refused)),
    }
}
