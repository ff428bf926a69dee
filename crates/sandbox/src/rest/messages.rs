//! Messages.

use serde_json::{Value, json};

use super::call::{Answer, Call, nothing, ok};
use super::{Route, bot};
use crate::error::{self, ApiError};
use crate::gateway::intents::blank_content;
use crate::id::Id;
use crate::world::World;
use crate::world::fields;
use crate::world::messages::Page;
use crate::world::model::Message;

pub(super) const ROUTES: &[Route] = &[
    bot("GET", "/channels/{channel_id}/messages", list),
    bot("POST", "/channels/{channel_id}/messages", create),
    bot("GET", "/channels/{channel_id}/messages/{message_id}", get),
    bot("PATCH", "/channels/{channel_id}/messages/{message_id}", edit),
    bot("DELETE", "/channels/{channel_id}/messages/{message_id}", delete),
    bot("POST", "/channels/{channel_id}/messages/bulk-delete", bulk_delete),
    bot("POST", "/channels/{channel_id}/messages/{message_id}/crosspost", crosspost),
];

/// A message as a bot reads it: without `MESSAGE_CONTENT`, others' contents in servers are empty in REST too.
pub(super) fn shown(world: &World, call: &Call, message: &Message) -> Value {
    let mut value = world.message_json(message, Some(call.actor()));
    let allowed = call
        .caller
        .application
        .and_then(|id| world.application(id))
        .is_none_or(|application| application.privileged.message_content);
    if !allowed && message.guild_id.is_some() {
        blank_content(&mut value, &call.actor().to_string());
    }
    value
}

fn list(world: &mut World, call: &mut Call) -> Answer {
    let limit = call.limit(50, 100)?;
    let page = match (call.query_id("around"), call.query_id("before"), call.query_id("after")) {
        (Some(id), ..) => Page::Around(id),
        (_, Some(id), _) => Page::Before(id),
        (.., Some(id)) => Page::After(id),
        _ => Page::Newest,
    };
    let found = world.list_messages(call.actor(), call.id("channel_id")?, page, limit, false)?;
    ok(found.into_iter().map(|message| shown(world, call, message)).collect::<Vec<_>>())
}

fn one(world: &World, call: &Call, channel: Id, message: Id) -> Result<Value, ApiError> {
    let message = world.message(channel, message).ok_or(error::UNKNOWN_MESSAGE)?;
    Ok(shown(world, call, message))
}

fn create(world: &mut World, call: &mut Call) -> Answer {
    let channel = call.id("channel_id")?;
    let uploads = std::mem::take(&mut call.uploads);
    let id = world.send_message(call.actor(), channel, &call.body, uploads)?;
    ok(one(world, call, channel, id)?)
}

fn get(world: &mut World, call: &mut Call) -> Answer {
    let (channel, message) = (call.id("channel_id")?, call.id("message_id")?);
    let message = world.visible_message(call.actor(), channel, message)?;
    ok(shown(world, call, message))
}

fn edit(world: &mut World, call: &mut Call) -> Answer {
    let uploads = std::mem::take(&mut call.uploads);
    let (channel, message) = (call.id("channel_id")?, call.id("message_id")?);
    ok(world.edit_message(call.actor(), channel, message, &call.body, uploads)?)
}

fn delete(world: &mut World, call: &mut Call) -> Answer {
    world.delete_message(call.actor(), call.id("channel_id")?, call.id("message_id")?)?;
    nothing()
}

fn bulk_delete(world: &mut World, call: &mut Call) -> Answer {
    let ids = fields::ids(&call.body, "messages").unwrap_or_default();
    world.bulk_delete(call.actor(), call.id("channel_id")?, &ids)?;
    nothing()
}

/// Only announcement channels have followers.
fn crosspost(world: &mut World, call: &mut Call) -> Answer {
    let (channel, message) = (call.id("channel_id")?, call.id("message_id")?);
    if world.visible_channel(channel, call.actor())?.kind != crate::world::model::channel_type::NEWS
    {
        return Err(error::WRONG_CHANNEL_TYPE.into());
    }
    world.visible_message(call.actor(), channel, message)?;
    let mut value = one(world, call, channel, message)?;
    value["flags"] = json!(value["flags"].as_u64().unwrap_or(0) | 1);
    ok(value)
}
