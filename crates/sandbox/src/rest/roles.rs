//! Roles.

use serde_json::{Map, Value};

use super::call::{Answer, Call, nothing, ok};
use super::{Route, bot};
use crate::error;
use crate::world::World;
use crate::world::render::role_json;

pub(super) const ROUTES: &[Route] = &[
    bot("GET", "/guilds/{guild_id}/roles", list),
    bot("POST", "/guilds/{guild_id}/roles", create),
    bot("PATCH", "/guilds/{guild_id}/roles", reorder),
    bot("GET", "/guilds/{guild_id}/roles/member-counts", counts),
    bot("GET", "/guilds/{guild_id}/roles/{role_id}", get),
    bot("PATCH", "/guilds/{guild_id}/roles/{role_id}", edit),
    bot("DELETE", "/guilds/{guild_id}/roles/{role_id}", delete),
];

fn list(world: &mut World, call: &mut Call) -> Answer {
    let guild = world.known_guild(call.id("guild_id")?, call.actor())?;
    ok(guild.roles.values().map(role_json).collect::<Vec<_>>())
}

fn get(world: &mut World, call: &mut Call) -> Answer {
    let guild = world.known_guild(call.id("guild_id")?, call.actor())?;
    ok(role_json(guild.roles.get(&call.id("role_id")?).ok_or(error::UNKNOWN_ROLE)?))
}

fn counts(world: &mut World, call: &mut Call) -> Answer {
    let guild = world.known_guild(call.id("guild_id")?, call.actor())?;
    let counts: Map<String, Value> = guild
        .roles
        .keys()
        .filter(|role| **role != guild.id)
        .map(|role| {
            let count = guild.members.values().filter(|member| member.roles.contains(role)).count();
            (role.to_string(), count.into())
        })
        .collect();
    ok(counts)
}

fn create(world: &mut World, call: &mut Call) -> Answer {
    ok(world.create_role(call.actor(), call.id("guild_id")?, &call.body)?)
}

fn reorder(world: &mut World, call: &mut Call) -> Answer {
    ok(world.move_roles(call.actor(), call.id("guild_id")?, &call.body)?)
}

fn edit(world: &mut World, call: &mut Call) -> Answer {
    ok(world.edit_role(call.actor(), call.id("guild_id")?, call.id("role_id")?, &call.body)?)
}

fn delete(world: &mut World, call: &mut Call) -> Answer {
    world.delete_role(call.actor(), call.id("guild_id")?, call.id("role_id")?)?;
    nothing()
}
