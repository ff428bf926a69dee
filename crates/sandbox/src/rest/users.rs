//! Users, their servers, direct messages.

use super::call::{Answer, Call, nothing, ok};
use super::{Route, bot, scoped};
use crate::error;
use crate::id::Id;
use crate::world::World;
use crate::world::fields;

pub(super) const ROUTES: &[Route] = &[
    scoped("GET", "/users/@me", "identify", me),
    bot("PATCH", "/users/@me", edit_me),
    scoped("GET", "/users/@me/guilds", "guilds", guilds),
    scoped("GET", "/users/@me/guilds/{guild_id}/member", "guilds.members.read", own_member),
    bot("DELETE", "/users/@me/guilds/{guild_id}", leave),
    bot("POST", "/users/@me/channels", open_dm),
    bot("GET", "/users/{user_id}", get),
];

fn me(world: &mut World, call: &mut Call) -> Answer {
    let user = world.user(call.actor()).ok_or(error::UNKNOWN_USER)?;
    let mut value = world.own_user_json(user);
    if call.caller.scopes.as_ref().is_some_and(|scopes| scopes.iter().any(|scope| scope == "email"))
    {
        value["email"] = user.email.clone().into();
    }
    ok(value)
}

/// Bots may change their name; pictures are drawn by the CDN.
fn edit_me(world: &mut World, call: &mut Call) -> Answer {
    let name = fields::text(&call.body, "username").map(str::to_owned);
    let now = world.now();
    let has_avatar = fields::has(&call.body, "avatar");
    let avatar = fields::text(&call.body, "avatar").map(|_| format!("{now:032x}"));
    world.edit_user(call.actor(), |user| {
        if let Some(name) = name {
            user.username = name;
        }
        if has_avatar {
            user.avatar = avatar;
        }
    });
    me(world, call)
}

fn guilds(world: &mut World, call: &mut Call) -> Answer {
    let limit = call.limit(200, 200)?;
    let (after, before) = (call.query_id("after"), call.query_id("before"));
    let list = world.user_guilds_json(call.actor(), call.query_flag("with_counts"));
    let inside = |id: Option<Id>| {
        id.is_some_and(|id| {
            after.is_none_or(|after| id > after) && before.is_none_or(|before| id < before)
        })
    };
    let found: Vec<_> = list.into_iter().filter(|guild| inside(fields::id(guild, "id"))).collect();
    // Before an id, Discord gives the ones next to it.
    let skipped = if before.is_some() { found.len().saturating_sub(limit) } else { 0 };
    ok(found.into_iter().skip(skipped).take(limit).collect::<Vec<_>>())
}

fn own_member(world: &mut World, call: &mut Call) -> Answer {
    let guild = world.known_guild(call.id("guild_id")?, call.actor())?.id;
    ok(world.member_json(world.member(guild, call.actor())?))
}

fn leave(world: &mut World, call: &mut Call) -> Answer {
    world.leave_guild(call.actor(), call.id("guild_id")?)?;
    nothing()
}

fn open_dm(world: &mut World, call: &mut Call) -> Answer {
    let recipient = fields::id(&call.body, "recipient_id").ok_or(error::INVALID_RECIPIENT)?;
    let id = world.open_dm(call.actor(), recipient)?;
    let channel = world.channel(id).ok_or(error::UNKNOWN_CHANNEL)?;
    ok(world.channel_json(channel, Some(call.actor())))
}

fn get(world: &mut World, call: &mut Call) -> Answer {
    let id = call.id("user_id")?;
    world.user(id).ok_or(error::UNKNOWN_USER)?;
    ok(world.user_json(id))
}
