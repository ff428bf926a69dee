//! Leases: which process does a job that only one may do.

use domain::ids::ApplicationId;
use domain::time::Millis;
use sqlx::AnyConnection;

use crate::errors::StorageError;

/// The job a lease is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Holding the gateway connection of a shard.
    Gateway,
    /// Removing what is too old.
    Retention,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Retention => "retention",
        }
    }
}

/// Takes the lease, or makes it longer for the one who has it. Answers whether `holder` has it now.
pub async fn acquire(
    conn: &mut AnyConnection,
    bot: ApplicationId,
    purpose: Purpose,
    shard: u32,
    holder: &str,
    now: Millis,
    until: Millis,
) -> Result<bool, StorageError> {
    let done = sqlx::query(
        "INSERT INTO leases (bot_id, purpose, shard, holder, until) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (bot_id, purpose, shard) DO UPDATE
         SET holder = excluded.holder, until = excluded.until
         WHERE leases.holder = excluded.holder OR leases.until < $6",
    )
    .bind(bot.get())
    .bind(purpose.as_str())
    .bind(i64::from(shard))
    .bind(holder)
    .bind(until.0)
    .bind(now.0)
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
