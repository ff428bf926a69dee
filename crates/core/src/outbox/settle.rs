//! The result of an effect is noted: the row goes, and what follows from it commits with that.

use domain::ids::{GuildId, OutboxId, TicketId};
use domain::tickets::{Refusal, TicketState};
use storage::StorageError;
use storage::outbox::ClaimedEffect;
use storage::tickets::channels::TicketChannel;

use super::{Alert, Answer, Cause, Done, Effect, Notice, subject};
use crate::Wardesk;
use crate::tickets::{Change, TicketError, TicketEvent};

/// An effect that was carried out and of which nothing follows but that its row goes, and perhaps an alert.
#[derive(Debug)]
pub(super) struct Ack {
    id: OutboxId,
    guild: GuildId,
    mended: Option<String>,
}

impl Ack {
    /// The effect.
    pub(super) const fn id(&self) -> OutboxId {
        self.id
    }
}

/// What is left to note of a carried out effect, if that is so little that many may be noted at once.
pub(super) fn acknowledgement(row: &ClaimedEffect, effect: &Effect, done: &Done) -> Option<Ack> {
    if *done != Done::Plain {
        return None;
    }
    let mended = match effect {
        // Staff may have been told that it takes long.
        Effect::BuildTranscript { .. } if row.attempts > 1 => return None,
        Effect::PostSummary { .. } => Some(subject::SUMMARY.to_owned()),
        Effect::DeleteChannel { channel, .. } => Some(subject::channel(*channel)),
        _ => None,
    };
    Some(Ack { id: row.id, guild: row.guild, mended })
}

/// Notes many effects in one transaction. What another holder has taken over meanwhile is left to it.
pub(super) async fn acknowledge(
    w: &Wardesk,
    holder: &str,
    acks: &[Ack],
) -> Result<(), StorageError> {
    if acks.is_empty() {
        return Ok(());
    }
    let mut tx = w.store().begin().await?;
    for ack in acks {
        let mine = storage::outbox::done(tx.conn(), ack.id, holder).await?;
        if let Some(subject) = ack.mended.as_deref().filter(|_| mine) {
            storage::alerts::clear(tx.conn(), ack.guild, subject).await?;
        }
    }
    fail::fail_point!(crate::failpoints::OUTBOX_BEFORE_SETTLE);
    tx.commit().await?;
    fail::fail_point!(crate::failpoints::OUTBOX_AFTER_SETTLE);
    Ok(())
}

/// Notes that an effect needs no further attempt.
pub(super) async fn done(
    w: &Wardesk,
    holder: &str,
    row: &ClaimedEffect,
    effect: &Effect,
    done: &Done,
) -> Result<(), TicketError> {
    let mut change = Change::begin(w, row.guild).await?;
    if !storage::outbox::done(change.conn(), row.id, holder).await? {
        // The lease ran out and another has it: that one settles.
        return Ok(());
    }
    let mut channel = None;
    match (done, effect) {
        (Done::ChannelMade(made), Effect::CreateTicketChannel { ticket }) => {
            let (ticket_row, _) = change.ticket(*ticket).await?;
            let life = ticket_row.life.opened(*made)?;
            let now = change.now();
            storage::tickets::save_life(change.conn(), *ticket, &life, now).await?;
            change.event(*ticket, None, &TicketEvent::ChannelMade { channel: *made }).await?;
            change.effect(&Effect::PostWelcome { ticket: *ticket })?;
            let answer = Answer::Opened;
            change.effect(&Effect::EditInteractionResponse { ticket: *ticket, answer })?;
            change.mended(subject::OPEN).await?;
            channel = Some(TicketChannel { channel: *made, ticket: *ticket, guild: row.guild });
        }
        (Done::OpenRefused(cause), Effect::CreateTicketChannel { ticket }) => {
            refused(&mut change, *ticket, *cause).await?;
        }
        (Done::ChannelMoved, Effect::MoveChannel { ticket, from, to, by, released }) => {
            let (ticket_row, _) = change.ticket(*ticket).await?;
            change.mended(&subject::moving(ticket_row.number)).await?;
            let notice = Notice::Moved { from: *from, to: *to, by: *by, released: *released };
            change.effect(&Effect::PostNotice { ticket: *ticket, notice })?;
            if released.is_some() {
                change.effect(&Effect::UpdateTicketMessage { ticket: *ticket })?;
            }
        }
        (Done::MoveRefused(cause), Effect::MoveChannel { ticket, from, to, released, .. }) => {
            crate::tickets::move_back(&mut change, *ticket, (*from, *to), *released, *cause)
                .await?;
        }
        (Done::Welcomed(message), Effect::PostWelcome { ticket }) => {
            storage::tickets::live::welcomed(change.conn(), *ticket, *message).await?;
        }
        (Done::Answered, Effect::EditInteractionResponse { ticket, .. }) => {
            let (ticket_row, _) = change.ticket(*ticket).await?;
            if ticket_row.life.state == TicketState::Failed {
                storage::tickets::live::remove(change.conn(), *ticket).await?;
            } else {
                storage::tickets::live::forget_token(change.conn(), *ticket).await?;
            }
        }
        (
            Done::PanelPosted { channel, message, revision, replaced },
            Effect::PostPanel { panel, by },
        ) => {
            let now = change.now();
            let conn = change.conn();
            let there =
                storage::panels::published(conn, *panel, *channel, *message, *revision, now)
                    .await?;
            if !there {
                // Removed while its message was on the way: that goes too.
                let (channel, message) = (*channel, *message);
                change.effect(&Effect::RemovePanelMessage { panel: *panel, channel, message })?;
            }
            change.mended(&subject::panel(*panel)).await?;
            if let Some((channel, message)) = *replaced {
                change.effect(&Effect::RemovePanelMessage { panel: *panel, channel, message })?;
            }
            let event = TicketEvent::PanelPublished { channel: *channel, message: *message };
            change.panel_event(*panel, Some(*by), &event).await?;
        }
        (Done::PanelRefused(problem), Effect::PostPanel { panel, .. }) => {
            let problem = Some(problem.as_str());
            storage::panels::publish_problem(change.conn(), *panel, problem).await?;
            change.alert(Alert::PanelFailed { panel: *panel }).await?;
            change.panel_event(*panel, None, &TicketEvent::PanelFailed).await?;
        }
        // Only after several attempts may there be an alert; see `acknowledgement`.
        (Done::Plain, Effect::BuildTranscript { ticket }) => {
            let (ticket_row, _) = change.ticket(*ticket).await?;
            change.mended(&subject::transcript(ticket_row.number)).await?;
        }
        (other, effect) => {
            debug_assert!(false, "{other:?} is no result of {effect:?}");
        }
    }
    fail::fail_point!(crate::failpoints::OUTBOX_BEFORE_SETTLE);
    let committed = change.commit().await?;
    fail::fail_point!(crate::failpoints::OUTBOX_AFTER_SETTLE);
    if let Some(channel) = channel {
        crate::tickets::listen(w, channel);
    }
    if matches!(effect, Effect::PostPanel { .. }) {
        w.ticket_caches().panels_changed(row.guild).await;
    }
    committed.tell();
    Ok(())
}

async fn refused(
    change: &mut Change<'_>,
    ticket: TicketId,
    cause: Cause,
) -> Result<(), TicketError> {
    let (row, _) = change.ticket(ticket).await?;
    let life = row.life.failed()?;
    let now = change.now();
    storage::tickets::save_life(change.conn(), ticket, &life, now).await?;
    change.event(ticket, None, &TicketEvent::OpenFailed { cause }).await?;
    let answer = match cause {
        Cause::CategoryFull | Cause::ServerFull => Answer::Refused(Refusal::NoRoom),
        Cause::CategoryGone | Cause::MissingPermission | Cause::Refused => {
            Answer::Refused(Refusal::BotLacksPermission)
        }
        Cause::Unavailable => Answer::Failed,
    };
    change.effect(&Effect::EditInteractionResponse { ticket, answer })?;
    let alert = Alert::OpenFailed { number: row.number, opener: row.opener, cause };
    change.alert(alert).await?;
    Ok(())
}

/// Gives an effect up. It stays, dead, and staff are told.
pub(super) async fn give_up(
    w: &Wardesk,
    holder: &str,
    row: &ClaimedEffect,
    code: &str,
    alert: Option<Alert>,
) -> Result<(), StorageError> {
    let mut change = Change::begin(w, row.guild).await?;
    if !storage::outbox::bury(change.conn(), row.id, holder, code).await? {
        return Ok(());
    }
    if let Some(alert) = alert {
        change.alert(alert).await?;
    }
    change.commit().await?.tell();
    Ok(())
}

/// Puts an effect back for later; `alert` tells staff that it takes long.
pub(super) async fn later(
    w: &Wardesk,
    holder: &str,
    row: &ClaimedEffect,
    wait_ms: u64,
    code: &str,
    alert: Option<Alert>,
) -> Result<(), StorageError> {
    let mut change = Change::begin(w, row.guild).await?;
    let wait = i64::try_from(wait_ms).unwrap_or(i64::MAX);
    let due = domain::time::Millis(change.now().0.saturating_add(wait));
    if !storage::outbox::retry(change.conn(), row.id, holder, due, code).await? {
        return Ok(());
    }
    if let Some(alert) = alert {
        change.alert(alert).await?;
    }
    change.commit().await?.tell();
    Ok(())
}
