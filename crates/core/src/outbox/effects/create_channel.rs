//! The ticket's channel is made, or found when an earlier attempt has made it.

use domain::guilds::GuildSettings;
use domain::ids::{ChannelId, RoleId, TicketId};
use domain::permissions::{Overwrite, OverwriteTarget, Permissions};
use domain::tickets::TicketState;
use storage::panels::PanelRow;
use storage::tickets::TicketRow;
use words::Words;

use super::{Context, Done, Failure, UNKNOWN_CHANNEL};
use crate::guilds;
use crate::guilds::may_on_server;
use crate::outbox::Cause;
use crate::ports::{DiscordError, GuildFacts, NewChannel};
use crate::tickets::channel::marker;

/// After this time nobody waits any more: the interaction's token is dead.
const GIVE_UP_MS: i64 = 15 * 60_000;

/// Discord's code for 500 channels. Source: "JSON Error Codes".
const MAX_CHANNELS: u32 = 30_013;

/// What the bot needs in the channel besides what participants may.
const BOT: Permissions = Permissions::TICKET_PARTICIPANT
    .union(Permissions::MANAGE_CHANNELS)
    .union(Permissions::MANAGE_MESSAGES);

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
    // Discord lets a bot grant only what it may itself, and refuses the whole channel otherwise.
    let may = may_on_server(facts);
    let grant = |wanted: Permissions| Permissions(wanted.0 & may.0);
    let allow =
        |target, wanted| Overwrite { target, allow: grant(wanted), deny: Permissions::default() };
    let mut overwrites = Vec::new();
    if let Ok(everyone) = RoleId::new(facts.id.get()) {
        overwrites.push(Overwrite {
            target: OverwriteTarget::Role(everyone),
            allow: Permissions::default(),
            deny: grant(Permissions::TICKET_HIDDEN),
        });
    }
    let participant = Permissions::TICKET_PARTICIPANT;
    overwrites.push(allow(OverwriteTarget::Member(ticket.opener), participant));
    overwrites.push(allow(OverwriteTarget::Member(facts.bot), BOT));
    let own = &panel.settings.support_roles;
    let roles = if own.is_empty() { &settings.support_roles } else { own };
    // A role that was deleted meanwhile would make Discord refuse the channel.
    for role in roles.iter().filter(|role| facts.roles.iter().any(|known| known.id == **role)) {
        overwrites.push(allow(OverwriteTarget::Role(*role), participant));
    }
    NewChannel {
        name: format!("ticket-{:04}", ticket.number),
        topic: format!("{title} · {}", marker(ticket.id)),
        parent: settings.ticket_category,
        overwrites,
        reason: title,
    }
}
