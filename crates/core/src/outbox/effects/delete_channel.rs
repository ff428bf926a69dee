//! The channel goes, after everything else.

use domain::ids::{ChannelId, TicketId};
use domain::tickets::TicketState;
use words::Words;

use super::{Context, Done, Failure};
use crate::guilds;
use crate::outbox::Alert;
use crate::ports::DiscordError;

pub(super) async fn run(
    cx: &Context<'_>,
    id: TicketId,
    channel: ChannelId,
) -> Result<Done, Failure> {
    let (ticket, _) = super::ticket(cx, id).await?;
    if !matches!(ticket.life.state, TicketState::Closed | TicketState::Failed) {
        // The transcript was given up, which its alert has told: the channel holds what there is.
        return Err(Failure::Never { code: "transcript_missing", alert: None });
    }
    let words = Words::new(guilds::settings_of(cx.w, cx.guild()).await?.locale);
    let reason = words.bot_summary_title(ticket.number);
    match cx.w.discord().delete_channel(channel, &reason).await {
        Ok(()) | Err(DiscordError::Gone { .. }) => {
            cx.w.ticket_caches().remove_channel(channel);
            Ok(Done::Plain)
        }
        Err(error) if error.is_temporary() => Err(error.into()),
        Err(error) => {
            Err(Failure::never(&error, Alert::ChannelStays { number: ticket.number, channel }))
        }
    }
}
