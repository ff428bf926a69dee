//! `Authorization: Bearer sk_test_sandbox`, or the same key as the user of Basic.

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::SECRET_KEY;
use super::super::error::StripeError;

/// 401 without the sandbox's key.
pub(super) fn check(headers: &HeaderMap) -> Result<(), StripeError> {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let key = given.and_then(|given| match given.split_once(' ')? {
        ("Bearer", key) => Some(key.trim().to_owned()),
        ("Basic", encoded) => {
            let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
            Some(decoded.split(':').next()?.to_owned())
        }
        _ => None,
    });
    match key.as_deref() {
        None | Some("") => Err(StripeError::unauthorized(
            "You did not provide an API key. You need to provide your API key in the Authorization \
             header, using Bearer auth.",
        )),
        Some(SECRET_KEY) => Ok(()),
        Some(other) => {
            // As Stripe shows it: the kind of key, and nothing of the rest but its end.
            let kind: String = other.chars().take(8).collect();
            let last: String =
                other.chars().skip(8).skip(other.chars().count().saturating_sub(12)).collect();
            Err(StripeError::unauthorized(format!("Invalid API Key provided: {kind}***{last}")))
        }
    }
}
