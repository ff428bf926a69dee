//! Seats: which servers a licence serves, and how often that may change.

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
    /// Whether nobody sits there any more.
    pub free: bool,
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

/// The seat that a server gets: the one it had, else one that nobody had, else the one that may be moved the
/// soonest. Answers its number, and whether that moves it.
pub fn slot_for(
    licence: &Licence,
    slots: &[Slot],
    guild: GuildId,
    now: Millis,
) -> Result<(u32, bool), SeatProblem> {
    if slots.iter().any(|slot| !slot.free && slot.seat.guild == guild) {
        return Err(SeatProblem::Seated);
    }
    let taken = slots.iter().filter(|slot| !slot.free).count();
    if u32::try_from(taken).unwrap_or(u32::MAX) >= licence.seats {
        return Err(SeatProblem::Full);
    }
    let free = || slots.iter().filter(|slot| slot.free);
    if let Some(slot) = free().find(|slot| slot.seat.guild == guild) {
        return Ok((slot.seat.number, false));
    }
    let unused = |number: &u32| !slots.iter().any(|slot| slot.seat.number == *number);
    if let Some(number) = (1..=licence.seats).find(unused) {
        return Ok((number, false));
    }
    let soonest = free().min_by_key(|slot| slot.seat.moved).ok_or(SeatProblem::Full)?;
    match soonest.seat.movable_from(now) {
        None => Ok((soonest.seat.number, true)),
        Some(until) => Err(SeatProblem::Cooling { until }),
    }
}
