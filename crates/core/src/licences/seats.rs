//! A holder says which servers their licence serves.

use domain::ids::{GuildId, LicenceId, UserId};
use domain::licences::{Licence, Seat, Status, slot_for};
use domain::time::Millis;
use storage::Tx;
use storage::licences::{self as rows, Found};

use super::{LicenceError, Refusal, current, note};
use crate::Wardesk;
use crate::accounts::Session;
use crate::guilds::{self, GuildAccess};
use domain::access::Capability;

/// Gives the server a free seat of a licence that the person holds. They may, where they may decide what the
/// server pays for.
pub async fn assign(access: &GuildAccess, licence: LicenceId) -> Result<(), LicenceError> {
    access.require(Capability::Billing)?;
    let (w, guild, by) = (access.wardesk(), access.guild(), access.user());
    let guild_name = name_of(w, guild).await?;
    let (mut tx, licence, now) = held(w, by, licence).await?;
    usable(&licence, now)?;
    let slots = rows::seats::slots(&mut *tx.conn(), licence.id).await?;
    let (number, is_move) = slot_for(&licence, &slots, guild, now)?;
    let before = slots.iter().find(|slot| slot.seat.number == number);
    let moved = if is_move { Some(now) } else { before.and_then(|slot| slot.seat.moved) };
    let seat = Seat { number, guild, guild_name, since: now, moved };
    rows::seats::put(tx.conn(), licence.id, &seat).await?;
    let after = Some(&licence);
    note::on_server(tx.conn(), guild, Some(by), "licence.seat_given", None, after, now).await?;
    tx.commit().await?;
    current::changed(w);
    Ok(())
}

/// Moves a seat of a licence that the person holds from another server to this one. A seat that was moved may be
/// moved again 24 hours later.
pub async fn move_here(
    access: &GuildAccess,
    licence: LicenceId,
    from: GuildId,
) -> Result<(), LicenceError> {
    access.require(Capability::Billing)?;
    let (w, guild, by) = (access.wardesk(), access.guild(), access.user());
    let guild_name = name_of(w, guild).await?;
    let (mut tx, licence, now) = held(w, by, licence).await?;
    usable(&licence, now)?;
    if licence.seat_of(guild).is_some() {
        return Err(Refusal::Seated.into());
    }
    let (old, _) = licence.seat_of(from).ok_or(Refusal::NotSeated)?;
    if let Some(until) = old.movable_from(now) {
        return Err(Refusal::Cooling { until }.into());
    }
    let seat = Seat { number: old.number, guild, guild_name, since: now, moved: Some(now) };
    rows::seats::put(tx.conn(), licence.id, &seat).await?;
    let (some, by) = (Some(&licence), Some(by));
    // In the order of their ids: each takes a lock of its own.
    let mut notes = [(from, "licence.seat_taken"), (guild, "licence.seat_given")];
    notes.sort_unstable_by_key(|(guild, _)| *guild);
    for (guild, action) in notes {
        let (before, after) =
            if action == "licence.seat_taken" { (some, None) } else { (None, some) };
        note::on_server(tx.conn(), guild, by, action, before, after, now).await?;
    }
    tx.commit().await?;
    current::changed(w);
    Ok(())
}

/// Takes a server's seat of a licence that the person of the session holds. The seat is free then; given to
/// another server, it was moved.
pub async fn release(
    w: &Wardesk,
    session: &Session,
    licence: LicenceId,
    guild: GuildId,
) -> Result<(), LicenceError> {
    let by = session.user;
    let (mut tx, licence, now) = held(w, by, licence).await?;
    let (seat, _) = licence.seat_of(guild).ok_or(Refusal::NotSeated)?;
    rows::seats::free(tx.conn(), licence.id, seat.number, now).await?;
    let before = Some(&licence);
    note::on_server(tx.conn(), guild, Some(by), "licence.seat_taken", before, None, now).await?;
    tx.commit().await?;
    current::changed(w);
    Ok(())
}

/// Locks a licence of a person. Someone else's is not there.
async fn held(
    w: &Wardesk,
    by: UserId,
    licence: LicenceId,
) -> Result<(Tx, Licence, Millis), LicenceError> {
    if current::is_buried(w, licence).await? {
        return Err(LicenceError::NotFound);
    }
    let mut tx = w.store().begin().await?;
    match rows::lock(tx.conn(), licence).await? {
        Found::Licence(row) if row.licence.contact == by => Ok((tx, row.licence, w.now())),
        _ => Err(LicenceError::NotFound),
    }
}

/// Seats of what is over are of no use; a suspended licence may come back.
fn usable(licence: &Licence, now: Millis) -> Result<(), Refusal> {
    let over = matches!(licence.status, Status::Revoked | Status::Ended)
        || licence.expires.is_some_and(|end| end <= now);
    if over { Err(Refusal::Over) } else { Ok(()) }
}

async fn name_of(w: &Wardesk, guild: GuildId) -> Result<String, LicenceError> {
    let here = guilds::installation(w, guild).await?;
    here.map(|here| here.name).ok_or(LicenceError::NotFound)
}
