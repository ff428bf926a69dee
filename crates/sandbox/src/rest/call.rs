//! One request to REST, and its answer.

use std::collections::HashMap;

use serde_json::Value;

use crate::error::{self, ApiError};
use crate::id::Id;
use crate::world::World;
use crate::world::model::Upload;

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// A bot.
    Bot,
    /// A bot, or a person's OAuth token that has this scope.
    Scope(&'static str),
    /// Anybody; the path holds a secret, or nothing is secret.
    Open,
}

/// Who asks.
#[derive(Debug, Clone, Default)]
pub(crate) struct Caller {
    /// The bot's user, or the person.
    pub user: Option<Id>,
    /// The bot's application, or the one that the person's token is for.
    pub application: Option<Id>,
    /// The scopes of a person's token; `None` for bots.
    pub scopes: Option<Vec<String>>,
}

/// A request, read.
#[derive(Debug, Default)]
pub(crate) struct Call {
    pub caller: Caller,
    pub params: HashMap<String, String>,
    pub query: HashMap<String, String>,
    pub body: Value,
    pub uploads: Vec<Upload>,
    pub reason: Option<String>,
}

/// A positive answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub status: u16,
    pub body: Option<Value>,
}

pub(crate) type Answer = Result<Reply, ApiError>;
pub(crate) type Handler = fn(&mut World, &mut Call) -> Answer;

/// 200 with a body. A `Result`, as all handlers return.
#[expect(clippy::unnecessary_wraps, reason = "handlers end with it")]
pub(crate) fn ok(body: impl Into<Value>) -> Answer {
    Ok(Reply { status: 200, body: Some(body.into()) })
}

/// 201 with a body.
#[expect(clippy::unnecessary_wraps, reason = "handlers end with it")]
pub(crate) fn created(body: impl Into<Value>) -> Answer {
    Ok(Reply { status: 201, body: Some(body.into()) })
}

/// 204.
#[expect(clippy::unnecessary_wraps, reason = "handlers end with it")]
pub(crate) fn nothing() -> Answer {
    Ok(Reply { status: 204, body: None })
}

impl Call {
    /// Who acts; routes with [`Access::Bot`] always have one.
    pub fn actor(&self) -> Id {
        self.caller.user.unwrap_or(Id(0))
    }

    /// A snowflake of the path; something that is none is refused as Discord refuses it.
    pub fn id(&self, name: &str) -> Result<Id, ApiError> {
        let text = self.params.get(name).map_or("", String::as_str);
        text.parse().map_err(|_| {
            let message = format!("Value \"{text}\" is not snowflake.");
            ApiError::field(name, "NUMBER_TYPE_COERCE", &message)
        })
    }

    /// A text of the path.
    pub fn text(&self, name: &str) -> &str {
        self.params.get(name).map_or("", String::as_str)
    }

    /// A snowflake of the query.
    pub fn query_id(&self, name: &str) -> Option<Id> {
        self.query.get(name)?.parse().ok()
    }

    /// A boolean of the query.
    pub fn query_flag(&self, name: &str) -> bool {
        self.query.get(name).is_some_and(|value| matches!(value.as_str(), "true" | "True" | "1"))
    }

    /// `limit` of the query within `1..=most`; outside of it Discord refuses.
    pub fn limit(&self, default: usize, most: usize) -> Result<usize, ApiError> {
        let Some(text) = self.query.get("limit") else { return Ok(default) };
        match text.parse::<usize>() {
            Ok(limit) if (1..=most).contains(&limit) => Ok(limit),
            Ok(0) => {
                let message = "int value should be greater than or equal to 1.";
                Err(ApiError::field("limit", "NUMBER_TYPE_MIN", message))
            }
            _ => {
                let message = format!("int value should be less than or equal to {most}.");
                Err(ApiError::field("limit", "NUMBER_TYPE_MAX", &message))
            }
        }
    }

    /// The application of the path, which must be the caller's.
    pub fn own_application(&self) -> Result<Id, ApiError> {
        let id = self.id("application_id")?;
        if self.caller.application == Some(id) { Ok(id) } else { Err(error::MISSING_ACCESS.into()) }
    }
}
