//! What is told once the transcript is stored: the summary for staff, the link for the opener.

use domain::ids::TicketId;
use domain::tickets::TicketState;
use serde_json::Value;
use storage::panels::PanelRow;
use storage::tickets::TicketRow;

use super::{Context, Done, Failure};
use crate::guilds;
use crate::outbox::Alert;
use crate::outbox::post::post_once;
use crate::tickets::detail_reason;
use crate::tickets::messages::{self, Closing};

pub(super) async fn summary(cx: &Context<'_>, id: TicketId) -> Result<Done, Failure> {
    let (ticket, panel) = super::ticket(cx, id).await?;
    let settings = guilds::settings_of(cx.w, cx.guild()).await?;
    let Some(channel) = settings.transcript_channel else { return Ok(Done::Plain) };
    if ticket.life.state != TicketState::Closed {
        return Ok(Done::Plain);
    }
    let body = body(cx, &ticket, &panel, messages::summary).await?;
    match post_once(cx, channel, body, 0).await {
        Ok(_) => Ok(Done::Plain),
        Err(error) if error.is_temporary() => Err(error.into()),
        Err(error) => Err(Failure::never(&error, Alert::SummaryFailed { number: ticket.number })),
    }
}

pub(super) async fn dm(cx: &Context<'_>, id: TicketId) -> Result<Done, Failure> {
    let (ticket, panel) = super::ticket(cx, id).await?;
    if ticket.life.state != TicketState::Closed {
        return Ok(Done::Plain);
    }
    let server = cx.w.discord().guild(cx.guild()).await?.name.clone();
    let body = body(cx, &ticket, &panel, |closing| messages::dm(closing, &server)).await?;
    let sent = match cx.w.discord().dm_channel(ticket.opener).await {
        Ok(channel) => post_once(cx, channel, body, 0).await.map(|_| ()),
        Err(error) => Err(error),
    };
    match sent {
        Err(error) if error.is_temporary() => Err(error.into()),
        // A member may refuse messages from the bot (code 50007); the transcript is theirs all the same.
        Ok(()) | Err(_) => Ok(Done::Plain),
    }
}

async fn body(
    cx: &Context<'_>,
    ticket: &TicketRow,
    panel: &PanelRow,
    write: impl FnOnce(&Closing<'_>) -> Value,
) -> Result<Value, Failure> {
    let reason = detail_reason(cx.w, ticket).await?;
    let url = format!("{}/transcripts/{}", cx.w.public_url(), ticket.id);
    Ok(write(&Closing {
        words: cx.words().await?,
        number: ticket.number,
        panel: &panel.settings.name,
        opener: ticket.opener,
        claimed_by: ticket.life.claimed_by,
        closed_by: ticket.life.closed_by,
        reason: reason.as_deref(),
        created: ticket.created_at,
        closing: ticket.life.closing_since.unwrap_or(ticket.created_at),
        messages: super::transcript::message_count(cx, ticket.id).await,
        url: &url,
    }))
}
