//! An operator issues a licence.

use domain::ids::{GuildId, LicenceId, UserId};
use domain::licences::{Licence, MAX_SEATS, PlanKey, Seat, Source, Status};
use domain::time::Millis;
use domain::validation::discord_len;
use storage::licences as rows;

use super::{OperatorAccess, noted};
use crate::guilds;
use crate::licences::{LicenceError, Refusal, current};

/// Characters of a server's name that are kept at most. Source: Discord API reference, "Guild".
const NAME_LIMIT: u32 = 100;

/// A licence to be issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLicence {
    /// Its id, made by whoever shows the form: issued twice, it is one licence.
    pub id: LicenceId,
    /// The plan.
    pub plan: PlanKey,
    /// Whether it is a present ([`Source::Gift`]) rather than granted ([`Source::Operator`]).
    pub gift: bool,
    /// Who holds it.
    pub contact: UserId,
    /// How many servers it serves; `None`: as many as the plan says.
    pub seats: Option<u32>,
    /// When it ends; `None`: never.
    pub expires: Option<Millis>,
    /// The server of its first seat; `None`: its holder chooses.
    pub server: Option<GuildId>,
    /// That server's name, where the bot is not there and does not know it.
    pub server_name: Option<String>,
}

/// Issues a licence. Safe to repeat with the same id: the second time nothing happens.
pub async fn issue(access: &OperatorAccess, new: NewLicence) -> Result<LicenceId, LicenceError> {
    let w = access.wardesk();
    let plan = w.plans().get(&new.plan).ok_or(Refusal::UnknownPlan)?;
    let now = w.now();
    if new.expires.is_some_and(|end| end <= now) {
        return Err(Refusal::End.into());
    }
    let seats = new.seats.unwrap_or(plan.seats);
    if !(1..=MAX_SEATS).contains(&seats) {
        return Err(Refusal::Seats.into());
    }
    if current::is_buried(w, new.id).await? {
        return Err(Refusal::Over.into());
    }
    let mut licence = Licence {
        id: new.id,
        plan: new.plan,
        source: if new.gift { Source::Gift } else { Source::Operator },
        status: Status::Active,
        issued: now,
        expires: new.expires,
        grace_until: None,
        contact: new.contact,
        seats,
        seated: Vec::new(),
    };
    if let Some(guild) = new.server {
        let known = guilds::installation(w, guild).await?.map(|here| here.name);
        let given = new.server_name.map(|name| name.trim().to_owned());
        let given = given.filter(|name| !name.is_empty() && discord_len(name) <= NAME_LIMIT);
        let guild_name = known.or(given).unwrap_or_else(|| guild.to_string());
        licence.seated.push(Seat { number: 1, guild, guild_name, since: now, moved: None });
    }
    let mut tx = w.store().begin().await?;
    if !rows::insert(tx.conn(), &licence).await? {
        return Ok(licence.id);
    }
    for seat in &licence.seated {
        rows::seats::put(tx.conn(), licence.id, seat).await?;
    }
    noted(tx.conn(), access, "licence.issued", None, &licence, now).await?;
    tx.commit().await?;
    current::changed(w);
    Ok(licence.id)
}
