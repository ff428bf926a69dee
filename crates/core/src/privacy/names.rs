//! What people of tickets were last called on a server: of whoever is restricted nothing is shown, and nothing new is
//! kept. Source: `docs/PROMISES.md` P34. Everything that shows or keeps these names asks here; a test of the server
//! holds the sources against that.

use domain::ids::{GuildId, UserId};
use domain::time::Millis;
use sqlx::AnyConnection;
use storage::StorageError;
use storage::tickets::people;

pub(crate) use storage::tickets::people::PersonRow;

use super::restrict::{self, Restricted};
use crate::Wardesk;

/// The names of somebody; `None`: they were never seen, or are restricted.
pub(crate) async fn of(
    w: &Wardesk,
    guild: GuildId,
    user: UserId,
) -> Result<Option<PersonRow>, StorageError> {
    if restrict::is_restricted(w, guild, user).await? {
        return Ok(None);
    }
    of_own(w, guild, user).await
}

/// As [`of`], for the person themselves.
pub(super) async fn of_own(
    w: &Wardesk,
    guild: GuildId,
    user: UserId,
) -> Result<Option<PersonRow>, StorageError> {
    people::get(w.store().read(), guild, user).await
}

/// Of names that were read along with something else, those that may be shown.
pub(crate) fn shown(
    restricted: &Restricted,
    guild: GuildId,
    names: Option<PersonRow>,
) -> Option<PersonRow> {
    names.filter(|names| !restricted.is_on(guild, names.user))
}

/// Names that Discord told, as far as they may be kept.
pub(crate) struct Told {
    guild: GuildId,
    person: Option<PersonRow>,
}

/// Asks whether names may be kept, before the transaction in which they are.
pub(crate) async fn told(
    w: &Wardesk,
    guild: GuildId,
    person: PersonRow,
) -> Result<Told, StorageError> {
    let restricted = restrict::all(w).await?;
    Ok(Told { guild, person: shown(&restricted, guild, Some(person)) })
}

/// As [`told`], where the person themselves wants them read anew: that is their own choice, also while they are
/// restricted.
pub(super) const fn told_own(guild: GuildId, person: PersonRow) -> Told {
    Told { guild, person: Some(person) }
}

impl Told {
    /// Keeps them, unless they may not be.
    pub(crate) async fn keep(
        &self,
        conn: &mut AnyConnection,
        now: Millis,
    ) -> Result<(), StorageError> {
        match &self.person {
            Some(person) => people::seen(conn, self.guild, person, now).await,
            None => Ok(()),
        }
    }
}
