//! Threads.

use serde_json::{Value, json};

use super::call::{Answer, Call, created, nothing, ok};
use super::{Route, bot};
use crate::error;
use crate::world::World;
use crate::world::model::{Channel, channel_type};

pub(super) const ROUTES: &[Route] = &[
    bot("POST", "/channels/{channel_id}/threads", create),
    bot("POST", "/channels/{channel_id}/messages/{message_id}/threads", create_from_message),
    bot("GET", "/channels/{channel_id}/thread-members", members),
    bot("PUT", "/channels/{channel_id}/thread-members/@me", join),
    bot("DELETE", "/channels/{channel_id}/thread-members/@me", leave),
    bot("GET", "/channels/{channel_id}/thread-members/{user_id}", member),
    bot("PUT", "/channels/{channel_id}/thread-members/{user_id}", add),
    bot("DELETE", "/channels/{channel_id}/thread-members/{user_id}", remove),
    bot("GET", "/guilds/{guild_id}/threads/active", active),
    bot("GET", "/channels/{channel_id}/threads/archived/public", archived_public),
    bot("GET", "/channels/{channel_id}/threads/archived/private", archived_private),
];

fn create(world: &mut World, call: &mut Call) -> Answer {
    created(world.create_thread(call.actor(), call.id("channel_id")?, None, &call.body)?)
}

fn create_from_message(world: &mut World, call: &mut Call) -> Answer {
    let (channel, message) = (call.id("channel_id")?, call.id("message_id")?);
    created(world.create_thread(call.actor(), channel, Some(message), &call.body)?)
}

fn members(world: &mut World, call: &mut Call) -> Answer {
    ok(world.thread_members(call.actor(), call.id("channel_id")?)?)
}

fn member(world: &mut World, call: &mut Call) -> Answer {
    let user = call.id("user_id")?.to_string();
    let members = world.thread_members(call.actor(), call.id("channel_id")?)?;
    let found = members.into_iter().find(|member| member["user_id"] == user);
    ok(found.ok_or(error::UNKNOWN_MEMBER)?)
}

fn join(world: &mut World, call: &mut Call) -> Answer {
    world.join_thread(call.actor(), call.id("channel_id")?, call.actor())?;
    nothing()
}

fn leave(world: &mut World, call: &mut Call) -> Answer {
    world.leave_thread(call.actor(), call.id("channel_id")?, call.actor())?;
    nothing()
}

fn add(world: &mut World, call: &mut Call) -> Answer {
    world.join_thread(call.actor(), call.id("channel_id")?, call.id("user_id")?)?;
    nothing()
}

fn remove(world: &mut World, call: &mut Call) -> Answer {
    world.leave_thread(call.actor(), call.id("channel_id")?, call.id("user_id")?)?;
    nothing()
}

fn active(world: &mut World, call: &mut Call) -> Answer {
    let guild = world.known_guild(call.id("guild_id")?, call.actor())?.id;
    let mut found =
        world.threads_json(call.actor(), guild, |c| c.thread.as_ref().is_some_and(|t| !t.archived));
    found["has_more"] = Value::Bool(false);
    ok(found)
}

fn archived(world: &World, call: &Call, private: bool) -> Answer {
    let channel = world.visible_channel(call.id("channel_id")?, call.actor())?;
    let guild = channel.guild_id.ok_or(error::DM_CHANNEL)?;
    let (parent, limit) = (channel.id, call.limit(50, 100)?);
    let before = call.query.get("before");
    let wanted = |thread: &Channel| {
        thread.parent_id == Some(parent)
            && (thread.kind == channel_type::PRIVATE_THREAD) == private
            && thread.thread.as_ref().is_some_and(|part| part.archived)
            && before.is_none_or(|before| World::archived_at(thread).is_some_and(|at| at < *before))
    };
    let mut found = world.threads_json(call.actor(), guild, wanted);
    if let Some(threads) = found["threads"].as_array_mut() {
        threads.sort_by(|a, b| {
            let at = |thread: &Value| thread["thread_metadata"]["archive_timestamp"].to_string();
            at(b).cmp(&at(a))
        });
        let more = threads.len() > limit;
        threads.truncate(limit);
        found["has_more"] = json!(more);
    }
    ok(found)
}

fn archived_public(world: &mut World, call: &mut Call) -> Answer {
    archived(world, call, false)
}

fn archived_private(world: &mut World, call: &mut Call) -> Answer {
    archived(world, call, true)
}
