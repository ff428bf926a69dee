//! Reactions.

use super::call::{Answer, Call, nothing, ok};
use super::{Route, bot};
use crate::id::Id;
use crate::world::World;

pub(super) const ROUTES: &[Route] = &[
    bot("PUT", "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me", add),
    bot(
        "DELETE",
        "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/@me",
        remove_own,
    ),
    bot(
        "DELETE",
        "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}/{user_id}",
        remove,
    ),
    bot("GET", "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}", list),
    bot("DELETE", "/channels/{channel_id}/messages/{message_id}/reactions/{emoji_name}", clear_one),
    bot("DELETE", "/channels/{channel_id}/messages/{message_id}/reactions", clear),
];

fn add(world: &mut World, call: &mut Call) -> Answer {
    let (channel, message) = (call.id("channel_id")?, call.id("message_id")?);
    world.react(call.actor(), channel, message, call.text("emoji_name"))?;
    nothing()
}

fn remove_own(world: &mut World, call: &mut Call) -> Answer {
    let (channel, message, me) = (call.id("channel_id")?, call.id("message_id")?, call.actor());
    world.unreact(me, channel, message, call.text("emoji_name"), me)?;
    nothing()
}

fn remove(world: &mut World, call: &mut Call) -> Answer {
    let (channel, message, user) =
        (call.id("channel_id")?, call.id("message_id")?, call.id("user_id")?);
    world.unreact(call.actor(), channel, message, call.text("emoji_name"), user)?;
    nothing()
}

fn list(world: &mut World, call: &mut Call) -> Answer {
    let (channel, message) = (call.id("channel_id")?, call.id("message_id")?);
    let (after, limit) = (call.query_id("after").unwrap_or(Id(0)), call.limit(25, 100)?);
    ok(world.reactors(call.actor(), channel, message, call.text("emoji_name"), after, limit)?)
}

fn clear_one(world: &mut World, call: &mut Call) -> Answer {
    let (channel, message) = (call.id("channel_id")?, call.id("message_id")?);
    world.clear_reactions(call.actor(), channel, message, Some(call.text("emoji_name")))?;
    nothing()
}

fn clear(world: &mut World, call: &mut Call) -> Answer {
    world.clear_reactions(call.actor(), call.id("channel_id")?, call.id("message_id")?, None)?;
    nothing()
}
