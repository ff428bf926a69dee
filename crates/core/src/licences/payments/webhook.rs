//! What the payment provider tells of. Only that something happened is kept, and to what: the rest is read again.

use domain::time::Millis;
use serde_json::Value;
use storage::StorageError;
use storage::payments::events::{self, NewEvent};

use super::signature::{self, Unsigned};
use crate::Wardesk;

/// Bytes of a webhook's body at most.
pub const BODY_LIMIT: usize = 256 * 1024;
/// Bytes of an id or a kind at most. Source: Stripe API reference, which keeps ids below 255.
const NAME_LIMIT: usize = 255;

/// A webhook was not taken. The answer says nothing more: whoever tries has nothing to learn from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not taken")]
pub struct Refused;

/// Why a webhook was not received.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// It is not from the provider, or not for this service.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// It could not be kept: the provider is to send it again.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Takes a webhook: its body byte for byte as it came, and the header `Stripe-Signature`. What was taken before is
/// taken again, without effect.
pub async fn receive(w: &Wardesk, header: &str, body: &[u8]) -> Result<(), WebhookError> {
    let event = match accept(w, header, body, w.now()) {
        Err(Unsigned::Stale) => {
            // In the sandbox our clock follows the provider's, a moment late.
            w.refresh_clock().await;
            accept(w, header, body, w.now()).map_err(|_| Refused)?
        }
        other => other.map_err(|_| Refused)?,
    };
    let now = w.now();
    let mut tx = w.store().begin().await?;
    let new = events::receive(tx.conn(), &event, now).await?;
    fail::fail_point!(crate::failpoints::payments::BEFORE_RECEIVED);
    tx.commit().await?;
    fail::fail_point!(crate::failpoints::payments::AFTER_RECEIVED);
    if new {
        w.wake_payments();
    }
    Ok(())
}

/// What is kept of a webhook, if it is from the provider and for this service.
pub fn accept(w: &Wardesk, header: &str, body: &[u8], now: Millis) -> Result<NewEvent, Unsigned> {
    let payments = w.payments().ok_or(Unsigned::Forged)?;
    if body.len() > BODY_LIMIT {
        return Err(Unsigned::Forged);
    }
    signature::verify(header, body, w.webhook_secrets(), now)?;
    let event = read(body).ok_or(Unsigned::Forged)?;
    // Real and pretended money never mix.
    if event.live == payments.live() { Ok(event) } else { Err(Unsigned::Forged) }
}

/// Reads what every event has, whatever its type, and whatever a version to come adds. Source: Stripe API
/// reference, "The Event object".
fn read(body: &[u8]) -> Option<NewEvent> {
    let json: Value = serde_json::from_slice(body).ok()?;
    let name = |value: &Value| {
        value.as_str().filter(|text| (1..=NAME_LIMIT).contains(&text.len())).map(str::to_owned)
    };
    // Events of the newer kind name their object apart.
    let object =
        name(&json["data"]["object"]["id"]).or_else(|| name(&json["related_object"]["id"]));
    let created = json["created"].as_i64().unwrap_or(0);
    Some(NewEvent {
        id: name(&json["id"])?,
        kind: name(&json["type"])?,
        object,
        created: Millis(created.saturating_mul(1000)),
        live: json["livemode"].as_bool()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_event_has_is_enough() {
        let read = |text: &str| read(text.as_bytes());
        let known = r#"{"id":"evt_1","type":"invoice.paid","livemode":false,"created":5,
                        "data":{"object":{"id":"in_1","object":"invoice"}}}"#;
        let event = read(known).unwrap();
        assert_eq!((event.object.as_deref(), event.created), (Some("in_1"), Millis(5000)));
        for odd in [
            r#"{"id":"evt_1","type":"a.type.to.come","livemode":true}"#,
            r#"{"id":"evt_1","type":"x","livemode":true,"data":7,"created":"now"}"#,
            r#"{"id":"evt_1","type":"x","livemode":true,"data":{"object":{"id":7}}}"#,
        ] {
            assert_eq!(read(odd).unwrap().object, None, "{odd}");
        }
        for bad in [
            "",
            "[]",
            r#"{"id":"evt_1","type":"x"}"#,
            r#"{"id":"evt_1","livemode":true}"#,
            r#"{"type":"x","livemode":true}"#,
            r#"{"id":"","type":"x","livemode":true}"#,
            r#"{"id":"evt_1","type":"x","livemode":"true"}"#,
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(read(&"[".repeat(100_000)), None, "deep nesting is no danger");
    }
}
