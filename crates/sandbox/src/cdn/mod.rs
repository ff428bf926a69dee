//! The CDN: signed attachments that expire, and pictures that do not.

mod lottie;
mod png;
pub(crate) mod sign;

pub use png::draw;
pub use sign::LIFE_MS;

use axum::extract::{Path, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use bytes::Bytes;

use crate::Shared;
use crate::id::Id;

/// `/cdn/…`: attachments, avatars, icons, emojis.
pub fn router(shared: Shared) -> Router {
    Router::new()
        .route("/cdn/attachments/{channel_id}/{id}/{filename}", get(attachment))
        .route("/cdn/ephemeral-attachments/{channel_id}/{id}/{filename}", get(ephemeral))
        .route("/cdn/{kind}/{id}/{file}", get(picture))
        .route("/cdn/{kind}/{file}", get(single_picture))
        .route("/cdn/guilds/{guild_id}/users/{user_id}/avatars/{file}", get(member_picture))
        .with_state(shared)
}

async fn attachment(
    State(shared): State<Shared>,
    Path(path): Path<(Id, Id, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    serve(&shared, "attachments", &path, &query.unwrap_or_default())
}

async fn ephemeral(
    State(shared): State<Shared>,
    Path(path): Path<(Id, Id, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    serve(&shared, "ephemeral-attachments", &path, &query.unwrap_or_default())
}

fn serve(shared: &Shared, prefix: &str, path: &(Id, Id, String), query: &str) -> Response {
    let (channel_id, id, filename) = path;
    let world = shared.world();
    let signed = format!("{prefix}/{channel_id}/{id}/{filename}");
    let found = sign::valid(&world.cdn_key, &signed, query, world.now())
        .then(|| world.attachment(*channel_id, *id))
        .flatten()
        .filter(|file| file.filename == *filename);
    match found {
        Some(file) => {
            let kind =
                file.content_type.clone().unwrap_or_else(|| "application/octet-stream".into());
            let headers = [
                (header::CONTENT_TYPE, kind),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff".into()),
                // The chat page and the control API share this origin: a page that somebody sent must not
                // act in their name.
                (
                    header::CONTENT_SECURITY_POLICY,
                    "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'".into(),
                ),
            ];
            (headers, Bytes::clone(&file.data)).into_response()
        }
        None => (StatusCode::NOT_FOUND, "This content is no longer available.").into_response(),
    }
}

fn drawn(seed: &str) -> Response {
    let headers =
        [(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, "public, max-age=31536000")];
    (headers, draw(seed)).into_response()
}

fn stem(file: &str) -> Option<&str> {
    let (stem, extension) = file.rsplit_once('.')?;
    matches!(extension, "png" | "webp" | "jpg" | "gif").then_some(stem)
}

async fn picture(Path((kind, id, file)): Path<(String, String, String)>) -> Response {
    let known = matches!(
        kind.as_str(),
        "avatars" | "icons" | "banners" | "splashes" | "role-icons" | "app-icons" | "embed"
    );
    match stem(&file).filter(|_| known) {
        Some(hash) => drawn(&format!("{id}/{hash}")),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn single_picture(Path((kind, file)): Path<(String, String)>) -> Response {
    if let (Some(id), "stickers") = (file.strip_suffix(".json"), kind.as_str()) {
        return Json(lottie::animate(id)).into_response();
    }
    match stem(&file).filter(|_| matches!(kind.as_str(), "emojis" | "stickers")) {
        Some(id) => drawn(id),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn member_picture(Path((guild, user, file)): Path<(String, String, String)>) -> Response {
    match stem(&file) {
        Some(hash) => drawn(&format!("{guild}/{user}/{hash}")),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
