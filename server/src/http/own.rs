//! A person's own copy of what is kept of them.

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use wardesk_core::privacy::{PrivacyError, download};

use super::AppState;
use super::session::Viewer;

/// `GET /account/privacy/download`: the bytes of the newest one, once it is ready. For the signed-in person alone.
pub async fn download(
    State(state): State<AppState>,
    Extension(Viewer(session)): Extension<Viewer>,
) -> Response {
    let Some(session) = session else { return StatusCode::NOT_FOUND.into_response() };
    match download::bytes(&state.wardesk, &session).await {
        Ok((length, bytes)) => (
            [
                (header::CONTENT_TYPE, "application/zip".to_owned()),
                (header::CONTENT_LENGTH, length.to_string()),
                (header::CONTENT_DISPOSITION, "attachment; filename=\"my-data.zip\"".to_owned()),
                (header::CACHE_CONTROL, "no-store".to_owned()),
            ],
            Body::from_stream(bytes),
        )
            .into_response(),
        Err(PrivacyError::Storage(error)) => {
            tracing::error!(%error, "a download could not be read");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}
