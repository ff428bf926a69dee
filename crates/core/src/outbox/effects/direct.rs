//! A message to one person.

use domain::ids::UserId;
use domain::locale::Locale;
use serde_json::Value;
use storage::StorageError;
use words::Words;

use super::{Context, Done, Failure};
use crate::outbox::post::post_once;

/// Sends it, once. Who takes no messages from the bot (code 50007) finds what it says on a page.
pub(super) async fn send(cx: &Context<'_>, user: UserId, body: Value) -> Result<Done, Failure> {
    let sent = match cx.w.discord().dm_channel(user).await {
        Ok(channel) => post_once(cx, channel, body, 0).await.map(|_| ()),
        Err(error) => Err(error),
    };
    match sent {
        Err(error) if error.is_temporary() => Err(error.into()),
        Ok(()) | Err(_) => Ok(Done::Plain),
    }
}

/// The words in the language that the person chose on the pages.
pub(super) async fn words(cx: &Context<'_>, user: UserId) -> Result<Words, StorageError> {
    let chosen = storage::accounts::choices(cx.w.store().read(), user).await?.locale;
    Ok(Words::new(chosen.as_deref().and_then(Locale::from_tag).unwrap_or_default()))
}
