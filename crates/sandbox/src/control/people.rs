//! Who the people are, in words for the pickers, and what they may do.

use axum::http::{HeaderMap, header};

use crate::id::Id;
use crate::permissions as p;
use crate::world::World;
use crate::world::model::User;

/// Everyone who is not a bot, oldest first.
pub(crate) fn humans(world: &World) -> impl Iterator<Item = &User> {
    world.users().filter(|user| !user.bot)
}

/// One line about a person: what they are in the first server that they own or are in.
pub(crate) fn about(user: &User, world: &World) -> String {
    if let Some(owned) = world.guilds().find(|guild| guild.owner_id == user.id) {
        return format!("Owner of {}", owned.name);
    }
    let home = world.guilds().find_map(|guild| Some((guild, guild.members.get(&user.id)?)));
    let Some((guild, member)) = home else { return "In no server".to_owned() };
    let highest =
        member.roles.iter().filter_map(|id| guild.roles.get(id)).max_by_key(|role| role.position);
    match highest {
        Some(role) => format!("{} in {}", role.name, guild.name),
        None => format!("Member of {}", guild.name),
    }
}

/// Whether a person manages a server: its owner, Administrator or Manage Server.
pub(crate) fn manages(world: &World, guild_id: Id, user_id: Id) -> bool {
    world.guild_permissions(guild_id, user_id) & (p::ADMINISTRATOR | p::MANAGE_GUILD) != 0
}

/// The person named by a cookie, or the first one.
pub(crate) fn remembered(headers: &HeaderMap, cookie: &str, world: &World) -> Option<Id> {
    let named = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == cookie)
        .and_then(|(_, id)| id.parse().ok());
    named
        .filter(|id| world.user(*id).is_some_and(|user| !user.bot))
        .or_else(|| humans(world).next().map(|user| user.id))
}
