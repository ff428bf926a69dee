//! Webhooks of channels, and the ones that interactions answer through.

use serde_json::Value;

use super::call::{Answer, Call, Reply, nothing, ok};
use super::{Route, bot, open};
use crate::error::{self, ApiError};
use crate::id::Id;
use crate::permissions as p;
use crate::world::World;
use crate::world::model::Message;

pub(super) const ROUTES: &[Route] = &[
    bot("GET", "/channels/{channel_id}/webhooks", of_channel),
    bot("POST", "/channels/{channel_id}/webhooks", create),
    bot("GET", "/guilds/{guild_id}/webhooks", of_guild),
    bot("GET", "/webhooks/{webhook_id}", get),
    bot("PATCH", "/webhooks/{webhook_id}", edit),
    bot("DELETE", "/webhooks/{webhook_id}", delete),
    open("GET", "/webhooks/{webhook_id}/{webhook_token}", get_with_token),
    open("PATCH", "/webhooks/{webhook_id}/{webhook_token}", edit_with_token),
    open("DELETE", "/webhooks/{webhook_id}/{webhook_token}", delete_with_token),
    open("POST", "/webhooks/{webhook_id}/{webhook_token}", execute),
    open("GET", "/webhooks/{webhook_id}/{webhook_token}/messages/@original", get_message),
    open("PATCH", "/webhooks/{webhook_id}/{webhook_token}/messages/@original", edit_message),
    open("DELETE", "/webhooks/{webhook_id}/{webhook_token}/messages/@original", delete_message),
    open("GET", "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}", get_message),
    open("PATCH", "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}", edit_message),
    open("DELETE", "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}", delete_message),
];

fn create(world: &mut World, call: &mut Call) -> Answer {
    let id = world.create_webhook(call.actor(), call.id("channel_id")?, &call.body)?;
    ok(world.webhook_json(world.webhook(id, None)?, true, true))
}

fn of_channel(world: &mut World, call: &mut Call) -> Answer {
    let channel =
        world.require_in_channel(call.id("channel_id")?, call.actor(), p::MANAGE_WEBHOOKS)?;
    let (id, guild) = (channel.id, channel.guild_id.ok_or(error::DM_CHANNEL)?);
    list(world, call, guild, Some(id))
}

fn of_guild(world: &mut World, call: &mut Call) -> Answer {
    let guild = world.require_in_guild(call.id("guild_id")?, call.actor(), p::MANAGE_WEBHOOKS)?.id;
    list(world, call, guild, None)
}

/// Tokens are shown of webhooks that the asking application made, and of those that people made.
fn list(world: &World, call: &Call, guild: Id, channel: Option<Id>) -> Answer {
    let shown = world.webhooks_of(guild, channel).map(|webhook| {
        let own =
            webhook.application_id.is_none() || webhook.application_id == call.caller.application;
        world.webhook_json(webhook, own, true)
    });
    ok(shown.collect::<Vec<_>>())
}

fn get(world: &mut World, call: &mut Call) -> Answer {
    let webhook = world.webhook(call.id("webhook_id")?, None)?;
    world.require_in_channel(webhook.channel_id, call.actor(), p::MANAGE_WEBHOOKS)?;
    ok(world.webhook_json(webhook, true, true))
}

fn edit(world: &mut World, call: &mut Call) -> Answer {
    let id = call.id("webhook_id")?;
    world.edit_webhook(Some(call.actor()), id, &call.body)?;
    ok(world.webhook_json(world.webhook(id, None)?, true, true))
}

fn delete(world: &mut World, call: &mut Call) -> Answer {
    world.delete_webhook(Some(call.actor()), call.id("webhook_id")?)?;
    nothing()
}

/// The webhook of the path, its token checked.
fn by_token(world: &World, call: &Call) -> Result<Id, ApiError> {
    Ok(world.webhook(call.id("webhook_id")?, Some(call.text("webhook_token")))?.id)
}

fn get_with_token(world: &mut World, call: &mut Call) -> Answer {
    let id = by_token(world, call)?;
    ok(world.webhook_json(world.webhook(id, None)?, true, false))
}

fn edit_with_token(world: &mut World, call: &mut Call) -> Answer {
    let id = by_token(world, call)?;
    world.edit_webhook(None, id, &call.body)?;
    ok(world.webhook_json(world.webhook(id, None)?, true, false))
}

fn delete_with_token(world: &mut World, call: &mut Call) -> Answer {
    let id = by_token(world, call)?;
    world.delete_webhook(None, id)?;
    nothing()
}

/// The application of the path, when the path is an interaction's.
fn application(world: &World, call: &Call) -> Result<Option<Id>, ApiError> {
    let id = call.id("webhook_id")?;
    Ok(world.application(id).map(|application| application.id))
}

fn execute(world: &mut World, call: &mut Call) -> Answer {
    let uploads = std::mem::take(&mut call.uploads);
    let token = call.text("webhook_token").to_owned();
    if let Some(application_id) = application(world, call)? {
        let id = world.follow_up(application_id, &token, &call.body, uploads)?;
        let message = world.answer_message(application_id, &token, Some(id))?;
        return ok(world.message_json(message, None));
    }
    let id = by_token(world, call)?;
    let thread = call.query_id("thread_id");
    let (channel, message) = world.execute_webhook(id, thread, &call.body, uploads)?;
    if !call.query_flag("wait") {
        return nothing();
    }
    let message = world.message(channel, message).ok_or(error::UNKNOWN_MESSAGE)?;
    ok(world.message_json(message, None))
}

/// The message of the path; none for `@original`.
fn message_id(call: &Call) -> Result<Option<Id>, ApiError> {
    if call.text("message_id").is_empty() { Ok(None) } else { call.id("message_id").map(Some) }
}

fn posted<'a>(world: &'a World, call: &Call) -> Result<&'a Message, ApiError> {
    let id = by_token(world, call)?;
    let message = message_id(call)?.ok_or(error::UNKNOWN_MESSAGE)?;
    world.webhook_message(id, message, call.query_id("thread_id"))
}

fn get_message(world: &mut World, call: &mut Call) -> Answer {
    let message = match application(world, call)? {
        Some(id) => world.answer_message(id, call.text("webhook_token"), message_id(call)?)?,
        None => posted(world, call)?,
    };
    ok(world.message_json(message, None))
}

fn edit_message(world: &mut World, call: &mut Call) -> Answer {
    let uploads = std::mem::take(&mut call.uploads);
    let token = call.text("webhook_token").to_owned();
    let shown: Value = if let Some(application_id) = application(world, call)? {
        let id =
            world.edit_answer(application_id, &token, message_id(call)?, &call.body, uploads)?;
        let original = world.answer_message(application_id, &token, Some(id))?;
        world.message_json(original, None)
    } else {
        let message = posted(world, call)?.clone();
        world.change_message(&message, &call.body, uploads, true)?;
        let message =
            world.message(message.channel_id, message.id).ok_or(error::UNKNOWN_MESSAGE)?;
        world.message_json(message, None)
    };
    Ok(Reply { status: 200, body: Some(shown) })
}

fn delete_message(world: &mut World, call: &mut Call) -> Answer {
    if let Some(application_id) = application(world, call)? {
        let token = call.text("webhook_token").to_owned();
        world.delete_answer(application_id, &token, message_id(call)?)?;
    } else {
        let message = posted(world, call)?;
        let (channel, id) = (message.channel_id, message.id);
        world.remove_message(channel, id);
    }
    nothing()
}
