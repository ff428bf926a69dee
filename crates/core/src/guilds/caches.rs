//! What is kept in memory: people's own lists of servers, as Discord tells them, and servers' records.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::ids::GuildId;
use moka::Expiry;
use moka::future::Cache;

use super::known::Known;
use crate::accounts::Session;
use crate::ports::{IdentityError, OwnGuild};

/// How many lists are remembered.
const LISTS: u64 = 10_000;
/// How old a list may be: it decides what is offered, never what is allowed.
const FRESH: Duration = Duration::from_mins(1);
/// How long Discord is not asked again after it gave no list.
const PAUSE: Duration = Duration::from_secs(5);

/// How long a server's record may be remembered: another process on the same database may change it.
const KNOWN_FOR: Duration = Duration::from_secs(10);
/// How many servers' records are remembered.
const KNOWN_OF: u64 = 10_000;

/// What Discord said when it was asked for a person's servers.
#[derive(Clone)]
pub(super) enum OwnList {
    /// The servers.
    Known(Arc<Vec<OwnGuild>>),
    /// The token is no longer good.
    Refused,
    /// No answer came.
    Unavailable,
}

impl From<Result<Vec<OwnGuild>, IdentityError>> for OwnList {
    fn from(answer: Result<Vec<OwnGuild>, IdentityError>) -> Self {
        match answer {
            Ok(list) => Self::Known(Arc::new(list)),
            Err(IdentityError::Refused) => Self::Refused,
            Err(IdentityError::Unavailable) => Self::Unavailable,
        }
    }
}

/// The lists by session: another session of the same person has another token.
type Lists = Cache<[u8; 32], OwnList>;

struct Age;

impl Expiry<[u8; 32], OwnList> for Age {
    fn expire_after_create(&self, _: &[u8; 32], list: &OwnList, _: Instant) -> Option<Duration> {
        Some(if matches!(list, OwnList::Known(_)) { FRESH } else { PAUSE })
    }
}

/// What the feature keeps in memory.
pub(crate) struct GuildCaches {
    own: Lists,
    known: Cache<GuildId, Arc<Known>>,
}

impl Default for GuildCaches {
    fn default() -> Self {
        Self {
            own: Cache::builder().max_capacity(LISTS).expire_after(Age).build(),
            known: Cache::builder().max_capacity(KNOWN_OF).time_to_live(KNOWN_FOR).build(),
        }
    }
}

impl GuildCaches {
    /// The list of the session's person; of several that want it at once, one asks.
    pub(super) async fn own(
        &self,
        session: &Session,
        ask: impl Future<Output = OwnList>,
    ) -> OwnList {
        self.own.get_with(session.id_hash(), ask).await
    }

    /// A server's record, at most ten seconds old.
    pub(super) async fn known(&self, guild: GuildId) -> Option<Arc<Known>> {
        self.known.get(&guild).await
    }

    /// Remembers a server's record.
    pub(super) async fn learned(&self, guild: GuildId, known: Arc<Known>) {
        self.known.insert(guild, known).await;
    }

    /// Forgets a server's record: it was changed.
    pub(crate) async fn changed(&self, guild: GuildId) {
        self.known.invalidate(&guild).await;
    }

    /// Forgets a session's list, for example when it ends.
    pub(crate) async fn forget(&self, session: &Session) {
        self.own.invalidate(&session.id_hash()).await;
    }
}
