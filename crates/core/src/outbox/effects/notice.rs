//! A short message in the ticket's channel.

use domain::ids::TicketId;
use domain::tickets::TicketState;

use super::{Context, Done, Failure};
use crate::outbox::Notice;
use crate::outbox::post::post_once;
use crate::tickets::messages::{self, NoticeFacts};

pub(super) async fn run(cx: &Context<'_>, id: TicketId, notice: Notice) -> Result<Done, Failure> {
    let (ticket, _) = super::ticket(cx, id).await?;
    let Some(channel) = ticket.life.channel else { return Ok(Done::Plain) };
    if !matches!(ticket.life.state, TicketState::Open | TicketState::Closing) {
        return Ok(Done::Plain);
    }
    if let Notice::Claimed { by }
    | Notice::Priority { by, .. }
    | Notice::Moved { by, .. }
    | Notice::Closing { by } = notice
    {
        super::learn_names(cx, by).await?;
    }
    let mut facts = NoticeFacts::default();
    if let Notice::Moved { from, to, .. } = notice {
        let caches = cx.w.ticket_caches();
        let name = async |panel| caches.panel_name(cx.w, cx.guild(), panel).await;
        facts.panels = (name(from).await?, name(to).await?);
    }
    let body = messages::notice(cx.words().await?, notice, &facts);
    match post_once(cx, channel, body, 0).await {
        Ok(_) => Ok(Done::Plain),
        Err(error) => super::in_channel(cx, &ticket, channel, error).await,
    }
}
