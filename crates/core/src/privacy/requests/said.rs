//! What was said: sealed for the account of whoever asks, and for the service as long as nobody knows whose it is.

use domain::ids::{GuildId, RequestId, UserId};
use serde::{Deserialize, Serialize};
use storage::privacy::requests::{self as rows, RequestRow};
use storage::{KeyScope, SealError, Sealed, StorageError};

use crate::Wardesk;

/// What was said in a request.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Said {
    /// What is asked, and why.
    pub words: String,
    /// The server as it was written: an id, a link or a name; empty for none.
    #[serde(default)]
    pub server: String,
    /// The account that it concerns, as it was written; empty for one's own, or where somebody who is too young was
    /// reported without it.
    #[serde(default)]
    pub account: String,
    /// The address of whoever wrote by e-mail, until they sign in; empty for all others.
    #[serde(default)]
    pub contact: String,
}

impl Said {
    /// The account that was named by its id, and none where the field was left empty.
    pub fn account_named(&self) -> Option<UserId> {
        self.account.trim().parse().ok()
    }
}

/// Under whose key the words of a request are.
pub(super) fn scope(user: Option<UserId>) -> KeyScope {
    user.map_or(KeyScope::SERVICE, KeyScope::account)
}

fn aad(column: &str, id: RequestId) -> Vec<u8> {
    format!("privacy_request_words.{column}:{id}").into_bytes()
}

/// Seals what was said.
pub(super) async fn seal(
    w: &Wardesk,
    user: Option<UserId>,
    id: RequestId,
    said: &Said,
) -> Result<Sealed, StorageError> {
    let plain = serde_json::to_vec(said).map_err(|_| StorageError::Corrupt("said"))?;
    w.store().keys().seal(&scope(user), &aad("said", id), &plain).await
}

/// Seals an answer; none for no words.
pub(super) async fn seal_answer(
    w: &Wardesk,
    user: Option<UserId>,
    id: RequestId,
    words: &str,
) -> Result<Option<Sealed>, StorageError> {
    let words = words.trim();
    if words.is_empty() {
        return Ok(None);
    }
    let sealed = w.store().keys().seal(&scope(user), &aad("answer", id), words.as_bytes()).await?;
    Ok(Some(sealed))
}

/// What is still kept of what was said and answered. What a destroyed key sealed is gone.
pub(super) async fn open(
    w: &Wardesk,
    row: &RequestRow,
) -> Result<(Option<Said>, Option<String>), StorageError> {
    let words = rows::words(w.store().read(), row.id).await?;
    let said = match words.said {
        None => None,
        Some(sealed) => opened(w, row, "said", &sealed)
            .await?
            .map(|plain| serde_json::from_slice(&plain).map_err(|_| StorageError::Corrupt("said")))
            .transpose()?,
    };
    let answer = match words.answer {
        None => None,
        Some(sealed) => opened(w, row, "answer", &sealed)
            .await?
            .map(|plain| String::from_utf8(plain).map_err(|_| StorageError::Corrupt("answer")))
            .transpose()?,
    };
    Ok((said, answer))
}

async fn opened(
    w: &Wardesk,
    row: &RequestRow,
    column: &str,
    sealed: &Sealed,
) -> Result<Option<Vec<u8>>, StorageError> {
    match w.store().keys().open_sealed(&scope(row.user), &aad(column, row.id), sealed).await {
        Ok(plain) => Ok(Some(plain.to_vec())),
        Err(StorageError::Sealed(SealError::Destroyed)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The server that somebody means: its id, or a link to something on it. A name says nothing: many servers have the
/// same.
pub(super) fn server_in(text: &str) -> Option<GuildId> {
    let text = text.trim();
    let id = match text.split_once("/channels/") {
        Some((_, rest)) => rest.split('/').next().unwrap_or_default(),
        None => text,
    };
    id.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_meant_by_its_id_or_a_link() {
        let meant = GuildId::new(81_384_788_765_712_384).ok();
        for text in [
            " 81384788765712384 ",
            "https://discord.com/channels/81384788765712384",
            "https://discord.com/channels/81384788765712384/1/2",
        ] {
            assert_eq!(server_in(text), meant, "{text}");
        }
        for text in ["", "My server", "https://discord.com/channels/@me/1", "-1"] {
            assert_eq!(server_in(text), None, "{text}");
        }
    }
}
