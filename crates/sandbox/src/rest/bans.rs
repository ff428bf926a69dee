//! Bans.

use serde_json::json;

use super::call::{Answer, Call, nothing, ok};
use super::{Route, bot};
use crate::error;
use crate::id::Id;
use crate::permissions as p;
use crate::world::World;
use crate::world::fields;

pub(super) const ROUTES: &[Route] = &[
    bot("GET", "/guilds/{guild_id}/bans", list),
    bot("GET", "/guilds/{guild_id}/bans/{user_id}", get),
    bot("PUT", "/guilds/{guild_id}/bans/{user_id}", ban),
    bot("DELETE", "/guilds/{guild_id}/bans/{user_id}", unban),
    bot("POST", "/guilds/{guild_id}/bulk-ban", bulk),
];

fn list(world: &mut World, call: &mut Call) -> Answer {
    let guild = world.require_in_guild(call.id("guild_id")?, call.actor(), p::BAN_MEMBERS)?;
    let (after, before) = (call.query_id("after"), call.query_id("before"));
    let limit = call.limit(1_000, 1_000)?;
    let bans = guild
        .bans
        .iter()
        .filter(|(id, _)| after.is_none_or(|after| **id > after))
        .filter(|(id, _)| before.is_none_or(|before| **id < before))
        .take(limit)
        .map(|(id, reason)| json!({"user": world.user_json(*id), "reason": reason}));
    ok(bans.collect::<Vec<_>>())
}

fn get(world: &mut World, call: &mut Call) -> Answer {
    let guild = world.require_in_guild(call.id("guild_id")?, call.actor(), p::BAN_MEMBERS)?.id;
    ok(world.ban_json(guild, call.id("user_id")?)?)
}

fn delete_seconds(call: &Call) -> i64 {
    fields::int(&call.body, "delete_message_seconds")
        .or_else(|| fields::int(&call.body, "delete_message_days").map(|days| days * 86_400))
        .unwrap_or(0)
}

fn ban(world: &mut World, call: &mut Call) -> Answer {
    let (guild, user) = (call.id("guild_id")?, call.id("user_id")?);
    world.ban(call.actor(), guild, user, delete_seconds(call), call.reason.clone())?;
    nothing()
}

fn unban(world: &mut World, call: &mut Call) -> Answer {
    world.unban(call.actor(), call.id("guild_id")?, call.id("user_id")?)?;
    nothing()
}

fn bulk(world: &mut World, call: &mut Call) -> Answer {
    let guild = call.id("guild_id")?;
    world.require_in_guild(guild, call.actor(), p::BAN_MEMBERS | p::MANAGE_GUILD)?;
    let (mut banned, mut failed): (Vec<Id>, Vec<Id>) = (Vec::new(), Vec::new());
    for user in fields::ids(&call.body, "user_ids").unwrap_or_default() {
        let known = world.guild(guild).is_some_and(|guild| guild.bans.contains_key(&user));
        let done = !known
            && world
                .ban(call.actor(), guild, user, delete_seconds(call), call.reason.clone())
                .is_ok();
        if done { banned.push(user) } else { failed.push(user) }
    }
    if banned.is_empty() {
        return Err(error::ApiError {
            status: 400,
            code: 500_000,
            message: "Failed to ban users".into(),
            errors: None,
        });
    }
    ok(json!({"banned_users": banned, "failed_users": failed}))
}
