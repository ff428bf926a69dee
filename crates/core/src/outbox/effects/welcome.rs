//! The first message with answers and buttons.

use domain::ids::TicketId;
use domain::tickets::TicketState;
use storage::tickets::channels::TicketChannel;

use super::{Context, Done, Failure};
use crate::outbox::post::post_once;
use crate::tickets::detail_answers;
use crate::tickets::messages::{Welcome, welcome};

pub(super) async fn run(cx: &Context<'_>, id: TicketId) -> Result<Done, Failure> {
    let (ticket, panel) = super::ticket(cx, id).await?;
    let Some(channel) = ticket.life.channel else { return Ok(Done::Plain) };
    if !matches!(ticket.life.state, TicketState::Open | TicketState::Closing) {
        return Ok(Done::Plain);
    }
    // The channel may have been made by a process that led before this one.
    crate::tickets::listen(cx.w, TicketChannel { channel, ticket: id, guild: cx.guild() });
    let answers = detail_answers(cx.w, &ticket).await?;
    let messages = welcome(&Welcome {
        words: cx.words().await?,
        ticket: id,
        number: ticket.number,
        opener: ticket.opener,
        panel: &panel.settings,
        answers: &answers,
        claimed: ticket.life.claimed_by.is_some(),
        keeps_deleted: ticket.keeps_deleted,
    });
    let mut first = None;
    for (part, body) in messages.into_iter().enumerate() {
        match post_once(cx, channel, body, part).await {
            Ok(message) => first = first.or(Some(message)),
            Err(error) => return super::in_channel(cx, &ticket, channel, error).await,
        }
    }
    Ok(first.map_or(Done::Plain, Done::Welcomed))
}
