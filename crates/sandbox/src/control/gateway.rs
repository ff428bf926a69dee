//! The application and its gateway sessions: closing, cutting, replaying, taking rights away.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::reply::{self, Refusal, Reply};
use crate::Shared;
use crate::error;
use crate::gateway::session::Session;
use crate::id::Id;
use crate::world::World;

/// How many sessions are connected.
pub(crate) fn connected(world: &World) -> usize {
    world.sessions.values().filter(|session| session.is_connected()).count()
}

/// `GET /control/gateway`: sessions, connected or waiting for RESUME, and the faults of the gateway.
pub(crate) async fn sessions(State(shared): State<Shared>) -> Json<Value> {
    let world = shared.world();
    Json(json!({
        "sessions": world.sessions_json(),
        "identifies": world.gateway.identifies,
        "mute_heartbeats": world.faults.mute_heartbeats,
        "refuse": world.faults.refuse_gateway,
    }))
}

/// Body of `POST /control/gateway`.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(crate) enum Act {
    /// Closes the sessions with a code.
    Close {
        /// 1000 to 4999.
        code: u16,
    },
    /// Cuts the connections without a close frame.
    Cut,
    /// Opcode 7: the client is asked to reconnect and resume.
    Reconnect,
    /// Opcode 9.
    InvalidSession {
        /// Whether RESUME may be tried.
        #[serde(default)]
        resumable: bool,
    },
    /// Stops or starts answering heartbeats.
    MuteHeartbeats {
        /// Which.
        on: bool,
    },
    /// Refuses new connections or takes them again.
    Refuse {
        /// Which.
        on: bool,
    },
}

/// `POST /control/gateway`: answers how many sessions it met.
pub(crate) async fn act(State(shared): State<Shared>, Json(act): Json<Act>) -> Reply {
    let mut world = shared.world();
    let application_id = reply::application(&world, None)?;
    let met = match act {
        Act::Close { code } if !(1_000..5_000).contains(&code) => {
            return Err(Refusal::misuse("code: 1000 to 4999."));
        }
        Act::Close { code } => world.close_sessions(application_id, code, |_| true),
        Act::Cut => world.cut_sessions(application_id),
        Act::Reconnect => world.ask_reconnect(application_id),
        Act::InvalidSession { resumable } => world.invalidate_sessions(application_id, resumable),
        Act::MuteHeartbeats { on } => {
            world.faults.mute_heartbeats = on;
            connected(&world)
        }
        Act::Refuse { on } => {
            world.faults.refuse_gateway = on;
            connected(&world)
        }
    };
    Ok(Json(json!({"sessions": met})))
}

/// `GET /control/application`: what the developer portal knows, without secrets.
pub(crate) async fn application(State(shared): State<Shared>) -> Reply {
    let world = shared.world();
    application_state(&world)
}

fn application_state(world: &World) -> Reply {
    let id = reply::application(world, None)?;
    let application = world.application(id).ok_or(error::UNKNOWN_APPLICATION)?;
    let privileged = application.privileged;
    Ok(Json(json!({
        "id": application.id, "name": application.name, "bot_id": application.bot,
        "redirect_uris": application.redirect_uris, "token_revoked": application.token_revoked,
        "intents": {"members": privileged.members, "presences": privileged.presences,
            "message_content": privileged.message_content},
        "shards": application.shards, "max_concurrency": application.max_concurrency,
        "identifies_left": application.identifies_left,
        "sessions": world.sessions_of(id).filter(|session: &&Session| session.is_connected()).count(),
    })))
}

/// Body of `PATCH /control/application`; what is left out stays.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApplicationChange {
    token_revoked: Option<bool>,
    intents: Option<IntentsChange>,
    add_redirect_uri: Option<String>,
    shards: Option<u32>,
    max_concurrency: Option<u32>,
    identifies_left: Option<u32>,
}

/// Privileged intents to switch.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IntentsChange {
    members: Option<bool>,
    presences: Option<bool>,
    message_content: Option<bool>,
}

/// `PATCH /control/application`: revokes the token or an intent (sessions that need it close), adds a redirect
/// address, changes the answers of `GET /gateway/bot`.
pub(crate) async fn edit_application(
    State(shared): State<Shared>,
    Json(change): Json<ApplicationChange>,
) -> Reply {
    let mut world = shared.world();
    let id = reply::application(&world, None)?;
    if let Some(uri) = &change.add_redirect_uri {
        url::Url::parse(uri).map_err(|_| Refusal::misuse("add_redirect_uri is not an address."))?;
        world.add_redirect_uri(id, uri);
    }
    world.edit_application(id, |application| {
        application.shards = change.shards.unwrap_or(application.shards);
        application.max_concurrency = change.max_concurrency.unwrap_or(application.max_concurrency);
        application.identifies_left = change.identifies_left.unwrap_or(application.identifies_left);
    });
    if let Some(intents) = change.intents {
        let mut privileged = world.application(id).ok_or(error::UNKNOWN_APPLICATION)?.privileged;
        privileged.members = intents.members.unwrap_or(privileged.members);
        privileged.presences = intents.presences.unwrap_or(privileged.presences);
        privileged.message_content = intents.message_content.unwrap_or(privileged.message_content);
        world.set_privileged_intents(id, privileged);
    }
    if let Some(revoked) = change.token_revoked {
        world.set_token_revoked(id, revoked);
    }
    application_state(&world)
}

/// One recorded dispatch.
#[derive(Debug, Deserialize)]
pub(crate) struct Dispatch {
    /// Event name.
    t: String,
    /// Its data, sent as it is.
    d: Value,
}

/// `POST /control/replay`: sends recorded or made-up dispatches, in order, to every session of the bot. The
/// world does not change.
pub(crate) async fn replay(
    State(shared): State<Shared>,
    Json(events): Json<Vec<Dispatch>>,
) -> Reply {
    let mut world = shared.world();
    let application_id: Id = reply::application(&world, None)?;
    if connected(&world) == 0 {
        return Err(Refusal::misuse("No session is connected: nobody would get the events."));
    }
    for event in &events {
        world.replay(application_id, &event.t, &event.d);
    }
    Ok(Json(json!({"sent": events.len()})))
}
