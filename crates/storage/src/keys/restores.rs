//! The mark that the database is being restored. It is in the key store, since it must outlive every table of the
//! database: a program that starts beside half a database has to know.

use domain::time::Millis;

use super::Keys;
use super::ledger::{DiscordMark, NOTE};
use crate::columns::Columns as _;
use crate::errors::StorageError;

impl Keys {
    /// Says that a restore of a backup that was made at this time begins.
    pub(crate) async fn begin_restore(&self, made_at: Millis) -> Result<(), StorageError> {
        let mut tx = self.0.database.begin().await?;
        sqlx::query(
            "INSERT INTO restores (id, made_at) VALUES (1, $1)
             ON CONFLICT (id) DO UPDATE SET made_at = excluded.made_at",
        )
        .bind(made_at.0)
        .execute(tx.conn())
        .await?;
        tx.commit().await
    }

    /// Says that it ended well.
    pub(crate) async fn end_restore(&self) -> Result<(), StorageError> {
        let mut tx = self.0.database.begin().await?;
        sqlx::query("DELETE FROM restores WHERE id = 1").execute(tx.conn()).await?;
        tx.commit().await
    }

    /// Notes who was erased, as another ledger has it; the latest time counts.
    pub(crate) async fn merge_erased(
        &self,
        known: &[(DiscordMark, Millis)],
    ) -> Result<(), StorageError> {
        let mut tx = self.0.database.begin().await?;
        for (mark, at) in known {
            sqlx::query(NOTE).bind(mark.bytes().to_vec()).bind(at.0).execute(tx.conn()).await?;
        }
        tx.commit().await
    }

    /// Whether there is any data key.
    pub(crate) async fn has_keys(&self) -> Result<bool, StorageError> {
        let row = sqlx::query("SELECT 1 AS found FROM data_keys LIMIT 1")
            .fetch_optional(self.0.database.read())
            .await?;
        Ok(row.is_some())
    }

    /// When the backup was made whose restore was begun and did not end.
    pub(crate) async fn restore_begun(&self) -> Result<Option<Millis>, StorageError> {
        let row = sqlx::query("SELECT made_at FROM restores WHERE id = 1")
            .fetch_optional(self.0.database.read())
            .await?;
        row.map(|row| Ok(Millis(row.int("made_at")?))).transpose()
    }
}
