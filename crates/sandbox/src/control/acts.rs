//! Acting as a person in a channel: reading, writing, editing, deleting, reacting. The chat page uses these.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::{Value, json};

use super::reply::{self, Reply, done};
use super::upload::Payload;
use super::{events, view};
use crate::Shared;
use crate::error;
use crate::id::Id;
use crate::world::model::Message;

/// `GET /control/people/{person}/view`.
pub(crate) async fn view(State(shared): State<Shared>, Path(person): Path<String>) -> Reply {
    let world = shared.world();
    let id = reply::person(&world, &person)?;
    Ok(Json(view::view_json(&world, id)))
}

/// `GET /control/people/{person}/events`: server-sent events.
pub(crate) async fn follow(
    State(shared): State<Shared>,
    Path(person): Path<String>,
) -> Result<impl IntoResponse, reply::Refusal> {
    let id = reply::person(&shared.world(), &person)?;
    Ok(events::stream(shared, id))
}

/// Which part of a channel to read.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Page {
    /// At most this many, 50 without, 100 at most.
    limit: Option<usize>,
    /// Only older ones.
    before: Option<Id>,
    /// Only newer ones.
    after: Option<Id>,
}

impl Page {
    fn holds(&self, message: &Message) -> bool {
        self.before.is_none_or(|before| message.id < before)
            && self.after.is_none_or(|after| message.id > after)
    }

    fn limit(&self) -> usize {
        self.limit.unwrap_or(50).clamp(1, 100)
    }
}

/// `GET /control/people/{person}/channels/{channel}/messages`: as the person sees them, newest first,
/// with what only they see.
pub(crate) async fn messages(
    State(shared): State<Shared>,
    Path((person, channel_id)): Path<(String, Id)>,
    Query(page): Query<Page>,
) -> Reply {
    let world = shared.world();
    let id = reply::person(&world, &person)?;
    let channel = world.visible_channel(channel_id, id)?;
    let seen = |message: &&Message| message.ephemeral_for.is_none_or(|only| only == id);
    let list = channel.messages.values().rev().filter(|message| page.holds(message)).filter(seen);
    let list: Vec<Value> =
        list.take(page.limit()).map(|message| world.message_json(message, Some(id))).collect();
    Ok(Json(list.into()))
}

/// `GET /control/channels/{channel}/messages`: all of them, whoever sees them, newest first. Ephemeral ones
/// have `ephemeral_for`.
pub(crate) async fn all_messages(
    State(shared): State<Shared>,
    Path(channel_id): Path<Id>,
    Query(page): Query<Page>,
) -> Reply {
    let world = shared.world();
    let channel = world.channel(channel_id).ok_or(error::UNKNOWN_CHANNEL)?;
    let list = channel.messages.values().rev().filter(|message| page.holds(message));
    let list: Vec<Value> = list
        .take(page.limit())
        .map(|message| {
            let mut value = world.message_json(message, None);
            if let Some(only) = message.ephemeral_for {
                value["ephemeral_for"] = json!(only);
            }
            value
        })
        .collect();
    Ok(Json(list.into()))
}

/// `POST /control/people/{person}/channels/{channel}/messages`: Discord's body (`content`,
/// `message_reference`, …), or multipart with `payload_json` and `files[n]`.
pub(crate) async fn send(
    State(shared): State<Shared>,
    Path((person, channel_id)): Path<(String, Id)>,
    payload: Payload,
) -> Reply {
    let mut world = shared.world();
    let id = reply::person(&world, &person)?;
    let message_id = world.send_message(id, channel_id, &payload.json, payload.files)?;
    let message = world.message(channel_id, message_id).ok_or(error::UNKNOWN_MESSAGE)?;
    Ok(Json(world.message_json(message, Some(id))))
}

/// `POST /control/channels/{channel}/messages`: a message object of any shape, unchecked, or multipart with
/// `payload_json` and `files[n]`. `author` is a person's name or id, or a user object.
pub(crate) async fn place(
    State(shared): State<Shared>,
    Path(channel_id): Path<Id>,
    payload: Payload,
) -> Reply {
    let mut world = shared.world();
    let mut placed = payload.json;
    let author = match placed.get("author") {
        Some(Value::String(named)) => {
            let id = reply::person(&world, named)?;
            if let Some(fields) = placed.as_object_mut() {
                fields.remove("author");
            }
            world.user_json(id)
        }
        Some(author) => author.clone(),
        None => return Err(reply::Refusal::misuse("author is a name, an id or a user object")),
    };
    let message_id = world.place_message(&author, channel_id, placed, payload.files)?;
    let message = world.message(channel_id, message_id).ok_or(error::UNKNOWN_MESSAGE)?;
    Ok(Json(world.message_json(message, None)))
}

/// `PATCH /control/people/{person}/channels/{channel}/messages/{message}`.
pub(crate) async fn edit(
    State(shared): State<Shared>,
    Path((person, channel_id, message_id)): Path<(String, Id, Id)>,
    payload: Payload,
) -> Reply {
    let mut world = shared.world();
    let id = reply::person(&world, &person)?;
    Ok(Json(world.edit_message(id, channel_id, message_id, &payload.json, payload.files)?))
}

/// `DELETE /control/people/{person}/channels/{channel}/messages/{message}`.
pub(crate) async fn delete(
    State(shared): State<Shared>,
    Path((person, channel_id, message_id)): Path<(String, Id, Id)>,
) -> Reply {
    let mut world = shared.world();
    let id = reply::person(&world, &person)?;
    world.delete_message(id, channel_id, message_id)?;
    Ok(done())
}

/// `PUT …/messages/{message}/reactions/{emoji}`: `emoji` is a character or `name:id`.
pub(crate) async fn react(
    State(shared): State<Shared>,
    Path((person, channel_id, message_id, emoji)): Path<(String, Id, Id, String)>,
) -> Reply {
    let mut world = shared.world();
    let id = reply::person(&world, &person)?;
    world.react(id, channel_id, message_id, &emoji)?;
    Ok(done())
}

/// `DELETE …/messages/{message}/reactions/{emoji}`.
pub(crate) async fn unreact(
    State(shared): State<Shared>,
    Path((person, channel_id, message_id, emoji)): Path<(String, Id, Id, String)>,
) -> Reply {
    let mut world = shared.world();
    let id = reply::person(&world, &person)?;
    world.unreact(id, channel_id, message_id, &emoji, id)?;
    Ok(done())
}

/// `PUT …/messages/{message}/pin`.
pub(crate) async fn pin(
    State(shared): State<Shared>,
    Path((person, channel_id, message_id)): Path<(String, Id, Id)>,
) -> Reply {
    let mut world = shared.world();
    let id = reply::person(&world, &person)?;
    world.pin(id, channel_id, message_id)?;
    Ok(done())
}

/// `DELETE …/messages/{message}/pin`.
pub(crate) async fn unpin(
    State(shared): State<Shared>,
    Path((person, channel_id, message_id)): Path<(String, Id, Id)>,
) -> Reply {
    let mut world = shared.world();
    let id = reply::person(&world, &person)?;
    world.unpin(id, channel_id, message_id)?;
    Ok(done())
}

/// Body of `POST /control/people/{person}/dms`.
#[derive(Debug, Deserialize)]
pub(crate) struct NewDm {
    /// A user id.
    recipient_id: Id,
}

/// `POST /control/people/{person}/dms`: opens a direct message channel.
pub(crate) async fn open_dm(
    State(shared): State<Shared>,
    Path(person): Path<String>,
    Json(new): Json<NewDm>,
) -> Reply {
    let mut world = shared.world();
    let id = reply::person(&world, &person)?;
    let channel_id = world.open_dm(id, new.recipient_id)?;
    let channel = world.channel(channel_id).ok_or(error::UNKNOWN_CHANNEL)?;
    Ok(Json(view::dm_view(&world, channel, id)))
}
