//! Tombstones: what is over for good, kept in the key store, which no restore of a content backup takes back.

use domain::time::Millis;

use super::{KeyScope, Keys};
use crate::StorageError;

/// The pseudonym of something that may be buried. It says nothing without the key store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tombstone([u8; 32]);

impl Keys {
    /// The pseudonym of a thing of a kind, such as `licence` and its id. The same thing has the same one for ever.
    pub async fn tombstone(&self, kind: &str, thing: &[u8]) -> Result<Tombstone, StorageError> {
        let purpose = format!("tombstone {kind}");
        Ok(Tombstone(self.mark(&KeyScope::SERVICE, &purpose, thing).await?))
    }

    /// Says that it is over for good. Safe to repeat; there is no way back.
    pub async fn bury(&self, stone: Tombstone, now: Millis) -> Result<(), StorageError> {
        let mut tx = self.0.database.begin().await?;
        sqlx::query(
            "INSERT INTO tombstones (mark, buried_at) VALUES ($1, $2) ON CONFLICT (mark) DO NOTHING",
        )
        .bind(stone.0.to_vec())
        .bind(now.0)
        .execute(tx.conn())
        .await?;
        tx.commit().await
    }

    /// Whether it is over for good.
    pub async fn is_buried(&self, stone: Tombstone) -> Result<bool, StorageError> {
        let row = sqlx::query("SELECT 1 AS found FROM tombstones WHERE mark = $1")
            .bind(stone.0.to_vec())
            .fetch_optional(self.0.database.read())
            .await?;
        Ok(row.is_some())
    }

    /// Whether anything is.
    pub async fn any_buried(&self) -> Result<bool, StorageError> {
        let row = sqlx::query("SELECT 1 AS found FROM tombstones LIMIT 1")
            .fetch_optional(self.0.database.read())
            .await?;
        Ok(row.is_some())
    }
}
