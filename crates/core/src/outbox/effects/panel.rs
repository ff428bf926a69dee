//! A panel's message is posted, edited or removed.

use domain::ids::{ChannelId, MessageId, PanelId};

use super::{Context, Done, Failure};
use crate::outbox::post::post_once;
use crate::ports::{DiscordError, NewMessage};
use crate::tickets::messages;
use crate::tickets::panels::PublishProblem;

pub(super) async fn post(cx: &Context<'_>, id: PanelId) -> Result<Done, Failure> {
    let row = storage::panels::get(cx.w.store().read(), cx.guild(), id).await?;
    let Some(row) = row.filter(|p| p.removed_at.is_none()) else { return Ok(Done::Plain) };
    let Some(channel) = row.settings.channel else {
        return Ok(Done::PanelRefused(PublishProblem::OutOfReach));
    };
    let body = messages::panel(id, &row.settings);
    let revision = row.revision;
    if let Some((at, message)) = row.message.filter(|(at, _)| *at == channel) {
        let edit = NewMessage { body: body.clone(), nonce: None };
        match cx.w.discord().edit_message(at, message, &edit).await {
            Ok(_) => return Ok(Done::PanelPosted { channel, message, revision, replaced: None }),
            // The message was removed by hand: a new one is posted.
            Err(DiscordError::Gone { .. }) => {}
            Err(error) => return refused(error),
        }
    }
    match post_once(cx, channel, body, 0).await {
        Ok(message) => {
            let replaced = row.message.filter(|(at, _)| *at != channel);
            Ok(Done::PanelPosted { channel, message, revision, replaced })
        }
        Err(error) => refused(error),
    }
}

fn refused(error: DiscordError) -> Result<Done, Failure> {
    match error {
        error if error.is_temporary() => Err(error.into()),
        DiscordError::Gone { .. } | DiscordError::Forbidden { .. } => {
            Ok(Done::PanelRefused(PublishProblem::OutOfReach))
        }
        _ => Ok(Done::PanelRefused(PublishProblem::Refused)),
    }
}

pub(super) async fn remove(
    cx: &Context<'_>,
    channel: ChannelId,
    message: MessageId,
) -> Result<Done, Failure> {
    match cx.w.discord().delete_message(channel, message).await {
        Err(error) if error.is_temporary() => Err(error.into()),
        // Gone already, or out of reach: its button answers that the panel is gone.
        Ok(()) | Err(_) => Ok(Done::Plain),
    }
}
