//! Where the gateway is.

use serde_json::json;

use super::call::{Answer, Call, ok};
use super::{Route, bot, open};
use crate::error;
use crate::world::World;

pub(super) const ROUTES: &[Route] =
    &[open("GET", "/gateway", address), bot("GET", "/gateway/bot", for_bot)];

fn address(world: &mut World, _call: &mut Call) -> Answer {
    ok(json!({"url": world.gateway_url()}))
}

fn for_bot(world: &mut World, call: &mut Call) -> Answer {
    let application = call.caller.application.and_then(|id| world.application(id));
    let application = application.ok_or(error::UNKNOWN_APPLICATION)?;
    ok(json!({
        "url": world.gateway_url(), "shards": application.shards,
        "session_start_limit": {
            "total": 1_000, "remaining": application.identifies_left, "reset_after": 14_400_000,
            "max_concurrency": application.max_concurrency,
        },
    }))
}
