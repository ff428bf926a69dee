//! The ticket's channel is made, or found when an earlier attempt has made it.

use domain::guilds::GuildSettings;
use domain::ids::{ChannelId, TicketId};
use domain::tickets::TicketState;
use storage::panels::PanelRow;
use storage::tickets::TicketRow;
use words::Words;

use super::{Context, Done, Failure, UNKNOWN_CHANNEL, overwrites};
use crate::guilds;
use crate::outbox::Cause;
use crate::ports::{DiscordError, GuildFacts, NewChannel};
use crate::tickets::channel::marker;

/// After this time nobody waits any more: the interaction's token is dead.
const GIVE_UP_MS: i64 = 15 * 60_000;

/// Discord's code for 500 channels. Source: "JSON Error Codes".
const MAX_CHANNELS: u32 = 30_013;

pub(super) async fn run(cx: &Context<'_>, id: TicketId) -> Result<Done, Failure> {
    let (ticket, panel) = super::ticket(cx, id).await?;
    if ticket.life.state != TicketState::Opening {
        return Ok(Done::Plain);
    }
    match make(cx, &ticket, &panel).await {
        Ok(channel) => Ok(Done::ChannelMade(channel)),
        Err(Refused::Cause(cause)) => Ok(Done::OpenRefused(cause)),
        Err(Refused::Failure(Failure::Later { .. })) if cx.age() > GIVE_UP_MS => {
            Ok(Done::OpenRefused(Cause::Unavailable))
        }
        // Nothing would try it again, and the member could not open another.
        Err(Refused::Failure(Failure::Never { .. })) => Ok(Done::OpenRefused(Cause::Refused)),
        Err(Refused::Failure(failure)) => Err(failure),
    }
}

enum Refused {
    Cause(Cause),
    Failure(Failure),
}

impl From<DiscordError> for Refused {
    fn from(error: DiscordError) -> Self {
        match error {
            DiscordError::Full { code: MAX_CHANNELS } => Self::Cause(Cause::ServerFull),
            DiscordError::Full { .. } => Self::Cause(Cause::CategoryFull),
            DiscordError::Gone { code: UNKNOWN_CHANNEL } => Self::Cause(Cause::CategoryGone),
            DiscordError::Forbidden { .. } | DiscordError::Gone { .. } => {
                Self::Cause(Cause::MissingPermission)
            }
            DiscordError::Refused { .. } => Self::Cause(Cause::Refused),
            temporary => Self::Failure(temporary.into()),
        }
    }
}

async fn make(
    cx: &Context<'_>,
    ticket: &TicketRow,
    panel: &PanelRow,
) -> Result<ChannelId, Refused> {
    let discord = cx.w.discord();
    let settings = guilds::settings_of(cx.w, cx.guild())
        .await
        .map_err(|error| Refused::Failure(error.into()))?;
    let mut facts = if cx.is_repeated() {
        // An earlier attempt may have made the channel without our knowing.
        let facts = discord.guild_fresh(cx.guild()).await?;
        let marker = marker(ticket.id);
        let made =
            facts.channels.iter().find(|c| c.topic.as_deref().is_some_and(|t| t.contains(&marker)));
        if let Some(channel) = made {
            return Ok(channel.id);
        }
        facts
    } else {
        discord.guild(cx.guild()).await?
    };
    if let Some(category) = settings.ticket_category {
        let exists = |facts: &GuildFacts| facts.channels.iter().any(|c| c.id == category);
        if !exists(&facts) {
            facts = discord.guild_fresh(cx.guild()).await?;
            if !exists(&facts) {
                return Err(Refused::Cause(Cause::CategoryGone));
            }
        }
    }
    if !overwrites::may_have_channels(&facts) {
        // Perhaps it was given since.
        facts = discord.guild_fresh(cx.guild()).await?;
        if !overwrites::may_have_channels(&facts) {
            return Err(Refused::Cause(Cause::MissingPermission));
        }
    }
    let channel = channel(ticket, panel, &settings, &facts);
    Ok(discord.create_channel(cx.guild(), &channel).await?)
}

/// The channel to be made: hidden from everyone but opener, staff of the panel and the bot.
fn channel(
    ticket: &TicketRow,
    panel: &PanelRow,
    settings: &GuildSettings,
    facts: &GuildFacts,
) -> NewChannel {
    let words = Words::new(settings.locale);
    let title = words.bot_welcome_title(ticket.number);
    NewChannel {
        name: format!("ticket-{:04}", ticket.number),
        topic: format!("{title} · {}", marker(ticket.id)),
        parent: settings.ticket_category,
        overwrites: overwrites::all(&[ticket.opener], &panel.settings, settings, facts),
        reason: title,
    }
}
