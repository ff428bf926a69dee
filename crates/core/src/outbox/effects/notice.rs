//! A short message in the ticket's channel.

use domain::ids::TicketId;
use domain::tickets::TicketState;

use super::{Context, Done, Failure};
use crate::outbox::Notice;
use crate::outbox::post::post_once;
use crate::tickets::{detail_reason, messages};

pub(super) async fn run(cx: &Context<'_>, id: TicketId, notice: Notice) -> Result<Done, Failure> {
    let (ticket, _) = super::ticket(cx, id).await?;
    let Some(channel) = ticket.life.channel else { return Ok(Done::Plain) };
    if !matches!(ticket.life.state, TicketState::Open | TicketState::Closing) {
        return Ok(Done::Plain);
    }
    if let Notice::Claimed { by } | Notice::Closing { by } = notice {
        super::learn_names(cx, by).await?;
    }
    let reason = match notice {
        Notice::Closing { .. } => detail_reason(cx.w, &ticket).await?,
        _ => None,
    };
    let body = messages::notice(cx.words().await?, notice, reason.as_deref());
    match post_once(cx, channel, body, 0).await {
        Ok(_) => Ok(Done::Plain),
        Err(error) => super::in_channel(cx, &ticket, channel, error).await,
    }
}
