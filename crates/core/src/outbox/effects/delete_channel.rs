//! The channel goes, after everything else.

use domain::ids::{ChannelId, TicketId};
use domain::tickets::TicketState;
use words::Words;

use super::{Context, Done, Failure};
use crate::guilds;
use crate::outbox::Alert;
use crate::ports::DiscordError;
use crate::transcripts::{self, TranscriptError};

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
    if ticket.life.state == TicketState::Closed {
        match transcripts::add_late(cx.w, id).await {
            Ok(()) => {}
            Err(TranscriptError::FilesPending) => {
                let after_ms = Some(super::transcript::FILES_MS);
                return Err(Failure::Later { after_ms, code: "files_pending" });
            }
            Err(TranscriptError::Discord(error)) => return Err(error.into()),
            Err(TranscriptError::Storage(error)) => return Err(error.into()),
            Err(TranscriptError::NotFound) => return Ok(Done::Plain),
        }
        fail::fail_point!(crate::failpoints::DELETE_CHANNEL_AFTER_LATE);
    }
    let words = Words::new(guilds::settings_of(cx.w, cx.guild()).await?.locale);
    let reason = words.bot_summary_title(ticket.number);
    match cx.w.discord().delete_channel(channel, &reason).await {
        Ok(()) | Err(DiscordError::Gone { .. }) => {
            cx.w.ticket_caches().remove_channel(channel, cx.w.now());
            Ok(Done::Plain)
        }
        Err(error) if error.is_temporary() => Err(error.into()),
        Err(error) => {
            Err(Failure::never(&error, Alert::ChannelStays { number: ticket.number, channel }))
        }
    }
}
