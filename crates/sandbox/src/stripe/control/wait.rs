//! Conditions of `/control/wait` about the payment provider.

use serde_json::{Value, json};

use super::super::webhooks::State;
use crate::control::wait::{Condition, fits};
use crate::world::World;

/// The newest event that fits.
pub(crate) fn event(world: &World, condition: &Condition) -> Option<Value> {
    let stripe = &world.stripe;
    let found = stripe.events.newest().find(|event| {
        named(condition, &event.id, &event.kind)
            && condition.object.as_deref().is_none_or(|id| event.object["id"] == id)
    });
    found.map(|event| stripe.event_json(event))
}

/// The newest delivery that fits.
pub(crate) fn delivery(world: &World, condition: &Condition) -> Option<Value> {
    let stripe = &world.stripe;
    let found = stripe.webhooks.deliveries().rev().find(|it| {
        let state = json!(it.state);
        let about =
            |id: &str| stripe.events.get(&it.event).is_some_and(|row| row.object["id"] == id);
        named(condition, &it.event, &it.kind)
            && condition.object.as_deref().is_none_or(about)
            && condition.attempts.is_none_or(|least| it.attempts.len() >= least)
            && match condition.state.as_deref() {
                Some("any") => true,
                Some(wanted) => state == wanted,
                None => !matches!(it.state, State::Held | State::Waiting),
            }
    });
    found.map(|it| json!(it))
}

/// Nothing waits to be sent; what is held does not count.
pub(crate) fn idle(world: &World) -> Option<Value> {
    (world.stripe.webhooks.waiting() == 0).then(|| json!({"idle": true}))
}

fn named(condition: &Condition, id: &str, kind: &str) -> bool {
    condition.event.as_deref().is_none_or(|wanted| wanted == id || fits(wanted, kind))
}
