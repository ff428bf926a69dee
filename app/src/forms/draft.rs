//! A refused form on its way back to the person.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::validation::FieldError;
use serde::{Deserialize, Serialize};
use wardesk_core::Wardesk;
use wardesk_core::accounts::{Session, drafts};

use super::{Asker, Fields, signed_out};

/// What was typed, and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The fields as they were sent.
    pub fields: Fields,
    /// What was refused.
    pub errors: Vec<FieldError>,
    /// Someone else saved meanwhile.
    pub conflict: bool,
}

/// Keeps the draft and goes back to the form.
pub(super) async fn back(wardesk: &Wardesk, asker: &Asker, path: &str, draft: &Draft) -> Response {
    back_to(wardesk, asker, path, draft, "").await
}

/// Keeps the draft and goes back to a place in the form: `#` and an id, or nothing.
pub(super) async fn back_to(
    wardesk: &Wardesk,
    asker: &Asker,
    path: &str,
    draft: &Draft,
    fragment: &str,
) -> Response {
    let Some(session) = &asker.0 else { return signed_out() };
    match drafts::put(wardesk, session, path, draft).await {
        Ok(id) => Redirect::to(&format!("{path}?draft={id}{fragment}")).into_response(),
        Err(drafts::DraftError::TooLarge) => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Err(error) => {
            tracing::error!(%error, "a draft could not be kept");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Takes the draft of the form at `path`. One that is gone is no error: the stored values show.
pub async fn take(wardesk: &Wardesk, session: &Session, path: &str, id: &str) -> Option<Draft> {
    match drafts::take(wardesk, session, path, id).await {
        Ok(draft) => draft,
        Err(error) => {
            tracing::warn!(%error, "a draft could not be read");
            None
        }
    }
}
