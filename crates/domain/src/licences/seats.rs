//! Seats: which servers a licence serves, and how often that may change.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::Licence;
use crate::ids::GuildId;
use crate::time::Millis;

/// Seconds after a seat was moved in which it is not moved again: 24 hours.
pub const SEAT_COOLDOWN_SECONDS: i64 = 86_400;

/// A server in a seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    /// Which of the licence's seats, from 1 on.
    pub number: u32,
    /// The server.
    pub guild: GuildId,
    /// Its name when it got the seat.
    pub guild_name: String,
    /// Since when it sits there.
    pub since: Millis,
    /// When the seat was given to another server last; `None`: it has had one server so far.
    pub moved: Option<Millis>,
}

impl Seat {
    /// From when on the seat may be given to another server; `None`: at once.
    pub fn movable_from(&self, now: Millis) -> Option<Millis> {
        cooling(self.moved, now)
    }
}

/// A seat as it is kept: one that was freed remembers its last server, so that freeing it and giving it away
/// is the same as moving it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// The seat, with its present or its last server.
    pub seat: Seat,
    /// Since when nobody sits there any more; `None`: it is taken.
    pub freed: Option<Millis>,
}

impl Slot {
    const fn is_free(&self) -> bool {
        self.freed.is_some()
    }

    /// When its server left or came last, as far as that is known.
    fn changed(&self) -> Option<Millis> {
        self.seat.moved.max(self.freed)
    }
}

/// Why a server cannot be given a seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeatProblem {
    /// The server has one of this licence already.
    Seated,
    /// Every seat is taken.
    Full,
    /// A seat is free, and was moved less than 24 hours before.
    Cooling {
        /// When one may be given away.
        until: Millis,
    },
}

fn cooling(moved: Option<Millis>, now: Millis) -> Option<Millis> {
    moved.map(|at| at.plus_seconds(SEAT_COOLDOWN_SECONDS)).filter(|until| *until > now)
}

fn count<T>(slots: &[T]) -> u32 {
    u32::try_from(slots.len()).unwrap_or(u32::MAX)
}

/// When a free seat may be given to a server that had none. `None`: at once, or no seat is free.
///
/// If more seats were used than the licence has now, a free one may be given away only once the last freed one may:
/// otherwise one seat could serve all those servers in turn.
pub fn free_from(licence: &Licence, slots: &[Slot], now: Millis) -> Option<Millis> {
    let free = slots.iter().filter(|slot| slot.is_free());
    match count(slots).cmp(&licence.seats) {
        Ordering::Less => None,
        Ordering::Equal => free.map(|slot| slot.seat.movable_from(now)).min().flatten(),
        Ordering::Greater => cooling(free.filter_map(Slot::changed).max(), now),
    }
}

/// The seat that a server gets: the one it had, else one that nobody had, else the one that may be moved the soonest.
/// Answers its number, and whether that moves it: its own is moved as well where more were used than there are.
pub fn slot_for(
    licence: &Licence,
    slots: &[Slot],
    guild: GuildId,
    now: Millis,
) -> Result<(u32, bool), SeatProblem> {
    let (free, taken): (Vec<&Slot>, Vec<&Slot>) = slots.iter().partition(|slot| slot.is_free());
    if taken.iter().any(|slot| slot.seat.guild == guild) {
        return Err(SeatProblem::Seated);
    }
    if count(&taken) >= licence.seats {
        return Err(SeatProblem::Full);
    }
    let used = count(slots);
    let own = free.iter().find(|slot| slot.seat.guild == guild);
    if let Some(slot) = own.filter(|_| used <= licence.seats) {
        return Ok((slot.seat.number, false));
    }
    let unused = |number: &u32| !slots.iter().any(|slot| slot.seat.number == *number);
    if let Some(number) = (1..=licence.seats).find(unused).filter(|_| used < licence.seats) {
        return Ok((number, false));
    }
    if let Some(until) = free_from(licence, slots, now) {
        return Err(SeatProblem::Cooling { until });
    }
    let soonest = own.or_else(|| free.iter().min_by_key(|slot| slot.seat.moved));
    Ok((soonest.ok_or(SeatProblem::Full)?.seat.number, true))
}
