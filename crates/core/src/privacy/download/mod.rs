//! Somebody's own copy of everything that is kept of them: made in the background, sealed under the key of their account,
//! there for a week. Source: `promises.md` P34; GDPR 15 and 20.

mod archive;
mod json;
mod page;
mod work;

use bytes::Bytes;
use domain::privacy::{Outcome, RequestKind, Via};
use domain::time::Millis;
use futures::stream::BoxStream;
use serde_json::{Value, json};
use storage::privacy::downloads as rows;
use storage::{KeyScope, StorageError};
use words::Words;

pub use storage::privacy::downloads::DownloadState;
pub use work::{make_all, remove_expired, run};

use super::{PrivacyError, requests};
use crate::Wardesk;
use crate::accounts::Session;
use crate::tickets::messages::{COLOUR_ALERT, only};

/// Seconds for which a download is there.
const KEPT_SECONDS: i64 = 7 * 24 * 3600;
/// Milliseconds for which a ready one is what whoever asks again gets.
const NEW_MS: i64 = 24 * 3600 * 1000;

/// A download, as the person sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Download {
    /// When it was asked for.
    pub asked_at: Millis,
    /// How far it is.
    pub state: DownloadState,
    /// Bytes, once it is ready.
    pub length: Option<u64>,
    /// When it goes.
    pub expires_at: Millis,
}

/// Asks for a download. While one is being made, and for a day while it is there, it is that one; a ready one stays until
/// its time is over.
pub async fn ask(w: &Wardesk, session: &Session) -> Result<(), PrivacyError> {
    let newest = rows::newest(w.store().read(), session.user).await?;
    let newest = newest.filter(|row| row.state == DownloadState::Ready);
    if newest.is_some_and(|row| w.now().since(row.asked_at) < NEW_MS) {
        return Ok(());
    }
    let request = requests::open(w, session.user, RequestKind::Access, Via::Site).await?;
    let id = w.new_uuid().to_string();
    let now = w.now();
    let mut tx = w.store().begin().await?;
    rows::ask(tx.conn(), &id, session.user, now, now.plus_seconds(KEPT_SECONDS)).await?;
    tx.commit().await?;
    w.privacy_caches().downloads.notify_one();
    requests::settle(w, request, Outcome::Done).await
}

/// The person's newest download; `None`: there is none.
pub async fn of(w: &Wardesk, session: &Session) -> Result<Option<Download>, StorageError> {
    let row = rows::newest(w.store().read(), session.user).await?;
    Ok(row.filter(|row| row.expires_at > w.now()).map(|row| Download {
        asked_at: row.asked_at,
        state: row.state,
        length: row.length.and_then(|length| u64::try_from(length).ok()),
        expires_at: row.expires_at,
    }))
}

/// What the person is told on Discord when it is ready: where it is and until when, and nothing that is in it.
pub(crate) fn notice(words: Words, until: Millis, url: &str) -> Value {
    // Discord shows the date in the reader's own way.
    let until = format!("<t:{}:D>", until.0.div_euclid(1000));
    json!({
        "embeds": [{
            "title": words.privacy_dm_ready_title(),
            "description": format!("{}\n\n{url}", words.privacy_dm_ready_text(until)),
            "color": COLOUR_ALERT,
        }],
        "allowed_mentions": only(&[]),
    })
}

/// The bytes of the person's newest download, and how many; `NotFound` while it is not ready, and after its time.
pub async fn bytes(
    w: &Wardesk,
    session: &Session,
) -> Result<(u64, BoxStream<'static, Result<Bytes, StorageError>>), PrivacyError> {
    let row = rows::newest(w.store().read(), session.user).await?;
    let row = row.filter(|row| row.expires_at > w.now()).ok_or(PrivacyError::NotFound)?;
    let blob = row.blob.ok_or(PrivacyError::NotFound)?;
    let length = row.length.and_then(|length| u64::try_from(length).ok()).unwrap_or(0);
    let bytes = w.store().blobs().get(&KeyScope::account(session.user), &blob).await?;
    Ok((length, bytes))
}
