//! Requests by e-mail, which the operator's mail service passes on by a signed webhook. Nothing is sent: what comes back
//! is the address that shows how the request stands, for that service to reply with.

use domain::privacy::{RequestKind, Via, WORDS_LIMIT};
use secrecy::SecretString;
use serde::Deserialize;
use storage::StorageError;

use super::PrivacyError;
use super::ask::{hash, put, secret, secret_path};
use super::said::Said;
use crate::Wardesk;
use crate::licences::payments::signature::{self, Unsigned};
use crate::tickets::messages::fit;

/// Bytes of a mail at most.
pub const BODY_LIMIT: usize = 256 * 1024;
/// Bytes of an id at most. Source: RFC 5322, 2.1.1: a line, and with it a Message-ID, has 998 characters.
const ID_LIMIT: usize = 998;

/// Why a mail was not taken.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// It is not from the operator's mail service, or it is no mail. Which, is nobody's business.
    #[error("not taken")]
    Refused,
    /// It could not be kept: it is to be sent again.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

#[derive(Deserialize)]
struct Mail {
    id: String,
    from: String,
    #[serde(default)]
    subject: String,
    /// A mail may have none: one in HTML alone whose text nobody made.
    #[serde(default)]
    text: String,
}

/// Takes a mail: its body byte for byte as it came, and its signature in the form of Stripe's, `t=…,v1=…`, over time and
/// body under one of `secrets`. Taken again, it is the same request. Answers its address on this site, a secret.
pub async fn receive(
    w: &Wardesk,
    secrets: &[SecretString],
    header: &str,
    body: &[u8],
) -> Result<String, MailError> {
    if body.len() > BODY_LIMIT {
        return Err(MailError::Refused);
    }
    match signature::verify(header, body, secrets, w.now()) {
        Err(Unsigned::Stale) => {
            // In the sandbox our clock follows another one, a moment late.
            w.refresh_clock().await;
            signature::verify(header, body, secrets, w.now()).map_err(|_| MailError::Refused)?;
        }
        other => other.map_err(|_| MailError::Refused)?,
    }
    let mail: Mail = serde_json::from_slice(body).map_err(|_| MailError::Refused)?;
    if mail.id.is_empty() || mail.id.len() > ID_LIMIT {
        return Err(MailError::Refused);
    }
    // An id alone is what the sender chose: another mail with the same one would be answered with somebody's secret.
    let secret = secret(w, &["mail", &mail.id, &mail.from, &mail.subject, &mail.text]).await?;
    let words = format!("{}\n\n{}", mail.subject.trim(), mail.text.trim());
    let said = Said {
        // What is too long for a form is not lost: it is cut, and an ellipsis says so.
        words: fit(words.trim(), WORDS_LIMIT as usize),
        contact: mail.from.trim().to_owned(),
        ..Said::default()
    };
    // What is asked for, an operator reads out of it; until somebody signs in, it is about nobody's account.
    let (kind, via) = (RequestKind::Other, Via::Email);
    match put(w, None, None, kind, via, Some(&said), hash(&secret)).await {
        Ok(_) => Ok(secret_path(&secret)),
        Err(PrivacyError::Storage(error)) => Err(error.into()),
        Err(_) => Err(MailError::Refused),
    }
}
