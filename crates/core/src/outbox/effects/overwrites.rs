//! People are let into a ticket's channel and shown out.

use domain::ids::{TicketId, UserId};
use domain::permissions::{Overwrite, OverwriteTarget, Permissions};
use domain::tickets::TicketState;

use super::{Context, Done, Failure};
use crate::tickets::panels::reach::bot_permissions;

pub(super) async fn put(cx: &Context<'_>, id: TicketId, user: UserId) -> Result<Done, Failure> {
    let (ticket, _) = super::ticket(cx, id).await?;
    let (TicketState::Open, Some(channel)) = (ticket.life.state, ticket.life.channel) else {
        return Ok(Done::Plain);
    };
    let may = bot_permissions(&cx.w.discord().guild(cx.guild()).await?);
    let overwrite = Overwrite {
        target: OverwriteTarget::Member(user),
        allow: Permissions(Permissions::TICKET_PARTICIPANT.0 & may.0),
        deny: Permissions::default(),
    };
    match cx.w.discord().put_overwrite(channel, &overwrite).await {
        Ok(()) => Ok(Done::Plain),
        Err(error) => super::in_channel(cx, &ticket, channel, error).await,
    }
}

pub(super) async fn delete(cx: &Context<'_>, id: TicketId, user: UserId) -> Result<Done, Failure> {
    let (ticket, _) = super::ticket(cx, id).await?;
    let (TicketState::Open, Some(channel)) = (ticket.life.state, ticket.life.channel) else {
        return Ok(Done::Plain);
    };
    match cx.w.discord().delete_overwrite(channel, user).await {
        Ok(()) => Ok(Done::Plain),
        Err(error) => super::in_channel(cx, &ticket, channel, error).await,
    }
}
