//! Data keys: one for each (server, subject), wrapped by the master key, in a store of their own.

mod check;
mod file;
pub(crate) mod ledger;
mod masters;
mod protections;
mod restores;
mod ring;
mod rotate;
pub(crate) mod tombstones;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use domain::ids::{GuildId, UserId};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use moka::future::Cache;
use rand::RngCore as _;
use sha2::Sha256;
use sqlx::Row as _;
use tokio::sync::watch;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::errors::{SealError, StorageError};
use crate::migrations;
use crate::seal::{self, Sealed};
use crate::store::Database;

pub use check::{KeyStore, MasterCount, Unreadable};
pub use file::{KeyFile, KeyFileError};
pub use masters::{MasterKeyProblem, MasterKeys};
pub use ring::KeyTrouble;
use ring::Ring;
pub use rotate::Rewrapped;

/// Keys held in memory at most.
const CACHED_KEYS: u64 = 50_000;
/// How long a key stays in memory: another process may destroy it meanwhile.
const CACHED_FOR: Duration = Duration::from_mins(1);

/// Whose words are sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A person's.
    User(UserId),
    /// No person's: what the service says itself.
    Service,
}

/// Which data key: the subject's words on a server, or (`guild: None`) in the service itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyScope {
    /// The server; `None` for tokens and sessions.
    pub guild: Option<GuildId>,
    /// Whose words.
    pub subject: Subject,
}

impl KeyScope {
    /// A person's words on a server.
    pub const fn person(guild: GuildId, user: UserId) -> Self {
        Self { guild: Some(guild), subject: Subject::User(user) }
    }

    /// What belongs to a person's account with the service itself.
    pub const fn account(user: UserId) -> Self {
        Self { guild: None, subject: Subject::User(user) }
    }

    /// The service's own words on a server.
    pub const fn server(guild: GuildId) -> Self {
        Self { guild: Some(guild), subject: Subject::Service }
    }

    /// The service's own secrets.
    pub const SERVICE: Self = Self { guild: None, subject: Subject::Service };

    fn columns(self) -> (i64, i64) {
        let subject = match self.subject {
            Subject::User(user) => user.get(),
            Subject::Service => 0,
        };
        (self.guild.map_or(0, GuildId::get), subject)
    }

    /// The scope that its columns name.
    fn of_columns(guild: i64, subject: i64) -> Result<Self, StorageError> {
        let guild = match guild {
            0 => None,
            id => Some(GuildId::new(id).map_err(|_| StorageError::Corrupt("guild_id"))?),
        };
        let subject = match subject {
            0 => Subject::Service,
            id => Subject::User(UserId::new(id).map_err(|_| StorageError::Corrupt("subject_id"))?),
        };
        Ok(Self { guild, subject })
    }
}

/// A data key in memory; overwritten when dropped.
pub(crate) struct DataKey {
    pub(crate) id: [u8; 16],
    pub(crate) key: Zeroizing<[u8; 32]>,
}

struct Inner {
    database: Database,
    ring: Ring,
    /// Which key store this is.
    store_id: OnceLock<String>,
    cache: Cache<KeyScope, Arc<DataKey>>,
    /// How many keys this process has destroyed: one that was read before may not be remembered after.
    destroyed: AtomicU64,
}

/// Seals and opens. A cheap handle.
#[derive(Clone)]
pub struct Keys(Arc<Inner>);

fn derive(master: &[u8; 32], label: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut out = Zeroizing::new([0; 32]);
    let hkdf = Hkdf::<Sha256>::new(None, master);
    // 32 bytes is far below the limit of 255 blocks, so this cannot fail.
    let _ = hkdf.expand(label, out.as_mut_slice());
    out
}

#[expect(
    clippy::disallowed_methods,
    reason = "nonces and keys come from the operating system only"
)]
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

fn scoped_aad(scope: KeyScope, aad: &[u8]) -> Vec<u8> {
    scoped_aad_of(scope.columns(), aad)
}

/// The same for a scope as its columns name it.
fn scoped_aad_of((guild, subject): (i64, i64), aad: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(16 + aad.len());
    out.extend_from_slice(&guild.to_be_bytes());
    out.extend_from_slice(&subject.to_be_bytes());
    out.extend_from_slice(aad);
    out
}

impl Keys {
    /// Opens the key store. Fails when a master key is missing that something in it is wrapped by.
    pub(crate) async fn open(
        database: Database,
        masters: &MasterKeys,
    ) -> Result<Self, StorageError> {
        let keys = Self::connect(database, masters).await?;
        keys.check_masters().await?;
        Ok(keys)
    }

    /// Opens the key store whose present master key is there, and brings its schema up to date; other master keys may be
    /// missing.
    async fn connect(database: Database, masters: &MasterKeys) -> Result<Self, StorageError> {
        let keys = Self(Arc::new(Inner {
            database,
            ring: Ring::new(masters),
            store_id: OnceLock::new(),
            cache: Cache::builder().max_capacity(CACHED_KEYS).time_to_live(CACHED_FOR).build(),
            destroyed: AtomicU64::new(0),
        }));
        keys.refuse_wrong().await?;
        migrations::run_keys(&keys.0.database).await?;
        keys.check_present().await?;
        Ok(keys)
    }

    /// Which key store this is: the database beside it remembers it, and so do backups.
    pub fn store_id(&self) -> &str {
        self.0.store_id.get().map_or("", String::as_str)
    }

    /// The key of `scope`; `None` if there is none (never made, or destroyed).
    async fn find(&self, scope: KeyScope) -> Result<Option<Arc<DataKey>>, StorageError> {
        if let Some(key) = self.0.cache.get(&scope).await {
            return Ok(Some(key));
        }
        loop {
            let destroyed = self.0.destroyed.load(Ordering::SeqCst);
            let Some(key) = self.read(scope).await? else { return Ok(None) };
            if self.remember(scope, &key, destroyed).await {
                return Ok(Some(key));
            }
        }
    }

    /// Keeps a key in memory that was read when `destroyed` keys had been destroyed. `false` if one was
    /// destroyed since: it may be this one.
    async fn remember(&self, scope: KeyScope, key: &Arc<DataKey>, destroyed: u64) -> bool {
        self.0.cache.insert(scope, Arc::clone(key)).await;
        // Looked at after the insertion: either this sees that a key was destroyed, or who destroys it
        // finds it in the cache.
        let still = self.0.destroyed.load(Ordering::SeqCst) == destroyed;
        if !still {
            self.0.cache.invalidate(&scope).await;
        }
        still
    }

    async fn read(&self, scope: KeyScope) -> Result<Option<Arc<DataKey>>, StorageError> {
        let (guild, subject) = scope.columns();
        let row = sqlx::query(
            "SELECT key_id, wrapped, master_id FROM data_keys WHERE guild_id = $1 AND subject_id = $2",
        )
        .bind(guild)
        .bind(subject)
        .fetch_optional(self.0.database.read())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let id: String = row.try_get("key_id")?;
        let id = *Uuid::try_parse(&id).map_err(|_| StorageError::Corrupt("key_id"))?.as_bytes();
        let wrapped = Sealed::from_bytes(row.try_get("wrapped")?);
        let master: String = row.try_get("master_id")?;
        let plain = self.0.ring.unwrap(&master, &scoped_aad(scope, &id), &wrapped).await?;
        let bytes: [u8; 32] = plain.as_slice().try_into().map_err(|_| SealError::Broken)?;
        Ok(Some(Arc::new(DataKey { id, key: Zeroizing::new(bytes) })))
    }

    /// The key of `scope`, made now if there is none.
    pub(crate) async fn find_or_make(&self, scope: KeyScope) -> Result<Arc<DataKey>, StorageError> {
        if let Some(key) = self.find(scope).await? {
            return Ok(key);
        }
        let (guild, subject) = scope.columns();
        let id = *uuid::Builder::from_random_bytes(random()).into_uuid().as_bytes();
        let plain = Zeroizing::new(random::<32>());
        let aad = scoped_aad(scope, &id);
        let mut tx = self.begin_wrapping().await?;
        let wrapped = tx.master.wrap(&aad, plain.as_slice())?;
        // Two may do this at once: the first one's key counts, and both read it back.
        sqlx::query(
            "INSERT INTO data_keys (guild_id, subject_id, key_id, wrapped, master_id)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (guild_id, subject_id) DO NOTHING",
        )
        .bind(guild)
        .bind(subject)
        .bind(Uuid::from_bytes(id).to_string())
        .bind(wrapped.into_bytes())
        .bind(tx.master.id.as_str())
        .execute(tx.tx.conn())
        .await?;
        tx.tx.commit().await?;
        self.find(scope).await?.ok_or_else(|| SealError::Destroyed.into())
    }

    pub(crate) async fn existing(&self, scope: KeyScope) -> Result<Arc<DataKey>, StorageError> {
        self.find(scope).await?.ok_or_else(|| SealError::Destroyed.into())
    }

    /// Seals `plain` as `scope`'s words. `aad` binds it to its place, for example
    /// `tickets.reason:<id>`, so that a row cannot be swapped for another.
    pub async fn seal(
        &self,
        scope: &KeyScope,
        aad: &[u8],
        plain: &[u8],
    ) -> Result<Sealed, StorageError> {
        let key = self.find_or_make(*scope).await?;
        Ok(seal::seal(&key.key, key.id, random(), &scoped_aad(*scope, aad), plain)?)
    }

    /// Like [`Keys::seal`], with the data key that there is; [`SealError::Destroyed`] when there is none.
    pub async fn seal_known(
        &self,
        scope: &KeyScope,
        aad: &[u8],
        plain: &[u8],
    ) -> Result<Sealed, StorageError> {
        let key = self.existing(*scope).await?;
        Ok(seal::seal(&key.key, key.id, random(), &scoped_aad(*scope, aad), plain)?)
    }

    /// Opens what [`Keys::seal`] made with the same scope and `aad`.
    pub async fn open_sealed(
        &self,
        scope: &KeyScope,
        aad: &[u8],
        sealed: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, StorageError> {
        let key = self.existing(*scope).await?;
        if sealed.key_id()? != key.id {
            // Sealed under a key that was destroyed; the scope has a newer one.
            return Err(SealError::Destroyed.into());
        }
        Ok(seal::open(&key.key, &scoped_aad(*scope, aad), sealed)?)
    }

    /// An HMAC of `bytes` under a key of the scope that serves `purpose` alone: it finds something again without
    /// saying what. The scope's data key is made now if there is none.
    pub async fn mark(
        &self,
        scope: &KeyScope,
        purpose: &str,
        bytes: &[u8],
    ) -> Result<[u8; 32], StorageError> {
        Ok(marked(&*self.find_or_make(*scope).await?, purpose, bytes))
    }

    /// Like [`Keys::mark`], with the data key that there is; [`SealError::Destroyed`] when there is none.
    pub async fn known_mark(
        &self,
        scope: &KeyScope,
        purpose: &str,
        bytes: &[u8],
    ) -> Result<[u8; 32], StorageError> {
        Ok(marked(&*self.existing(*scope).await?, purpose, bytes))
    }

    /// Destroys the key: what it sealed can never be read again, in no copy. This process forgets it before
    /// the answer; another on the same key store may use it for [`CACHED_FOR`] more, a minute, to read and to
    /// seal: what it seals in that time is erased with the rest.
    pub async fn destroy(&self, scope: &KeyScope) -> Result<(), StorageError> {
        let (guild, subject) = scope.columns();
        let mut tx = self.0.database.begin().await?;
        sqlx::query("DELETE FROM data_keys WHERE guild_id = $1 AND subject_id = $2")
            .bind(guild)
            .bind(subject)
            .execute(tx.conn())
            .await?;
        sqlx::query("DELETE FROM protections WHERE guild_id = $1 AND subject_id = $2")
            .bind(guild)
            .bind(subject)
            .execute(tx.conn())
            .await?;
        tx.commit().await?;
        self.0.destroyed.fetch_add(1, Ordering::SeqCst);
        self.0.cache.invalidate(scope).await;
        Ok(())
    }

    /// Destroys every key of a server, whoever's words they sealed, as [`Keys::destroy`] does. Safe to repeat.
    pub async fn destroy_guild(&self, guild: GuildId) -> Result<u64, StorageError> {
        let mut tx = self.0.database.begin().await?;
        let rows = sqlx::query("DELETE FROM data_keys WHERE guild_id = $1 RETURNING subject_id")
            .bind(guild.get())
            .fetch_all(tx.conn())
            .await?;
        sqlx::query("DELETE FROM protections WHERE guild_id = $1")
            .bind(guild.get())
            .execute(tx.conn())
            .await?;
        tx.commit().await?;
        self.0.destroyed.fetch_add(1, Ordering::SeqCst);
        for row in &rows {
            let scope = KeyScope::of_columns(guild.get(), row.try_get("subject_id")?)?;
            self.0.cache.invalidate(&scope).await;
        }
        Ok(rows.len() as u64)
    }

    /// How many keys of a server there are.
    pub async fn count_of_guild(&self, guild: GuildId) -> Result<i64, StorageError> {
        let row = sqlx::query("SELECT COUNT(*) AS n FROM data_keys WHERE guild_id = $1")
            .bind(guild.get())
            .fetch_one(self.0.database.read())
            .await?;
        Ok(row.try_get("n")?)
    }

    /// What keeps this process from opening data keys, as it is told of it; `None`: nothing that it met.
    pub fn troubles(&self) -> watch::Receiver<Option<KeyTrouble>> {
        self.0.ring.troubles()
    }

    /// How many keys this process has destroyed: when it grows, what was unsealed before may be of someone who
    /// was erased.
    pub fn destroyed(&self) -> u64 {
        self.0.destroyed.load(Ordering::SeqCst)
    }

    pub(crate) async fn close(&self) {
        self.0.cache.invalidate_all();
        self.0.database.close().await;
    }
}

fn marked(key: &DataKey, purpose: &str, bytes: &[u8]) -> [u8; 32] {
    let key = Zeroizing::new(mac(&key.key, &[b"wardesk mark v1 ", purpose.as_bytes()]));
    mac(&key, &[bytes])
}

/// HMAC-SHA-256 over the parts, one after the other.
pub(crate) fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = new_mac(key);
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
pub(crate) fn new_mac(key: &[u8; 32]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of every length")
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_key_that_is_destroyed_while_it_is_read_is_not_remembered() {
        let scope = KeyScope::server(GuildId::new(10).unwrap());
        for test in crate::testing::stores().await {
            let keys = test.store.keys();
            keys.find_or_make(scope).await.unwrap();
            keys.0.cache.invalidate(&scope).await;
            // As `find`, stopped between reading and remembering.
            let destroyed = keys.0.destroyed.load(Ordering::SeqCst);
            let key = keys.read(scope).await.unwrap().unwrap();
            keys.destroy(&scope).await.unwrap();
            assert!(!keys.remember(scope, &key, destroyed).await, "{}", test.engine);
            assert!(keys.0.cache.get(&scope).await.is_none());
            assert!(keys.find(scope).await.unwrap().is_none());
        }
    }
}
