//! What happens, live, as one person sees it: server-sent events, each `{"t": name, "d": data}`.
//!
//! Messages come whole (`MESSAGE_CREATE`, `MESSAGE_UPDATE`, `MESSAGE_DELETE`, `MESSAGE_DELETE_BULK`). Whatever
//! changes servers, channels, roles or members is told as `VIEW`: read `/view` again. `RESYNC` means that
//! events were missed.

use std::convert::Infallible;
use std::sync::Arc;

use axum::response::sse::{Event, KeepAlive, Sse};
use futures::stream::{self, Stream, StreamExt};
use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;

use crate::Shared;
use crate::id::Id;
use crate::world::World;
use crate::world::events::{Scope, WorldEvent};

/// The stream for a person; it ends when the sandbox stops.
pub(crate) fn stream(
    shared: Shared,
    person: Id,
) -> Sse<impl Stream<Item = Result<Event, Infallible>> + use<>> {
    let feed = shared.world().subscribe();
    let events = stream::unfold((shared, feed), move |(shared, mut feed)| async move {
        loop {
            let next = tokio::select! {
                next = feed.recv() => next,
                // An open stream must not hold up the end of the sandbox.
                () = shared.stopped() => return None,
            };
            let told = match next {
                Ok(event) => as_seen(&shared.world(), &event, person),
                Err(RecvError::Lagged(_)) => Some(json!({"t": "RESYNC", "d": null})),
                Err(RecvError::Closed) => return None,
            };
            if let Some(told) = told {
                return Some((told, (shared, feed)));
            }
        }
    });
    let events = events.map(|told| Ok(Event::default().data(told.to_string())));
    Sse::new(events).keep_alive(KeepAlive::default())
}

fn as_seen(world: &World, event: &Arc<WorldEvent>, person: Id) -> Option<Value> {
    if event.name.starts_with("MESSAGE_") {
        return world.is_told(event, person).then(|| message_event(world, event, person)).flatten();
    }
    let structural = ["CHANNEL_", "GUILD_", "THREAD_", "USER_UPDATE"];
    if !structural.iter().any(|prefix| event.name.starts_with(prefix)) {
        return None;
    }
    // A person who was just shut out of a channel no longer counts as told, but has to notice.
    let concerned = match (event.scope, event.guild_id) {
        (Scope::User(id), _) => id == person,
        (_, Some(guild_id)) => {
            world.guild(guild_id).is_none_or(|guild| guild.members.contains_key(&person))
                || event.data["user"]["id"] == json!(person)
        }
        (_, None) => true,
    };
    concerned.then(|| json!({"t": "VIEW", "d": {"because": event.name}}))
}

/// Messages are told whole, with the person's own reactions marked.
fn message_event(world: &World, event: &WorldEvent, person: Id) -> Option<Value> {
    let name = event.name;
    if name.starts_with("MESSAGE_DELETE") {
        return Some(json!({"t": name, "d": event.data}));
    }
    let id_at = |key: &str| event.data[key].as_str().and_then(|id| id.parse::<Id>().ok());
    let told_as = if name == "MESSAGE_CREATE" { name } else { "MESSAGE_UPDATE" };
    let message =
        world.message(id_at("channel_id")?, id_at("message_id").or_else(|| id_at("id"))?)?;
    Some(json!({"t": told_as, "d": world.message_json(message, Some(person))}))
}
