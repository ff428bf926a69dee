//! Members.

use serde_json::{Value, json};

use super::call::{Answer, Call, nothing, ok};
use super::{Route, bot};
use crate::error;
use crate::id::Id;
use crate::world::World;

pub(super) const ROUTES: &[Route] = &[
    bot("GET", "/guilds/{guild_id}/members", list),
    bot("GET", "/guilds/{guild_id}/members/search", search),
    bot("PATCH", "/guilds/{guild_id}/members/@me", edit_own),
    bot("GET", "/guilds/{guild_id}/members/{user_id}", get),
    bot("PATCH", "/guilds/{guild_id}/members/{user_id}", edit),
    bot("DELETE", "/guilds/{guild_id}/members/{user_id}", kick),
    bot("PUT", "/guilds/{guild_id}/members/{user_id}/roles/{role_id}", give_role),
    bot("DELETE", "/guilds/{guild_id}/members/{user_id}/roles/{role_id}", take_role),
];

/// Listing needs the `GUILD_MEMBERS` intent, by REST too.
fn list(world: &mut World, call: &mut Call) -> Answer {
    let guild = world.known_guild(call.id("guild_id")?, call.actor())?.id;
    let application = call.caller.application.and_then(|id| world.application(id));
    if application.is_some_and(|application| !application.privileged.members) {
        return Err(error::MISSING_ACCESS.into());
    }
    let limit = call.limit(1, 1_000)?;
    ok(world.list_members(guild, call.query_id("after").unwrap_or(Id(0)), limit))
}

fn search(world: &mut World, call: &mut Call) -> Answer {
    let guild = world.known_guild(call.id("guild_id")?, call.actor())?.id;
    let query = call.query.get("query").map_or("", String::as_str);
    ok(world.search_members(guild, query, call.limit(1, 1_000)?))
}

fn get(world: &mut World, call: &mut Call) -> Answer {
    let guild = world.known_guild(call.id("guild_id")?, call.actor())?.id;
    ok(world.member_json(world.member(guild, call.id("user_id")?)?))
}

fn edit(world: &mut World, call: &mut Call) -> Answer {
    ok(world.edit_member(call.actor(), call.id("guild_id")?, call.id("user_id")?, &call.body)?)
}

fn edit_own(world: &mut World, call: &mut Call) -> Answer {
    let nick = call.body.get("nick").cloned().unwrap_or(Value::Null);
    let (guild, me) = (call.id("guild_id")?, call.actor());
    ok(world.edit_member(me, guild, me, &json!({ "nick": nick }))?)
}

fn kick(world: &mut World, call: &mut Call) -> Answer {
    world.kick(call.actor(), call.id("guild_id")?, call.id("user_id")?)?;
    nothing()
}

fn give_role(world: &mut World, call: &mut Call) -> Answer {
    let (guild, user, role) = (call.id("guild_id")?, call.id("user_id")?, call.id("role_id")?);
    world.set_member_role(call.actor(), guild, user, role, true)?;
    nothing()
}

fn take_role(world: &mut World, call: &mut Call) -> Answer {
    let (guild, user, role) = (call.id("guild_id")?, call.id("user_id")?, call.id("role_id")?);
    world.set_member_role(call.actor(), guild, user, role, false)?;
    nothing()
}
