//! The bot's own application.

use super::call::{Answer, Call, ok};
use super::{Route, bot};
use crate::error;
use crate::world::World;

pub(super) const ROUTES: &[Route] =
    &[bot("GET", "/applications/@me", own), bot("GET", "/oauth2/applications/@me", own)];

fn own(world: &mut World, call: &mut Call) -> Answer {
    let application = call.caller.application.and_then(|id| world.application(id));
    ok(world.application_json(application.ok_or(error::UNKNOWN_APPLICATION)?))
}
