//! The forms of a ticket's page. The pressed button says which.

use axum::Extension;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use domain::access::Capability;
use domain::ids::{PanelId, TicketId, UserId};
use domain::tickets::{Priority, Refusal};
use wardesk_core::Wardesk;
use wardesk_core::guilds::GuildAccess;
use wardesk_core::tickets::{self, Moved, TicketError};

use super::fields::Posted;
use super::{Asker, authorize, done, problem, ticket_failed};

/// Claims, gives back, closes, adds or removes people, sets the priority or moves.
pub async fn act(
    Extension(wardesk): Extension<Wardesk>,
    Extension(asker): Extension<Asker>,
    Path((guild, ticket)): Path<(String, String)>,
    Posted { 0: fields }: Posted,
) -> Response {
    let access = match authorize(&wardesk, &asker, &guild, Capability::See).await {
        Ok(access) => access,
        Err(response) => return response,
    };
    let Ok(id) = ticket.parse::<TicketId>() else { return StatusCode::NOT_FOUND.into_response() };
    let path = format!("/servers/{guild}/tickets/{id}");
    let member = fields.get("user").parse::<UserId>();
    let action = fields.get("action");
    let outcome = match (action, member) {
        ("claim", _) => tickets::claim(&access, id).await,
        ("unclaim", _) => tickets::unclaim(&access, id).await,
        ("close", _) => {
            let reason = fields.text("reason");
            tickets::close(&access, id, (!reason.is_empty()).then_some(reason)).await
        }
        ("add", Ok(member)) => tickets::add_member(&access, id, member).await,
        ("remove", Ok(member)) => tickets::remove_member(&access, id, member).await,
        ("add" | "remove", Err(_)) => return problem(&path, "member"),
        ("priority", _) => match Priority::parse(fields.get("priority")) {
            Some(priority) => tickets::set_priority(&access, id, priority).await,
            None => return StatusCode::UNPROCESSABLE_ENTITY.into_response(),
        },
        ("move", _) => match fields.get("panel").parse::<PanelId>() {
            Ok(panel) => return moved(&access, id, panel, &path).await,
            Err(_) => return problem(&path, "move_panel_gone"),
        },
        _ => return StatusCode::UNPROCESSABLE_ENTITY.into_response(),
    };
    match outcome {
        Ok(()) => done(&path, action),
        // As it is wished already: there is nothing to be sorry for.
        Err(TicketError::Refused(Refusal::Unchanged)) if action == "priority" => {
            done(&path, action)
        }
        // Not theirs to see: the same answer as for a ticket that does not exist.
        Err(TicketError::Refused(Refusal::StaffOnly | Refusal::NotParticipant)) => {
            StatusCode::NOT_FOUND.into_response()
        }
        Err(TicketError::Refused(_) | TicketError::Conflict) => problem(&path, "stale"),
        Err(TicketError::Invalid(_)) if action == "close" => problem(&path, "reason"),
        Err(TicketError::Invalid(_)) => problem(&path, "member"),
        Err(error) => ticket_failed(&error),
    }
}

/// Moves the ticket. Who does not see it any more is led to the list.
async fn moved(access: &GuildAccess, id: TicketId, panel: PanelId, path: &str) -> Response {
    let why = match tickets::move_to(access, id, panel).await {
        Ok(Moved { seen: true }) => return done(path, "move"),
        Ok(Moved { seen: false }) => {
            return done(&format!("/servers/{}/tickets", access.guild()), "move");
        }
        Err(TicketError::Refused(why)) => why,
        Err(TicketError::Conflict) => return problem(path, "stale"),
        Err(error) => return ticket_failed(&error),
    };
    match why {
        Refusal::StaffOnly | Refusal::NotParticipant => StatusCode::NOT_FOUND.into_response(),
        Refusal::OpenerHasOne { .. } => problem(path, "move_opener_has_one"),
        Refusal::PanelGone => problem(path, "move_panel_gone"),
        Refusal::PanelOff => problem(path, "move_panel_off"),
        Refusal::CannotMove => problem(path, "move_cannot"),
        Refusal::StillMoving => problem(path, "move_pending"),
        _ => problem(path, "stale"),
    }
}
