//! A form was filled in.

use serenity::all::{ActionRowComponent, ModalInteractionData};
use wardesk_core::tickets::custom_id::{CustomId, REASON_INPUT, question_input};

use super::acting::Visit;
use super::answer::Answerer;
use super::ticket::{self, Deed};
use super::{Desk, opening};

pub(super) async fn submitted(
    desk: &Desk,
    answerer: &Answerer,
    visit: Visit,
    data: &ModalInteractionData,
) {
    match data.custom_id.parse() {
        Ok(CustomId::Form(panel)) => {
            opening::submit(desk, answerer, visit, panel, answers(data)).await;
        }
        Ok(CustomId::Reason(id)) => {
            let deed = Deed::Close(input(data, REASON_INPUT));
            ticket::act(desk, answerer, visit, id, deed, true).await;
        }
        Ok(_) | Err(_) => {
            let words = visit.words(&desk.w).await;
            answerer.say(words.bot_failed()).await;
        }
    }
}

/// The answers in the order of the questions.
fn answers(data: &ModalInteractionData) -> Vec<String> {
    (0..).map_while(|index| input(data, &question_input(index))).collect()
}

/// What was written into an input; empty if nothing, `None` if there is no such input.
fn input(data: &ModalInteractionData, custom_id: &str) -> Option<String> {
    data.components.iter().flat_map(|row| &row.components).find_map(|component| match component {
        ActionRowComponent::InputText(input) if input.custom_id == custom_id => {
            Some(input.value.clone().unwrap_or_default())
        }
        _ => None,
    })
}
