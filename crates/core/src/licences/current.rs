//! What a server may use now.

use std::sync::Arc;
use std::time::Duration;

use domain::ids::{GuildId, LicenceId};
use domain::licences::{self, Entitlements, Licence, Limits};
use domain::time::Millis;
use moka::future::Cache;
use storage::StorageError;
use storage::licences::LicenceRow;

use crate::Wardesk;

/// How long a server's licences may be remembered: another process on the same database may change them.
const KNOWN_FOR: Duration = Duration::from_secs(10);
/// Of how many servers.
const KNOWN_OF: u64 = 10_000;
/// The kind of a licence's tombstone.
const TOMBSTONE: &str = "licence";

/// What the feature keeps in memory.
pub(crate) struct LicenceCaches {
    of_guild: Cache<GuildId, Arc<Vec<Licence>>>,
}

impl Default for LicenceCaches {
    fn default() -> Self {
        let of_guild = Cache::builder().max_capacity(KNOWN_OF).time_to_live(KNOWN_FOR).build();
        Self { of_guild }
    }
}

/// Forgets what servers may use: a licence was changed. Call it after the commit. Changes are rare, and a licence
/// may touch many servers: all are forgotten.
pub(crate) fn changed(w: &Wardesk) {
    w.licence_caches().of_guild.invalidate_all();
}

/// The licences of which a server has a seat, at most ten seconds old. What this process changes shows at once.
pub(crate) async fn licences_of(
    w: &Wardesk,
    guild: GuildId,
) -> Result<Arc<Vec<Licence>>, StorageError> {
    let cache = &w.licence_caches().of_guild;
    if let Some(known) = cache.get(&guild).await {
        return Ok(known);
    }
    let rows = storage::licences::of_guild(w.store().read(), guild).await?;
    let alive = Arc::new(alive(w, rows).await?.into_iter().map(|row| row.licence).collect());
    cache.insert(guild, Arc::clone(&alive)).await;
    Ok(alive)
}

/// What a server may use now: [`domain::licences::entitlements`] of its licences.
pub async fn entitlements(w: &Wardesk, guild: GuildId) -> Result<Entitlements, StorageError> {
    let licences = licences_of(w, guild).await?;
    Ok(licences::entitlements(w.plans(), &licences, guild, w.now()))
}

/// What a server's plan allows now.
pub async fn limits(w: &Wardesk, guild: GuildId) -> Result<Limits, StorageError> {
    Ok(entitlements(w, guild).await?.limits)
}

/// What a server's plan allows at a time, as its licences stand now.
pub(crate) async fn limits_at(
    w: &Wardesk,
    guild: GuildId,
    at: Millis,
) -> Result<Limits, StorageError> {
    let licences = licences_of(w, guild).await?;
    Ok(licences::entitlements(w.plans(), &licences, guild, at).limits)
}

/// Says that a licence is over for good, where no restore of a backup takes it back.
pub(super) async fn bury(w: &Wardesk, licence: LicenceId) -> Result<(), StorageError> {
    let keys = w.store().keys();
    let stone = keys.tombstone(TOMBSTONE, licence.uuid().as_bytes()).await?;
    keys.bury(stone, w.now()).await
}

/// Whether a licence is over for good.
pub(super) async fn is_buried(w: &Wardesk, licence: LicenceId) -> Result<bool, StorageError> {
    let keys = w.store().keys();
    let stone = keys.tombstone(TOMBSTONE, licence.uuid().as_bytes()).await?;
    keys.is_buried(stone).await
}

/// Those that are not over for good: a restored backup may hold some that are, until [`super::bury_again`] has
/// been there.
pub(super) async fn alive(
    w: &Wardesk,
    rows: Vec<LicenceRow>,
) -> Result<Vec<LicenceRow>, StorageError> {
    if rows.is_empty() || !w.store().keys().any_buried().await? {
        return Ok(rows);
    }
    let mut alive = Vec::with_capacity(rows.len());
    for row in rows {
        if !is_buried(w, row.licence.id).await? {
            alive.push(row);
        }
    }
    Ok(alive)
}
