//! First answers to interactions. Further ones come through webhooks.

use super::call::{Answer, Call, nothing, ok};
use super::{Route, open};
use crate::error;
use crate::world::World;

pub(super) const ROUTES: &[Route] =
    &[open("POST", "/interactions/{interaction_id}/{interaction_token}/callback", callback)];

fn callback(world: &mut World, call: &mut Call) -> Answer {
    let id = call.id("interaction_id").map_err(|_| error::UNKNOWN_INTERACTION)?;
    let token = call.text("interaction_token").to_owned();
    let uploads = std::mem::take(&mut call.uploads);
    let answer = world.answer_interaction(id, &token, &call.body, uploads)?;
    if call.query_flag("with_response") { ok(answer) } else { nothing() }
}
