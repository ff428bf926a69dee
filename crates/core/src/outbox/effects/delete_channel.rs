//! The channel goes, after everything else; and so does one that no ticket needs.

use domain::ids::{ChannelId, TicketId};
use domain::tickets::TicketState;
use storage::tickets::TicketRow;
use words::Words;

use super::{Context, Done, Failure};
use crate::guilds;
use crate::outbox::Alert;
use crate::outbox::post::is_by;
use crate::ports::DiscordError;
use crate::transcripts::{self, TranscriptError};

pub(super) async fn run(
    cx: &Context<'_>,
    id: TicketId,
    channel: ChannelId,
) -> Result<Done, Failure> {
    let (ticket, _) = super::ticket(cx, id).await?;
    if ticket.life.channel != Some(channel) {
        return left_over(cx, &ticket, channel).await;
    }
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
            Err(TranscriptError::NotFound | TranscriptError::Refused(_)) => return Ok(Done::Plain),
        }
        fail::fail_point!(crate::failpoints::DELETE_CHANNEL_AFTER_LATE);
    }
    remove(cx, &ticket, channel).await
}

/// A channel with the ticket's marker that is not the ticket's: made by an attempt whose answer never came,
/// or a copy that somebody made. It goes if the bot alone has written there; else staff are told of it.
async fn left_over(
    cx: &Context<'_>,
    ticket: &TicketRow,
    channel: ChannelId,
) -> Result<Done, Failure> {
    if ticket.life.state == TicketState::Opening {
        // It may become the ticket's own.
        return Ok(Done::Plain);
    }
    let number = ticket.number;
    match is_untouched(cx, channel).await {
        Ok(true) => remove(cx, ticket, channel).await,
        Ok(false) => Err(Failure::Never {
            code: "channel_in_use",
            alert: Some(Alert::ChannelDoubled { number, channel }),
        }),
        Err(DiscordError::Gone { .. }) => Ok(Done::Plain),
        Err(error) if error.is_temporary() => Err(error.into()),
        // Who cannot read it cannot know what is in it.
        Err(error) => Err(Failure::never(&error, Alert::ChannelDoubled { number, channel })),
    }
}

/// Whether nobody but the bot has written in a channel. More than a page of its own words is more than the
/// bot says in one that no ticket needs.
async fn is_untouched(cx: &Context<'_>, channel: ChannelId) -> Result<bool, DiscordError> {
    let bot = cx.w.discord().bot().await?;
    let page = cx.w.discord().messages_after(channel, None).await?;
    Ok(page.len() < 100 && page.iter().all(|message| is_by(message, bot)))
}

async fn remove(cx: &Context<'_>, ticket: &TicketRow, channel: ChannelId) -> Result<Done, Failure> {
    let words = Words::new(guilds::settings_of(cx.w, cx.guild()).await?.locale);
    let reason = words.bot_summary_title(ticket.number);
    match cx.w.discord().delete_channel(channel, &reason).await {
        Ok(()) | Err(DiscordError::Gone { .. }) => {
            cx.w.ticket_caches().remove_channel(channel, cx.w.now());
            if ticket.life.channel == Some(channel) {
                crate::privacy::erase::channel_gone(cx.w, ticket.id).await?;
            }
            Ok(Done::Plain)
        }
        Err(error) if error.is_temporary() => Err(error.into()),
        Err(error) => {
            Err(Failure::never(&error, Alert::ChannelStays { number: ticket.number, channel }))
        }
    }
}
