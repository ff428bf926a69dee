//! What one person sees: servers, channels, members, direct messages.

use serde_json::{Value, json};

use super::people;
use crate::id::Id;
use crate::permissions as p;
use crate::world::World;
use crate::world::model::{Channel, Guild, channel_type};
use crate::world::render::{emoji_json, role_json};

/// How many of the servers that a person is not on are offered: a crowd may be hundreds.
const JOINABLE: usize = 20;

/// Everything the chat page shows besides messages.
pub(crate) fn view_json(world: &World, person: Id) -> Value {
    let guilds: Vec<Value> = world
        .guilds()
        .filter(|guild| guild.members.contains_key(&person) && !guild.unavailable)
        .map(|guild| guild_view(world, guild, person))
        .collect();
    let elsewhere: Vec<Value> = world
        .guilds()
        .filter(|guild| !guild.unavailable && !guild.bans.contains_key(&person))
        .filter(|guild| !guild.members.contains_key(&person))
        .take(JOINABLE)
        .map(|guild| json!({"id": guild.id, "name": guild.name}))
        .collect();
    let dms: Vec<Value> = world
        .channels
        .values()
        .filter(|channel| channel.kind == channel_type::DM && channel.recipients.contains(&person))
        .map(|channel| dm_view(world, channel, person))
        .collect();
    let application = world.applications().next();
    json!({
        "me": world.user_json(person),
        "application": application.map(|it| json!({"id": it.id, "name": it.name, "bot_id": it.bot})),
        "guilds": guilds,
        "elsewhere": elsewhere,
        "dms": dms,
    })
}

/// The people to choose from: users with a line about each.
pub(crate) fn people_json(world: &World) -> Vec<Value> {
    people::humans(world)
        .map(|user| {
            let mut value = world.user_json(user.id);
            value["about"] = json!(people::about(user, world));
            value["dms_open"] = json!(user.dms_open);
            value
        })
        .collect()
}

fn guild_view(world: &World, guild: &Guild, person: Id) -> Value {
    let seen = |channel: &&Channel| {
        let open = channel.thread.as_ref().is_none_or(|thread| !thread.archived);
        open && channel.kind != channel_type::CATEGORY && world.can_view(channel.id, person)
    };
    let channels: Vec<&Channel> =
        guild.channels.iter().filter_map(|id| world.channel(*id)).filter(seen).collect();
    // A category is shown for the channels in it.
    let categories = guild.channels.iter().filter_map(|id| world.channel(*id)).filter(|category| {
        category.kind == channel_type::CATEGORY
            && channels.iter().any(|channel| channel.parent_id == Some(category.id))
    });
    json!({
        "id": guild.id, "name": guild.name, "icon": guild.icon, "owner_id": guild.owner_id,
        "permissions": world.guild_permissions(guild.id, person).to_string(),
        "roles": guild.roles.values().map(role_json).collect::<Vec<_>>(),
        "emojis": guild.emojis.values().map(emoji_json).collect::<Vec<_>>(),
        "members": guild.members.values().map(|member| world.member_json(member)).collect::<Vec<_>>(),
        "channels": categories.chain(channels.iter().copied())
            .map(|channel| channel_view(world, channel, person)).collect::<Vec<_>>(),
    })
}

/// A channel with what the person may do there (`permissions`) and whether it is closed to most (`private`).
pub(crate) fn channel_view(world: &World, channel: &Channel, person: Id) -> Value {
    let mut value = world.channel_json(channel, Some(person));
    value["permissions"] = json!(world.channel_permissions(channel.id, person).to_string());
    let everyone = channel.guild_id.and_then(|id| channel.overwrites.get(&id));
    value["private"] = json!(
        channel.kind == channel_type::PRIVATE_THREAD
            || everyone.is_some_and(|overwrite| overwrite.rule.deny & p::VIEW_CHANNEL != 0)
    );
    value
}

/// A direct message channel under the other side's name.
pub(crate) fn dm_view(world: &World, channel: &Channel, person: Id) -> Value {
    let mut value = world.channel_json(channel, Some(person));
    let other = channel.recipients.iter().find(|id| **id != person).and_then(|id| world.user(*id));
    let name =
        other.map_or("Deleted User", |user| user.global_name.as_deref().unwrap_or(&user.username));
    value["name"] = json!(name);
    value
}
