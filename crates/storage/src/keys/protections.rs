//! What was done to protect people, such as a redaction, kept in the key store for as long as a backup of the content may
//! be older than it. After a restore it is done again.

use domain::time::Millis;
use zeroize::Zeroizing;

use super::{KeyScope, Keys};
use crate::columns::Columns as _;
use crate::errors::{SealError, StorageError};
use crate::seal::Sealed;

impl Keys {
    /// Notes what was done, sealed under the key of `scope`. `thing` says to what: of the same thing the latest counts.
    pub async fn note_protection(
        &self,
        scope: KeyScope,
        thing: &str,
        body: &[u8],
        now: Millis,
    ) -> Result<(), StorageError> {
        let mark = self.mark(&KeyScope::SERVICE, "protection", thing.as_bytes()).await?;
        let sealed = self.seal(&scope, &mark, body).await?;
        let (guild, subject) = scope.columns();
        let mut tx = self.0.database.begin().await?;
        sqlx::query(
            "INSERT INTO protections (mark, guild_id, subject_id, body, noted_at)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (mark) DO UPDATE SET guild_id = excluded.guild_id, subject_id = excluded.subject_id,
                 body = excluded.body, noted_at = excluded.noted_at",
        )
        .bind(mark.to_vec())
        .bind(guild)
        .bind(subject)
        .bind(sealed.into_bytes())
        .bind(now.0)
        .execute(tx.conn())
        .await?;
        tx.commit().await
    }

    /// What was noted since then, the oldest first. What is sealed by a key that was destroyed is left out.
    pub async fn protections(
        &self,
        since: Millis,
    ) -> Result<Vec<Zeroizing<Vec<u8>>>, StorageError> {
        let rows = sqlx::query(
            "SELECT mark, guild_id, subject_id, body FROM protections
             WHERE noted_at >= $1 ORDER BY noted_at, mark",
        )
        .bind(since.0)
        .fetch_all(self.0.database.read())
        .await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in &rows {
            let scope = KeyScope::of_columns(row.int("guild_id")?, row.int("subject_id")?)?;
            let mark = row.bytes_opt("mark")?.unwrap_or_default();
            let body = Sealed::from_bytes(row.bytes_opt("body")?.unwrap_or_default());
            match self.open_sealed(&scope, &mark, &body).await {
                Ok(body) => found.push(body),
                Err(StorageError::Sealed(SealError::Destroyed)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    /// Removes what no backup is older than any more. Answers how many there were.
    pub async fn forget_protections(&self, before: Millis) -> Result<u64, StorageError> {
        let mut tx = self.0.database.begin().await?;
        let gone = sqlx::query("DELETE FROM protections WHERE noted_at < $1")
            .bind(before.0)
            .execute(tx.conn())
            .await?;
        tx.commit().await?;
        Ok(gone.rows_affected())
    }
}
