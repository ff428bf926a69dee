//! Endpoints, and what is sent to them: held, released, shuffled, repeated, forged, dropped.

use axum::Json;
use axum::extract::{Path, Query, State};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::model::Event;
use super::super::provider::Provider;
use super::super::webhooks::{Endpoint, Forgery, State as Sent};
use super::super::{API_VERSION, WEBHOOK_SECRET, id};
use crate::Shared;
use crate::control::reply::{Refusal, Reply, done};
use crate::control::wait::fits;
use crate::error;

/// `GET /control/stripe/webhooks`.
pub(crate) async fn endpoints(State(shared): State<Shared>) -> Json<Value> {
    let world = shared.world();
    Json(world.stripe.webhooks.endpoints().iter().map(shown).collect())
}

fn shown(endpoint: &Endpoint) -> Value {
    json!({"id": endpoint.id, "url": endpoint.url})
}

/// Body of `POST /control/stripe/webhooks`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewEndpoint {
    url: String,
    /// `whsec_sandbox` without.
    secret: Option<String>,
}

/// `POST /control/stripe/webhooks`: events go there from now on.
pub(crate) async fn add_endpoint(
    State(shared): State<Shared>,
    Json(body): Json<NewEndpoint>,
) -> Reply {
    let secret = body.secret.as_deref().unwrap_or(WEBHOOK_SECRET);
    let added = shared.world().stripe.add_endpoint(&body.url, secret);
    let id = added.map_err(|error| Refusal::misuse(error.to_string()))?;
    Ok(Json(json!({"id": id, "url": body.url})))
}

/// Body of `PATCH /control/stripe/webhooks/{endpoint}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rotation {
    secret: String,
    /// How long the old secrets sign as well, in milliseconds; not at all without.
    keep_old_ms: Option<i64>,
}

/// `PATCH /control/stripe/webhooks/{endpoint}`: a new secret.
pub(crate) async fn rotate(
    State(shared): State<Shared>,
    Path(endpoint): Path<String>,
    Json(body): Json<Rotation>,
) -> Reply {
    let mut world = shared.world();
    let until = body.keep_old_ms.map(|ms| world.now().saturating_add(ms));
    let endpoint = world.stripe.webhooks.endpoint(&endpoint).ok_or(error::NOT_FOUND)?;
    endpoint.replace_secret(&body.secret, until);
    Ok(Json(shown(endpoint)))
}

/// `DELETE /control/stripe/webhooks/{endpoint}`.
pub(crate) async fn remove_endpoint(
    State(shared): State<Shared>,
    Path(endpoint): Path<String>,
) -> Reply {
    let removed = shared.world().stripe.webhooks.remove(&endpoint);
    if removed { Ok(done()) } else { Err(error::NOT_FOUND.into()) }
}

/// Which deliveries.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Filter {
    /// Event id or type, with `*`.
    event: Option<String>,
    state: Option<String>,
    /// Only those with a higher number.
    after: Option<u64>,
}

/// `GET /control/stripe/deliveries`: what was sent, when, and what was answered; oldest first.
pub(crate) async fn list(
    State(shared): State<Shared>,
    Query(filter): Query<Filter>,
) -> Json<Value> {
    let world = shared.world();
    let webhooks = &world.stripe.webhooks;
    let found: Vec<Value> = webhooks
        .deliveries()
        .filter(|it| filter.after.is_none_or(|after| it.id > after))
        .filter(|it| {
            filter
                .event
                .as_deref()
                .is_none_or(|wanted| wanted == it.event || fits(wanted, &it.kind))
        })
        .map(|it| json!(it))
        .filter(|it| filter.state.as_deref().is_none_or(|wanted| it["state"] == wanted))
        .collect();
    Json(json!({"holding": webhooks.holding, "deliveries": found}))
}

/// In which order held deliveries go.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Order {
    /// Event ids; those that are not named stay held.
    These(Vec<String>),
    /// `oldest`, `newest` or `shuffled`.
    Word(String),
}

/// Body of `POST /control/stripe/deliveries`.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Act {
    /// New deliveries are kept back from now on.
    Hold,
    /// Sends what is held, oldest first unless told otherwise. New ones go at once again, unless `holding`.
    Release {
        order: Option<Order>,
        /// For `shuffled`: the same seed, the same order.
        #[serde(default)]
        seed: u64,
        #[serde(default)]
        holding: bool,
    },
    /// Sends an event again.
    Repeat { event: String, times: Option<u32> },
    /// Sends an event as somebody would who is not the provider.
    Forge { event: String, how: Forgery },
    /// Throws away what is not delivered yet: of one event, or everything.
    Drop { event: Option<String> },
    /// Tries at once what waits for its next attempt.
    Retry,
}

/// `POST /control/stripe/deliveries`.
pub(crate) async fn act(State(shared): State<Shared>, Json(act): Json<Act>) -> Reply {
    let mut world = shared.world();
    let stripe = &mut world.stripe;
    let count = match act {
        Act::Hold => {
            stripe.webhooks.holding = true;
            0
        }
        Act::Release { order, seed, holding } => {
            let chosen = chosen(stripe, order.as_ref(), seed)?;
            stripe.webhooks.holding = holding;
            stripe.webhooks.release(&chosen)
        }
        Act::Repeat { event, times } => {
            let times = times.unwrap_or(1);
            if times > 10_000 {
                return Err(Refusal::misuse("times: at most 10000."));
            }
            for _ in 0..times {
                send_again(stripe, &event, None)?;
            }
            times as usize
        }
        Act::Forge { event, how } => {
            send_again(stripe, &event, Some(how))?;
            1
        }
        Act::Drop { event } => {
            let all: Vec<u64> = stripe
                .webhooks
                .deliveries()
                .filter(|it| event.as_deref().is_none_or(|event| it.event == event))
                .map(|it| it.id)
                .collect();
            all.into_iter().filter(|id| stripe.webhooks.drop_delivery(*id)).count()
        }
        Act::Retry => stripe.webhooks.retry_now(),
    };
    Ok(Json(json!({"count": count, "holding": stripe.webhooks.holding})))
}

/// The held deliveries in an order.
fn chosen(stripe: &Provider, order: Option<&Order>, seed: u64) -> Result<Vec<u64>, Refusal> {
    let held: Vec<(u64, &str)> = stripe
        .webhooks
        .deliveries()
        .filter(|it| it.state == Sent::Held)
        .map(|it| (it.id, it.event.as_str()))
        .collect();
    let mut ids: Vec<u64> = held.iter().map(|(id, _)| *id).collect();
    match order {
        None => {}
        Some(Order::These(events)) => {
            ids.clear();
            for event in events {
                let of_event: Vec<u64> =
                    held.iter().filter(|(_, it)| it == event).map(|(id, _)| *id).collect();
                if of_event.is_empty() {
                    return Err(Refusal::misuse(format!("{event} is not held.")));
                }
                ids.extend(of_event);
            }
        }
        Some(Order::Word(word)) => match word.as_str() {
            "oldest" => {}
            "newest" => ids.reverse(),
            "shuffled" => ids.shuffle(&mut StdRng::seed_from_u64(seed)),
            other => return Err(Refusal::misuse(format!("order={other} is not known."))),
        },
    }
    Ok(ids)
}

fn send_again(stripe: &mut Provider, event: &str, forgery: Option<Forgery>) -> Result<(), Refusal> {
    let row = stripe.events.get(event).ok_or(error::NOT_FOUND)?;
    let (kind, body) = (row.kind.clone(), stripe.event_json(row).to_string());
    stripe.webhooks.again(event, &kind, &body, forgery);
    Ok(())
}

/// Body of `POST /control/stripe/events`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewEvent {
    /// Any type, also one that Stripe does not know.
    #[serde(rename = "type")]
    kind: String,
    /// The id of an object, or an object of any shape; an empty one without.
    object: Option<Value>,
    #[serde(default)]
    livemode: bool,
    api_version: Option<String>,
    /// Seconds UTC; now without.
    created: Option<i64>,
}

/// `POST /control/stripe/events`: an event of any kind, as if it had happened.
pub(crate) async fn emit(State(shared): State<Shared>, Json(body): Json<NewEvent>) -> Reply {
    let mut world = shared.world();
    let now = world.now().div_euclid(1_000);
    let stripe = &mut world.stripe;
    let object = match body.object {
        Some(Value::String(id)) => stripe.object(&id).ok_or(error::NOT_FOUND)?,
        Some(object) => object,
        None => json!({}),
    };
    let event = Event {
        id: stripe.ids.next(id::EVENT),
        created: body.created.unwrap_or(now),
        kind: body.kind,
        object,
        previous: None,
        livemode: body.livemode,
        api_version: body.api_version.unwrap_or_else(|| API_VERSION.to_owned()),
    };
    let id = event.id.clone();
    stripe.record(event);
    let shown = stripe.events.get(&id).map(|event| stripe.event_json(event));
    Ok(Json(json!(shown)))
}
