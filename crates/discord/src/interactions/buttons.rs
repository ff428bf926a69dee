//! A button was pressed.

use domain::tickets::Refusal;
use wardesk_core::tickets::custom_id::CustomId;
use wardesk_core::tickets::{is_ticket_channel, messages};

use super::acting::Visit;
use super::answer::Answerer;
use super::ticket::{self, Deed};
use super::{Desk, opening};

pub(super) async fn pressed(desk: &Desk, answerer: &Answerer, visit: Visit, custom_id: &str) {
    match custom_id.parse() {
        Ok(CustomId::Open(panel)) => opening::start(desk, answerer, visit, panel).await,
        Ok(CustomId::Claim(id)) => ticket::act(desk, answerer, visit, id, Deed::Claim, true).await,
        Ok(CustomId::Unclaim(id)) => {
            ticket::act(desk, answerer, visit, id, Deed::Unclaim, true).await;
        }
        Ok(CustomId::Close(id)) => {
            let words = visit.words(&desk.w).await;
            // From memory only: a form must be the first answer. Everything is checked when it comes back.
            if is_ticket_channel(&desk.w, visit.channel) {
                answerer.ask(ticket::reason_form(words, id)).await;
            } else {
                answerer.say(&messages::refusal(words, Refusal::NotOpen)).await;
            }
        }
        // A button of an older version, or of someone else's making.
        Ok(CustomId::Form(_) | CustomId::Reason(_)) | Err(_) => {
            let words = visit.words(&desk.w).await;
            answerer.say(words.bot_failed()).await;
        }
    }
}
