//! What a server may use at a time: a pure function of plans, licences and the time.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use super::{Licence, Limits, PlanKey, Plans, Source, Status};
use crate::ids::{GuildId, LicenceId};
use crate::time::Millis;

/// What a server may use, and by which right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entitlements {
    /// The plan.
    pub plan: PlanKey,
    /// Its rank.
    pub rank: u32,
    /// What it allows.
    pub limits: Limits,
    /// The licence it comes from; `None`: it is the service's default plan.
    pub licence: Option<LicenceId>,
    /// Where that comes from.
    pub source: Option<Source>,
    /// Until when that counts; `None`: no end is known.
    pub until: Option<Millis>,
    /// A payment failed: until when it is waited for.
    pub grace_until: Option<Millis>,
}

/// Whether a licence counts for a server, and why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It counts.
    Counts,
    /// It is suspended.
    Suspended,
    /// It was taken back.
    Revoked,
    /// It is over.
    Ended,
    /// Its time is over.
    Expired,
    /// The server sits in none of its seats.
    NotSeated,
    /// It has fewer seats than servers now, and this server is one of those that came last.
    SeatLost,
    /// The service has no such plan any more.
    UnknownPlan,
}

/// Whether a licence counts for a server at a time.
pub fn standing(plans: &Plans, licence: &Licence, guild: GuildId, now: Millis) -> Standing {
    match licence.status {
        Status::Active => {}
        Status::Suspended => return Standing::Suspended,
        Status::Revoked => return Standing::Revoked,
        Status::Ended => return Standing::Ended,
    }
    if licence.expires.is_some_and(|end| end <= now) {
        return Standing::Expired;
    }
    match licence.seat_of(guild) {
        None => return Standing::NotSeated,
        Some((_, false)) => return Standing::SeatLost,
        Some((_, true)) => {}
    }
    if plans.get(&licence.plan).is_none() {
        return Standing::UnknownPlan;
    }
    Standing::Counts
}

/// What a server may use at a time: of the licences that count the one with the highest rank, of equal ones the
/// one that lasts longer; the default plan where none counts, or none ranks as high.
pub fn entitlements(
    plans: &Plans,
    licences: &[Licence],
    guild: GuildId,
    now: Millis,
) -> Entitlements {
    let best = licences
        .iter()
        .filter(|licence| standing(plans, licence, guild, now) == Standing::Counts)
        .filter_map(|licence| plans.get(&licence.plan).map(|plan| (plan, licence)))
        .max_by_key(|(plan, licence)| {
            let end = licence.expires.map_or(i64::MAX, |end| end.0);
            // The oldest of otherwise equal ones: the answer is always the same.
            (plan.rank, end, Reverse(licence.id))
        });
    let default = plans.default_plan();
    match best {
        Some((plan, licence)) if plan.rank >= default.rank => Entitlements {
            plan: plan.key.clone(),
            rank: plan.rank,
            limits: plan.limits,
            licence: Some(licence.id),
            source: Some(licence.source),
            until: licence.expires,
            grace_until: licence.grace_until,
        },
        _ => Entitlements {
            plan: default.key.clone(),
            rank: default.rank,
            limits: default.limits,
            licence: None,
            source: None,
            until: None,
            grace_until: None,
        },
    }
}

#[cfg(test)]
mod tests;
