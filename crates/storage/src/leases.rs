//! Leases: which process does a job that only one may do.

use domain::ids::ApplicationId;
use domain::time::Millis;
use sqlx::{AnyConnection, AnyExecutor};

use crate::columns::Columns as _;
use crate::errors::StorageError;

/// The job a lease is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Holding the gateway connection of a shard.
    Gateway,
    /// Removing what is too old.
    Retention,
    /// Reading again what the payment provider told of.
    Payments,
    /// Erasing people.
    Erasure,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Retention => "retention",
            Self::Payments => "payments",
            Self::Erasure => "erasure",
        }
    }
}

/// A lease as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Who has it, or had it last.
    pub holder: String,
    /// Until when, by the holder's clock. Changes with each renewal.
    pub until: Millis,
}

/// Takes a lease that nobody has or that has run out, or makes it longer for the one who has it. One that ends
/// after `latest` was made before the clock was set back, and counts as run out. Answers whether `holder`
/// has it now.
#[expect(clippy::too_many_arguments, reason = "what a lease consists of")]
pub async fn acquire(
    conn: &mut AnyConnection,
    bot: ApplicationId,
    purpose: Purpose,
    shard: u32,
    holder: &str,
    now: Millis,
    until: Millis,
    latest: Millis,
) -> Result<bool, StorageError> {
    let done = sqlx::query(
        "INSERT INTO leases (bot_id, purpose, shard, holder, until) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (bot_id, purpose, shard) DO UPDATE
         SET holder = excluded.holder, until = excluded.until
         WHERE leases.holder = excluded.holder OR leases.until < $6 OR leases.until > $7",
    )
    .bind(bot.get())
    .bind(purpose.as_str())
    .bind(i64::from(shard))
    .bind(holder)
    .bind(until.0)
    .bind(now.0)
    .bind(latest.0)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The lease as it stands; `None` when nobody has it.
pub async fn holder(
    db: impl AnyExecutor<'_>,
    bot: ApplicationId,
    purpose: Purpose,
    shard: u32,
) -> Result<Option<Held>, StorageError> {
    let row = sqlx::query(
        "SELECT holder, until FROM leases WHERE bot_id = $1 AND purpose = $2 AND shard = $3",
    )
    .bind(bot.get())
    .bind(purpose.as_str())
    .bind(i64::from(shard))
    .fetch_optional(db)
    .await?;
    row.map(|row| Ok(Held { holder: row.text("holder")?, until: Millis(row.int("until")?) }))
        .transpose()
}

/// Takes a lease that stands as it was `seen`, whatever its end. Answers whether `holder` has it now: of
/// several that try at once one gets it, and none if its holder has renewed it meanwhile.
pub async fn take(
    conn: &mut AnyConnection,
    bot: ApplicationId,
    purpose: Purpose,
    shard: u32,
    seen: Option<&Held>,
    holder: &str,
    until: Millis,
) -> Result<bool, StorageError> {
    let query = match seen {
        None => sqlx::query(
            "INSERT INTO leases (bot_id, purpose, shard, holder, until) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (bot_id, purpose, shard) DO NOTHING",
        ),
        Some(_) => sqlx::query(
            "UPDATE leases SET holder = $4, until = $5
             WHERE bot_id = $1 AND purpose = $2 AND shard = $3 AND holder = $6 AND until = $7",
        ),
    };
    let mut query = query
        .bind(bot.get())
        .bind(purpose.as_str())
        .bind(i64::from(shard))
        .bind(holder)
        .bind(until.0);
    if let Some(seen) = seen {
        query = query.bind(seen.holder.as_str()).bind(seen.until.0);
    }
    Ok(query.execute(conn).await?.rows_affected() == 1)
}

/// Makes the lease longer for the one who has it. `false`: another has taken it.
pub async fn renew(
    conn: &mut AnyConnection,
    bot: ApplicationId,
    purpose: Purpose,
    shard: u32,
    holder: &str,
    until: Millis,
) -> Result<bool, StorageError> {
    let done = sqlx::query(
        "UPDATE leases SET until = $5
         WHERE bot_id = $1 AND purpose = $2 AND shard = $3 AND holder = $4",
    )
    .bind(bot.get())
    .bind(purpose.as_str())
    .bind(i64::from(shard))
    .bind(holder)
    .bind(until.0)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives the lease back, if `holder` has it, so that another need not wait for its end.
pub async fn release(
    conn: &mut AnyConnection,
    bot: ApplicationId,
    purpose: Purpose,
    shard: u32,
    holder: &str,
) -> Result<(), StorageError> {
    sqlx::query(
        "DELETE FROM leases WHERE bot_id = $1 AND purpose = $2 AND shard = $3 AND holder = $4",
    )
    .bind(bot.get())
    .bind(purpose.as_str())
    .bind(i64::from(shard))
    .bind(holder)
    .execute(conn)
    .await?;
    Ok(())
}
