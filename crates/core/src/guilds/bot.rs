//! What the bot may do.

use domain::ids::RoleId;
use domain::permissions::{Permissions, channel_permissions, server_permissions};

use crate::ports::{ChannelFacts, GuildFacts};

/// What the bot may do on the server, before any channel's own rules.
pub(crate) fn may_on_server(facts: &GuildFacts) -> Permissions {
    let grants = |id: RoleId| facts.roles.iter().find(|r| r.id == id).map(|r| r.permissions);
    let everyone = RoleId::new(facts.id.get()).ok().and_then(grants).unwrap_or_default();
    let roles = facts.bot_roles.iter().filter_map(|role| grants(*role));
    server_permissions(facts.owner == facts.bot, everyone, roles)
}

/// What the bot may do in a channel.
pub(crate) fn may_in_channel(facts: &GuildFacts, channel: &ChannelFacts) -> Permissions {
    let Ok(everyone) = RoleId::new(facts.id.get()) else { return Permissions::default() };
    let base = may_on_server(facts);
    channel_permissions(base, everyone, facts.bot, &facts.bot_roles, &channel.overwrites)
}
