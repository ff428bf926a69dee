//! Pins: the endpoints of 2025 and the ones before.

use serde_json::{Value, json};

use super::call::{Answer, Call, nothing, ok};
use super::{Route, bot};
use crate::id::{parse_timestamp, timestamp};
use crate::world::World;

pub(super) const ROUTES: &[Route] = &[
    bot("GET", "/channels/{channel_id}/messages/pins", page),
    bot("PUT", "/channels/{channel_id}/messages/pins/{message_id}", pin),
    bot("DELETE", "/channels/{channel_id}/messages/pins/{message_id}", unpin),
    bot("GET", "/channels/{channel_id}/pins", all),
    bot("PUT", "/channels/{channel_id}/pins/{message_id}", pin),
    bot("DELETE", "/channels/{channel_id}/pins/{message_id}", unpin),
];

fn page(world: &mut World, call: &mut Call) -> Answer {
    let limit = call.limit(50, 50)?;
    let before =
        call.query.get("before").and_then(|text| parse_timestamp(text)).unwrap_or(i64::MAX);
    let pins = world.pins(call.actor(), call.id("channel_id")?)?;
    let older: Vec<_> = pins.into_iter().filter(|(at, _)| *at < before).collect();
    let items: Vec<Value> = older
        .iter()
        .take(limit)
        .map(|(at, message)| json!({"pinned_at": timestamp(*at), "message": message}))
        .collect();
    ok(json!({"has_more": older.len() > items.len(), "items": items}))
}

fn all(world: &mut World, call: &mut Call) -> Answer {
    let pins = world.pins(call.actor(), call.id("channel_id")?)?;
    ok(pins.into_iter().take(50).map(|(_, message)| message).collect::<Vec<_>>())
}

fn pin(world: &mut World, call: &mut Call) -> Answer {
    world.pin(call.actor(), call.id("channel_id")?, call.id("message_id")?)?;
    nothing()
}

fn unpin(world: &mut World, call: &mut Call) -> Answer {
    world.unpin(call.actor(), call.id("channel_id")?, call.id("message_id")?)?;
    nothing()
}
