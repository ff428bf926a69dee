//! Limits per route. Discord does not publish most of them and tells clients to read the headers; where
//! no number is known from its documentation or from what bots observe, the sandbox uses a cautious one.

use serde_json::Value;

/// One bucket's size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Names the bucket.
    pub name: &'static str,
    /// Requests in a window.
    pub limit: u32,
    /// Window, in milliseconds.
    pub window_ms: i64,
    /// Whether the global limit leaves it out (answers to interactions).
    pub outside_global: bool,
}

const fn rule(name: &'static str, limit: u32, window_ms: i64) -> Rule {
    Rule { name, limit, window_ms, outside_global: false }
}

/// The rule of a request. Renaming a channel or changing its topic has a bucket of its own: 2 in 10 minutes.
pub fn rule_of(method: &str, route: &str, body: &Value) -> Rule {
    // "Interaction endpoints are not bound to the bot's Global Rate Limit", nor are webhooks' tokens.
    let by_token = route.starts_with("/webhooks/{webhook_id}/{webhook_token}");
    let outside_global = by_token || route.starts_with("/interactions/");
    Rule { outside_global, ..bucket_of(method, route, body) }
}

fn bucket_of(method: &str, route: &str, body: &Value) -> Rule {
    match (method, route) {
        ("POST", "/interactions/{interaction_id}/{interaction_token}/callback") => {
            rule("interaction-callback", 5, 1_000)
        }
        ("POST", "/channels/{channel_id}/messages") => rule("message-create", 5, 5_000),
        ("PATCH", "/channels/{channel_id}/messages/{message_id}") => rule("message-edit", 5, 5_000),
        ("DELETE", "/channels/{channel_id}/messages/{message_id}") => {
            rule("message-delete", 5, 1_000)
        }
        ("POST", "/channels/{channel_id}/messages/bulk-delete") => {
            rule("message-bulk-delete", 1, 1_000)
        }
        ("GET", "/channels/{channel_id}/messages") => rule("message-list", 5, 1_000),
        ("GET", "/channels/{channel_id}/messages/{message_id}") => rule("message-get", 5, 1_000),
        ("PUT" | "DELETE", route) if route.contains("/reactions") => rule("reaction", 1, 250),
        ("PATCH", "/channels/{channel_id}")
            if body.get("name").is_some() || body.get("topic").is_some() =>
        {
            rule("channel-rename", 2, 600_000)
        }
        ("PATCH", "/channels/{channel_id}") => rule("channel-edit", 5, 5_000),
        ("DELETE", "/channels/{channel_id}") => rule("channel-delete", 5, 5_000),
        ("POST", "/guilds/{guild_id}/channels") => rule("channel-create", 10, 10_000),
        ("PUT" | "DELETE", "/channels/{channel_id}/permissions/{overwrite_id}") => {
            rule("channel-overwrite", 10, 10_000)
        }
        ("POST", "/guilds/{guild_id}/roles") => rule("role-create", 250, 48 * 3_600_000),
        ("POST", "/webhooks/{webhook_id}/{webhook_token}") => rule("webhook-execute", 5, 2_000),
        ("POST", "/users/@me/channels") => rule("dm-create", 50, 10_000),
        (
            "PUT",
            "/applications/{application_id}/commands"
            | "/applications/{application_id}/guilds/{guild_id}/commands",
        ) => rule("commands-overwrite", 5, 20_000),
        ("GET", "/gateway/bot") => rule("gateway-bot", 2, 5_000),
        ("GET", "/users/@me/guilds") => rule("user-guilds", 10, 10_000),
        ("GET", _) => rule("read", 50, 5_000),
        _ => rule("write", 10, 5_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_to_interactions_pass_the_global_limit() {
        let outside = |route: &str| rule_of("POST", route, &Value::Null).outside_global;
        assert!(outside("/interactions/{interaction_id}/{interaction_token}/callback"));
        assert!(outside("/webhooks/{webhook_id}/{webhook_token}"));
        assert!(!outside("/channels/{channel_id}/messages"));
    }
}
