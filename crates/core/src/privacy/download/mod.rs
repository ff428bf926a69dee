//! Somebody's own copy of all their data: made in the background, sealed under the key of their account,
//! there for a week. Source: `docs/PROMISES.md` P34; GDPR 15 and 20.

mod archive;
mod json;
mod page;
mod work;

use bytes::Bytes;
use domain::ids::UserId;
use domain::privacy::{RequestKind, Role, Via};
use domain::time::Millis;
use futures::stream::BoxStream;
use serde_json::{Value, json};
use storage::privacy::downloads as rows;
use storage::{KeyScope, StorageError};
use words::Words;

pub use storage::privacy::downloads::{DownloadState, Failure};
pub use work::{make_all, remove_expired, run};

use super::{PrivacyError, requests};
use crate::Wardesk;
use crate::accounts::Session;
use crate::tickets::Change;
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
    /// Why the last attempt failed; while it is still asked for, another one follows.
    pub failure: Option<Failure>,
}

/// Asks for a download. While one is being made, and for a day while it is there, it is that one; a ready one stays
/// until its time is over. It is a request, which is under way until the download is ready.
pub async fn ask(w: &Wardesk, session: &Session) -> Result<(), PrivacyError> {
    let user = session.user;
    if is_new(w, rows::newest(w.store().read(), user).await?.as_ref()) {
        return Ok(());
    }
    // One that somebody wrote is answered by somebody, and says that this was done.
    let request = requests::open(w, user, RequestKind::Access, Via::Site).await?;
    let mut change = Change::begin(w, requests::service(w)?).await?;
    begin(&mut change, w, user).await?;
    if request.is_some() {
        requests::start(&mut change, user, RequestKind::Access, Role::Person).await?;
    }
    change.commit().await?.tell();
    wake(w);
    Ok(())
}

/// Asks for somebody's download in a transaction; [`wake`] follows its commit. `false`: a new one is there already.
pub(super) async fn begin(
    change: &mut Change<'_>,
    w: &Wardesk,
    user: UserId,
) -> Result<bool, StorageError> {
    if is_new(w, rows::newest(&mut *change.conn(), user).await?.as_ref()) {
        return Ok(false);
    }
    let (id, now) = (w.new_uuid().to_string(), change.now());
    rows::ask(change.conn(), &id, user, now, now.plus_seconds(KEPT_SECONDS)).await?;
    Ok(true)
}

/// Has what was asked for made at once.
pub(super) fn wake(w: &Wardesk) {
    w.privacy_caches().downloads.notify_one();
}

/// Whether a download is what whoever asks again gets.
fn is_new(w: &Wardesk, row: Option<&rows::DownloadRow>) -> bool {
    row.is_some_and(|row| row.state == DownloadState::Ready && w.now().since(row.asked_at) < NEW_MS)
}

/// The person's newest download; `None`: there is none.
pub async fn of(w: &Wardesk, session: &Session) -> Result<Option<Download>, StorageError> {
    let row = rows::newest(w.store().read(), session.user).await?;
    Ok(row.filter(|row| row.expires_at > w.now()).map(|row| Download {
        asked_at: row.asked_at,
        state: row.state,
        length: row.length.and_then(|length| u64::try_from(length).ok()),
        expires_at: row.expires_at,
        failure: row.failure,
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
