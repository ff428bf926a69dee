//! Erasures under way: one for each person, with a part for each server.

use domain::ids::{GuildId, UserId};
use domain::time::Millis;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyExecutor};

use crate::StorageError;
use crate::columns::Columns as _;

/// Why somebody is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// They asked for it.
    Asked,
    /// They are under age: nothing stays that says so (`docs/PROMISES.md` P37).
    UnderAge,
}

impl Reason {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::UnderAge => "under_age",
        }
    }
}

/// How far a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartState {
    /// Nothing is destroyed yet.
    Open,
    /// It waits for tickets of the person that are being closed.
    Tickets,
    /// It waits for the end of a legal hold.
    Hold,
    /// The keys are destroyed, the rows are going.
    Destroyed,
    /// Nothing is left.
    Done,
}

impl PartState {
    const ALL: [Self; 5] = [Self::Open, Self::Tickets, Self::Hold, Self::Destroyed, Self::Done];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Tickets => "tickets",
            Self::Hold => "hold",
            Self::Destroyed => "destroyed",
            Self::Done => "done",
        }
    }
}

/// An erasure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasureRow {
    /// Who.
    pub user: UserId,
    /// Why.
    pub reason: Reason,
    /// When it was asked for.
    pub asked_at: Millis,
    /// Whether its parts are known.
    pub listed: bool,
}

/// A part of an erasure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartRow {
    /// The server; `None` for what the service itself keeps.
    pub guild: Option<GuildId>,
    /// What stands there in place of the person.
    pub pseudonym: UserId,
    /// How far it is.
    pub state: PartState,
}

fn read(row: &AnyRow) -> Result<ErasureRow, StorageError> {
    let reason = match row.text("reason")?.as_str() {
        "asked" => Reason::Asked,
        "under_age" => Reason::UnderAge,
        _ => return Err(StorageError::Corrupt("erasures.reason")),
    };
    Ok(ErasureRow {
        user: row.id("user_id", UserId::new)?,
        reason,
        asked_at: Millis(row.int("asked_at")?),
        listed: row.int("listed")? != 0,
    })
}

/// Begins an erasure. One that there is goes on with what came since: unless `listed`, its parts are found again. To be
/// under age is the stronger reason.
pub async fn begin(
    conn: &mut AnyConnection,
    user: UserId,
    reason: Reason,
    listed: bool,
    now: Millis,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO erasures (user_id, reason, asked_at, listed) VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id) DO UPDATE SET
             reason = CASE WHEN excluded.reason = 'under_age' THEN excluded.reason ELSE erasures.reason END,
             asked_at = CASE WHEN excluded.asked_at > erasures.asked_at
                             THEN excluded.asked_at ELSE erasures.asked_at END,
             listed = CASE WHEN excluded.listed = 0 THEN excluded.listed ELSE erasures.listed END",
    )
    .bind(user.get())
    .bind(reason.as_str())
    .bind(now.0)
    .bind(i64::from(listed))
    .execute(conn)
    .await?;
    Ok(())
}

/// Someone's erasure.
pub async fn get(
    db: impl AnyExecutor<'_>,
    user: UserId,
) -> Result<Option<ErasureRow>, StorageError> {
    sqlx::query("SELECT user_id, reason, asked_at, listed FROM erasures WHERE user_id = $1")
        .bind(user.get())
        .fetch_optional(db)
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// Erasures after that of `after`, by person, at most `limit`.
pub async fn page(
    db: impl AnyExecutor<'_>,
    after: Option<UserId>,
    limit: i64,
) -> Result<Vec<ErasureRow>, StorageError> {
    let rows = sqlx::query(
        "SELECT user_id, reason, asked_at, listed FROM erasures WHERE user_id > $1
         ORDER BY user_id LIMIT $2",
    )
    .bind(after.map_or(0, UserId::get))
    .bind(limit)
    .fetch_all(db)
    .await?;
    rows.iter().map(read).collect()
}

/// Adds a part. One that is done begins anew with this pseudonym; another that is known stays as it is.
pub async fn add_part(
    conn: &mut AnyConnection,
    user: UserId,
    guild: Option<GuildId>,
    pseudonym: UserId,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO erasure_parts (user_id, guild_id, pseudonym, state) VALUES ($1, $2, $3, 'open')
         ON CONFLICT (user_id, guild_id) DO UPDATE SET pseudonym = excluded.pseudonym, state = excluded.state
         WHERE erasure_parts.state = 'done'",
    )
    .bind(user.get())
    .bind(guild.map_or(0, GuildId::get))
    .bind(pseudonym.get())
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes that all parts are known, unless it was asked for again after `asked_at`.
pub async fn all_listed(
    conn: &mut AnyConnection,
    user: UserId,
    asked_at: Millis,
) -> Result<(), StorageError> {
    sqlx::query("UPDATE erasures SET listed = 1 WHERE user_id = $1 AND asked_at <= $2")
        .bind(user.get())
        .bind(asked_at.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// The parts of someone's erasure, the service itself first.
pub async fn parts(db: impl AnyExecutor<'_>, user: UserId) -> Result<Vec<PartRow>, StorageError> {
    let rows = sqlx::query(
        "SELECT guild_id, pseudonym, state FROM erasure_parts WHERE user_id = $1 ORDER BY guild_id",
    )
    .bind(user.get())
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| {
            let state = row.text("state")?;
            let state = PartState::ALL.into_iter().find(|known| known.as_str() == state);
            Ok(PartRow {
                guild: GuildId::new(row.int("guild_id")?).ok(),
                pseudonym: row.id("pseudonym", UserId::new)?,
                state: state.ok_or(StorageError::Corrupt("erasure_parts.state"))?,
            })
        })
        .collect()
}

/// Notes how far a part is.
pub async fn set_part(
    conn: &mut AnyConnection,
    user: UserId,
    guild: Option<GuildId>,
    state: PartState,
) -> Result<(), StorageError> {
    sqlx::query("UPDATE erasure_parts SET state = $3 WHERE user_id = $1 AND guild_id = $2")
        .bind(user.get())
        .bind(guild.map_or(0, GuildId::get))
        .bind(state.as_str())
        .execute(conn)
        .await?;
    Ok(())
}

/// Ends an erasure whose parts are all done: a restriction goes with it, and the request is answered. `false`: it is
/// not over.
pub async fn end(
    conn: &mut AnyConnection,
    user: UserId,
    now: Millis,
) -> Result<bool, StorageError> {
    let done = sqlx::query(
        "DELETE FROM erasures WHERE user_id = $1 AND listed = 1 AND NOT EXISTS (
             SELECT 1 FROM erasure_parts p WHERE p.user_id = $1 AND p.state <> 'done')",
    )
    .bind(user.get())
    .execute(&mut *conn)
    .await?;
    let ended = done.rows_affected() == 1;
    if ended {
        super::restricted::lift(&mut *conn, user).await?;
        super::requests::erased(conn, user, now).await?;
    }
    Ok(ended)
}
