//! Licences and plans: what a server may use, by which right, and until when.

mod entitlements;
mod plans;
mod seats;

use serde::{Deserialize, Serialize};

use crate::ids::{GuildId, LicenceId, UserId};
use crate::time::Millis;

pub use entitlements::{Entitlements, Standing, entitlements, standing};
pub use plans::{
    Interval, Limits, MAX_KEEP_DAYS, MAX_NAME, MAX_PANELS, MAX_SEATS, MAX_STORAGE, MAX_TRIAL_DAYS,
    Plan, PlanKey, Plans, PlansProblem,
};
pub use seats::{SEAT_COOLDOWN_SECONDS, Seat, SeatProblem, Slot, free_from, slot_for};

/// Seconds after the first failed payment in which a licence still counts: 7 days.
pub const GRACE_SECONDS: i64 = 7 * 86_400;

/// Where a licence comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A subscription that is paid for.
    Subscription,
    /// A present of an operator.
    Gift,
    /// Granted by an operator.
    Operator,
    /// A subscription before its first payment.
    Trial,
}

impl Source {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Subscription, Self::Gift, Self::Operator, Self::Trial];

    /// Its word in the database, in forms and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Subscription => "subscription",
            Self::Gift => "gift",
            Self::Operator => "operator",
            Self::Trial => "trial",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }

    /// Whether the payment provider says when the licence ends; otherwise operators do.
    pub const fn is_paid(self) -> bool {
        matches!(self, Self::Subscription | Self::Trial)
    }
}

/// How a licence stands, apart from the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It counts until it expires.
    Active,
    /// It counts for nothing until that is taken back.
    Suspended,
    /// An operator took it back. Final.
    Revoked,
    /// It is over.
    Ended,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Active, Self::Suspended, Self::Revoked, Self::Ended];

    /// Its word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
            Self::Ended => "ended",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

/// What lets servers use a plan. Source of the fields: the privacy policies, "licence data" (`docs/PROMISES.md` P6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Licence {
    /// Its id.
    pub id: LicenceId,
    /// Which plan.
    pub plan: PlanKey,
    /// Where it comes from.
    pub source: Source,
    /// How it stands.
    pub status: Status,
    /// When it was issued.
    pub issued: Millis,
    /// From when on it does not count; `None`: no end is known.
    pub expires: Option<Millis>,
    /// A payment failed: until when it is waited for. Says why, never whether the licence counts.
    pub grace_until: Option<Millis>,
    /// The Discord account that holds it.
    pub contact: UserId,
    /// Servers it serves at most.
    pub seats: u32,
    /// The servers in its seats, the longest-seated first.
    pub seated: Vec<Seat>,
}

impl Licence {
    /// The seat of a server, with whether it is among those that the licence still has: of more servers than
    /// seats, those that sit the longest stay.
    pub fn seat_of(&self, guild: GuildId) -> Option<(&Seat, bool)> {
        let mut seated: Vec<&Seat> = self.seated.iter().collect();
        seated.sort_by_key(|seat| (seat.since, seat.number));
        let position = seated.iter().position(|seat| seat.guild == guild)?;
        let within = u32::try_from(position).is_ok_and(|position| position < self.seats);
        Some((seated[position], within))
    }

    /// How many servers may still be given a seat.
    pub fn free_seats(&self) -> u32 {
        self.seats.saturating_sub(u32::try_from(self.seated.len()).unwrap_or(u32::MAX))
    }
}
