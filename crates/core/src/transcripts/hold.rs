//! Legal holds: a transcript that stays while a matter is under way.

use domain::access::Capability;
use domain::ids::{GuildId, TicketId, UserId};
use domain::time::Millis;
use domain::transcripts::HOLD_REASON_LIMIT;
use storage::transcripts::holds::{self as rows, HoldRow};
use storage::{KeyScope, Sealed, StorageError};

use super::error::Refusal;
use super::{TranscriptAccess, TranscriptError, deleted, seals, views};
use crate::Wardesk;
use crate::guilds::{GuildAccess, GuildError};
use crate::privacy::{names, protections, restrict};

/// Tickets under a hold that a page lists at most.
pub const LISTED: i64 = 100;

/// A hold, as those see it who manage the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Who placed it.
    pub by: UserId,
    /// The name they were last seen under; `None` if it is not known, or they are restricted.
    pub by_name: Option<String>,
    /// When.
    pub at: Millis,
    /// Why.
    pub reason: String,
}

/// A reason as it is kept; [`Refusal::Reason`] for none and for one that is too long.
fn checked(reason: &str) -> Result<&str, TranscriptError> {
    let reason = reason.trim();
    let limit = usize::try_from(HOLD_REASON_LIMIT).unwrap_or(usize::MAX);
    if reason.is_empty() || reason.chars().count() > limit {
        return Err(TranscriptError::Refused(Refusal::Reason));
    }
    Ok(reason)
}

/// Keeps a transcript until the hold is lifted, whatever the server's settings say, and with it what is deleted in
/// Discord from now on. For those who manage the server; in the audit log without the reason.
pub async fn place(access: &TranscriptAccess, reason: &str) -> Result<(), TranscriptError> {
    let by = access.require(Capability::Configure)?.user();
    let reason = checked(reason)?;
    let (w, ticket) = (&access.wardesk, &access.ticket);
    let (scope, number) =
        (KeyScope::server(ticket.guild), rows::next_number(w.store().read(), ticket.id).await?);
    let aad = rows::reason_aad(ticket.id, number);
    let sealed = w.store().keys().seal(&scope, &aad, reason.as_bytes()).await?;
    let mut tx = w.store().begin().await?;
    lock(&mut tx, ticket.id).await?;
    let now = w.now();
    let row = HoldRow { hold: number, placed_by: by, placed_at: now, reason: sealed.into_bytes() };
    // A second one at the same moment has the same number, or meets the first.
    if !rows::place(tx.conn(), ticket.id, row).await? {
        return Err(TranscriptError::Refused(Refusal::Held));
    }
    views::note(tx.conn(), now, by, "transcript.held", ticket).await?;
    // First: a restore may place a hold that somebody tried to place, and may not lose one.
    protections::held(w, ticket, now, reason).await?;
    tx.commit().await?;
    w.ticket_caches().list_changed(ticket.guild);
    Ok(())
}

/// Places a hold again that a restore of a backup undid, in the service's name. `false`: the ticket is not there, or is
/// held.
pub(crate) async fn again(
    w: &Wardesk,
    ticket: TicketId,
    at: Millis,
    reason: &str,
) -> Result<bool, StorageError> {
    let Some(ticket) = storage::tickets::get(w.store().read(), ticket).await? else {
        return Ok(false);
    };
    let (scope, by) = (KeyScope::server(ticket.guild), w.own_user()?);
    let number = rows::next_number(w.store().read(), ticket.id).await?;
    let aad = rows::reason_aad(ticket.id, number);
    let sealed = w.store().keys().seal(&scope, &aad, reason.as_bytes()).await?;
    let row = HoldRow { hold: number, placed_by: by, placed_at: at, reason: sealed.into_bytes() };
    let mut tx = w.store().begin().await?;
    let placed = rows::place(tx.conn(), ticket.id, row).await?;
    if placed {
        views::note(tx.conn(), w.now(), by, "transcript.held", &ticket).await?;
        tx.commit().await?;
    }
    Ok(placed)
}

/// Lifts the hold, with a reason. What deleted messages said that was kept for it alone goes with it; what is past its
/// time, at the next sweep.
pub async fn lift(access: &TranscriptAccess, reason: &str) -> Result<(), TranscriptError> {
    let by = access.require(Capability::Configure)?.user();
    let reason = checked(reason)?;
    let (w, ticket) = (&access.wardesk, &access.ticket);
    let not_held = TranscriptError::Refused(Refusal::NotHeld);
    let Some(hold) = rows::active(w.store().read(), ticket.id).await? else { return Err(not_held) };
    let aad = rows::lift_reason_aad(ticket.id, hold.hold);
    let scope = KeyScope::server(ticket.guild);
    let sealed = w.store().keys().seal(&scope, &aad, reason.as_bytes()).await?.into_bytes();
    let batch = deleted::for_the_hold(w, ticket).await?;
    let mut tx = w.store().begin().await?;
    lock(&mut tx, ticket.id).await?;
    let now = w.now();
    if !rows::lift(tx.conn(), ticket.id, hold.hold, by, sealed, now).await? {
        return Err(not_held);
    }
    views::note(tx.conn(), now, by, "transcript.released", ticket).await?;
    let mut written = None;
    if let Some(batch) = batch {
        deleted::ask_again(tx.conn(), ticket.id).await?;
        written = Some(batch.write(&mut tx, now).await?);
    }
    tx.commit().await?;
    w.ticket_caches().list_changed(ticket.guild);
    if let Some(written) = written {
        written.tell(w).await;
        // It is lifted, whatever comes of this: what is left goes with the next tidying.
        if let Err(error) = deleted::settle_late(w, ticket).await {
            tracing::warn!(%error, "what was deleted under a hold is not gone yet");
        }
    }
    Ok(())
}

/// Makes the sweep wait, or waits for it. A ticket that it removed is not found.
async fn lock(tx: &mut storage::Tx, ticket: TicketId) -> Result<(), TranscriptError> {
    let found = storage::tickets::lock(tx.conn(), ticket).await?;
    found.map(|_| ()).ok_or(TranscriptError::NotFound)
}

/// The hold on a transcript, for those who manage the server; `None` when there is none.
pub async fn of(access: &TranscriptAccess) -> Result<Option<Hold>, TranscriptError> {
    access.require(Capability::Configure)?;
    let (w, ticket) = (&access.wardesk, &access.ticket);
    let Some(row) = rows::active(w.store().read(), ticket.id).await? else { return Ok(None) };
    let reason = reason_of(w, ticket.guild, ticket.id, &row).await?;
    let by_name = if restrict::is_restricted(w, ticket.guild, row.placed_by).await? {
        None
    } else if let Some(names) = names::of(w, ticket.guild, row.placed_by).await? {
        Some(names.display_name)
    } else {
        let member = w.discord().member(ticket.guild, row.placed_by).await;
        member.ok().map(|member| member.display_name)
    };
    Ok(Some(Hold { by: row.placed_by, by_name, at: row.placed_at, reason }))
}

/// The reason of a hold; empty once the server's key is destroyed.
async fn reason_of(
    w: &Wardesk,
    guild: GuildId,
    ticket: TicketId,
    row: &HoldRow,
) -> Result<String, StorageError> {
    let (scope, aad) = (KeyScope::server(guild), rows::reason_aad(ticket, row.hold));
    let sealed = Sealed::from_bytes(row.reason.clone());
    let opened = w.store().keys().open_sealed(&scope, &aad, &sealed).await;
    let reason = seals::unless_erased(opened.and_then(|plain| {
        String::from_utf8(plain.to_vec()).map_err(|_| StorageError::Corrupt("legal_holds.reason"))
    }))?;
    Ok(reason.unwrap_or_default())
}

/// A ticket that a hold keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldTicket {
    /// The ticket.
    pub ticket: TicketId,
    /// Its number on the server.
    pub number: i64,
    /// Since when.
    pub at: Millis,
    /// Why.
    pub reason: String,
}

/// Tickets of the server that a hold keeps, the longest held first, at most [`LISTED`], and whether there are more.
/// For those who manage the server.
pub async fn of_guild(access: &GuildAccess) -> Result<(Vec<HeldTicket>, bool), GuildError> {
    access.require(Capability::Configure)?;
    let (w, guild) = (access.wardesk(), access.guild());
    let mut found = rows::of_guild(w.store().read(), guild, LISTED + 1).await?;
    let listed = usize::try_from(LISTED).unwrap_or(usize::MAX);
    let more = found.len() > listed;
    found.truncate(listed);
    let mut held = Vec::with_capacity(found.len());
    for (ticket, number, row) in found {
        let reason = reason_of(w, guild, ticket, &row).await?;
        held.push(HeldTicket { ticket, number, at: row.placed_at, reason });
    }
    Ok((held, more))
}
