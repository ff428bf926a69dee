//! What can be done with a ticket, by button and by command alike.

use domain::ids::{PanelId, TicketId, UserId};
use domain::tickets::{Priority, REASON_LIMIT};
use serde_json::{Value, json};
use wardesk_core::tickets::custom_id::{CustomId, REASON_INPUT};
use wardesk_core::tickets::{self, TicketError};
use words::Words;

use super::acting::Visit;
use super::answer::{Answerer, Told};
use super::{Desk, texts};

/// Something to do with a ticket.
pub(super) enum Deed {
    Claim,
    Unclaim,
    Close(Option<String>),
    Add(UserId),
    Remove(UserId),
    Prioritise(Priority),
    Move(PanelId),
}

/// Does it and tells the member how it went.
pub(super) async fn act(
    desk: &Desk,
    answerer: &Answerer,
    visit: Visit,
    ticket: TicketId,
    deed: Deed,
    on_message: bool,
) {
    let words = visit.words(&desk.w).await;
    let work = async {
        let access = match visit.access(&desk.w).await {
            Ok(access) => access,
            Err(error) => return Told::Text(texts::no_access(&desk.w, words, &error)),
        };
        let done: Result<(), TicketError> = match deed {
            Deed::Claim => tickets::claim(&access, ticket).await,
            Deed::Unclaim => tickets::unclaim(&access, ticket).await,
            Deed::Close(reason) => tickets::close(&access, ticket, reason).await,
            Deed::Add(user) => tickets::add_member(&access, ticket, user).await,
            Deed::Remove(user) => tickets::remove_member(&access, ticket, user).await,
            Deed::Prioritise(priority) => tickets::set_priority(&access, ticket, priority).await,
            Deed::Move(panel) => tickets::move_to(&access, ticket, panel).await.map(|_| ()),
        };
        match done {
            Ok(()) => Told::Nothing,
            Err(error) => Told::Text(texts::failure(&desk.w, words, &error)),
        }
    };
    answerer.work(on_message, words.bot_done(), work).await;
}

/// The form that asks why a ticket is closed.
pub(super) fn reason_form(words: Words, ticket: TicketId) -> Value {
    let input = json!({
        "type": 4,
        "custom_id": REASON_INPUT,
        "label": words.bot_close_reason_label(),
        "placeholder": words.bot_close_reason_placeholder(),
        "style": 2,
        "required": false,
        "max_length": REASON_LIMIT,
    });
    json!({
        "custom_id": CustomId::Reason(ticket).to_string(),
        "title": words.bot_close_title(),
        "components": [{ "type": 1, "components": [input] }],
    })
}
