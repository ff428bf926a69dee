//! The one trial that a server has, ever.

use domain::ids::GuildId;
use storage::StorageError;
use storage::licences::trials;

use crate::Wardesk;
use crate::ports::Payments;

/// Whether a server may still have its trial. Decides what is offered; what is given is decided where
/// [`trials::take`] is called.
pub async fn trial_left(w: &Wardesk, guild: GuildId) -> Result<bool, StorageError> {
    // Whoever tries the service out with pretended money does not use up the trial of a server.
    let live = w.payments().is_none_or(Payments::live);
    let mark = trials::mark(w.store().keys(), guild, live).await?;
    Ok(!trials::used(w.store().read(), mark).await?)
}
