//! The archive is compared with the channel: what was missed is read back, what is gone is marked.

use std::collections::HashSet;

use domain::ids::{ChannelId, DISCORD_EPOCH_MS, GuildId, MessageId, TicketId};
use domain::time::Millis;
use serde_json::Value;
use storage::tickets::TicketRow;
use storage::transcripts::archive::{self as rows, IfKnown};
use storage::transcripts::progress;

use super::TranscriptError;
use super::archive::{Batch, Of};
use super::{deleted, normalise};
use crate::Wardesk;
use crate::ports::DiscordError;

/// Messages of a page. Source: Discord API documentation, "Get Channel Messages".
const PAGE: usize = 100;
/// A message this much younger than the beginning of a session was heard in it, whatever Discord's clock and
/// ours say.
const UNCERTAIN_MS: i64 = 60_000;
/// What is younger is read in any case: it may be on its way to the archive.
const LATEST_MS: i64 = 60_000;
/// A message younger than this may be on its way to the archive and not yet in a page, or the reverse.
const SETTLING_MS: i64 = 10_000;

/// Reads back what was written in the live tickets of a server while nobody listened. Up to `heard`
/// whatever the archive has came in order; a message that it has from later says nothing about those
/// before it. Edits and deletions of older messages are found when the ticket closes.
pub async fn catch_up(w: &Wardesk, guild: GuildId, heard: Millis) -> Result<(), TranscriptError> {
    let heard = first_id_at(heard);
    for channel in storage::tickets::channels::of_guild(w.store().read(), guild).await? {
        let Some(row) = storage::tickets::get(w.store().read(), channel.ticket).await? else {
            continue;
        };
        let of = Of::new(&row);
        let mut after = rows::last_message(w.store().read(), row.id, heard).await?;
        loop {
            let page = match w.discord().messages_after(channel.channel, after).await {
                Ok(page) => page,
                Err(error) if error.is_temporary() => return Err(error.into()),
                // The channel is gone or closed to us; others are not.
                Err(_) => break,
            };
            let full = page.len() >= PAGE;
            let Some(last) = last_id(&page) else { break };
            let mut batch = Batch::default();
            add(w, of, &mut batch, page).await?;
            let mut tx = w.store().begin().await?;
            let written = batch.write(&mut tx, w.now()).await?;
            tx.commit().await?;
            written.tell(w).await;
            after = Some(last);
            if !full {
                break;
            }
        }
    }
    Ok(())
}

/// Compares the archive of a ticket that is being closed with its channel, from where it was left; but for
/// what the gateway delivered without a gap since (see [`super::coverage`]). A channel that is gone or closed
/// to the bot ends it with what the archive has.
pub(super) async fn reconcile(w: &Wardesk, ticket: &TicketRow) -> Result<(), TranscriptError> {
    let of = Of::new(ticket);
    let keep = deleted::are_kept(w, ticket).await?;
    let known = progress::get(w.store().read(), ticket.id).await?.unwrap_or_default();
    if known.reconciled {
        return Ok(());
    }
    let mut after = known.reconciled_to;
    loop {
        let asked = w.now();
        after = after.max(heard_to(w, ticket.id, after, asked).await?);
        let page = match ticket.life.channel {
            None => None,
            Some(channel) => read_page(w, channel, after).await?,
        };
        let more = page.as_ref().is_some_and(|page| page.len() >= PAGE);
        let mut batch = Batch::default();
        let mut reached = after;
        if let Some(page) = page {
            reached = last_id(&page).map_or(after, |id| id.get().max(after));
            // Past the last page nothing follows: what the archive has there was deleted, unless it is
            // so young that the page could not know it.
            let end = if more { reached } else { reached.max(oldest_unsettled(asked)) };
            mark_missing(w, of, keep, &mut batch, (after, end), &page).await?;
            add(w, of, &mut batch, page).await?;
        }
        // A page that brings nothing new would be read for ever.
        let more = more && reached > after;
        let mut tx = w.store().begin().await?;
        let written = batch.write(&mut tx, w.now()).await?;
        progress::reconciled(tx.conn(), ticket.id, reached, !more).await?;
        tx.commit().await?;
        written.tell(w).await;
        fail::fail_point!(crate::failpoints::TRANSCRIPT_AFTER_PAGE);
        after = reached;
        if !more {
            return Ok(());
        }
    }
}

/// The message up to which the archive has everything, when everything up to `after` was compared; 0 when that
/// is not known.
async fn heard_to(
    w: &Wardesk,
    ticket: TicketId,
    after: i64,
    asked: Millis,
) -> Result<i64, storage::StorageError> {
    let Some(since) = w.transcript_caches().coverage.of(ticket) else { return Ok(0) };
    if after < first_id_at(Millis(since.0 + UNCERTAIN_MS)) {
        return Ok(0);
    }
    let latest = first_id_at(Millis(asked.0 - LATEST_MS));
    let heard = rows::last_message(w.store().read(), ticket, latest).await?;
    Ok(heard.map_or(0, MessageId::get))
}

/// Reads what follows the comparison of a closed ticket's archive with its channel. What was there then is
/// not compared again.
pub(super) async fn read_on(w: &Wardesk, ticket: &TicketRow) -> Result<(), TranscriptError> {
    let of = Of::new(ticket);
    let Some(channel) = ticket.life.channel else { return Ok(()) };
    let known = progress::get(w.store().read(), ticket.id).await?.unwrap_or_default();
    let mut after = known.reconciled_to;
    while let Some(page) = read_page(w, channel, after).await? {
        let Some(last) = last_id(&page).filter(|last| last.get() > after) else { break };
        let full = page.len() >= PAGE;
        let mut batch = Batch::default();
        add(w, of, &mut batch, page).await?;
        let mut tx = w.store().begin().await?;
        let written = batch.write(&mut tx, w.now()).await?;
        progress::reconciled(tx.conn(), ticket.id, last.get(), true).await?;
        tx.commit().await?;
        written.tell(w).await;
        after = last.get();
        if !full {
            break;
        }
    }
    Ok(())
}

/// A page of the channel; `None` when it cannot be read and never will be.
async fn read_page(
    w: &Wardesk,
    channel: ChannelId,
    after: i64,
) -> Result<Option<Vec<Value>>, DiscordError> {
    match w.discord().messages_after(channel, MessageId::new(after).ok()).await {
        Ok(page) => Ok(Some(page)),
        Err(error) if error.is_temporary() => Err(error),
        Err(error) => {
            tracing::info!(%error, "a ticket's channel cannot be read back");
            Ok(None)
        }
    }
}

async fn add(
    w: &Wardesk,
    of: Of,
    batch: &mut Batch,
    page: Vec<Value>,
) -> Result<(), storage::StorageError> {
    let erased = storage::privacy::people::erased_messages(w.store().read(), of.ticket).await?;
    for value in page {
        if let Some(message) = normalise::normalise(value, of.opener) {
            // Of somebody who was erased nothing comes back.
            if erased.contains(&message.id.get()) {
                continue;
            }
            batch.message(w, of, message, IfKnown::Replace).await?;
        }
    }
    Ok(())
}

async fn mark_missing(
    w: &Wardesk,
    of: Of,
    keep: bool,
    batch: &mut Batch,
    (after, end): (i64, i64),
    page: &[Value],
) -> Result<(), storage::StorageError> {
    let there: HashSet<MessageId> = page.iter().filter_map(id).collect();
    for message in rows::message_ids(w.store().read(), of.ticket, after + 1, end).await? {
        if !there.contains(&message) {
            batch.deleted(w, of, message, keep).await?;
        }
    }
    Ok(())
}

fn id(message: &Value) -> Option<MessageId> {
    normalise::id_of(message, "id")
}

fn last_id(page: &[Value]) -> Option<MessageId> {
    page.iter().filter_map(id).max()
}

/// The first id of the time that a page read at `asked` may not know yet.
const fn oldest_unsettled(asked: Millis) -> i64 {
    first_id_at(Millis(asked.0 - SETTLING_MS))
}

/// The smallest id that Discord can give at a time.
const fn first_id_at(at: Millis) -> i64 {
    let since = at.0 - DISCORD_EPOCH_MS;
    if since < 0 { 0 } else { since << 22 }
}
