//! A new version of the privacy policy or of the terms is announced.

use domain::ids::ChannelId;

use super::{Context, Done, Failure};
use crate::outbox::post::post_once;
use crate::privacy::documents::{DocumentKind, DocumentVersion, announcement};

pub(super) async fn announce(
    cx: &Context<'_>,
    kind: DocumentKind,
    version: DocumentVersion,
    channel: ChannelId,
) -> Result<Done, Failure> {
    // Asked for by a process with newer documents: one like it knows what to say.
    let unknown = Failure::Later { after_ms: None, code: "document_unknown" };
    let document = cx.w.documents().get(kind, version).ok_or(unknown)?;
    match post_once(cx, channel, announcement(cx.w, document), 0).await {
        Ok(_) => Ok(Done::Plain),
        Err(error) => Err(error.into()),
    }
}
