//! People whose data may be stored but not used (`docs/PROMISES.md` P34): everywhere, by their own choice, or because
//! of a request, where they objected to the use or had it restricted on one server. Restrictions that came from a
//! request are in the table `objections`, whichever of the two it was.

use std::collections::{HashMap, HashSet};

use domain::ids::{GuildId, RequestId, UserId};
use domain::privacy::RequestKind;
use domain::time::Millis;
use sqlx::{AnyConnection, AnyExecutor, AnyPool};

use crate::StorageError;
use crate::columns::Columns as _;

/// Who is restricted, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restricted {
    everywhere: HashSet<UserId>,
    servers: HashMap<GuildId, HashSet<UserId>>,
}

impl Restricted {
    /// Whether somebody is on this server.
    pub fn is_on(&self, guild: GuildId, user: UserId) -> bool {
        self.everywhere.contains(&user)
            || self.servers.get(&guild).is_some_and(|people| people.contains(&user))
    }

    /// Whether somebody is everywhere.
    pub fn is_everywhere(&self, user: UserId) -> bool {
        self.everywhere.contains(&user)
    }
}

/// What restricts the use of somebody's data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestrictionRow {
    /// The request that brought it, an objection or one to restrict; `None`: the person's own choice.
    pub request: Option<RequestId>,
    /// What that asks for; `None` also where it is gone, which it is a time after its answer.
    pub kind: Option<RequestKind>,
    /// The server; `None`: everywhere.
    pub guild: Option<GuildId>,
    /// Since when.
    pub since: Millis,
}

/// Restricts someone everywhere. `false`: they are restricted already.
pub async fn restrict(
    conn: &mut AnyConnection,
    user: UserId,
    now: Millis,
) -> Result<bool, StorageError> {
    let done = sqlx::query(
        "INSERT INTO restricted_people (user_id, since) VALUES ($1, $2) ON CONFLICT (user_id) DO NOTHING",
    )
    .bind(user.get())
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Restricts someone because of a request: on a server, or everywhere. `false`: they are, because of this one.
pub async fn because_of(
    conn: &mut AnyConnection,
    request: RequestId,
    user: UserId,
    guild: Option<GuildId>,
    now: Millis,
) -> Result<bool, StorageError> {
    let done = sqlx::query(
        "INSERT INTO objections (request_id, user_id, guild_id, since) VALUES ($1, $2, $3, $4)
         ON CONFLICT (request_id) DO NOTHING",
    )
    .bind(request.to_string())
    .bind(user.get())
    .bind(guild.map(GuildId::get))
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Lifts what an objection restricts. `false`: it restricts nothing.
pub async fn declined(
    conn: &mut AnyConnection,
    objection: RequestId,
) -> Result<bool, StorageError> {
    let done = sqlx::query("DELETE FROM objections WHERE request_id = $1")
        .bind(objection.to_string())
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Lifts what restricts someone everywhere by their own choice. `false`: nothing did.
pub async fn lift_everywhere(conn: &mut AnyConnection, user: UserId) -> Result<bool, StorageError> {
    let done = sqlx::query("DELETE FROM restricted_people WHERE user_id = $1")
        .bind(user.get())
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Lifts all of it. `false`: they were not restricted.
pub async fn lift(conn: &mut AnyConnection, user: UserId) -> Result<bool, StorageError> {
    let mut lifted = 0;
    for text in [
        "DELETE FROM restricted_people WHERE user_id = $1",
        "DELETE FROM objections WHERE user_id = $1",
    ] {
        lifted += sqlx::query(text).bind(user.get()).execute(&mut *conn).await?.rows_affected();
    }
    Ok(lifted > 0)
}

/// What restricts someone, the oldest first.
pub async fn of(
    db: impl AnyExecutor<'_>,
    user: UserId,
) -> Result<Vec<RestrictionRow>, StorageError> {
    let rows = sqlx::query(
        "SELECT CAST(NULL AS TEXT) AS request_id, CAST(NULL AS TEXT) AS kind,
                CAST(NULL AS BIGINT) AS guild_id, since
         FROM restricted_people WHERE user_id = $1
         UNION ALL
         SELECT o.request_id, r.kind, o.guild_id, o.since
         FROM objections o LEFT JOIN privacy_requests r ON r.id = o.request_id WHERE o.user_id = $1
         ORDER BY since",
    )
    .bind(user.get())
    .fetch_all(db)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(RestrictionRow {
                request: row.uuid_opt("request_id", RequestId::new)?,
                kind: row.text_opt("kind")?.and_then(|kind| RequestKind::parse(&kind)),
                guild: row.id_opt("guild_id", GuildId::new)?,
                since: Millis(row.int("since")?),
            })
        })
        .collect()
}

/// Since when someone is restricted somewhere.
pub async fn since(db: impl AnyExecutor<'_>, user: UserId) -> Result<Option<Millis>, StorageError> {
    Ok(of(db, user).await?.first().map(|row| row.since))
}

/// Everyone who is restricted, and where.
pub async fn all(db: &AnyPool) -> Result<Restricted, StorageError> {
    let mut all = Restricted::default();
    for row in sqlx::query("SELECT user_id FROM restricted_people").fetch_all(db).await? {
        all.everywhere.insert(row.id("user_id", UserId::new)?);
    }
    for row in sqlx::query("SELECT user_id, guild_id FROM objections").fetch_all(db).await? {
        let user = row.id("user_id", UserId::new)?;
        match row.id_opt("guild_id", GuildId::new)? {
            Some(guild) => all.servers.entry(guild).or_default().insert(user),
            None => all.everywhere.insert(user),
        };
    }
    Ok(all)
}
