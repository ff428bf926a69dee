//! Which servers had their trial. A server is known by a keyed pseudonym, which outlasts its erasure.

use domain::ids::GuildId;
use domain::time::Millis;
use sqlx::{AnyConnection, AnyExecutor};

use crate::{KeyScope, Keys, StorageError};

/// A server's pseudonym. Made before a transaction begins: keys are in a store of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TrialMark([u8; 32]);

/// The pseudonym of a server: one for trials that real money would have followed, another for pretended ones.
pub async fn mark(keys: &Keys, guild: GuildId, live: bool) -> Result<TrialMark, StorageError> {
    let bytes = guild.get().to_be_bytes();
    let purpose = if live { "trial" } else { "trial in test mode" };
    Ok(TrialMark(keys.mark(&KeyScope::SERVICE, purpose, &bytes).await?))
}

/// Whether the server had its trial.
pub async fn used(db: impl AnyExecutor<'_>, mark: TrialMark) -> Result<bool, StorageError> {
    let row = sqlx::query("SELECT 1 AS found FROM licence_trials WHERE server = $1")
        .bind(mark.0.to_vec())
        .fetch_optional(db)
        .await?;
    Ok(row.is_some())
}

/// Notes that the server has its trial now. `false`: it had one before.
pub async fn take(
    conn: &mut AnyConnection,
    mark: TrialMark,
    now: Millis,
) -> Result<bool, StorageError> {
    let done = sqlx::query(
        "INSERT INTO licence_trials (server, used_at) VALUES ($1, $2) ON CONFLICT (server) DO NOTHING",
    )
    .bind(mark.0.to_vec())
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}
