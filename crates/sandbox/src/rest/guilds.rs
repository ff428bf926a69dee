//! Servers.

use serde_json::{Value, json};

use super::call::{Answer, Call, ok};
use super::{Route, bot};
use crate::permissions as p;
use crate::world::World;
use crate::world::fields;
use crate::world::render::emoji_json;

pub(super) const ROUTES: &[Route] = &[
    bot("GET", "/guilds/{guild_id}", get),
    bot("PATCH", "/guilds/{guild_id}", edit),
    bot("GET", "/guilds/{guild_id}/emojis", emojis),
    bot("GET", "/guilds/{guild_id}/invites", invites),
    bot("PUT", "/guilds/{guild_id}/incident-actions", incidents),
];

fn get(world: &mut World, call: &mut Call) -> Answer {
    let guild = world.known_guild(call.id("guild_id")?, call.actor())?;
    ok(world.guild_json(guild, call.query_flag("with_counts")))
}

fn edit(world: &mut World, call: &mut Call) -> Answer {
    ok(world.edit_guild(call.actor(), call.id("guild_id")?, &call.body)?)
}

fn emojis(world: &mut World, call: &mut Call) -> Answer {
    let guild = world.known_guild(call.id("guild_id")?, call.actor())?;
    ok(guild.emojis.values().map(emoji_json).collect::<Vec<_>>())
}

/// The sandbox has no invites: people join through the control API.
fn invites(world: &mut World, call: &mut Call) -> Answer {
    world.require_in_guild(call.id("guild_id")?, call.actor(), p::MANAGE_GUILD)?;
    ok(Vec::<Value>::new())
}

fn incidents(world: &mut World, call: &mut Call) -> Answer {
    let guild = world.require_in_guild(call.id("guild_id")?, call.actor(), p::MANAGE_GUILD)?.id;
    let mut data = json!({"invites_disabled_until": null, "dms_disabled_until": null});
    for key in ["invites_disabled_until", "dms_disabled_until"] {
        if let Some(until) = fields::text(&call.body, key) {
            data[key] = json!(until);
        }
    }
    world.set_incidents(guild, data.clone());
    ok(data)
}
