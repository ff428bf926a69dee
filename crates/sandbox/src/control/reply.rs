//! Answers and path parts that the control API's handlers share.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::error::{self, ApiError};
use crate::id::Id;
use crate::world::World;
use crate::world::model::Guild;

/// What a handler answers: JSON, or a refusal in Discord's words (or, for misuse of the control API, in ours).
pub(crate) type Reply = Result<Json<Value>, Refusal>;

/// A refusal: a status and `{"message", "code", …}`.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: u16,
    body: Value,
}

impl Refusal {
    /// 400: the request makes no sense to the control API.
    pub(crate) fn misuse(words: impl Into<String>) -> Self {
        Self { status: 400, body: json!({"message": words.into(), "code": 0}) }
    }

    /// A status of the control API's own with words.
    pub(crate) fn own(status: StatusCode, body: Value) -> Self {
        Self { status: status.as_u16(), body }
    }
}

impl<E: Into<ApiError>> From<E> for Refusal {
    fn from(error: E) -> Self {
        let error: ApiError = error.into();
        Self { status: error.status, body: error.body() }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, Json(self.body)).into_response()
    }
}

/// `{"ok": true}`, for what has nothing else to say.
pub(crate) fn done() -> Json<Value> {
    Json(json!({"ok": true}))
}

/// A person by id or username: 10013 when there is none. Bots do not count.
pub(crate) fn person(world: &World, named: &str) -> Result<Id, Refusal> {
    let by_id = named.parse::<Id>().ok().and_then(|id| world.user(id));
    let user = by_id.or_else(|| world.user_by_name(named));
    Ok(user.filter(|user| !user.bot).map(|user| user.id).ok_or(error::UNKNOWN_USER)?)
}

/// A server by id or, when only one has that name, by name: 10004 otherwise.
pub(crate) fn guild<'w>(world: &'w World, named: &str) -> Result<&'w Guild, Refusal> {
    if let Some(guild) = named.parse::<Id>().ok().and_then(|id| world.guild(id)) {
        return Ok(guild);
    }
    let mut same = world.guilds().filter(|guild| guild.name == named);
    match (same.next(), same.next()) {
        (Some(guild), None) => Ok(guild),
        _ => Err(error::UNKNOWN_GUILD.into()),
    }
}

/// The application that control requests are about: the one named, or the only one.
pub(crate) fn application(world: &World, named: Option<Id>) -> Result<Id, Refusal> {
    let mut all = world.applications();
    match named {
        Some(id) => Ok(world.application(id).ok_or(error::UNKNOWN_APPLICATION)?.id),
        None => match (all.next(), all.next()) {
            (Some(only), None) => Ok(only.id),
            (None, _) => Err(error::UNKNOWN_APPLICATION.into()),
            (Some(_), Some(_)) => {
                Err(Refusal::misuse("There are several applications: say which as application_id."))
            }
        },
    }
}
