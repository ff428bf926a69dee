//! Buttons, forms and slash commands: each becomes a call of a use-case, and each is answered within
//! three seconds.

mod acting;
mod answer;
mod autocomplete;
mod buttons;
pub(crate) mod commands;
mod forms;
mod invocation;
mod opening;
mod privacy;
mod texts;
mod ticket;

use domain::locale::Locale;
use serenity::all::Interaction;
use tokio::time::Instant;
use wardesk_core::Wardesk;
use words::Words;

use crate::rest::Rest;
use acting::Visit;
use answer::Answerer;

/// Where interactions are dealt with.
#[derive(Clone)]
pub struct Desk {
    w: Wardesk,
    rest: Rest,
}

impl Desk {
    /// A desk for one bot.
    pub fn new(w: Wardesk, rest: Rest) -> Self {
        Self { w, rest }
    }

    /// Deals with one interaction from its first answer to its last. What fails is answered and logged.
    pub async fn handle(&self, interaction: Interaction) {
        let received = Instant::now();
        match interaction {
            Interaction::Component(pressed) => {
                let Some(visit) = Visit::of_component(&pressed) else { return };
                let answerer =
                    Answerer::new(&self.rest, pressed.id.get(), &pressed.token, "button", received);
                let Some(answerer) = answerer else { return };
                buttons::pressed(self, &answerer, visit, &pressed.data.custom_id).await;
            }
            Interaction::Modal(filled) => {
                let Some(visit) = Visit::of_modal(&filled) else { return };
                let answerer =
                    Answerer::new(&self.rest, filled.id.get(), &filled.token, "form", received);
                let Some(answerer) = answerer else { return };
                forms::submitted(self, &answerer, visit, &filled.data).await;
            }
            Interaction::Command(command) => {
                let answerer = Answerer::new(
                    &self.rest,
                    command.id.get(),
                    &command.token,
                    "command",
                    received,
                );
                let Some(answerer) = answerer else { return };
                if command.data.name == commands::PRIVACY {
                    // Also where no server is: whoever asks is on none that counts.
                    let locale = Locale::from_tag(&command.locale).unwrap_or_default();
                    return privacy::invoked(&self.w, &answerer, Words::new(locale)).await;
                }
                let Some(visit) = Visit::of_command(&command) else { return };
                invocation::invoked(self, &answerer, visit, &command.data).await;
            }
            Interaction::Autocomplete(command) => {
                let Some(visit) = Visit::of_command(&command) else { return };
                let answerer = Answerer::new(
                    &self.rest,
                    command.id.get(),
                    &command.token,
                    "autocomplete",
                    received,
                );
                let Some(answerer) = answerer else { return };
                autocomplete::suggest(self, &answerer, visit, &command.data).await;
            }
            _ => {}
        }
    }
}
