//! Somebody is told that the copy of what is held about them is ready.

use domain::ids::UserId;
use storage::privacy::downloads::{self, DownloadState};

use super::{Context, Done, Failure, direct};
use crate::privacy::download::notice;

pub(super) async fn dm(cx: &Context<'_>, user: UserId) -> Result<Done, Failure> {
    let latest = downloads::newest(cx.w.store().read(), user).await?;
    // It went meanwhile, or the person did: there is nothing to tell.
    let Some(row) = latest.filter(|row| row.state == DownloadState::Ready) else {
        return Ok(Done::Plain);
    };
    let url = format!("{}/account/privacy", cx.w.public_url());
    let body = notice(direct::words(cx, user).await?, row.expires_at, &url);
    direct::send(cx, user, body).await
}
