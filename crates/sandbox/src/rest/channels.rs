//! Channels, their overwrites, typing.

use super::call::{Answer, Call, created, nothing, ok};
use super::{Route, bot};
use crate::world::World;

pub(super) const ROUTES: &[Route] = &[
    bot("GET", "/channels/{channel_id}", get),
    bot("PATCH", "/channels/{channel_id}", edit),
    bot("DELETE", "/channels/{channel_id}", delete),
    bot("GET", "/guilds/{guild_id}/channels", list),
    bot("POST", "/guilds/{guild_id}/channels", create),
    bot("PATCH", "/guilds/{guild_id}/channels", reorder),
    bot("PUT", "/channels/{channel_id}/permissions/{overwrite_id}", set_overwrite),
    bot("DELETE", "/channels/{channel_id}/permissions/{overwrite_id}", delete_overwrite),
    bot("POST", "/channels/{channel_id}/typing", typing),
];

fn get(world: &mut World, call: &mut Call) -> Answer {
    let channel = world.visible_channel(call.id("channel_id")?, call.actor())?;
    ok(world.channel_json(channel, Some(call.actor())))
}

fn edit(world: &mut World, call: &mut Call) -> Answer {
    ok(world.edit_channel(call.actor(), call.id("channel_id")?, &call.body)?)
}

fn delete(world: &mut World, call: &mut Call) -> Answer {
    ok(world.delete_channel(call.actor(), call.id("channel_id")?)?)
}

/// All channels of the server, also those that the bot does not see; threads are left out.
fn list(world: &mut World, call: &mut Call) -> Answer {
    let guild = world.known_guild(call.id("guild_id")?, call.actor())?;
    let channels = world.channels_of(guild.id).filter(|channel| !channel.is_thread());
    ok(channels.map(|channel| world.channel_json(channel, Some(call.actor()))).collect::<Vec<_>>())
}

fn create(world: &mut World, call: &mut Call) -> Answer {
    created(world.create_channel(call.actor(), call.id("guild_id")?, &call.body)?)
}

fn reorder(world: &mut World, call: &mut Call) -> Answer {
    world.move_channels(call.actor(), call.id("guild_id")?, &call.body)?;
    nothing()
}

fn set_overwrite(world: &mut World, call: &mut Call) -> Answer {
    let (channel, target) = (call.id("channel_id")?, call.id("overwrite_id")?);
    world.set_overwrite(call.actor(), channel, target, &call.body)?;
    nothing()
}

fn delete_overwrite(world: &mut World, call: &mut Call) -> Answer {
    world.delete_overwrite(call.actor(), call.id("channel_id")?, call.id("overwrite_id")?)?;
    nothing()
}

fn typing(world: &mut World, call: &mut Call) -> Answer {
    world.type_in(call.actor(), call.id("channel_id")?)?;
    nothing()
}
