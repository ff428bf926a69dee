//! The same key and the same request: the same answer.
//! Source: Stripe API reference, "Idempotent requests".

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::super::error::StripeError;

/// Keys are forgotten after a day, in milliseconds of the sandbox's clock.
const KEPT_MS: i64 = 24 * 3_600 * 1_000;
/// Longest key.
const LONGEST: usize = 255;

/// Status and body of an answer.
type Kept = (u16, String);

/// Answers under the keys of their requests.
#[derive(Debug, Default)]
pub(crate) struct Remembered {
    answers: HashMap<String, (i64, [u8; 32], Kept)>,
}

/// What makes a request the same.
pub(super) fn fingerprint(method: &str, path: &str, encoded: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(format!("{method} {path}\n"));
    hash.update(encoded);
    hash.finalize().into()
}

impl Remembered {
    /// The answer under a key; an error when it was another request.
    pub(super) fn find(
        &mut self,
        key: &str,
        fingerprint: &[u8; 32],
        now: i64,
    ) -> Result<Option<Kept>, StripeError> {
        if key.len() > LONGEST {
            return Err(StripeError::invalid("Idempotency keys have up to 255 characters."));
        }
        self.answers.retain(|_, (at, ..)| now - *at < KEPT_MS);
        match self.answers.get(key) {
            None => Ok(None),
            Some((_, known, _)) if known != fingerprint => Err(StripeError::idempotency(key)),
            Some((_, _, kept)) => Ok(Some(kept.clone())),
        }
    }

    /// Remembers an answer. A request that was refused before it did anything may be sent again.
    pub(super) fn keep(&mut self, key: &str, fingerprint: [u8; 32], kept: Kept, now: i64) {
        if !matches!(kept.0, 400 | 401 | 404 | 429) {
            self.answers.insert(key.to_owned(), (now, fingerprint, kept));
        }
    }
}
