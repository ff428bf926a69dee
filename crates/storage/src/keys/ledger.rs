//! The ledger of erasures: who was erased, as keyed pseudonyms, and when. Kept here and beside the content
//! ([`crate::privacy::ledger`]).

use domain::ids::UserId;
use domain::time::Millis;

use super::{KeyScope, Keys};
use crate::StorageError;
use crate::columns::Columns as _;

/// The pseudonym of a Discord account in the ledger. It names nobody without the key store (`docs/PROMISES.md` C2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DiscordMark([u8; 32]);

impl DiscordMark {
    /// The 32 bytes, as the databases keep them.
    pub const fn bytes(&self) -> [u8; 32] {
        self.0
    }

    pub(crate) fn read(bytes: Option<Vec<u8>>) -> Result<Self, StorageError> {
        let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or(StorageError::Corrupt("erased_people.discord_mark"))
    }
}

/// Both databases have the same columns, and the same statements.
pub(crate) const NOTE: &str =
    "INSERT INTO erased_people (discord_mark, roblox_mark, marker, erased_at)
     VALUES ($1, NULL, 'D', $2)
     ON CONFLICT (discord_mark) DO UPDATE SET erased_at = excluded.erased_at
     WHERE erased_people.erased_at < excluded.erased_at";
pub(crate) const LIST: &str = "SELECT discord_mark, erased_at FROM erased_people";

impl Keys {
    /// The pseudonym of an account. The same account has the same one for ever.
    pub async fn discord_mark(&self, user: UserId) -> Result<DiscordMark, StorageError> {
        let id = user.get().to_be_bytes();
        Ok(DiscordMark(self.mark(&KeyScope::SERVICE, "erased person", &id).await?))
    }

    /// Notes that someone was erased then; the latest time counts.
    pub async fn note_erased(&self, mark: DiscordMark, at: Millis) -> Result<(), StorageError> {
        let mut tx = self.0.database.begin().await?;
        sqlx::query(NOTE).bind(mark.0.to_vec()).bind(at.0).execute(tx.conn()).await?;
        tx.commit().await
    }

    /// Everyone in the ledger of the key store.
    pub async fn erased(&self) -> Result<Vec<(DiscordMark, Millis)>, StorageError> {
        let rows = sqlx::query(LIST).fetch_all(self.0.database.read()).await?;
        rows.iter()
            .map(|row| {
                let mark = DiscordMark::read(row.bytes_opt("discord_mark")?)?;
                Ok((mark, Millis(row.int("erased_at")?)))
            })
            .collect()
    }

    /// Whether there is a data key of `scope`. Asked of the database: another process may have destroyed it.
    pub async fn exists(&self, scope: &KeyScope) -> Result<bool, StorageError> {
        let (guild, subject) = scope.columns();
        let row =
            sqlx::query("SELECT 1 AS found FROM data_keys WHERE guild_id = $1 AND subject_id = $2")
                .bind(guild)
                .bind(subject)
                .fetch_optional(self.0.database.read())
                .await?;
        Ok(row.is_some())
    }

    /// Makes destroyed keys go from the key store's files too: see [`crate::Store::forget_overwritten`].
    pub async fn forget_destroyed(&self) -> Result<bool, StorageError> {
        self.0.database.checkpoint().await
    }

    /// The servers on which a person has a data key.
    pub async fn servers_of(&self, user: UserId) -> Result<Vec<i64>, StorageError> {
        let rows = sqlx::query("SELECT guild_id FROM data_keys WHERE subject_id = $1")
            .bind(user.get())
            .fetch_all(self.0.database.read())
            .await?;
        rows.iter().map(|row| row.int("guild_id")).collect()
    }
}
