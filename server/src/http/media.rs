//! Icons and avatars of Discord, served as our own: no page loads anything from another site.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use domain::ids::{GuildId, UserId};
use futures::TryStreamExt as _;
use moka::Expiry;
use moka::future::Cache;
use tokio::sync::Semaphore;
use wardesk_core::Wardesk;
use wardesk_core::guilds::is_image_hash;
use wardesk_core::ports::DiscordError;

use super::AppState;
use super::session::Viewer;

/// Bytes of one picture at most.
const PICTURE_LIMIT: usize = 512 * 1024;
/// Bytes of all pictures in memory.
const MEMORY: u64 = 32 * 1024 * 1024;

/// Pictures read from Discord at once; more wait.
const AT_ONCE: usize = 16;
/// How long a picture is remembered, and that there is none.
const REMEMBERED: Duration = Duration::from_hours(1);
/// How long Discord is not asked again for a picture that did not come.
const PAUSE: Duration = Duration::from_secs(30);

/// What is known of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Picture {
    /// A PNG.
    There(Bytes),
    /// No picture, or none that is shown.
    Missing,
    /// It did not come this time.
    Late,
}

struct Age;

impl Expiry<String, Picture> for Age {
    fn expire_after_create(&self, _: &String, picture: &Picture, _: Instant) -> Option<Duration> {
        Some(if *picture == Picture::Late { PAUSE } else { REMEMBERED })
    }
}

/// Pictures in memory, by address.
#[derive(Clone)]
pub(super) struct Media {
    pictures: Cache<String, Picture>,
    places: Arc<Semaphore>,
}

impl Default for Media {
    fn default() -> Self {
        let pictures = Cache::builder()
            .weigher(|name: &String, picture: &Picture| {
                let bytes = if let Picture::There(bytes) = picture { bytes.len() } else { 0 };
                u32::try_from(name.len() + bytes).unwrap_or(u32::MAX)
            })
            .max_capacity(MEMORY)
            .expire_after(Age);
        Self { pictures: pictures.build(), places: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl Media {
    async fn get(&self, wardesk: &Wardesk, url: &str) -> Picture {
        let read = async {
            // The semaphore is never closed.
            let Ok(_place) = self.places.acquire().await else { return Picture::Late };
            fetch(wardesk, url).await
        };
        self.pictures.get_with_by_ref(url, read).await
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
    let Picture::There(bytes) = state.media.get(&state.wardesk, &url).await else {
        return StatusCode::NOT_FOUND.into_response();
    };
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

async fn fetch(wardesk: &Wardesk, url: &str) -> Picture {
    match read(wardesk, url).await {
        // The bytes decide what it is, not what the other side calls it.
        Ok(bytes) if bytes.starts_with(b"\x89PNG\r\n\x1a\n") => Picture::There(bytes.into()),
        Ok(_) => Picture::Missing,
        Err(error) => {
            tracing::debug!(%error, "a picture could not be read");
            if error.is_temporary() { Picture::Late } else { Picture::Missing }
        }
    }
}

async fn read(wardesk: &Wardesk, url: &str) -> Result<Vec<u8>, DiscordError> {
    let source = wardesk.discord().attachment(url).await?;
    let whole = source.bytes.try_fold(Vec::new(), |mut all, part| async move {
        all.extend_from_slice(&part);
        if all.len() > PICTURE_LIMIT {
            return Err(DiscordError::Refused { status: 413, code: 0 });
        }
        Ok(all)
    });
    whole.await
}
