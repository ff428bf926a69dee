//! The licence of a subscription is made what the payment provider says.

use domain::ids::{GuildId, LicenceId, UserId};
use domain::licences::{Licence, PlanKey, Seat, Source, Status};
use domain::time::Millis;
use sqlx::AnyConnection;
use storage::StorageError;
use storage::licences::{self as rows, Found, LicenceRow};

use super::note;

/// What the licence of a subscription is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settled {
    /// Which licence.
    pub licence: LicenceId,
    /// Its plan.
    pub plan: PlanKey,
    /// [`Source::Subscription`] or [`Source::Trial`].
    pub source: Source,
    /// Who holds it.
    pub contact: UserId,
    /// Servers it serves at most.
    pub seats: u32,
    /// How it stands. What an operator suspended or revoked stays so.
    pub status: Status,
    /// When it ends, as far as the provider said that it ends.
    pub expires: Option<Millis>,
    /// A payment failed: until when it is waited for.
    pub grace_until: Option<Millis>,
    /// The server a new licence starts on, with its name; ignored when the licence is there already.
    pub first_seat: Option<(GuildId, String)>,
}

/// What [`settle`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// It was so already, or may not become so.
    Nothing,
    /// There is a licence where there was none.
    Granted,
    /// It is active as before, with another plan, end or holder.
    Changed,
    /// It is suspended now.
    Suspended,
    /// It is active again.
    Resumed,
    /// It is over now.
    Ended,
}

/// Makes it so, in the caller's transaction: inserted, renewed, suspended, ended, with an entry in the audit log of
/// each server it serves. Does nothing, and notes nothing, when it is so already. A licence that an operator revoked,
/// or that ended by its holder's own erasure (P35), never comes back to life. One that is over when it is first
/// heard of is not made.
///
/// After the commit the caller says so by [`super::changed`].
pub(crate) async fn settle(
    conn: &mut AnyConnection,
    settled: &Settled,
    now: Millis,
) -> Result<Change, StorageError> {
    match rows::lock(&mut *conn, settled.licence).await? {
        Found::Erased => Ok(Change::Nothing),
        Found::None => grant(conn, settled, now).await,
        Found::Licence(row) => renew(conn, *row, settled, now).await,
    }
}

async fn grant(
    conn: &mut AnyConnection,
    settled: &Settled,
    now: Millis,
) -> Result<Change, StorageError> {
    let lives = matches!(settled.status, Status::Active | Status::Suspended);
    if !lives || settled.expires.is_some_and(|end| end <= now) {
        return Ok(Change::Nothing);
    }
    let mut licence = Licence {
        id: settled.licence,
        plan: settled.plan.clone(),
        source: settled.source,
        status: settled.status,
        issued: now,
        expires: settled.expires,
        grace_until: settled.grace_until,
        contact: settled.contact,
        seats: settled.seats,
        seated: Vec::new(),
    };
    if !rows::insert(&mut *conn, &licence).await? {
        // Another transaction was quicker: it says the same, or the next one will.
        return Ok(Change::Nothing);
    }
    if let Some((guild, name)) = &settled.first_seat {
        let (guild, guild_name) = (*guild, name.clone());
        let seat = Seat { number: 1, guild, guild_name, since: now, moved: None };
        rows::seats::put(&mut *conn, licence.id, &seat).await?;
        licence.seated.push(seat);
    }
    note::on_servers(conn, None, "licence.issued", None, &licence, now).await?;
    Ok(Change::Granted)
}

async fn renew(
    conn: &mut AnyConnection,
    before: LicenceRow,
    settled: &Settled,
    now: Millis,
) -> Result<Change, StorageError> {
    if before.said == Status::Revoked {
        return Ok(Change::Nothing);
    }
    let mut after = before.clone();
    after.licence.plan = settled.plan.clone();
    after.licence.source = settled.source;
    after.licence.expires = settled.expires;
    after.licence.grace_until = settled.grace_until;
    after.licence.contact = settled.contact;
    after.licence.seats = settled.seats;
    after.say(settled.status);
    if after == before {
        return Ok(Change::Nothing);
    }
    rows::save(&mut *conn, &after).await?;
    let (change, action) = match (before.licence.status, after.licence.status) {
        (old, new) if old == new => (Change::Changed, "licence.changed"),
        (_, Status::Active) => (Change::Resumed, "licence.resumed"),
        (_, Status::Suspended) => (Change::Suspended, "licence.suspended"),
        (_, Status::Revoked | Status::Ended) => (Change::Ended, "licence.ended"),
    };
    let old = Some(&before.licence);
    note::on_servers(conn, None, action, old, &after.licence, now).await?;
    Ok(change)
}
