//! Icons and avatars of Discord, served as our own: no page loads anything from another site.

use std::time::Duration;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use domain::ids::{GuildId, UserId};
use futures::TryStreamExt as _;
use moka::future::Cache;
use wardesk_core::Wardesk;
use wardesk_core::guilds::is_image_hash;

use super::AppState;
use super::session::Viewer;

/// Bytes of one picture at most.
const PICTURE_LIMIT: usize = 512 * 1024;
/// Bytes of all pictures in memory.
const MEMORY: u64 = 32 * 1024 * 1024;

/// Pictures in memory, by address; an empty one is a picture that is not there.
#[derive(Clone)]
pub(super) struct Media(Cache<String, Bytes>);

impl Default for Media {
    fn default() -> Self {
        let cache = Cache::builder()
            .weigher(|name: &String, bytes: &Bytes| {
                u32::try_from(name.len() + bytes.len()).unwrap_or(u32::MAX)
            })
            .max_capacity(MEMORY)
            .time_to_live(Duration::from_hours(1));
        Self(cache.build())
    }
}

/// `GET /media/{icons|avatars}/{id}/{hash}`, for people who are signed in.
pub async fn picture(
    State(state): State<AppState>,
    Extension(Viewer(session)): Extension<Viewer>,
    Path((kind, id, hash)): Path<(String, String, String)>,
) -> Response {
    let known = match kind.as_str() {
        "icons" => id.parse::<GuildId>().is_ok(),
        "avatars" => id.parse::<UserId>().is_ok(),
        _ => false,
    };
    if session.is_none() || !known || !is_image_hash(&hash) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let url = format!("{}/{kind}/{id}/{hash}.png?size=128", state.wardesk.cdn_url());
    let bytes = state.media.0.get_with(url.clone(), fetch(&state.wardesk, &url)).await;
    if bytes.is_empty() {
        return StatusCode::NOT_FOUND.into_response();
    }
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("image/png"));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, max-age=86400, immutable"),
    );
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; sandbox"),
    );
    response
}

async fn fetch(wardesk: &Wardesk, url: &str) -> Bytes {
    let source = match wardesk.discord().attachment(url).await {
        Ok(source) => source,
        Err(error) => {
            tracing::debug!(%error, "a picture could not be read");
            return Bytes::new();
        }
    };
    let whole = source.bytes.try_fold(Vec::new(), |mut all, part| async move {
        all.extend_from_slice(&part);
        if all.len() > PICTURE_LIMIT {
            return Err(wardesk_core::ports::DiscordError::Refused { status: 413, code: 0 });
        }
        Ok(all)
    });
    match whole.await {
        // The bytes decide what it is, not what the other side calls it.
        Ok(bytes) if bytes.starts_with(b"\x89PNG\r\n\x1a\n") => bytes.into(),
        _ => Bytes::new(),
    }
}
