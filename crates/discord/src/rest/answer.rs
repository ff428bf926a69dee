//! What an answer means.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde_json::Value;
use wardesk_core::ports::DiscordError;

use super::buckets::seconds;
use super::route::Kind;

/// Maximum number of channels of a server. Source: Discord API documentation, "JSON Error Codes".
const MAX_CHANNELS: u32 = 30_013;
/// Invalid form body; the fields say what is wrong.
const INVALID_BODY: u32 = 50_035;

/// A 429.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limited {
    pub(crate) retry_after: Duration,
    pub(crate) scope: Scope,
}

/// Who has used up a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// This bot, one bucket.
    User,
    /// This bot, all calls; or the address, when the answer comes from Discord's edge.
    Global,
    /// All bots together, one resource. Does not count as an invalid request.
    Shared,
}

impl Scope {
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Global => "global",
            Self::Shared => "shared",
        }
    }
}

impl Limited {
    /// Reads a 429. Without Discord's own body it comes from the edge in front and concerns all calls.
    pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Self {
        let json: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
        let from_body = json.get("retry_after").and_then(|v| seconds(&v.to_string()));
        let from_header = headers.get(RETRY_AFTER).and_then(|v| seconds(v.to_str().ok()?));
        // The longer of the two: the header is rounded up, the body may be missing.
        let retry_after = from_body.max(from_header).unwrap_or(Duration::from_secs(5));
        let is_global = json.get("global") == Some(&Value::Bool(true));
        let scope = match text("x-ratelimit-scope") {
            Some("shared") => Scope::Shared,
            Some("global") => Scope::Global,
            _ if is_global || from_body.is_none() => Scope::Global,
            _ => Scope::User,
        };
        Self { retry_after, scope }
    }
}

/// Sorts a failed answer (4xx except 429, or 5xx) by what the caller can do.
pub(crate) fn error(status: StatusCode, body: &[u8], kind: Kind) -> DiscordError {
    let json: Value = serde_json::from_slice(body).unwrap_or_default();
    let told = json.get("code").and_then(Value::as_u64).and_then(|c| u32::try_from(c).ok());
    let code = told.unwrap_or(0);
    match status.as_u16() {
        // Not Discord's verdict but that of something in front of it.
        403 | 404 if kind == Kind::Bot && told.is_none() => {
            DiscordError::Unavailable { retry_after_ms: None }
        }
        // The token of an interaction has run out; the bot's own is not concerned.
        401 | 404 if kind == Kind::Interaction => DiscordError::Gone { code },
        401 => DiscordError::BadToken,
        403 => DiscordError::Forbidden { code },
        404 => DiscordError::Gone { code },
        500..=599 => DiscordError::Unavailable { retry_after_ms: None },
        _ if code == MAX_CHANNELS || (code == INVALID_BODY && is_full_category(&json)) => {
            DiscordError::Full { code }
        }
        status => DiscordError::Refused { status, code },
    }
}

/// A category holds 50 channels; Discord tells it by the field `parent_id`.
fn is_full_category(json: &Value) -> bool {
    let errors = json.pointer("/errors/parent_id/_errors").and_then(Value::as_array);
    errors.is_some_and(|list| {
        list.iter()
            .any(|e| e.get("code").and_then(Value::as_str) == Some("CHANNEL_PARENT_MAX_CHANNELS"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(status: u16, body: &Value, kind: Kind) -> DiscordError {
        error(StatusCode::from_u16(status).unwrap(), body.to_string().as_bytes(), kind)
    }

    #[test]
    fn errors_are_sorted_by_what_helps() {
        let full = json!({"code": 50035, "message": "Invalid Form Body", "errors": {"parent_id": {"_errors":
            [{"code": "CHANNEL_PARENT_MAX_CHANNELS", "message": "Maximum number of channels in category reached (50)"}]}}});
        let bot = Kind::Bot;
        assert_eq!(of(400, &full, bot), DiscordError::Full { code: 50035 });
        assert_eq!(of(400, &json!({"code": 30013}), bot), DiscordError::Full { code: 30013 });
        assert_eq!(
            of(400, &json!({"code": 50035}), bot),
            DiscordError::Refused { status: 400, code: 50035 }
        );
        assert_eq!(of(404, &json!({"code": 10003}), bot), DiscordError::Gone { code: 10003 });
        assert_eq!(of(403, &json!({"code": 50013}), bot), DiscordError::Forbidden { code: 50013 });
        assert_eq!(of(401, &json!({"code": 0}), bot), DiscordError::BadToken);
        assert_eq!(
            of(401, &json!({"code": 50027}), Kind::Interaction),
            DiscordError::Gone { code: 50027 }
        );
        assert_eq!(
            of(502, &json!("<html>"), bot),
            DiscordError::Unavailable { retry_after_ms: None }
        );
    }

    #[test]
    fn a_429_tells_whose_limit_it_was() {
        let mut headers = HeaderMap::new();
        let read = |h: &HeaderMap, b: &str| Limited::read(h, b.as_bytes());
        let body = r#"{"retry_after": 1.5, "global": false}"#;
        let ms = Duration::from_millis;
        assert_eq!(read(&headers, body), Limited { retry_after: ms(1500), scope: Scope::User });
        let global = r#"{"retry_after": 0.3, "global": true}"#;
        assert_eq!(read(&headers, global), Limited { retry_after: ms(300), scope: Scope::Global });
        headers.insert("x-ratelimit-scope", "shared".parse().unwrap());
        assert_eq!(read(&headers, body).scope, Scope::Shared);
        let mut edge = HeaderMap::new();
        edge.insert(RETRY_AFTER, "120".parse().unwrap());
        let limited = read(&edge, "error code: 1015");
        assert_eq!(limited, Limited { retry_after: Duration::from_mins(2), scope: Scope::Global });
    }
}
