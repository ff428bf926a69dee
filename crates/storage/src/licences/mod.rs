//! Licences as they are kept.

pub mod operators;
pub mod seats;
pub mod trials;

use domain::ids::{GuildId, LicenceId, UserId};
use domain::licences::{Licence, Source, Status};
use domain::time::Millis;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyExecutor};

use crate::StorageError;
use crate::columns::Columns as _;

/// A licence with what only its keeping knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LicenceRow {
    /// The licence as everyone sees it: one that an operator holds back is suspended.
    pub licence: Licence,
    /// What was said last apart from that.
    pub said: Status,
    /// Since when an operator holds it back.
    pub held: Option<Millis>,
}

impl LicenceRow {
    /// Notes how it stands, as the payment provider or an operator says.
    pub fn say(&mut self, status: Status) {
        self.said = status;
        self.licence.status = shown(self.said, self.held);
    }

    /// Notes since when an operator holds it back; `None`: no longer.
    pub fn hold(&mut self, since: Option<Millis>) {
        self.held = since;
        self.licence.status = shown(self.said, self.held);
    }
}

const fn shown(said: Status, held: Option<Millis>) -> Status {
    match (said, held) {
        (Status::Active, Some(_)) => Status::Suspended,
        (said, _) => said,
    }
}

/// What [`lock`] finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    None,
    /// A licence that is over for good: its holder's data was removed.
    Erased,
    /// A licence.
    Licence(Box<LicenceRow>),
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT l.id, l.plan, l.source, l.status, l.held_at, l.issued_at, l.expires_at,
                    l.grace_until, l.contact_id, l.seats,
                    s.seat, s.guild_id, s.guild_name, s.since, s.moved_at
             FROM licences l
             LEFT JOIN licence_seats s ON s.licence_id = l.id AND s.freed_at IS NULL
             WHERE l.erased_at IS NULL AND ",
            $rest,
            " ORDER BY l.id DESC, s.since, s.seat"
        )
    };
}

fn read(row: &AnyRow) -> Result<LicenceRow, StorageError> {
    let corrupt = StorageError::Corrupt;
    let said = Status::parse(&row.text("status")?).ok_or(corrupt("licences.status"))?;
    let held = row.int_opt("held_at")?.map(Millis);
    let seats = u32::try_from(row.int("seats")?).map_err(|_| corrupt("licences.seats"))?;
    let licence = Licence {
        id: row.uuid("id", LicenceId::new)?,
        plan: row.text("plan")?.parse().map_err(|_| corrupt("licences.plan"))?,
        source: Source::parse(&row.text("source")?).ok_or(corrupt("licences.source"))?,
        status: shown(said, held),
        issued: Millis(row.int("issued_at")?),
        expires: row.int_opt("expires_at")?.map(Millis),
        grace_until: row.int_opt("grace_until")?.map(Millis),
        contact: row.id("contact_id", UserId::new)?,
        seats,
        seated: Vec::new(),
    };
    Ok(LicenceRow { licence, said, held })
}

/// Rows of licences with their seats, in the order in which they come.
fn gather(rows: &[AnyRow]) -> Result<Vec<LicenceRow>, StorageError> {
    let mut all: Vec<LicenceRow> = Vec::new();
    for row in rows {
        let id = row.uuid("id", LicenceId::new)?;
        if all.last().is_none_or(|last| last.licence.id != id) {
            all.push(read(row)?);
        }
        if let (Some(last), Some(_)) = (all.last_mut(), row.int_opt("seat")?) {
            last.licence.seated.push(seats::read(row)?);
        }
    }
    Ok(all)
}

/// Adds a licence without seats taken. `false`: there is one of that id.
pub async fn insert(conn: &mut AnyConnection, licence: &Licence) -> Result<bool, StorageError> {
    let done = sqlx::query(
        "INSERT INTO licences (id, plan, source, status, issued_at, expires_at, grace_until, contact_id,
                               seats, revision)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1) ON CONFLICT (id) DO NOTHING",
    )
    .bind(licence.id.to_string())
    .bind(licence.plan.as_str())
    .bind(licence.source.as_str())
    .bind(licence.status.as_str())
    .bind(licence.issued.0)
    .bind(licence.expires.map(|t| t.0))
    .bind(licence.grace_until.map(|t| t.0))
    .bind(licence.contact.get())
    .bind(i64::from(licence.seats))
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes everything but id, time of issue and seats taken. The row must be locked by [`lock`] in the same
/// transaction.
pub async fn save(conn: &mut AnyConnection, row: &LicenceRow) -> Result<(), StorageError> {
    let licence = &row.licence;
    sqlx::query(
        "UPDATE licences SET plan = $2, source = $3, status = $4, held_at = $5, expires_at = $6,
                grace_until = $7, contact_id = $8, seats = $9
         WHERE id = $1 AND erased_at IS NULL",
    )
    .bind(licence.id.to_string())
    .bind(licence.plan.as_str())
    .bind(licence.source.as_str())
    .bind(row.said.as_str())
    .bind(row.held.map(|t| t.0))
    .bind(licence.expires.map(|t| t.0))
    .bind(licence.grace_until.map(|t| t.0))
    .bind(licence.contact.get())
    .bind(i64::from(licence.seats))
    .execute(conn)
    .await?;
    Ok(())
}

/// One licence, which nobody else can change until the transaction ends.
pub async fn lock(conn: &mut AnyConnection, id: LicenceId) -> Result<Found, StorageError> {
    let locked = sqlx::query(
        "UPDATE licences SET revision = revision + 1 WHERE id = $1 RETURNING erased_at",
    )
    .bind(id.to_string())
    .fetch_optional(&mut *conn)
    .await?;
    let Some(locked) = locked else { return Ok(Found::None) };
    if locked.int_opt("erased_at")?.is_some() {
        return Ok(Found::Erased);
    }
    Ok(get(conn, id).await?.map_or(Found::Erased, |row| Found::Licence(Box::new(row))))
}

/// One licence.
pub async fn get(
    db: impl AnyExecutor<'_>,
    id: LicenceId,
) -> Result<Option<LicenceRow>, StorageError> {
    let rows = sqlx::query(select!("l.id = $1")).bind(id.to_string()).fetch_all(db).await?;
    Ok(gather(&rows)?.pop())
}

/// The licences of which a server has a seat, newest first.
pub async fn of_guild(
    db: impl AnyExecutor<'_>,
    guild: GuildId,
) -> Result<Vec<LicenceRow>, StorageError> {
    let rows = sqlx::query(select!(
        "l.id IN (SELECT licence_id FROM licence_seats WHERE guild_id = $1 AND freed_at IS NULL)"
    ))
    .bind(guild.get())
    .fetch_all(db)
    .await?;
    gather(&rows)
}

/// The licences that an account holds, newest first.
pub async fn of_contact(
    db: impl AnyExecutor<'_>,
    contact: UserId,
) -> Result<Vec<LicenceRow>, StorageError> {
    let rows = sqlx::query(select!("l.contact_id = $1")).bind(contact.get()).fetch_all(db).await?;
    gather(&rows)
}

/// Licences older than `before` (`None`: all), newest first, at most `limit`.
pub async fn page(
    db: impl AnyExecutor<'_>,
    before: Option<LicenceId>,
    limit: i64,
) -> Result<Vec<LicenceRow>, StorageError> {
    let rows = sqlx::query(select!(
        "l.id IN (SELECT id FROM licences WHERE erased_at IS NULL AND id < $1
                  ORDER BY id DESC LIMIT $2)"
    ))
    // No id is above this one.
    .bind(before.map_or_else(|| "g".to_owned(), |id| id.to_string()))
    .bind(limit)
    .fetch_all(db)
    .await?;
    gather(&rows)
}

/// Ends a licence for good and removes what it says of its holder and their servers.
pub async fn erase(
    conn: &mut AnyConnection,
    id: LicenceId,
    now: Millis,
) -> Result<(), StorageError> {
    sqlx::query("DELETE FROM licence_seats WHERE licence_id = $1")
        .bind(id.to_string())
        .execute(&mut *conn)
        .await?;
    sqlx::query(
        "UPDATE licences SET status = 'ended', held_at = NULL, grace_until = NULL, contact_id = NULL,
                expires_at = $2, erased_at = $2
         WHERE id = $1 AND erased_at IS NULL",
    )
    .bind(id.to_string())
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}
