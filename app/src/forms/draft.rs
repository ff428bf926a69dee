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

/// Keeps the draft and goes back to the form, with a code that says what was refused.
pub(super) async fn back_because(
    wardesk: &Wardesk,
    asker: &Asker,
    path: &str,
    fields: Fields,
    code: &str,
) -> Response {
    let draft = Draft { fields, ..Draft::default() };
    back_to(wardesk, asker, path, &draft, &format!("&problem={code}")).await
}

/// What a refused form gets: `refused`, or the way back with what was typed where Discord does not answer. While it
/// does not, the form is not shown and the draft not taken, so the same address brings it back later.
pub(super) async fn unless_down(
    wardesk: &Wardesk,
    asker: &Asker,
    path: &str,
    fields: Fields,
    refused: Response,
) -> Response {
    if refused.status() != StatusCode::SERVICE_UNAVAILABLE {
        return refused;
    }
    back_because(wardesk, asker, path, fields, "discord").await
}

/// Keeps the draft and goes back to the form. `rest` ends the address: `#` and an id of a place in it, `&` and more of
/// the query, or nothing.
pub(super) async fn back_to(
    wardesk: &Wardesk,
    asker: &Asker,
    path: &str,
    draft: &Draft,
    rest: &str,
) -> Response {
    let Some(session) = &asker.0 else { return signed_out() };
    match drafts::put(wardesk, session, path, draft).await {
        Ok(id) => Redirect::to(&format!("{path}?draft={id}{rest}")).into_response(),
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
