//! Whether the master keys that there are open what is in the key store.

use std::sync::Arc;

use domain::ids::GuildId;
use secrecy::SecretString;
use sqlx::Row as _;
use uuid::Uuid;

use super::masters::MasterKeys;
use super::ring::Master;
use super::{Keys, random, scoped_aad_of};
use crate::columns::Columns as _;
use crate::errors::{SealError, StorageError};
use crate::seal::Sealed;
use crate::store::{Database, Tx};

/// The known text of the present master key's check.
pub(super) const CHECK_TEXT: &[u8] = b"wardesk key store";
/// Rows that are read at once.
pub(super) const BATCH: i64 = 200;

/// How many data keys one master key has wrapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterCount {
    /// The master key's name; empty for rows of a version that named none.
    pub master: String,
    /// Whether it is at hand.
    pub known: bool,
    /// Whether new data keys are wrapped by it.
    pub present: bool,
    /// Its data keys.
    pub rows: i64,
}

/// A data key that does not open. Says whose server, and not which person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The data key's own random id.
    pub key_id: String,
    /// The server; `None` for the service itself.
    pub guild: Option<GuildId>,
    /// The master key that it names.
    pub master: String,
}

/// A row of the data keys, still wrapped.
pub(super) struct Wrapped {
    pub(super) place: (i64, i64),
    pub(super) key_id: String,
    pub(super) sealed: Sealed,
    pub(super) master: String,
}

impl Wrapped {
    /// What the wrapping is bound to.
    pub(super) fn aad(&self) -> Result<Vec<u8>, StorageError> {
        let id = Uuid::try_parse(&self.key_id).map_err(|_| StorageError::Corrupt("key_id"))?;
        Ok(scoped_aad_of(self.place, id.as_bytes()))
    }

    pub(super) fn as_unreadable(&self) -> Unreadable {
        Unreadable {
            key_id: self.key_id.clone(),
            guild: GuildId::new(self.place.0).ok(),
            master: self.master.clone(),
        }
    }
}

/// Whether a master key opens the check.
fn is_check(master: &Master, sealed: &Sealed) -> bool {
    matches!(master.unwrap(b"check", sealed), Ok(text) if text.as_slice() == CHECK_TEXT)
}

/// A transaction in which data keys are wrapped by `master`, and by no other until it ends.
pub(super) struct Wrapping {
    pub(super) tx: Tx,
    pub(super) master: Arc<Master>,
}

impl Keys {
    /// Fails unless one of the master keys opens the check, in a schema of any version: before it is changed. A key store
    /// that is new has none.
    pub(super) async fn refuse_wrong(&self) -> Result<(), StorageError> {
        let database = &self.0.database;
        if !database.has("key_check", "sealed").await? {
            return Ok(());
        }
        let select = "SELECT sealed FROM key_check WHERE id = 1";
        let Some(row) = sqlx::query(select).fetch_optional(database.read()).await? else {
            return Ok(());
        };
        let sealed = Sealed::from_bytes(row.try_get("sealed")?);
        let opens = || self.0.ring.known().iter().any(|master| is_check(master, &sealed));
        if !opens() {
            // The file may have been changed since it was read.
            let _ = self.0.ring.look().await;
        }
        if opens() { Ok(()) } else { Err(SealError::WrongMasterKey.into()) }
    }

    /// Whether the present master key is the right one. A key store that is new takes the first of the ring.
    pub(super) async fn check_present(&self) -> Result<(), StorageError> {
        let select = "SELECT sealed, master_id, store_id FROM key_check WHERE id = 1";
        let read = || sqlx::query(select).fetch_optional(self.0.database.read());
        let row = read().await?;
        let incomplete = |row: &sqlx::any::AnyRow| {
            Ok::<_, StorageError>(
                row.text("store_id")?.is_empty() || row.text("master_id")?.is_empty(),
            )
        };
        let row = match row {
            Some(row) if !incomplete(&row)? => row,
            row => {
                self.name_present(row.as_ref()).await?;
                read().await?.ok_or(StorageError::Corrupt("key_check"))?
            }
        };
        let sealed = Sealed::from_bytes(row.try_get("sealed")?);
        let master = self.0.ring.find(&row.text("master_id")?).await?;
        if !is_check(&master, &sealed) {
            return Err(SealError::WrongMasterKey.into());
        }
        let _ = self.0.store_id.set(row.text("store_id")?);
        Ok(())
    }

    /// Writes the row of the check, or completes one of a version that named neither key nor store.
    async fn name_present(&self, old: Option<&sqlx::any::AnyRow>) -> Result<(), StorageError> {
        let masters = self.0.ring.known();
        let first = masters.first().ok_or(SealError::WrongMasterKey)?;
        let (master, sealed) = match old {
            None => (first, first.wrap(b"check", CHECK_TEXT)?),
            Some(row) => {
                let sealed = Sealed::from_bytes(row.try_get("sealed")?);
                let fits = masters.iter().find(|master| is_check(master, &sealed));
                (fits.ok_or(SealError::WrongMasterKey)?, sealed)
            }
        };
        let store_id = uuid::Builder::from_random_bytes(random()).into_uuid().to_string();
        let mut tx = self.0.database.begin().await?;
        sqlx::query(
            "INSERT INTO key_check (id, sealed, master_id, store_id) VALUES (1, $1, $2, $3)
             ON CONFLICT (id) DO UPDATE SET master_id = excluded.master_id, store_id = excluded.store_id
             WHERE key_check.master_id = '' AND key_check.store_id = ''",
        )
        .bind(sealed.into_bytes())
        .bind(master.id.as_str())
        .bind(store_id)
        .execute(tx.conn())
        .await?;
        tx.commit().await
    }

    /// Whether every master key is at hand that a row names.
    pub(super) async fn check_masters(&self) -> Result<(), StorageError> {
        for count in self.counts().await? {
            if !count.known && count.rows > 0 {
                return Err(StorageError::MissingMasterKey { id: count.master, rows: count.rows });
            }
        }
        Ok(())
    }

    /// How many data keys each master key has wrapped.
    pub(super) async fn counts(&self) -> Result<Vec<MasterCount>, StorageError> {
        let rows = sqlx::query(
            "SELECT k.master_id, COUNT(*) AS found,
                    CAST(MAX(CASE WHEN c.master_id = k.master_id THEN 1 ELSE 0 END) AS BIGINT) AS present
             FROM data_keys k JOIN key_check c ON c.id = 1
             GROUP BY k.master_id ORDER BY k.master_id",
        )
        .fetch_all(self.0.database.read())
        .await?;
        let mut counts = Vec::with_capacity(rows.len());
        for row in rows {
            let master = row.text("master_id")?;
            let known = master.is_empty() || self.0.ring.knows(&master).await;
            let present = row.int("present")? == 1;
            counts.push(MasterCount { master, known, present, rows: row.int("found")? });
        }
        Ok(counts)
    }

    /// Data keys in their order, after a place.
    pub(super) async fn wrapped_after(
        &self,
        after: (i64, i64),
    ) -> Result<Vec<Wrapped>, StorageError> {
        let rows = sqlx::query(
            "SELECT guild_id, subject_id, key_id, wrapped, master_id FROM data_keys
             WHERE guild_id > $1 OR (guild_id = $1 AND subject_id > $2)
             ORDER BY guild_id, subject_id LIMIT $3",
        )
        .bind(after.0)
        .bind(after.1)
        .bind(BATCH)
        .fetch_all(self.0.database.read())
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Wrapped {
                    place: (row.int("guild_id")?, row.int("subject_id")?),
                    key_id: row.text("key_id")?,
                    sealed: Sealed::from_bytes(row.try_get("wrapped")?),
                    master: row.text("master_id")?,
                })
            })
            .collect()
    }

    /// Begins a transaction that wraps data keys. The row of the check is held in it, so that no other process
    /// chooses another master key before it ends, and none is used that was the present one before.
    pub(super) async fn begin_wrapping(&self) -> Result<Wrapping, StorageError> {
        loop {
            let mut tx = self.0.database.begin().await?;
            let row = sqlx::query(
                "UPDATE key_check SET master_id = master_id WHERE id = 1 RETURNING master_id",
            )
            .fetch_one(tx.conn())
            .await?;
            let id = row.text("master_id")?;
            let master = self.0.ring.known().iter().find(|master| master.id == id).cloned();
            if let Some(master) = master {
                return Ok(Wrapping { tx, master });
            }
            drop(tx);
            self.0.ring.find(&id).await?;
        }
    }
}

/// The key store alone, for those who look after it.
pub struct KeyStore(pub(super) Keys);

impl KeyStore {
    /// Opens it and brings its schema up to date. The present master key must be at hand; else nothing is changed.
    pub async fn open(url: &SecretString, masters: &MasterKeys) -> Result<Self, StorageError> {
        let database = Database::open(url).await?;
        Ok(Self(Keys::connect(database, masters).await?))
    }

    pub(crate) const fn of(keys: Keys) -> Self {
        Self(keys)
    }

    /// How many data keys each master key has wrapped.
    pub async fn counts(&self) -> Result<Vec<MasterCount>, StorageError> {
        self.0.counts().await
    }

    /// Opens every data key. Answers how many opened, and those that did not.
    pub async fn open_all(&self) -> Result<(u64, Vec<Unreadable>), StorageError> {
        let (mut good, mut bad) = (0, Vec::new());
        let mut after = (i64::MIN, i64::MIN);
        loop {
            let rows = self.0.wrapped_after(after).await?;
            let Some(last) = rows.last() else { return Ok((good, bad)) };
            after = last.place;
            for row in &rows {
                let opened = match row.aad() {
                    Ok(aad) => self.0.0.ring.unwrap(&row.master, &aad, &row.sealed).await.is_ok(),
                    Err(_) => false,
                };
                if opened {
                    good += 1;
                } else {
                    bad.push(row.as_unreadable());
                }
            }
        }
    }

    /// Which key store this is.
    pub fn store_id(&self) -> &str {
        self.0.store_id()
    }

    /// The keys, for backups.
    pub(crate) const fn keys(&self) -> &Keys {
        &self.0
    }

    /// The database itself, for backups.
    pub(crate) fn database(&self) -> &Database {
        &self.0.0.database
    }

    /// Closes its connections.
    pub async fn close(&self) {
        self.0.close().await;
    }
}

impl std::fmt::Debug for KeyStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyStore")
    }
}
