//! Posting a message so that a repeated attempt makes no second one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ids::{ChannelId, DISCORD_EPOCH_MS, MessageId, OutboxId, UserId};
use domain::time::Millis;
use serde_json::Value;

use super::Context;
use crate::ports::{DiscordError, NewMessage};
use crate::tickets::messages::same_message;

/// Discord knows a nonce for "a few minutes"; within this time it alone is trusted.
const NONCE_WINDOW_MS: i64 = 60_000;
/// Pages of 100 messages that are looked through at most.
const PAGES: usize = 20;

/// An effect's nonce: 22 characters, and one for the part; Discord takes 25.
fn nonce(id: OutboxId, part: usize) -> String {
    format!("{}{part}", URL_SAFE_NO_PAD.encode(id.uuid().as_bytes()))
}

/// Posts a message of an effect, or finds the one that an earlier attempt has posted. `part` tells
/// several messages of one effect apart.
pub(super) async fn post_once(
    cx: &Context<'_>,
    channel: ChannelId,
    body: Value,
    part: usize,
) -> Result<MessageId, DiscordError> {
    let old = cx.w.now().since(cx.row.first_attempt) > NONCE_WINDOW_MS;
    if cx.is_repeated()
        && old
        && let Some(found) = find(cx, channel, &body).await?
    {
        return Ok(found);
    }
    let message = NewMessage { body, nonce: Some(nonce(cx.row.id, part)) };
    let posted = cx.w.discord().create_message(channel, &message).await?;
    message_id(&posted).ok_or(DiscordError::Unavailable { retry_after_ms: None })
}

/// Looks for a message of the bot that says what `body` says, among those since the first attempt.
async fn find(
    cx: &Context<'_>,
    channel: ChannelId,
    body: &Value,
) -> Result<Option<MessageId>, DiscordError> {
    // Other bots and webhooks may say the same.
    let bot = cx.w.discord().bot().await?;
    let mut after = snowflake_at(cx.first_seen());
    for _ in 0..PAGES {
        let page = cx.w.discord().messages_after(channel, after).await?;
        let ours = page.iter().find(|m| is_by(m, bot) && same_message(body, m));
        if let Some(id) = ours.and_then(message_id) {
            return Ok(Some(id));
        }
        match page.last().and_then(message_id) {
            Some(last) if page.len() == 100 => after = Some(last),
            _ => break,
        }
    }
    Ok(None)
}

/// Whether an account has written a raw message object. What came by a webhook has the webhook's id.
pub(super) fn is_by(message: &Value, author: UserId) -> bool {
    message["author"]["id"].as_str().and_then(|id| id.parse().ok()) == Some(author)
}

/// The id of a raw message object.
pub(super) fn message_id(message: &Value) -> Option<MessageId> {
    message["id"].as_str()?.parse().ok()
}

/// The smallest id that Discord can give at a time.
fn snowflake_at(at: Millis) -> Option<MessageId> {
    MessageId::new(at.0.checked_sub(DISCORD_EPOCH_MS)?.checked_shl(22)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_say_is_not_ours() {
        let bot = UserId::new(900).unwrap();
        let by = |author: Value| is_by(&serde_json::json!({ "author": author }), bot);
        assert!(by(serde_json::json!({ "id": "900", "bot": true })));
        assert!(!by(serde_json::json!({ "id": "901", "bot": true })));
        assert!(!by(Value::Null));
    }

    #[test]
    fn a_nonce_fits() {
        let id = OutboxId::new(uuid::Uuid::from_bytes([0xff; 16]));
        assert!(nonce(id, 1).len() <= 25);
        assert_ne!(nonce(id, 0), nonce(id, 1));
    }

    #[test]
    fn ids_follow_time() {
        let at = Millis(1_462_015_105_796);
        assert_eq!(snowflake_at(at).unwrap().created_at_ms(), at.0);
        assert_eq!(snowflake_at(Millis(0)), None);
    }
}
