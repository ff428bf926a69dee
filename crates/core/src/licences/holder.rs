//! What a person holds: all that their page of licences shows.

use domain::ids::GuildId;
use domain::licences::{Licence, Plan, Seat, Standing, free_from, standing};
use domain::time::Millis;
use storage::guilds::Presence;
use storage::licences as rows;

use super::{LicenceError, current};
use crate::Wardesk;
use crate::accounts::Session;
use crate::guilds;

/// A server in a seat, as its holder sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldSeat {
    /// The seat.
    pub seat: Seat,
    /// The server's name now, where the bot is or was there; else when it got the seat.
    pub name: String,
    /// Whether the bot is on the server. Its removal ends nothing.
    pub bot_here: bool,
    /// Whether the licence counts for it, and why not.
    pub standing: Standing,
    /// From when on it may be moved; `None`: at once.
    pub movable_from: Option<Millis>,
}

/// A licence, as its holder sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldLicence {
    /// The licence; its `seated` is in [`HeldLicence::seats`] with more.
    pub licence: Licence,
    /// Its plan; `None`: the service has no such plan any more.
    pub plan: Option<Plan>,
    /// Since when an operator holds it back: then a payment changes nothing.
    pub held_back: Option<Millis>,
    /// The servers in its seats, the longest-seated first.
    pub seats: Vec<HeldSeat>,
    /// How many seats are free.
    pub free: u32,
    /// From when on one of those may be given to a server that had none; `None`: at once, or none is free.
    pub free_from: Option<Millis>,
}

/// A server that a seat may be given to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatChoice {
    /// The server.
    pub guild: GuildId,
    /// Its name.
    pub name: String,
}

/// What a person holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Their licences, newest first, those that are over as well.
    pub licences: Vec<HeldLicence>,
    /// The servers that they manage and the bot is on, by name; `None`: Discord cannot say at the moment. A
    /// suggestion: [`super::seats::assign`] takes the proof.
    pub choices: Option<Vec<SeatChoice>>,
}

/// What the person of the session holds.
pub async fn of_holder(w: &Wardesk, session: &Session) -> Result<Holder, LicenceError> {
    let (db, now) = (w.store().read(), w.now());
    let found = current::alive(w, rows::of_contact(db, session.user).await?).await?;
    let mut licences = Vec::with_capacity(found.len());
    for row in found {
        let licence = row.licence;
        let slots = rows::seats::slots(db, licence.id).await?;
        let free_from = free_from(&licence, &slots, now);
        let free = licence.free_seats();
        let mut seats = Vec::with_capacity(licence.seated.len());
        for seat in &licence.seated {
            let here = guilds::installation(w, seat.guild).await?;
            seats.push(HeldSeat {
                name: here.as_ref().map_or_else(|| seat.guild_name.clone(), |h| h.name.clone()),
                bot_here: here.is_some_and(|here| here.presence != Presence::Left),
                standing: standing(w.plans(), &licence, seat.guild, now),
                movable_from: seat.movable_from(now),
                seat: seat.clone(),
            });
        }
        licences.push(HeldLicence {
            plan: w.plans().get(&licence.plan).cloned(),
            held_back: row.held,
            seats,
            free,
            free_from: free_from.filter(|_| free > 0),
            licence,
        });
    }
    let choices = if licences.is_empty() {
        Some(Vec::new())
    } else {
        match guilds::managed(w, session).await {
            Ok(servers) => Some(servers),
            Err(error @ (guilds::GuildError::Storage(_) | guilds::GuildError::SignedOut)) => {
                return Err(error.into());
            }
            Err(_) => None,
        }
    };
    let choice = |(guild, name)| SeatChoice { guild, name };
    Ok(Holder { licences, choices: choices.map(|all| all.into_iter().map(choice).collect()) })
}
