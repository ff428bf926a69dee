//! The buttons of the first message are made to fit the ticket.

use domain::ids::TicketId;
use domain::tickets::TicketState;
use serde_json::json;

use super::{Context, Done, Failure};
use crate::ports::NewMessage;
use crate::tickets::messages::buttons;

pub(super) async fn run(cx: &Context<'_>, id: TicketId) -> Result<Done, Failure> {
    let (ticket, _) = super::ticket(cx, id).await?;
    let (TicketState::Open, Some(channel)) = (ticket.life.state, ticket.life.channel) else {
        return Ok(Done::Plain);
    };
    let live = storage::tickets::live::get(cx.w.store().read(), id).await?;
    let Some(message) = live.and_then(|live| live.welcome) else { return Ok(Done::Plain) };
    let claimed = ticket.life.claimed_by.is_some();
    let body = json!({ "components": buttons(cx.words().await?, id, claimed) });
    match cx.w.discord().edit_message(channel, message, &NewMessage { body, nonce: None }).await {
        Ok(_) => Ok(Done::Plain),
        Err(error) => super::in_channel(cx, &ticket, channel, error).await,
    }
}
