//! Each effect, carried out.

mod alert;
mod buttons;
mod closing;
mod create_channel;
mod delete_channel;
mod direct;
mod document;
mod download;
mod holder;
mod interaction;
mod move_channel;
mod notice;
mod operator;
mod overwrites;
mod panel;
mod transcript;
mod welcome;

use domain::ids::{ChannelId, TicketId, UserId};
use storage::StorageError;
use storage::panels::PanelRow;
use storage::tickets::TicketRow;

use super::{Alert, Context, Done, Effect, Failure};
use crate::ports::DiscordError;
use crate::privacy::names::{self, PersonRow};
use crate::privacy::restrict;
use crate::tickets::{TicketError, channel_deleted};

/// Carries an effect out.
pub(super) async fn carry_out(cx: &Context<'_>, effect: &Effect) -> Result<Done, Failure> {
    match *effect {
        Effect::CreateTicketChannel { ticket } => create_channel::run(cx, ticket).await,
        Effect::PostWelcome { ticket } => welcome::run(cx, ticket).await,
        Effect::EditInteractionResponse { ticket, answer } => {
            interaction::run(cx, ticket, answer).await
        }
        Effect::PutOverwrite { ticket, user } => overwrites::put(cx, ticket, user).await,
        Effect::DeleteOverwrite { ticket, user } => overwrites::delete(cx, ticket, user).await,
        Effect::MoveChannel { ticket, to, .. } => move_channel::run(cx, ticket, to).await,
        Effect::UpdateTicketMessage { ticket } => buttons::run(cx, ticket).await,
        Effect::PostNotice { ticket, notice } => notice::run(cx, ticket, notice).await,
        Effect::LockChannel { ticket } => overwrites::lock(cx, ticket).await,
        Effect::BuildTranscript { ticket } => transcript::run(cx, ticket).await,
        Effect::PostSummary { ticket } => closing::summary(cx, ticket).await,
        Effect::DmOpener { ticket } => closing::dm(cx, ticket).await,
        Effect::DeleteChannel { ticket, channel } => delete_channel::run(cx, ticket, channel).await,
        Effect::PostPanel { panel, .. } => panel::post(cx, panel).await,
        Effect::RemovePanelMessage { channel, message, .. } => {
            panel::remove(cx, channel, message).await
        }
        Effect::StaffAlert { alert } => alert::run(cx, &alert).await,
        Effect::DmHolder { user, news, until, .. } => holder::dm(cx, user, news, until).await,
        Effect::DmOperator { user, .. } => operator::dm(cx, user).await,
        Effect::DmDownload { user } => download::dm(cx, user).await,
        Effect::AnnounceDocument { document, version, channel } => {
            document::announce(cx, document, version, channel).await
        }
    }
}

/// The ticket of an effect and its panel. Rows are never removed while effects of theirs are pending.
async fn ticket(cx: &Context<'_>, id: TicketId) -> Result<(TicketRow, PanelRow), Failure> {
    let db = cx.w.store().read();
    let ticket =
        storage::tickets::get(db, id).await?.ok_or(StorageError::Corrupt("outbox.payload"))?;
    let panel = storage::panels::of_ticket(db, &ticket).await?;
    Ok((ticket, panel))
}

/// Keeps the present names of someone who acted, for lists and timelines. Without them an id is shown, so
/// nothing depends on it. Discord is not asked about whoever is restricted.
async fn learn_names(cx: &Context<'_>, user: UserId) -> Result<(), Failure> {
    if restrict::is_restricted(cx.w, cx.guild(), user).await? {
        return Ok(());
    }
    let Ok(member) = cx.w.discord().member(cx.guild(), user).await else { return Ok(()) };
    let person = PersonRow {
        user,
        display_name: member.display_name,
        username: member.username,
        avatar: member.avatar,
    };
    let names = names::told(cx.w, cx.guild(), person).await?;
    let mut tx = cx.w.store().begin().await?;
    names.keep(tx.conn(), cx.w.now()).await?;
    tx.commit().await?;
    cx.w.ticket_caches().list_changed(cx.guild());
    Ok(())
}

/// What an error of a call in a ticket's channel means: a channel that is gone closes its ticket, another
/// thing that is gone needs no further effort, a refusal is told to staff.
async fn in_channel(
    cx: &Context<'_>,
    ticket: &TicketRow,
    channel: ChannelId,
    error: DiscordError,
) -> Result<Done, Failure> {
    match error {
        DiscordError::Gone { code: UNKNOWN_CHANNEL } => {
            match channel_deleted(cx.w, channel).await {
                Ok(()) => Ok(Done::Plain),
                Err(TicketError::Storage(error)) => Err(error.into()),
                Err(_) => Err(Failure::Later { after_ms: None, code: "channel_gone" }),
            }
        }
        DiscordError::Gone { .. } => Ok(Done::Plain),
        error if error.is_temporary() => Err(error.into()),
        error => Err(Failure::never(&error, Alert::StepFailed { number: ticket.number })),
    }
}

/// Discord's code for a channel that does not exist. Source: "JSON Error Codes".
const UNKNOWN_CHANNEL: u32 = 10_003;
